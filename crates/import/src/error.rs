//! Why a file cannot be read at all.

/// Why a file cannot be read at all. The message names the likely cause in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file has no content.
    #[error("the file is empty")]
    Empty,
    /// The file is larger than the limit.
    #[error("the file has {bytes} bytes, more than the {limit} that are read: it probably holds more than one table")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The table is larger than a limit.
    #[error("the table has more than {limit} {what}: it probably holds more than one list of positions or one history")]
    TableTooLarge {
        /// What exceeds the limit: rows, columns or cells.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The bytes belong to another kind of file.
    #[error("the file is {format}, not a table: {advice}")]
    OtherFormat {
        /// The recognised format, with its article.
        format: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// The bytes are neither text nor a workbook.
    #[error("the file is neither text nor an Excel workbook: it is probably damaged, compressed or encrypted")]
    Binary,
    /// The file begins like an Excel workbook and cannot be opened as one.
    #[error(
        "the file begins like an Excel workbook (.xlsx) and cannot be opened as one ({reason}): it is probably damaged or protected by a password"
    )]
    Workbook {
        /// The error of the workbook reader.
        reason: String,
    },
    /// A workbook unpacks to more than the limit.
    #[error(
        "the Excel workbook (.xlsx) unpacks to more than {limit} bytes: save the sheet with the positions as a file of its own"
    )]
    WorkbookTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The text contains no table.
    #[error(
        "the text holds no table of positions and no history: no row of headings was found, and no rows of numbers"
    )]
    NoTable,
    /// Only a row of headings was found.
    #[error("the table has headings in row {row} and no rows below them: the export is probably empty or cut off")]
    NoRows {
        /// Row of the headings, counted from one.
        row: usize,
    },
    /// A column named by the caller is not in the file.
    #[error("the file has no column {column:?}: the mapping of columns probably belongs to another file")]
    NoColumn {
        /// The requested heading.
        column: String,
    },
    /// A sheet named by the caller is not in the file, which may be no workbook.
    #[error("the file has no sheet {sheet:?}")]
    NoSheet {
        /// The requested name.
        sheet: String,
    },
    /// A row named by the caller is none of those that hold an asset, cash or a total.
    #[error("row {row} is none of the rows below the headings that may hold an asset, cash or a total")]
    NoRow {
        /// Its number, counted from one.
        row: usize,
    },
}
