//! Identifiers of assets: ISIN, CUSIP, FIGI and ticker, each checked when it is made.

use std::fmt;
use std::str::FromStr;

/// Largest number of characters of a ticker.
const MAX_TICKER: usize = 20;
/// Country codes that no FIGI begins with, so that none looks like an ISIN.
const NO_FIGI_PREFIX: [&str; 7] = ["BS", "BM", "GG", "GB", "GH", "KY", "VG"];

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// It has the wrong number of characters.
    #[error("has {got} characters, not {expected}")]
    Length {
        /// Characters it must have.
        expected: usize,
        /// Characters it has.
        got: usize,
    },
    /// It is empty or too long.
    #[error("has {got} characters, not 1 to {most}")]
    Size {
        /// Largest number of characters.
        most: usize,
        /// Characters it has.
        got: usize,
    },
    /// A character is not allowed at its place.
    #[error("has {found:?} at character {}, which must be {allowed}", position + 1)]
    Character {
        /// Its place, from 0.
        position: usize,
        /// The character.
        found: char,
        /// The characters allowed there.
        allowed: &'static str,
    },
    /// It begins with two letters that are reserved.
    #[error("begins with letters that no FIGI begins with")]
    Prefix,
    /// Its check digit does not match the other characters.
    #[error("has the check digit {found}, but its other characters give {expected}")]
    CheckDigit {
        /// The digit computed from the other characters.
        expected: u8,
        /// The digit in the text.
        found: u8,
    },
}

/// Defines a type for texts that pass `check`.
macro_rules! identifier {
    ($(#[$about:meta])+ $name:ident, $check:expr) => {
        $(#[$about])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdentifierError;

            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                let check: fn(&str) -> Result<(), IdentifierError> = $check;
                check(text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// An ISIN: two letters of a country, nine characters of a national number, a check digit.
    ///
    /// Letters become two digits each (`A` = 10 … `Z` = 35). From the right, every other digit is doubled, the last one
    /// first; with `s` the sum of the digits of all results, the check digit is `(10 − s mod 10) mod 10`.
    ///
    /// # Reference
    /// ISO 6166:2021, annex on the check digit (modulus 10, double-add-double: the formula of Luhn, US patent 2,950,048).
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{IdentifierError, Isin};
    ///
    /// assert!("US0378331005".parse::<Isin>().is_ok());
    /// assert_eq!("US0378331004".parse::<Isin>(), Err(IdentifierError::CheckDigit { expected: 5, found: 4 }));
    /// ```
    Isin, check_isin
}

identifier! {
    /// A CUSIP: eight characters of issuer and issue, a check digit.
    ///
    /// Letters count as `A` = 10 … `Z` = 35, and `*`, `@`, `#` as 36, 37, 38. Every second value is doubled; with `s` the sum of
    /// the digits of all values, the check digit is `(10 − s mod 10) mod 10`.
    ///
    /// # Reference
    /// ANSI X9.6-2020, modulus 10 double-add-double.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{Cusip, IdentifierError};
    ///
    /// assert!("037833100".parse::<Cusip>().is_ok());
    /// assert_eq!("037833109".parse::<Cusip>(), Err(IdentifierError::CheckDigit { expected: 0, found: 9 }));
    /// ```
    Cusip, check_cusip
}

identifier! {
    /// A FIGI: two consonants, `G`, eight consonants or digits, a check digit.
    ///
    /// The check digit is computed from the first eleven characters as that of a [`Cusip`] is from its first eight.
    ///
    /// # Reference
    /// OMG, "Financial Instrument Global Identifier", version 1.0 (2015), section 6.1.2.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{Figi, IdentifierError};
    ///
    /// assert!("BBG000B9XRY4".parse::<Figi>().is_ok());
    /// assert_eq!("BBG000B9XRY3".parse::<Figi>(), Err(IdentifierError::CheckDigit { expected: 4, found: 3 }));
    /// ```
    Figi, check_figi
}

identifier! {
    /// A ticker: 1 to 20 capitals, digits and signs, as an exchange or a vendor writes it. It has no check digit, and
    /// the same ticker may denote different assets on different exchanges.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::Ticker;
    ///
    /// assert!("BRK.B".parse::<Ticker>().is_ok());
    /// assert!("aapl".parse::<Ticker>().is_err());
    /// ```
    Ticker, check_ticker
}

fn check_isin(text: &str) -> Result<(), IdentifierError> {
    check_length(text, 12)?;
    check_characters(&text[..2], 0, "a capital letter", |c| c.is_ascii_uppercase())?;
    check_characters(&text[2..11], 2, "a capital letter or a digit", is_capital_or_digit)?;
    let digits = text[..11].chars().filter_map(|c| c.to_digit(36)).flat_map(|value| match value {
        0..=9 => [None, Some(value)],
        _ => [Some(value / 10), Some(value % 10)],
    });
    let digits: Vec<u32> = digits.flatten().collect();
    check_digit(text, digits.into_iter().rev().enumerate().map(|(i, digit)| if i % 2 == 0 { 2 * digit } else { digit }))
}

fn check_cusip(text: &str) -> Result<(), IdentifierError> {
    check_length(text, 9)?;
    check_characters(&text[..8], 0, "a capital letter, a digit, `*`, `@` or `#`", |c| {
        is_capital_or_digit(c) || matches!(c, '*' | '@' | '#')
    })?;
    check_digit(text, doubled(&text[..8]))
}

fn check_figi(text: &str) -> Result<(), IdentifierError> {
    check_length(text, 12)?;
    let is_consonant = |c: char| c.is_ascii_uppercase() && !"AEIOU".contains(c);
    check_characters(&text[..2], 0, "a capital consonant", is_consonant)?;
    check_characters(&text[2..3], 2, "`G`", |c| c == 'G')?;
    check_characters(&text[3..11], 3, "a capital consonant or a digit", |c| is_consonant(c) || c.is_ascii_digit())?;
    if NO_FIGI_PREFIX.contains(&&text[..2]) {
        return Err(IdentifierError::Prefix);
    }
    check_digit(text, doubled(&text[..11]))
}

fn check_ticker(text: &str) -> Result<(), IdentifierError> {
    let got = text.chars().count();
    if !(1..=MAX_TICKER).contains(&got) {
        return Err(IdentifierError::Size { most: MAX_TICKER, got });
    }
    check_characters(text, 0, "a capital letter, a digit or a sign of ASCII", |c| {
        c.is_ascii_graphic() && !c.is_ascii_lowercase()
    })
}

/// The length in characters, and that they are ASCII, so that a place in the text is a character.
fn check_length(text: &str, expected: usize) -> Result<(), IdentifierError> {
    check_characters(text, 0, "a capital letter, a digit or a sign of ASCII", |c| c.is_ascii())?;
    if text.len() == expected { Ok(()) } else { Err(IdentifierError::Length { expected, got: text.len() }) }
}

fn check_characters(
    part: &str,
    offset: usize,
    allowed: &'static str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<(), IdentifierError> {
    match part.chars().enumerate().find(|&(_, c)| !is_allowed(c)) {
        Some((position, found)) => Err(IdentifierError::Character { position: offset + position, found, allowed }),
        None => Ok(()),
    }
}

fn is_capital_or_digit(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

/// The values of characters, every second one doubled.
fn doubled(text: &str) -> impl Iterator<Item = u32> {
    let value = |c: char| match c {
        '*' => 36,
        '@' => 37,
        '#' => 38,
        _ => c.to_digit(36).unwrap_or(0),
    };
    text.chars().map(value).enumerate().map(|(i, value)| if i % 2 == 1 { 2 * value } else { value })
}

/// Checks the last character against the digits of the weighted values of the others. No value has more than two
/// digits.
fn check_digit(text: &str, weighted: impl Iterator<Item = u32>) -> Result<(), IdentifierError> {
    let position = text.len() - 1;
    check_characters(&text[position..], position, "a digit", |c| c.is_ascii_digit())?;
    let sum: u32 = weighted.map(|value| value / 10 + value % 10).sum();
    let expected = ((10 - sum % 10) % 10) as u8;
    let found = text.as_bytes()[position] - b'0';
    if found == expected { Ok(()) } else { Err(IdentifierError::CheckDigit { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IdentifierError::{Character, CheckDigit, Length, Prefix, Size};

    /// The check digit of each is correct, and any other digit is refused with the correct one.
    #[track_caller]
    fn accepts<T: FromStr<Err = IdentifierError>>(known: &[&str]) {
        for text in known {
            assert!(text.parse::<T>().is_ok(), "{text}");
            let (body, last) = text.split_at(text.len() - 1);
            let expected: u8 = last.parse().unwrap();
            for found in (0..10).filter(|&digit| digit != expected) {
                let refused = format!("{body}{found}").parse::<T>().err();
                assert_eq!(refused, Some(CheckDigit { expected, found }), "{text}");
            }
        }
    }

    #[test]
    fn identifiers_of_known_securities_are_accepted() {
        // Apple, Siemens, BAE Systems, Toyota, and the example of ISO 6166 with letters in its number (Treasury Corporation of Victoria).
        accepts::<Isin>(&["US0378331005", "DE0007236101", "GB0002634946", "JP3633400001", "AU0000XVGZA3"]);
        // Apple, Cisco, Oracle, Alphabet class C.
        accepts::<Cusip>(&["037833100", "17275R102", "68389X105", "02079K107"]);
        // Apple, IBM.
        accepts::<Figi>(&["BBG000B9XRY4", "BBG000BLNNH6"]);
        for ticker in ["AAPL", "BRK/B", "BF.B", "7203", "^GSPC", "EURUSD=X"] {
            assert_eq!(ticker.parse::<Ticker>().unwrap().as_str(), ticker);
        }
    }

    #[test]
    fn what_is_not_shaped_like_one_is_refused_with_the_reason() {
        let capital = "a capital letter";
        assert_eq!("US037833100".parse::<Isin>(), Err(Length { expected: 12, got: 11 }));
        assert_eq!("us0378331005".parse::<Isin>(), Err(Character { position: 0, found: 'u', allowed: capital }));
        assert!(matches!("US03783310-5".parse::<Isin>(), Err(Character { position: 10, found: '-', .. })));
        assert!(matches!("US037833100X".parse::<Isin>(), Err(Character { position: 11, found: 'X', .. })));
        assert!(matches!("US03783310é5".parse::<Isin>(), Err(Character { position: 10, found: 'é', .. })));
        assert!(matches!("".parse::<Cusip>(), Err(Length { expected: 9, got: 0 })));
        assert!(matches!("17275r102".parse::<Cusip>(), Err(Character { position: 5, found: 'r', .. })));
        assert!(matches!("BBH000B9XRY4".parse::<Figi>(), Err(Character { position: 2, found: 'H', .. })));
        assert!(matches!("BBG000A9XRY4".parse::<Figi>(), Err(Character { position: 6, found: 'A', .. })));
        assert_eq!("GBG000B9XRY4".parse::<Figi>(), Err(Prefix));
        assert_eq!("".parse::<Ticker>(), Err(Size { most: 20, got: 0 }));
        assert_eq!("X".repeat(21).parse::<Ticker>(), Err(Size { most: 20, got: 21 }));
        assert!(matches!("BRK B".parse::<Ticker>(), Err(Character { position: 3, found: ' ', .. })));
    }

    #[test]
    fn two_neighbours_in_the_wrong_order_change_the_check_digit() {
        // The formula finds every exchange of neighbours but 0 and 9.
        assert!("US0738331005".parse::<Isin>().is_err());
        assert!("073833100".parse::<Cusip>().is_err());
    }
}
