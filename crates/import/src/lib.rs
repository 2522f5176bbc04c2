//! Reads files as people have them into positions, targets and histories: what is certain, what is open, and what was
//! set aside.
//!
//! A broker's file has titles above its headings and totals below its rows, writes numbers in local notation, and names
//! columns in its own words. A reader that guesses produces a plausible book of the wrong size. This crate reads a
//! number only if the file proves its notation, asks where nothing proves it, and accounts for every row: every row is
//! booked or set aside with a reason.
//!
//! # Example
//! ```
//! use import::{ImportOptions, Importer};
//!
//! let file = "Household Smith\nSymbol;Stück;Kurs;Kurswert\nVTI;212;287,31;60.909,72\nBargeld;;;1.000,00 €\nSumme;;;61.909,72\n";
//! let reading = Importer::standard().read(file.as_bytes(), &ImportOptions::default())?;
//!
//! assert_eq!(reading.positions[0].price, Some(287.31));
//! assert_eq!(reading.cash[0].amount, 1000.0);
//! assert_eq!(reading.nav, Some(61_909.72));
//! // The title and the total are named.
//! assert!(reading.set_aside.iter().any(|aside| aside.reason.to_string().contains("Household Smith")));
//! // The file has no targets, and the reading asks for them.
//! assert_eq!(reading.questions.len(), 1);
//! # Ok::<(), import::ImportError>(())
//! ```
//!
//! # Modules
//! | concern | items |
//! | --- | --- |
//! | reading a file | [`Importer`], [`ImportOptions`], [`ImportError`] |
//! | what was read | [`Reading`], [`ReadingKind`], [`ImportedPosition`], [`ImportedCash`], [`ImportedHistory`], [`HistoryPanelError`] |
//! | what is open, what was set aside, what was read differently | [`ImportQuestion`], [`Doubt`], [`SetAside`], [`SetAsideReason`], [`ImportNote`], [`Note`] |
//! | how it was understood | [`Understanding`], [`ColumnRole`], [`DecimalMark`], [`DateOrder`] |
//! | your own dialect | [`Dialect`], [`Section`], [`KnownDialect`], [`standard_dialects`], [`normalise_heading`] |
//! | limits | [`MAX_BYTES`], [`MAX_UNPACKED_BYTES`], [`MAX_ROWS`], [`MAX_COLUMNS`], [`MAX_CELLS`] |

mod agreement;
mod amounts;
mod body;
mod column;
mod date;
mod dialect;
mod encoding;
mod error;
mod format;
mod header;
mod heading;
mod heading_words;
mod history;
mod importer;
mod limits;
mod line;
mod line_reader;
mod lone_numbers;
mod marks;
mod money_rows;
mod note;
mod number;
mod number_columns;
mod options;
mod positions;
mod question;
mod quoting;
mod reading;
mod series;
mod set_aside;
mod table;
mod totals;
mod unheaded;
mod weights;
mod workbook;

pub use column::ColumnRole;
pub use date::DateOrder;
pub use dialect::{Dialect, KnownDialect, Section, standard_dialects};
pub use error::ImportError;
pub use heading::normalise as normalise_heading;
pub use history::{HistoryPanelError, ImportedHistory};
pub use importer::Importer;
pub use limits::{MAX_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES};
pub use line_reader::NO_CURRENCY;
pub use note::{ImportNote, Note};
pub use number::DecimalMark;
pub use options::{HistoryNumbers, ImportOptions, RowContent};
pub use question::{Doubt, ImportQuestion};
pub use reading::{ImportedCash, ImportedPosition, Reading, ReadingKind, Understanding};
pub use set_aside::{SetAside, SetAsideReason};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
