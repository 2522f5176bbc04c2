//! What was read in another way than the headings alone say.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// How one row was read, where its headings alone would not say it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportNote {
    /// The row, counted from one as in the file.
    pub row: usize,
    /// How it was read.
    pub note: Note,
}

/// How a row was read. `Display` says it in a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Note {
    /// The only number of a row of cash stands under the price.
    #[error("{amount} under {heading:?} is the only number of this cash and was read as its amount")]
    CashUnderPrice {
        /// The heading of the prices.
        heading: String,
        /// The amount, major units.
        amount: f64,
    },
}

impl Serialize for ImportNote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("ImportNote", 2)?;
        out.serialize_field("row", &self.row)?;
        out.serialize_field("text", &self.note.to_string())?;
        out.end()
    }
}
