//! The Language Server Protocol over `platformc-ide`.
//!
//! Invariant: protocol only: no request is answered from anything but the driver and the texts that
//! are open. Requests are answered from the last state that was complete; nothing they do waits for
//! an evaluation. No message, however wrong, ends the server otherwise than the protocol says.

mod dispatch;
mod host;
mod methods;
mod overlay;
mod position;
mod publish;
mod server;
mod uri;
mod wire;
mod worker;
mod workspace;

pub use host::Host;
pub use server::serve;
