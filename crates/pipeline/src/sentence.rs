//! Sentences of counts and figures, assembled piece by piece.
//!
//! A plan of a few assets takes some tens of microseconds, and the formatting machinery of the standard library would
//! take a twentieth of that. Digits are therefore written here.

use std::fmt::{self, Display, Write as _};

/// A sentence under construction.
pub(crate) struct Sentence(String);

impl Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sentence {
    /// An empty sentence, with enough room for most sentences.
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(160))
    }

    /// Appends words.
    pub(crate) fn say(mut self, words: &str) -> Self {
        self.0.push_str(words);
        self
    }

    /// Appends anything that implements `Display`.
    pub(crate) fn shown(mut self, what: impl Display) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{what}");
        self
    }

    /// Appends a whole number.
    pub(crate) fn whole(mut self, n: usize) -> Self {
        self.digits(n as u64, 1);
        self
    }

    /// Appends a count, such as `1 asset` or `2 assets`.
    pub(crate) fn count(self, n: usize, one: &str) -> Self {
        self.whole(n).say(" ").say(one).say(if n == 1 { "" } else { "s" })
    }

    /// Appends a number with a fixed number of decimals; ties round away from zero.
    pub(crate) fn fixed(mut self, value: f64, decimals: u32) -> Self {
        let unit = 10_u64.pow(decimals);
        let scaled = (value.abs() * unit as f64).round();
        // Above this not every whole number is a double, and nothing needs rounding.
        if scaled >= 9e15 || scaled.is_nan() {
            return self.shown(format_args!("{value:.*}", decimals as usize));
        }
        let scaled = scaled as u64;
        if value < 0.0 && scaled > 0 {
            self.0.push('-');
        }
        self.digits(scaled / unit, 1);
        self.0.push('.');
        self.digits(scaled % unit, decimals as usize);
        self
    }

    /// Appends a fraction as a percentage with two decimals, or the words for a missing one.
    pub(crate) fn percent(self, fraction: Option<f64>) -> Self {
        match fraction {
            Some(fraction) => self.fixed(100.0 * fraction, 2).say("%"),
            None => self.say("unavailable"),
        }
    }

    /// Appends a whole number with at least the given number of digits.
    fn digits(&mut self, mut number: u64, least: usize) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        while number > 0 || at > digits.len() - least {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.0.extend(digits[at..].iter().map(|&digit| char::from(digit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(value: f64, decimals: u32) -> String {
        Sentence::new().fixed(value, decimals).to_string()
    }

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
            assert_eq!(fixed(value, 4), text);
        }
        assert_eq!(fixed(0.1235, 3), "0.124");
        let shares = Sentence::new().percent(None).say(", ").percent(Some(0.008_64)).to_string();
        assert_eq!(shares, "unavailable, 0.86%");
    }

    #[test]
    fn away_from_ties_they_are_those_of_the_standard_library() {
        for i in -5_000..5_000 {
            let value = f64::from(i) * 0.001_234_567;
            let expected = format!("{value:.4}");
            // The standard library prints the sign of a number that rounds to zero.
            let expected = if expected == "-0.0000" { "0.0000" } else { &expected };
            assert_eq!(fixed(value, 4), expected, "{value}");
        }
    }

    #[test]
    fn one_is_not_many() {
        let counts = [0, 1, 2, usize::MAX].map(|n| Sentence::new().count(n, "asset").to_string());
        assert_eq!(counts, ["0 assets", "1 asset", "2 assets", "18446744073709551615 assets"]);
    }
}
