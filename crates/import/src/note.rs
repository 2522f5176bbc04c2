//! What was read differently from what the headings say.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// How one row was read, if its headings do not say so.
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
    /// The only number in a cash row is in the price column.
    #[error("{amount} under {heading:?} is the only number of this cash and was read as its amount")]
    CashUnderPrice {
        /// The heading of the prices.
        heading: String,
        /// The amount, major units.
        amount: f64,
    },
    /// The file has no prices.
    #[error("the file has no prices: {price} is the value divided by the quantity")]
    PriceFromValue {
        /// The price, in the currency of the value.
        price: f64,
    },
    /// Quantity times price differs from the value by less than half a percent, and other rows differ in the same way.
    #[error("quantity times price is {product} and the value is {value}, as where a price is older than the values")]
    NearProduct {
        /// Quantity times price.
        product: f64,
        /// The value in the file.
        value: f64,
    },
    /// A price before a split was divided, because the caller confirmed the split.
    #[error("the prices of {asset} before this row were adjusted for a split of {ratio}")]
    SplitAdjusted {
        /// The asset.
        asset: String,
        /// New units for old ones: `4 for 1`.
        ratio: String,
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
