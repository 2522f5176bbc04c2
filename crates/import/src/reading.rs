//! What was read from a file.

use serde::Serialize;

use crate::column::ColumnRole;
use crate::history::ImportedHistory;
use crate::note::ImportNote;
use crate::question::ImportQuestion;
use crate::set_aside::SetAside;

/// What was read from a file: what is certain, what is open, and what was set aside.
///
/// Every row with content is booked (a position, cash, a date of a history) or set aside with a reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reading {
    /// The content of the file.
    pub kind: ReadingKind,
    /// Rows with an asset, in the order of the file; identical rows are kept.
    pub positions: Vec<ImportedPosition>,
    /// Amounts of cash, one for each cash row.
    pub cash: Vec<ImportedCash>,
    /// The history, for a file that contains one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<ImportedHistory>,
    /// Questions that the file leaves open.
    pub questions: Vec<ImportQuestion>,
    /// What is not part of the book.
    pub set_aside: Vec<SetAside>,
    /// Rows that were read differently from what their headings say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<ImportNote>,
    /// Net asset value: the values of all positions and the cash; absent unless all are known in one currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nav: Option<f64>,
    /// How the file was understood.
    #[serde(skip)]
    pub understanding: Understanding,
}

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReadingKind {
    /// Positions, targets, or both.
    Positions,
    /// Prices of assets over time.
    PriceHistory,
    /// Returns of assets over time.
    Returns,
}

/// One position. A member is absent where the file does not state it with certainty.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct ImportedPosition {
    /// Symbol, identifier or name.
    pub asset: String,
    /// Name of the asset, where the file has one in addition to the text it identifies the asset by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// ISIN of the asset, with a valid check digit; also where the file identifies the asset by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isin: Option<String>,
    /// Units held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<f64>,
    /// Price of one unit, in major units of the currency: pence are converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// Value of the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Target weight, a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_weight: Option<f64>,
    /// Current weight, a fraction: from the file, or from the values where all are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_weight: Option<f64>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The class of the asset, as named in the file; `cash` for a cash row that states weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_class: Option<String>,
    /// ISO code of the price's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The row, counted from one as in the file.
    #[serde(skip)]
    pub row: usize,
}

/// One amount of cash.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ImportedCash {
    /// ISO code; `XXX`, the code for no currency, where a question asks for the currency.
    pub currency: String,
    /// The amount.
    pub amount: f64,
    /// The row, counted from one as in the file.
    #[serde(skip)]
    pub row: usize,
}

/// How a file was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Understanding {
    /// The dialect that was recognised.
    pub dialect: Option<String>,
    /// The encoding of the text; absent for a workbook.
    pub encoding: Option<&'static str>,
    /// The cell separator; absent for a workbook and for one number per line.
    pub delimiter: Option<char>,
    /// The row of the headings, counted from one.
    pub header_row: Option<usize>,
    /// How each column was interpreted, in the order of the file.
    pub columns: Vec<(String, ColumnRole)>,
}
