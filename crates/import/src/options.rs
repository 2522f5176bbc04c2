//! What the caller knows about a file: answers to its questions.

use std::collections::BTreeMap;

use crate::column::ColumnRole;
use crate::date::DateOrder;
use crate::number::DecimalMark;

/// What the caller knows about a file. The default is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Roles of columns by heading: for unknown files, and to correct the role of a column.
    pub columns: BTreeMap<String, ColumnRole>,
    /// The sign that separates decimals, for columns that do not prove it.
    pub decimal_mark: Option<DecimalMark>,
    /// Whether day or month comes first, for dates that do not prove it.
    pub date_order: Option<DateOrder>,
    /// ISO code of amounts that state no currency.
    pub currency: Option<String>,
    /// Name of the asset in a history of one asset that does not name it.
    pub asset_name: Option<String>,
    /// What the numbers of a history represent, where the file does not prove it.
    pub history_unit: Option<HistoryNumbers>,
    /// Whether a price move by the ratio of a split is treated as a split, and earlier prices are adjusted.
    pub adjust_splits: bool,
    /// The sheet of a workbook to read; by default the first one with content.
    pub sheet: Option<String>,
    /// Content of rows by row number, counted from one as in the file.
    pub rows: BTreeMap<usize, RowContent>,
}

/// What the numbers of a history represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HistoryNumbers {
    /// Prices.
    Prices,
    /// Returns as fractions: 0.01.
    Fractions,
    /// Returns in percent: 1.
    Percent,
}

/// The content of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowContent {
    /// An asset.
    Asset,
    /// Cash.
    Cash,
    /// A sum of other rows.
    Total,
}
