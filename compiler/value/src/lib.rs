//! Neutral concrete values with origins, and shapes of schemas.
//!
//! Invariant: a [`Value`] is concrete (no reference, no choice, no constraint) and knows the text
//! it came from. A [`Shape`] is what people and tools see of a schema; it never decides validity.

mod number;
mod path;
mod shape;
mod value;

pub use number::{Number, NumberError};
pub use path::{Path, Step};
pub use shape::{Alternative, Bound, BoundOp, Kind, Literal, Shape, ShapeField};
pub use value::{Data, Entry, Map, Value};
