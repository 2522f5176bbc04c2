//! Exact decimal numbers: quantities, prices, lot steps and ticks.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use portfolio_core::{Money, Written};
use serde::{Serialize, Serializer};

/// Largest number of decimals.
const MAX_DECIMALS: u8 = 18;

/// Why a number is not an exact decimal in this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// The text is not made of digits with at most one point between them.
    #[error("`{text}` is not a decimal number of digits and a point")]
    NotDecimal {
        /// The rejected text.
        text: String,
    },
    /// The text has more digits than can be stored.
    #[error("`{text}` has more digits than 64 bits hold, or more than {MAX_DECIMALS} decimals")]
    TooLong {
        /// The rejected text.
        text: String,
    },
    /// The double is negative, not finite, or has more digits than can be stored.
    #[error("{value} is not a decimal number that can be kept exactly", value = Written(*value))]
    OutOfRange {
        /// The rejected number.
        value: f64,
    },
}

/// A decimal number that is not negative: `digits · 10^−decimals`, with at most 18 decimals.
///
/// It is printed with all its decimals, without an exponent, and is a text in JSON. Two numbers are equal when their values are:
/// 0.15 is 0.1500.
///
/// # Example
/// ```
/// use orders::Decimal;
///
/// let step: Decimal = "0.0001".parse()?;
/// assert_eq!(step.times(1_500).unwrap().to_string(), "0.1500");
/// assert_eq!(Decimal::from_f64(96_250.1)?, "96250.10".parse()?);
/// assert!("1e-4".parse::<Decimal>().is_err());
/// # Ok::<(), orders::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    digits: u64,
    decimals: u8,
}

impl Decimal {
    /// One, without decimals: the lot step of whole shares.
    pub const ONE: Self = Self { digits: 1, decimals: 0 };

    /// `digits · 10^−decimals`; `None` for more than 18 decimals.
    #[must_use]
    pub fn new(digits: u64, decimals: u8) -> Option<Self> {
        (decimals <= MAX_DECIMALS).then_some(Self { digits, decimals })
    }

    /// The decimal number that a double is written as: its fewest digits that read back as the same double.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`] when `value` is negative, not finite, has more than 18 decimals or more digits than 64 bits hold.
    pub fn from_f64(value: f64) -> Result<Self, DecimalError> {
        if !value.is_finite() || value < 0.0 {
            return Err(DecimalError::OutOfRange { value });
        }
        value.abs().to_string().parse().map_err(|_| DecimalError::OutOfRange { value })
    }

    /// An amount in major units, without its sign and its currency.
    pub(crate) fn of_money(money: Money) -> Self {
        Self { digits: money.minor().unsigned_abs(), decimals: money.currency().minor_digits() }
    }

    /// `count` times the number, with the same decimals; `None` beyond 64 bits.
    #[must_use]
    pub fn times(self, count: u64) -> Option<Self> {
        Some(Self { digits: self.digits.checked_mul(count)?, ..self })
    }

    /// The digits without the point.
    #[must_use]
    pub fn digits(self) -> u64 {
        self.digits
    }

    /// The number of digits after the point.
    #[must_use]
    pub fn decimals(self) -> u8 {
        self.decimals
    }

    /// Whether the number is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The digits with 18 decimals.
    fn aligned(self) -> u128 {
        u128::from(self.digits) * 10_u128.pow(u32::from(MAX_DECIMALS - self.decimals))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.aligned() == other.aligned()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.aligned().cmp(&other.aligned())
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(DecimalError::NotDecimal { text: text.to_owned() });
        }
        let fraction = if text.contains('.') { fraction } else { "" };
        let too_long = || DecimalError::TooLong { text: text.to_owned() };
        let digits = format!("{whole}{fraction}").parse().map_err(|_| too_long())?;
        u8::try_from(fraction.len()).ok().and_then(|decimals| Self::new(digits, decimals)).ok_or_else(too_long)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(u32::from(self.decimals));
        write!(f, "{}", self.digits / unit)?;
        if self.decimals > 0 {
            write!(f, ".{:0width$}", self.digits % unit, width = usize::from(self.decimals))?;
        }
        Ok(())
    }
}

/// A text, so that no reader converts it to a double.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_printed_as_it_was_written() {
        for text in ["0", "1", "0.1500", "96250.10", "0.000000000000000001", "18446744073709551615", "1.0"] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
        for bad in ["", ".5", "5.", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "٣"] {
            assert!(matches!(bad.parse::<Decimal>(), Err(DecimalError::NotDecimal { .. })), "{bad}");
        }
        for long in ["18446744073709551616", "0.0000000000000000001"] {
            assert!(matches!(long.parse::<Decimal>(), Err(DecimalError::TooLong { .. })), "{long}");
        }
    }

    #[test]
    fn a_double_becomes_its_shortest_digits_or_is_refused() {
        for (value, text) in [(0.1, "0.1"), (1.0 / 3.0, "0.3333333333333333"), (65_000.0, "65000"), (-0.0, "0")] {
            assert_eq!(Decimal::from_f64(value).unwrap().to_string(), text);
        }
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e20, 1e-19] {
            assert!(Decimal::from_f64(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_are_compared_and_not_their_decimals() {
        let read = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(read("0.15"), read("0.1500"));
        assert!(read("0.2") > read("0.1999999"));
        assert!(read("18446744073709551615") > read("0.000000000000000001"));
    }
}
