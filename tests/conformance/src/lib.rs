//! Measures the CUE engine by the assertions of the reference implementation's test data.
//!
//! Invariant: what is measured never decides what is counted. Assertions are found and counted by
//! a scanner of its own; the expected side is compared as a syntax tree and never evaluated as a
//! whole, so that a fault of the engine cannot hide on both sides.

pub mod archive;
pub mod check;
pub mod compare;
pub mod differential;
pub mod directive;
pub mod engine;
pub mod locate;
pub mod manifest;
pub mod permute;
pub mod run;
pub mod scan;
pub mod score;
pub mod selftest;
pub mod worker;
