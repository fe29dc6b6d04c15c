//! The CUE engine
