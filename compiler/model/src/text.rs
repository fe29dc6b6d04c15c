//! Text with its place. Invariant: the origin is that of the authored scalar.

use std::fmt;
use std::sync::Arc;

use platformc_source::{Origin, Span};
use platformc_value::{Data, Value};

/// A piece of text and where it was written.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: Arc<str>,
    /// Where it was written.
    pub origin: Origin,
}

impl Text {
    /// Text of no origin.
    #[must_use]
    pub fn computed(text: impl Into<Arc<str>>) -> Text {
        Text { text: text.into(), origin: Origin::NONE }
    }

    /// The span of the text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.origin.span
    }

    /// The text as a value of the same origin.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::new(Data::String(Arc::clone(&self.text)), self.origin)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
