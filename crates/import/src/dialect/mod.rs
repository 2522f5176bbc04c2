//! The dialect of a broker or a portfolio program: how its files name columns, and which currency a bare currency sign
//! means.

mod known;

use crate::column::ColumnRole;

pub use known::{KnownDialect, standard_dialects};

/// The dialect of a broker or a portfolio program.
///
/// Most files are read by the common words of headings alone. A dialect adds what these words do not cover.
///
/// # Example
/// ```
/// use import::{ColumnRole, Dialect, Importer, ImportOptions};
///
/// struct Lighthouse;
///
/// impl Dialect for Lighthouse {
///     fn id(&self) -> &str {
///         "lighthouse"
///     }
///     fn recognises(&self, headings: &[String]) -> bool {
///         headings.iter().any(|h| h == "lot mark")
///     }
///     fn role(&self, heading: &str) -> Option<ColumnRole> {
///         match heading {
///             "lot mark" => Some(ColumnRole::Asset),
///             "pieces" => Some(ColumnRole::Quantity),
///             _ => None,
///         }
///     }
/// }
///
/// let reading = Importer::standard().with_dialect(Lighthouse).read(b"Lot mark,Pieces\nVTI,12\n", &ImportOptions::default())?;
/// assert_eq!(reading.positions[0].quantity, Some(12.0));
/// # Ok::<(), import::ImportError>(())
/// ```
pub trait Dialect: Send + Sync {
    /// A short name, unique among dialects.
    fn id(&self) -> &str;

    /// Whether a row of headings belongs to this dialect. Headings are in lower case, without accents and punctuation,
    /// as [`normalise_heading`](crate::normalise_heading) gives them.
    fn recognises(&self, headings: &[String]) -> bool;

    /// What a column holds, by its normalised heading; `None` leaves it to the common words.
    fn role(&self, heading: &str) -> Option<ColumnRole>;

    /// ISO code of amounts that state no currency, and of a bare dollar sign.
    fn currency(&self) -> Option<&str> {
        None
    }

    /// The account named in a title or note for the rows below it.
    fn account_in(&self, title: &str) -> Option<String> {
        let _ = title;
        None
    }

    /// The part of the file that holds positions, for files with several parts.
    fn section(&self) -> Option<Section> {
        None
    }
}

/// The part of a file that holds positions. Each row of such a file begins with its part and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// First cell of its rows.
    pub name: &'static str,
    /// Second cell of its row of headings.
    pub header: &'static str,
    /// Second cell of its rows of positions.
    pub row: &'static str,
    /// A column, and its value in rows that do not repeat others.
    pub only: Option<(&'static str, &'static str)>,
}
