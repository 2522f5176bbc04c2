//! What the caller knows about a file: answers to its questions.

use std::collections::BTreeMap;

use crate::column::ColumnRole;
use crate::date::DateOrder;
use crate::number::DecimalMark;

/// What the caller knows about a file. The default knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// What columns hold, by their headings: for unknown files, and to change what a column was taken for.
    pub columns: BTreeMap<String, ColumnRole>,
    /// The sign that separates decimals, for columns that do not prove it.
    pub decimal_mark: Option<DecimalMark>,
    /// Which of day and month stands first, for dates that do not prove it.
    pub date_order: Option<DateOrder>,
    /// ISO code of amounts that state no currency.
    pub currency: Option<String>,
    /// Name of the asset in a history of one asset that does not name it.
    pub asset_name: Option<String>,
}
