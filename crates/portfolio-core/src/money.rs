//! Booked amounts: whole minor units of one currency.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Currency;

/// Why an amount cannot be booked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The code is not a currency with a defined minor unit of at most three decimals.
    #[error("`{code}` is not an ISO 4217 currency with at most three decimals")]
    UnknownCurrency {
        /// The rejected code.
        code: String,
    },
    /// Two amounts of different currencies were added or compared.
    #[error("{left} and {right} are different currencies")]
    Mixed {
        /// Currency of the first.
        left: Currency,
        /// Currency of the second.
        right: Currency,
    },
    /// The text is not a decimal number.
    #[error("`{text}` is not a decimal amount")]
    NotDecimal {
        /// The rejected text.
        text: String,
    },
    /// The amount is not finite, or its minor units exceed the exact range of a double (2^53).
    #[error("{value} is not an amount that can be booked to the minor unit", value = crate::Written(*value))]
    OutOfRange {
        /// The rejected amount, in major units.
        value: f64,
    },
}

/// How an amount is rounded to a whole minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Down, towards minus infinity, for cash that may be spent.
    Floor,
    /// To the nearest unit, ties to even, for costs.
    HalfEven,
    /// Up, towards infinity, for cash that must be kept.
    Ceiling,
}

/// A booked amount: whole minor units of one currency.
///
/// | operation | yields |
/// |---|---|
/// | `Money::from_major(12.345, USD, Rounding::HalfEven)` | 12.34 USD |
/// | `Money::floor(12.349, USD)` | 12.34 USD, rejected below zero |
/// | `Money::parse("12.34", USD)` | 12.34 USD, rejected with more decimals than the currency has |
/// | `a.checked_add(b)` | exact; rejected for two currencies |
/// | `money.major()` | the nearest double of the decimal amount |
///
/// # Example
/// ```
/// use portfolio_core::{Currency, Money, Rounding};
///
/// let price = Money::parse("19.99", Currency::USD)?;
/// let fee = Money::from_major(0.125, Currency::USD, Rounding::HalfEven)?;
/// assert_eq!(price.checked_add(fee)?.to_string(), "20.11 USD");
/// assert!(Money::parse("19.999", Currency::USD).is_err());
/// assert!(price.checked_add(Money::from_minor(5, Currency::EUR)).is_err());
/// # Ok::<(), portfolio_core::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Creates an amount from whole minor units.
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The largest bookable amount not above `major` (in major units, at least 0).
    ///
    /// A decimal amount whose double lies slightly below a whole number of minor units (0.29 × 100 = 28.999…) counts as
    /// whole.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when `major` is negative, not finite or has more than 2^53 minor units.
    pub fn floor(major: f64, currency: Currency) -> Result<Self, MoneyError> {
        let minor = snap(major * currency.minor_per_major()).floor();
        if (0.0..=MAX_MINOR).contains(&minor) {
            Ok(Self { minor: minor as i64, currency })
        } else {
            Err(MoneyError::OutOfRange { value: major })
        }
    }

    /// Rounds `major`, in major units and of either sign, to a bookable amount.
    ///
    /// A decimal amount whose double is slightly off a whole number of minor units counts as whole.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when `major` is not finite or has more than 2^53 minor units.
    pub fn from_major(major: f64, currency: Currency, rounding: Rounding) -> Result<Self, MoneyError> {
        let exact = snap(major * currency.minor_per_major());
        let minor = match rounding {
            Rounding::Floor => exact.floor(),
            Rounding::HalfEven => exact.round_ties_even(),
            Rounding::Ceiling => exact.ceil(),
        };
        if minor.abs() <= MAX_MINOR {
            Ok(Self { minor: minor as i64, currency })
        } else {
            Err(MoneyError::OutOfRange { value: major })
        }
    }

    /// Reads a decimal number in major units, such as `-1234.5`, without rounding.
    ///
    /// # Errors
    /// [`MoneyError::NotDecimal`] unless the text consists of digits with an optional sign and decimal point, and has
    /// no more decimals than the currency; [`MoneyError::OutOfRange`] for more than 2^53 minor units.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_decimal = || MoneyError::NotDecimal { text: text.to_owned() };
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = usize::from(currency.minor_digits());
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > decimals {
            return Err(not_decimal());
        }
        let minor = format!("{whole}{fraction:0<decimals$}").parse::<i64>().unwrap_or(i64::MAX);
        if minor > MAX_MINOR as i64 {
            return Err(MoneyError::OutOfRange { value: text.parse().unwrap_or(f64::MAX) });
        }
        Ok(Self { minor: sign * minor, currency })
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for two currencies, [`MoneyError::OutOfRange`] for a sum beyond 64 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed { left: self.currency, right: other.currency });
        }
        let minor = self.minor.checked_add(other.minor);
        let minor = minor.ok_or(MoneyError::OutOfRange { value: self.major() + other.major() })?;
        Ok(Self { minor, ..self })
    }

    /// Whole minor units (cents for USD), signed.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The amount in major units, for printing.
    #[must_use]
    pub fn major(self) -> f64 {
        self.minor as f64 / self.currency.minor_per_major()
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self { minor: self.minor.abs(), ..self }
    }
}

/// Serialises as a JSON number in major units; the document states the currency separately.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.major())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let unit = 10_u64.pow(u32::from(digits));
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        write!(f, "{sign}{}", minor / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", minor % unit, width = usize::from(digits))?;
        }
        write!(f, " {}", self.currency.code())
    }
}

/// A double represents every whole number of minor units up to this one exactly.
const MAX_MINOR: f64 = 9_007_199_254_740_992.0;

/// Removes the floating-point noise of a value that is meant to be a whole number of minor units.
pub(crate) fn snap(minor: f64) -> f64 {
    let whole = minor.round();
    if (minor - whole).abs() <= 1e-6 + whole.abs() * 4.0 * f64::EPSILON { whole } else { minor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_amounts_are_exact_and_fractions_of_a_cent_are_dropped() {
        let usd = Currency::USD;
        assert_eq!(Money::floor(0.29, usd).unwrap().minor(), 29);
        assert_eq!(Money::floor(100_000.019, usd).unwrap().minor(), 10_000_001);
        assert_eq!(Money::floor(1e12, usd).unwrap().minor(), 100_000_000_000_000);
        assert_eq!(Money::floor(1234.567, "KWD".parse().unwrap()).unwrap().minor(), 1_234_567);
        assert_eq!(Money::from_minor(-1_050, usd).to_string(), "-10.50 USD");
    }

    #[test]
    fn each_rounding_does_what_it_says() {
        let book = |major, rounding| Money::from_major(major, Currency::USD, rounding).unwrap().minor();
        for (major, floor, even, ceiling) in
            [(0.125, 12, 12, 13), (0.135, 13, 14, 14), (-0.125, -13, -12, -12), (0.29, 29, 29, 29)]
        {
            let got = [Rounding::Floor, Rounding::HalfEven, Rounding::Ceiling].map(|rounding| book(major, rounding));
            assert_eq!(got, [floor, even, ceiling], "{major}");
        }
        assert!(Money::from_major(f64::NAN, Currency::USD, Rounding::Floor).is_err());
        assert!(Money::from_major(-1e15, Currency::USD, Rounding::Floor).is_err());
    }

    #[test]
    fn a_decimal_is_read_without_rounding() {
        let minor = |text| Money::parse(text, Currency::USD).map(Money::minor);
        assert_eq!(minor("-1234.5"), Ok(-123_450));
        assert_eq!(minor("90071992547409.92"), Ok(9_007_199_254_740_992));
        for bad in ["", "-", ".5", "1e3", "1,000", "1.234", "+1", "--1", "1.2.3"] {
            assert!(matches!(minor(bad), Err(MoneyError::NotDecimal { .. })), "{bad}");
        }
        for large in ["90071992547409.93", "99999999999999999999"] {
            assert!(matches!(minor(large), Err(MoneyError::OutOfRange { .. })), "{large}");
        }
        assert_eq!(Money::parse("12", Currency::JPY).unwrap().to_string(), "12 JPY");
    }

    #[test]
    fn amounts_that_cannot_be_booked_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e15] {
            assert!(Money::floor(bad, Currency::USD).is_err(), "{bad}");
        }
    }
}
