//! How numbers are written in sentences.

use std::fmt;

/// A number as people write it in a sentence: its shortest decimal digits, with an exponent where plain digits would be
/// a row of zeros.
///
/// The digits are the fewest that read back as the same number. Numbers with `|x| < 1e-5` or `|x| ≥ 1e15` have an
/// exponent. Error messages print the rejected values this way.
///
/// # Example
/// ```
/// use portfolio_core::Written;
///
/// assert_eq!(Written(0.25).to_string(), "0.25");
/// assert_eq!(Written(-3.0).to_string(), "-3");
/// assert_eq!(Written(1e-320).to_string(), "1e-320");
/// assert_eq!(Written(2.5e300).to_string(), "2.5e300");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Written(pub f64);

/// Smaller numbers have an exponent.
const SMALL: f64 = 1e-5;
/// Numbers from here up have an exponent.
const LARGE: f64 = 1e15;

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size.is_finite() && size != 0.0 && !(SMALL..LARGE).contains(&size) {
            write!(f, "{:e}", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_numbers_keep_their_digits_and_extreme_ones_get_an_exponent() {
        for (value, text) in [
            (0.0, "0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e-5, "0.00001"),
            (9.9e-6, "9.9e-6"),
            (5e-324, "5e-324"),
            (-1e-320, "-1e-320"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1e15"),
            (-f64::MAX, "-1.7976931348623157e308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(Written(value).to_string(), text);
            assert!(value.is_nan() || text.parse::<f64>() == Ok(value), "{text} reads back");
        }
    }
}
