//! Rows and columns that are not part of the book, each with its reason.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A row that was not booked; for a column, the row of its heading.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAside {
    /// The row, counted from one as in the file.
    pub row: usize,
    /// Why.
    pub reason: SetAsideReason,
}

/// Why a row was not booked. `Display` says it in a phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetAsideReason {
    /// A line above the headings.
    #[error("title or note above the headings: {text}")]
    Preamble {
        /// The line.
        text: String,
    },
    /// A line without an asset's numbers.
    #[error("note, not an asset: {text}")]
    Note {
        /// The line.
        text: String,
    },
    /// A total.
    #[error("total, repeats the other rows: {name}")]
    Total {
        /// What it is called.
        name: String,
    },
    /// A repetition of the headings.
    #[error("repeats the headings")]
    RepeatedHeadings,
    /// A row that does not fit the table.
    #[error("has {cells} cells where the headings have {headings}{}: {text}", lines_in_words(*lines))]
    Ragged {
        /// Its cells.
        cells: usize,
        /// Cells of the headings.
        headings: usize,
        /// Number of lines of the file that it covers because of an unclosed quotation mark; otherwise one.
        lines: usize,
        /// The row.
        text: String,
    },
    /// A quotation mark that is not closed, or that is closed by the mark of another cell.
    #[error("a quotation mark is not closed: {text}")]
    OpenQuote {
        /// The row.
        text: String,
    },
    /// Numbers without an asset.
    #[error("has numbers and no asset: {text}")]
    NoAsset {
        /// The row.
        text: String,
    },
    /// An asset without numbers.
    #[error("has no quantity, price, value or weight: {text}")]
    NoNumbers {
        /// The row.
        text: String,
    },
    /// Cash of which no amount and no weight was read.
    #[error("cash without an amount: {text}")]
    NoAmount {
        /// The row.
        text: String,
    },
    /// A column that is not read.
    #[error("column {heading:?} is not used")]
    Column {
        /// Its heading.
        heading: String,
    },
    /// A column that seems to repeat another.
    #[error("column {heading:?} is not used: {role} is read from {read:?}")]
    SecondColumn {
        /// Its heading.
        heading: String,
        /// What it seems to hold.
        role: &'static str,
        /// The column that is read.
        read: String,
    },
    /// A row of another part of the file.
    #[error("belongs to another part of the file: {text}")]
    OtherSection {
        /// The row.
        text: String,
    },
    /// A row of an unknown table.
    #[error("the headings of this table are not known: {text}")]
    UnknownTable {
        /// The row.
        text: String,
    },
    /// A row of a history whose numbers may be prices or returns.
    #[error("not read until it is known whether its numbers are prices or returns: {text}")]
    OpenUnit {
        /// The row.
        text: String,
    },
    /// A row of a history whose dates have the day or the month first.
    #[error("not read until the order of day and month is known: {text}")]
    OpenDates {
        /// The row.
        text: String,
    },
    /// A row of a history in which no column can be read with certainty.
    #[error("not read until its decimals are known: {text}")]
    OpenMarks {
        /// The row.
        text: String,
    },
    /// A row of a history without a readable date.
    #[error("has no date that can be read: {text}")]
    NoDate {
        /// The row.
        text: String,
    },
    /// A date for which some assets have no number.
    #[error(
        "{assets}: no number on this date, which the aligned returns leave out; the next return covers both periods"
    )]
    Gap {
        /// The assets.
        assets: String,
    },
    /// A date for which some assets have no return.
    #[error("{assets}: no return on this date, which the aligned returns leave out")]
    GapInReturns {
        /// The assets.
        assets: String,
    },
    /// A date that appears again.
    #[error("repeats the date {date}")]
    RepeatedDate {
        /// The date.
        date: chrono::NaiveDate,
    },
    /// A row of a history without any number.
    #[error("has no numbers: {text}")]
    EmptyPeriod {
        /// The row.
        text: String,
    },
}

fn lines_in_words(lines: usize) -> String {
    if lines > 1 { format!(" and covers {lines} lines, because a quotation mark is not closed") } else { String::new() }
}

impl Serialize for SetAside {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("SetAside", 2)?;
        out.serialize_field("row", &self.row)?;
        out.serialize_field("reason", &self.reason.to_string())?;
        out.end()
    }
}
