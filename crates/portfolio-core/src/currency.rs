//! Currencies and the number of decimals of their booked amounts.

use std::fmt;
use std::str::FromStr;

use crate::MoneyError;

/// An ISO 4217 currency and the number of decimals of its booked amounts.
///
/// # Example
/// ```
/// use portfolio_core::Currency;
///
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen, yen.minor_digits()), (Currency::JPY, 0));
/// assert!("GOLD".parse::<Currency>().is_err());
/// # Ok::<(), portfolio_core::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    minor_digits: u8,
}

impl Currency {
    /// US dollar.
    pub const USD: Self = Self { iso: iso_currency::Currency::USD, minor_digits: 2 };
    /// Euro.
    pub const EUR: Self = Self { iso: iso_currency::Currency::EUR, minor_digits: 2 };
    /// Pound sterling.
    pub const GBP: Self = Self { iso: iso_currency::Currency::GBP, minor_digits: 2 };
    /// Swiss franc.
    pub const CHF: Self = Self { iso: iso_currency::Currency::CHF, minor_digits: 2 };
    /// Yen, which has no minor unit.
    pub const JPY: Self = Self { iso: iso_currency::Currency::JPY, minor_digits: 0 };

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

    /// Minor units in one major unit: 100 for USD, 1 for JPY.
    #[must_use]
    pub fn minor_per_major(self) -> f64 {
        f64::from(10_u32.pow(u32::from(self.minor_digits)))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
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

#[cfg(test)]
mod tests {
    use super::Currency;

    #[test]
    fn codes_are_those_of_iso_4217() {
        for known in [Currency::USD, Currency::EUR, Currency::GBP, Currency::CHF, Currency::JPY] {
            assert_eq!(known.code().parse(), Ok(known));
        }
        for code in ["XAU", "usd", "", "ZZZ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
