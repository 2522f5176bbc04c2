use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A currency of ISO 4217 and the number of decimals its amounts are booked with.
///
/// # Example
/// ```
/// use portfolio_core::Currency;
///
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!(yen.minor_digits(), 0);
/// assert!("GOLD".parse::<Currency>().is_err());
/// # Ok::<(), portfolio_core::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    minor_digits: u8,
}

/// Amounts that cannot be booked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not a currency code with a defined minor unit of at most three decimals.
    #[error("`{code}` is not an ISO 4217 currency with at most three decimals")]
    UnknownCurrency {
        /// The code refused.
        code: String,
    },
    /// Not a finite amount whose minor units fit the exact range of a double (2^53).
    #[error("{value} is not an amount that can be booked to the minor unit")]
    OutOfRange {
        /// The amount refused, in major units.
        value: f64,
    },
}

impl Currency {
    /// Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn minor_digits(self) -> u8 {
        self.minor_digits
    }

    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    fn minor_per_major(self) -> f64 {
        f64::from(10_u32.pow(u32::from(self.minor_digits)))
    }
}

impl Default for Currency {
    /// US dollars, two decimals.
    fn default() -> Self {
        Self { iso: iso_currency::Currency::USD, minor_digits: 2 }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let unknown = || MoneyError::UnknownCurrency { code: code.into() };
        let iso = iso_currency::Currency::from_code(code).ok_or_else(unknown)?;
        match iso.exponent() {
            Some(digits @ 0..=3) => Ok(Self { iso, minor_digits: digits as u8 }),
            _ => Err(unknown()),
        }
    }
}

/// A booked amount: whole minor units of one currency.
///
/// | operation | yields |
/// |---|---|
/// | `Money::floor(12.345, USD)` | 12.34 USD |
/// | `a.minor() + b.minor()` | exact, the caller keeps to one currency |
/// | `money.major()` | the nearest double of the decimal amount |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of whole minor units.
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The largest bookable amount not above `major` (in major units, at least 0).
    ///
    /// A decimal amount whose double lies a hair below a whole number of minor units (0.29 × 100 = 28.999…) counts as whole.
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

/// Serialised as a JSON number in major units; the currency stands beside it in the document.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.major())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits;
        let unit = 10_u64.pow(u32::from(digits));
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        write!(f, "{sign}{}", minor / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", minor % unit, width = usize::from(digits))?;
        }
        write!(f, " {}", self.currency.code())
    }
}

/// Every whole number of minor units up to here is one double.
const MAX_MINOR: f64 = 9_007_199_254_740_992.0;

/// Takes away the binary noise of a value that is meant to be a whole number of minor units.
pub(crate) fn snap(minor: f64) -> f64 {
    let whole = minor.round();
    if (minor - whole).abs() <= 1e-6 + whole.abs() * 4.0 * f64::EPSILON { whole } else { minor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_amounts_are_exact_and_fractions_of_a_cent_are_dropped() {
        let usd = Currency::default();
        assert_eq!(Money::floor(0.29, usd).unwrap().minor(), 29);
        assert_eq!(Money::floor(100_000.019, usd).unwrap().minor(), 10_000_001);
        assert_eq!(Money::floor(1e12, usd).unwrap().minor(), 100_000_000_000_000);
        assert_eq!(Money::floor(1234.567, "KWD".parse().unwrap()).unwrap().minor(), 1_234_567);
        assert_eq!(Money::from_minor(-1_050, usd).to_string(), "-10.50 USD");
    }

    #[test]
    fn what_cannot_be_booked_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e15] {
            assert!(Money::floor(bad, Currency::default()).is_err(), "{bad}");
        }
        for code in ["XAU", "usd", "", "ZZZ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
