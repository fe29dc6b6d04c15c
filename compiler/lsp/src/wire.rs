//! Messages on a stream of bytes.
//!
//! Invariant: a message takes no more memory than the limit, whatever its header claims. A body
//! that is no message is told apart from a stream that lost its frames: the first is answered, the
//! second ends the session. (The reader that comes with the protocol's library does neither.)

use std::io::{self, BufRead, Read};

use lsp_server::{Notification, Request, RequestId, Response};
use serde_json::Value;

/// The longest message that is read: 256 MiB.
const MAX_LENGTH: usize = 256 << 20;
/// The longest line of a header.
const MAX_HEADER: u64 = 4096;

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A question.
    Request(Request),
    /// News.
    Notification(Notification),
    /// An answer to a question of the server.
    Response,
    /// No message: why, the code of the error, and the id if it has one.
    Wrong(Option<RequestId>, lsp_server::ErrorCode, String),
}

/// The next message; `None` at the end of the stream.
///
/// # Errors
/// Where the stream has no frame: what is wrong with it.
pub(crate) fn read(input: &mut dyn BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else { return Ok(None) };
    let mut body = Vec::new();
    // Memory is taken as bytes arrive, not as the header claims.
    input.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(wrong("the stream ends inside a message"));
    }
    Ok(Some(message(&body)))
}

fn wrong(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// The length of the body; `None` at the end of the stream.
fn header(input: &mut dyn BufRead) -> io::Result<Option<usize>> {
    let mut length = None;
    let mut first = true;
    loop {
        let mut line = Vec::new();
        let count = (&mut *input).take(MAX_HEADER).read_until(b'\n', &mut line)?;
        if count == 0 && first {
            return Ok(None);
        }
        first = false;
        let Some(line) = line.strip_suffix(b"\n") else {
            return Err(wrong("a line of the header does not end"));
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = std::str::from_utf8(line).map_err(|_| wrong("the header is not text"))?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(wrong(format!("`{}` is no line of a header", line.escape_debug())));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            let value = value.trim().parse::<usize>();
            length = Some(value.map_err(|_| wrong("Content-Length is not a number"))?);
        }
    }
    match length {
        None => Err(wrong("the header has no Content-Length")),
        Some(length) if length > MAX_LENGTH => {
            Err(wrong(format!("a message of {length} bytes; at most {MAX_LENGTH} are read")))
        }
        Some(length) => Ok(Some(length)),
    }
}

/// The message of a body.
fn message(body: &[u8]) -> Incoming {
    use lsp_server::ErrorCode::{InvalidRequest, ParseError};
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return Incoming::Wrong(None, ParseError, format!("not JSON: {error}")),
    };
    let Value::Object(mut object) = value else {
        let message = "a message is one JSON object".to_owned();
        return Incoming::Wrong(None, InvalidRequest, message);
    };
    let method = object.get("method").and_then(Value::as_str).map(str::to_owned);
    let params = object.remove("params").unwrap_or_default();
    let id = object.get("id").map(id);
    match (method, id) {
        (Some(method), None) => Incoming::Notification(Notification { method, params }),
        (Some(method), Some(Some(id))) => Incoming::Request(Request { id, method, params }),
        (Some(_), Some(None)) => {
            let message = "an id is a string, or a number of 32 bits".to_owned();
            Incoming::Wrong(None, InvalidRequest, message)
        }
        (None, Some(_)) if object.contains_key("result") || object.contains_key("error") => {
            Incoming::Response
        }
        (None, id) => {
            let message = "the message has no method".to_owned();
            Incoming::Wrong(id.flatten(), InvalidRequest, message)
        }
    }
}

/// The id that a value is.
pub(crate) fn id(value: &Value) -> Option<RequestId> {
    match value {
        Value::String(text) => Some(RequestId::from(text.clone())),
        value => Some(RequestId::from(i32::try_from(value.as_i64()?).ok()?)),
    }
}

/// A frame around a body.
pub(crate) fn frame(body: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The frame of a message; an answer to nothing in particular has the id `null`.
pub(crate) fn response(response: Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    match lsp_server::Message::Response(response).write(&mut bytes) {
        Ok(()) => bytes,
        // Only a value that is no JSON could not be written.
        Err(error) => nameless(lsp_server::ErrorCode::InternalError, &error.to_string()),
    }
}

/// An error that answers no message in particular.
pub(crate) fn nameless(code: lsp_server::ErrorCode, message: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": code as i32, "message": message },
    });
    frame(&body.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> String {
        let mut input = bytes;
        let mut out = Vec::new();
        loop {
            match read(&mut input) {
                Ok(None) => break,
                Ok(Some(Incoming::Request(request))) => {
                    out.push(format!("{} {}", request.id, request.method));
                }
                Ok(Some(Incoming::Notification(news))) => out.push(news.method),
                Ok(Some(Incoming::Response)) => out.push("answer".to_owned()),
                Ok(Some(Incoming::Wrong(id, code, message))) => {
                    out.push(format!("wrong {} {code:?}: {message}", id.is_some()));
                }
                Err(error) => {
                    out.push(format!("lost: {error}"));
                    break;
                }
            }
        }
        out.join("; ")
    }

    fn framed(body: &str) -> String {
        String::from_utf8(frame(body)).expect("text")
    }

    #[test]
    fn messages_of_every_sort() {
        let good = [
            r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#,
            r#"{"jsonrpc":"2.0","id":"1","method":"b","params":[1.5]}"#,
            r#"{"jsonrpc":"2.0","method":"c","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
        ];
        let stream: String = good.iter().map(|body| framed(body)).collect();
        assert_eq!(all(stream.as_bytes()), "1 a; \"1\" b; c; answer");
    }

    #[test]
    fn a_wrong_body_is_told_from_a_lost_frame() {
        let after = framed(r#"{"id":2,"method":"after"}"#);
        for (body, told) in [
            (
                "{",
                "wrong false ParseError: not JSON: EOF while parsing an object at line 1 column 1",
            ),
            ("[1]", "wrong false InvalidRequest: a message is one JSON object"),
            (r#"{"id":1}"#, "wrong true InvalidRequest: the message has no method"),
            (
                r#"{"id":99999999999,"method":"x"}"#,
                "wrong false InvalidRequest: an id is a string, or a number of 32 bits",
            ),
        ] {
            let stream = format!("{}{after}", framed(body));
            assert_eq!(all(stream.as_bytes()), format!("{told}; 2 after"));
        }
        for (bytes, told) in [
            ("GET / HTTP/1.1\r\n\r\n", "lost: `GET / HTTP/1.1` is no line of a header"),
            ("Content-Type: x\r\n\r\n{}", "lost: the header has no Content-Length"),
            ("Content-Length: -1\r\n\r\n{}", "lost: Content-Length is not a number"),
            ("Content-Length: 10\r\n\r\n{}", "lost: the stream ends inside a message"),
            ("Content-Length: 10", "lost: a line of the header does not end"),
            (
                "Content-Length: 99999999999999\r\n\r\n{}",
                "lost: a message of 99999999999999 bytes; at most 268435456 are read",
            ),
        ] {
            assert_eq!(all(bytes.as_bytes()), told);
        }
        assert!(all("x".repeat(100_000).as_bytes()).starts_with("lost: a line"));
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let _ = all(&bytes);
        }
    }
}
