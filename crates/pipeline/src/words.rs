//! Counts and figures in sentences, written without a text of their own.

use std::fmt::{self, Write as _};

/// A sentence said piece by piece.
pub(crate) struct Sentence(String);

impl Default for Sentence {
    /// With room for most sentences.
    fn default() -> Self {
        Self(String::with_capacity(160))
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.0
    }
}

impl Sentence {
    /// A sentence of these words.
    pub(crate) fn of(words: fmt::Arguments<'_>) -> Self {
        let mut sentence = Self::default();
        sentence.say(words);
        sentence
    }

    /// Goes on with these words.
    pub(crate) fn say(&mut self, words: fmt::Arguments<'_>) {
        // A text takes whatever is written.
        let _ = self.0.write_fmt(words);
    }
}

/// `1 asset`, `2 assets`.
pub(crate) struct Count(pub(crate) usize, pub(crate) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(n, one) = self;
        write!(f, "{n} {one}{}", if *n == 1 { "" } else { "s" })
    }
}

/// A number with `D` decimals, ties away from zero.
///
/// The standard library prints the exact decimal expansion, which takes it a big integer where the digits end early, as
/// those of 0.05 do; here the figure is rounded to a whole number first.
pub(crate) struct Fixed<const D: u32>(pub(crate) f64);

impl<const D: u32> fmt::Display for Fixed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(D);
        let scaled = (self.0.abs() * unit as f64).round();
        // Above this not every whole number is a double (and nothing is rounded any more).
        if scaled >= 9e15 || scaled.is_nan() {
            return write!(f, "{:.*}", D as usize, self.0);
        }
        let scaled = scaled as u64;
        let sign = if self.0 < 0.0 && scaled > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:0width$}", scaled / unit, scaled % unit, width = D as usize)
    }
}

/// A figure with four decimals, or that there is none.
pub(crate) struct Figure(pub(crate) Option<f64>);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => Fixed::<4>(value).fmt(f),
            None => f.write_str("unavailable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_decimals() {
        for (value, text) in [
            (0.0, "0.0000"),
            (0.05, "0.0500"),
            (-0.00004, "0.0000"),
            (-0.00005, "-0.0001"),
            (12.345_64, "12.3456"),
            (-1.0, "-1.0000"),
            (0.999_96, "1.0000"),
            (1e300, &format!("{:.4}", 1e300)),
        ] {
            assert_eq!(Fixed::<4>(value).to_string(), text);
        }
        assert_eq!(Fixed::<3>(0.1235).to_string(), "0.124");
        assert_eq!((Figure(None).to_string(), Figure(Some(0.1)).to_string()), ("unavailable".into(), "0.1000".into()));
    }

    #[test]
    fn away_from_ties_they_are_those_of_the_standard_library() {
        for i in -5_000..5_000 {
            let value = f64::from(i) * 0.001_234_567;
            let expected = format!("{value:.4}");
            // The standard library prints the sign of what rounds to zero.
            let expected = if expected == "-0.0000" { "0.0000" } else { &expected };
            assert_eq!(Fixed::<4>(value).to_string(), expected, "{value}");
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|n| Count(n, "asset").to_string()), ["0 assets", "1 asset", "2 assets"]);
    }
}
