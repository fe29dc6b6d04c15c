//! Layered configuration: layers merged, interpolated, checked.
//!
//! Invariant: of every value it is known which layer won it and which layers lost it.
