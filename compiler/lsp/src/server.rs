//! The life of the server.
//!
//! Invariant: one thread reads, one answers, one writes. Messages are answered in the order they
//! came; a request that was cancelled before its turn is answered as the protocol says.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use lsp_server::{ErrorCode, RequestId};
use serde_json::{Value, json};

use crate::Host;
use crate::dispatch::Server;
use crate::wire::{self, Incoming};

/// The stack of the answering thread in bytes.
const STACK: usize = 16 << 20;

/// What the writing thread is told.
pub(crate) enum Out {
    /// To be written.
    Bytes(Vec<u8>),
    /// The session is over.
    Exit(u8),
}

impl Out {
    pub(crate) fn notification(method: &str, params: &Value) -> Out {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        Out::Bytes(wire::frame(&message.to_string()))
    }

    pub(crate) fn request(id: &str, method: &str, params: &Value) -> Out {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        Out::Bytes(wire::frame(&message.to_string()))
    }
}

/// Requests that were cancelled before they were answered.
#[derive(Clone, Default)]
pub(crate) struct Cancelled(Arc<Mutex<BTreeSet<RequestId>>>);

impl Cancelled {
    fn insert(&self, id: RequestId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Whether a request is cancelled; it is forgotten.
    pub(crate) fn take(&self, id: &RequestId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

/// Serves one client until it leaves; the exit code is 0 if it said that it would, and 1 if not.
pub fn serve(
    input: Box<dyn BufRead + Send>,
    output: &mut dyn Write,
    host: Arc<dyn Host>,
    version: &'static str,
) -> u8 {
    let (out, written) = channel();
    let (events, incoming) = channel();
    let cancelled = Cancelled::default();
    let seen = cancelled.clone();
    let reading = thread::Builder::new().name("read".to_owned());
    let reading = reading.spawn(move || read(input, &events, &seen));
    let answering = thread::Builder::new().name("answer".to_owned()).stack_size(STACK);
    let told = out.clone();
    let answering = answering.spawn(move || {
        let code = answer(Server::new(host, told.clone(), cancelled, version), &incoming, &told);
        let _ = told.send(Out::Exit(code));
    });
    drop(out);
    if reading.is_err() || answering.is_err() {
        return 1;
    }
    for message in written {
        match message {
            Out::Exit(code) => return code,
            Out::Bytes(bytes) => {
                // A client that does not listen any more has left.
                if output.write_all(&bytes).and_then(|()| output.flush()).is_err() {
                    return 1;
                }
            }
        }
    }
    1
}

/// What the reading thread hands on.
enum Event {
    Message(Incoming),
    /// The stream is no protocol: why.
    Lost(String),
}

fn read(mut input: Box<dyn BufRead + Send>, events: &Sender<Event>, cancelled: &Cancelled) {
    loop {
        let event = match wire::read(&mut *input) {
            Ok(None) => return,
            Ok(Some(message)) => Event::Message(message),
            Err(error) => Event::Lost(error.to_string()),
        };
        let last = matches!(event, Event::Lost(_));
        if let Event::Message(Incoming::Notification(news)) = &event
            && news.method == "$/cancelRequest"
            && let Some(id) = news.params.get("id").and_then(wire::id)
        {
            cancelled.insert(id);
        }
        if events.send(event).is_err() || last {
            return;
        }
    }
}

fn answer(mut server: Server, incoming: &Receiver<Event>, out: &Sender<Out>) -> u8 {
    for event in incoming {
        match event {
            Event::Message(Incoming::Request(request)) => server.request(request),
            Event::Message(Incoming::Notification(news)) => {
                if news.method == "exit" {
                    return server.exit();
                }
                server.notification(news);
            }
            Event::Message(Incoming::Response) => {}
            Event::Message(Incoming::Wrong(id, code, message)) => {
                let bytes = match id {
                    Some(id) => {
                        let code = code as i32;
                        wire::response(lsp_server::Response::new_err(id, code, message))
                    }
                    None => wire::nameless(code, &message),
                };
                let _ = out.send(Out::Bytes(bytes));
            }
            Event::Lost(reason) => {
                let message = format!("this is not the Language Server Protocol: {reason}");
                let _ = out.send(Out::Bytes(wire::nameless(ErrorCode::ParseError, &message)));
                return 1;
            }
        }
    }
    server.exit()
}
