//! Compounded growth that cannot overflow.

use crate::UnavailableReason;
use crate::reason::{Figure, finite};

/// `Π (1 + rᵢ)` as a mantissa and a logarithm: ordinary products stay exact, very large ones move into the logarithm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    mantissa: f64,
    log: f64,
    count: usize,
}

/// Mantissas and factors above this, or below its inverse, move into the logarithm.
const LARGE: f64 = 1e120;

impl Growth {
    /// Compounds the returns. None may be below −1.
    pub(crate) fn of(returns: impl IntoIterator<Item = f64>) -> Result<Self, UnavailableReason> {
        let mut growth = Self { mantissa: 1.0, log: 0.0, count: 0 };
        for r in returns {
            if r < -1.0 {
                return Err(UnavailableReason::BelowTotalLoss);
            }
            growth.count += 1;
            let factor = 1.0 + r;
            if factor > LARGE {
                growth.log += factor.ln();
                continue;
            }
            growth.mantissa *= factor;
            if growth.mantissa > LARGE || growth.mantissa < 1.0 / LARGE {
                if growth.mantissa == 0.0 {
                    // Nothing is left to compound, so later returns are only counted.
                    growth.log = 0.0;
                    continue;
                }
                growth.log += growth.mantissa.ln();
                growth.mantissa = 1.0;
            }
        }
        Ok(growth)
    }

    /// Number of returns that were compounded.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// `Π (1 + rᵢ) − 1`.
    pub(crate) fn total(&self) -> Figure {
        if self.log == 0.0 { finite(self.mantissa - 1.0) } else { finite(self.logarithm().exp_m1()) }
    }

    /// `(Π (1 + rᵢ))^(periods_per_year/count) − 1`.
    pub(crate) fn annualised(&self, periods_per_year: f64) -> Figure {
        if self.count == 0 {
            return Err(UnavailableReason::TooFewReturns);
        }
        finite((self.logarithm() * (periods_per_year / self.count as f64)).exp_m1())
    }

    /// Logarithm of the growth; −∞ when nothing is left.
    fn logarithm(&self) -> f64 {
        if self.mantissa == 0.0 { f64::NEG_INFINITY } else { self.mantissa.ln() + self.log }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enormous_growth_has_a_rate_but_no_total() {
        let growth = Growth::of(std::iter::repeat_n(100.0, 100_000)).unwrap();
        assert_eq!(growth.total(), Err(UnavailableReason::Overflow));
        let rate = growth.annualised(1.0).unwrap();
        assert!((rate - 100.0).abs() < 1e-8, "{rate}");
        assert_eq!(growth.annualised(252.0), Err(UnavailableReason::Overflow));
    }

    #[test]
    fn ruin_is_minus_one_and_stays() {
        let growth = Growth::of([0.5, -1.0, 100.0, 1e200]).unwrap();
        assert_eq!((growth.total(), growth.annualised(252.0)), (Ok(-1.0), Ok(-1.0)));
    }

    #[test]
    fn a_fall_and_a_rise_beyond_the_range_of_a_float_cancel() {
        let fall_and_rise = std::iter::repeat_n(-0.5, 3000).chain(std::iter::repeat_n(1.0, 3000));
        let total = Growth::of(fall_and_rise).unwrap().total().unwrap();
        assert!(total.abs() < 1e-9, "{total}");
    }
}
