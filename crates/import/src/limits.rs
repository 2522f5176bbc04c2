//! The largest file that is read, in bytes, rows, columns and cells.

/// Bytes of a file.
pub const MAX_BYTES: usize = 8 << 20;
/// Bytes of a workbook after unpacking.
pub const MAX_UNPACKED_BYTES: u64 = 64 << 20;
/// Rows of a table.
pub const MAX_ROWS: usize = 100_000;
/// Columns of a table.
pub const MAX_COLUMNS: usize = 2_000;
/// Cells of a table.
pub const MAX_CELLS: usize = 2_000_000;
/// Rows in which a header is searched.
pub(crate) const HEADER_ROWS: usize = 60;
/// Parts of the archive inside a workbook.
pub(crate) const MAX_PARTS: usize = 2_000;
