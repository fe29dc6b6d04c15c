//! Output that may be closed early, as by `head`.
//!
//! Invariant: once the reader is gone, further output is dropped and is no error; the exit code
//! stays that of the command.

use std::io::{BufWriter, ErrorKind, Result, Write};

/// A buffered writer that takes a closed pipe for a reader that has read enough.
#[derive(Debug)]
pub struct Pipe<W: Write> {
    inner: BufWriter<W>,
    closed: bool,
}

impl<W: Write> Pipe<W> {
    /// Wraps a stream.
    pub fn new(inner: W) -> Pipe<W> {
        Pipe { inner: BufWriter::with_capacity(1 << 16, inner), closed: false }
    }

    fn forgive<T>(&mut self, result: Result<T>, instead: T) -> Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}
