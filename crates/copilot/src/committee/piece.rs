//! Sentences that record the source of each number in them.

use serde::{Serialize, Serializer};

use super::Cited;
use crate::{number, quote};

/// A part of a sentence: our own words, an external name, or a number with its source. A renderer can distinguish them.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Our own words or a sentence of the planner, as plain text.
    Words(String),
    /// An external name, limited in length and with its invisible characters escaped.
    Name(String),
    /// A number.
    Number(CitedNumber),
}

/// A number as it is written, and its location in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitedNumber {
    /// The number as the sentence writes it, with its unit.
    #[cfg_attr(feature = "openapi", schema(example = "12.00%"))]
    pub text: String,
    /// JSON pointer (RFC 6901) to the figure in the plan.
    #[cfg_attr(feature = "openapi", schema(example = "/turnover_used"))]
    pub pointer: String,
}

/// A sentence with the sources of its numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BriefSentence {
    pieces: Vec<Piece>,
}

/// A sentence as it is serialised.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = BriefSentence))]
struct PrintedSentence<'a> {
    /// The sentence as plain text; a name that does not read like a name is in quotes.
    #[cfg_attr(feature = "openapi", schema(example = "Two-way turnover 12.00% of a limit of 20.00%."))]
    text: String,
    /// Its numbers with their sources, in the order of the text.
    numbers: Vec<&'a CitedNumber>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for BriefSentence {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        PrintedSentence::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for BriefSentence {
    fn name() -> std::borrow::Cow<'static, str> {
        "BriefSentence".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        PrintedSentence::schemas(schemas);
    }
}

impl CitedNumber {
    /// An amount of money with its source.
    pub(super) fn money(cited: &Cited, minor_digits: u8, currency: &str) -> Self {
        Self { text: number::money(cited.value, minor_digits, currency), pointer: cited.pointer.clone() }
    }

    /// A number of units with its source.
    pub(super) fn units(cited: &Cited) -> Self {
        Self { text: number::units(cited.value), pointer: cited.pointer.clone() }
    }

    /// A price per unit with its source: at least the decimals of its currency.
    pub(super) fn price(cited: &Cited, minor_digits: u8, currency: &str) -> Self {
        Self { text: number::price(cited.value, minor_digits, currency), pointer: cited.pointer.clone() }
    }
}

impl BriefSentence {
    pub(super) fn new(words: &str) -> Self {
        Self::default().words(words)
    }

    pub(super) fn words(mut self, words: &str) -> Self {
        match self.pieces.last_mut() {
            Some(Piece::Words(last)) => last.push_str(words),
            _ => self.pieces.push(Piece::Words(words.to_owned())),
        }
        self
    }

    pub(super) fn name(mut self, name: &str) -> Self {
        self.pieces.push(Piece::Name(quote::bare(name)));
        self
    }

    /// A sentence or reason of the planner, on one line and without its full stop.
    pub(super) fn quoted(self, sentence: &str) -> Self {
        self.words(&quote::sentence(sentence))
    }

    fn number(mut self, text: String, cited: &Cited) -> Self {
        self.pieces.push(Piece::Number(CitedNumber { text, pointer: cited.pointer.clone() }));
        self
    }

    pub(super) fn percent(self, cited: &Cited) -> Self {
        self.number(number::percent(cited.value), cited)
    }

    /// A percentage with enough decimals to distinguish it from the level it was compared with.
    pub(super) fn percent_apart(self, cited: &Cited, level: f64) -> Self {
        self.number(number::apart(cited.value, level) + "%", cited)
    }

    /// The level with which a value was compared.
    pub(super) fn level(self, cited: &Cited, value: f64) -> Self {
        self.number(number::level(cited.value, value), cited)
    }

    pub(super) fn limit(self, cited: &Cited) -> Self {
        self.number(number::limit_percent(cited.value), cited)
    }

    /// The size of a fraction in percentage points.
    pub(super) fn points(self, cited: &Cited) -> Self {
        let percent = number::percent(cited.value.abs());
        self.number(format!("{} pp", percent.trim_end_matches('%')), cited)
    }

    pub(super) fn bps(self, cited: &Cited) -> Self {
        self.number(format!("{} bp", number::fixed(cited.value, 2)), cited)
    }

    pub(super) fn weeks(self, cited: &Cited) -> Self {
        let text = number::fixed(cited.value, 1);
        let unit = if text == "1.0" { "week" } else { "weeks" };
        self.number(format!("{text} {unit}"), cited)
    }

    pub(super) fn years(self, cited: &Cited) -> Self {
        let text = number::plain(cited.value, 3);
        let unit = if text == "1" { "year" } else { "years" };
        self.number(format!("{text} {unit}"), cited)
    }

    pub(super) fn plain(self, cited: &Cited) -> Self {
        self.number(number::plain(cited.value, 3), cited)
    }

    pub(super) fn money(self, cited: &Cited, minor_digits: u8, currency: &str) -> Self {
        self.number(number::money(cited.value, minor_digits, currency), cited)
    }

    /// Joins parts as `a, b and c`; the parts beyond `most` become `others`.
    pub(super) fn list(mut self, parts: Vec<Self>, most: usize) -> Self {
        let more = parts.len() > most;
        let shown = parts.len().min(most);
        for (i, part) in parts.into_iter().take(most).enumerate() {
            self = match i {
                0 => self,
                i if i + 1 == shown && !more => self.words(" and "),
                _ => self.words(", "),
            };
            for piece in part.pieces {
                self = match piece {
                    Piece::Words(words) => self.words(&words),
                    other => {
                        self.pieces.push(other);
                        self
                    }
                };
            }
        }
        if more { self.words(" and others") } else { self }
    }

    /// The parts, for a renderer.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The sentence as plain text; a name that does not read like a name is in quotes.
    #[must_use]
    pub fn text(&self) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Name(name) => quote::told(name),
            Piece::Number(number) => number.text.clone(),
        };
        self.pieces.iter().map(one).collect()
    }

    /// Its numbers with their sources, in the order of the text.
    #[must_use]
    pub fn numbers(&self) -> Vec<&CitedNumber> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Number(number) => Some(number),
                _ => None,
            })
            .collect()
    }
}

impl Serialize for BriefSentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PrintedSentence { text: self.text(), numbers: self.numbers() }.serialize(serializer)
    }
}
