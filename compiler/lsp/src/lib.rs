//! The Language Server Protocol over `platformc-ide`.
//!
//! Invariant: protocol only: no request is answered from anything but the driver.
