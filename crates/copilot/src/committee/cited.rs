//! A number with its location in a document.

/// A number and its location: a JSON pointer (RFC 6901) into the document that the reader has.
#[derive(Debug, Clone, PartialEq)]
pub struct Cited {
    /// The number.
    pub value: f64,
    /// Its location, such as `/turnover_used`.
    pub pointer: String,
}

impl Cited {
    /// A number at a location.
    #[must_use]
    pub fn new(value: f64, pointer: impl Into<String>) -> Self {
        Self { value, pointer: pointer.into() }
    }
}
