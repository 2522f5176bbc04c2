//! Value at risk and conditional value at risk of the historical distribution.

mod filtered;
mod mass;

pub(crate) use filtered::Filtered;
pub use filtered::{FilteredOptions, FilteredTail, filtered_tail};
pub use mass::{TailMass, whole_within_rounding};

use portfolio_core::Confidence;

use crate::RiskError;
use crate::error::check_returns;
use crate::reason::{Figure, finite};

/// Tails of up to this many observations stay on the stack.
const SMALL_TAIL: usize = 32;

/// Passes the `rank` smallest values, ascending, to `read`; `rank` is from 1 to the number of values.
pub(crate) fn with_worst<R>(values: &[f64], rank: usize, read: impl FnOnce(&[f64]) -> R) -> R {
    if rank <= SMALL_TAIL {
        // One pass that keeps the worst few values. Most values fail the first comparison.
        let mut buffer = [f64::INFINITY; SMALL_TAIL];
        let worst = &mut buffer[..rank];
        for &value in values {
            if value < worst[rank - 1] {
                let mut place = rank - 1;
                while place > 0 && worst[place - 1] > value {
                    worst[place] = worst[place - 1];
                    place -= 1;
                }
                worst[place] = value;
            }
        }
        read(worst)
    } else {
        let mut copy = values.to_vec();
        let (below, boundary, _) = copy.select_nth_unstable_by(rank - 1, f64::total_cmp);
        // Sorting the tail alone makes the sums below independent of the order of the input.
        below.sort_unstable_by(f64::total_cmp);
        let boundary = *boundary;
        copy[rank - 1] = boundary;
        read(&copy[..rank])
    }
}

/// VaR and CVaR of a checked, non-empty sample.
pub(crate) fn tail_risk(returns: &[f64], level: Confidence) -> (f64, Figure) {
    let tail = TailMass::of(level, returns.len());
    with_worst(returns, tail.rank(), |worst| (tail.var(worst), finite(tail.cvar(worst))))
}

/// Historical value at risk: the `k`-th worst return with its sign reversed, `k = ⌈(1 − level)·T⌉`.
///
/// This is the inverse of the empirical distribution function (quantile type 1 of Hyndman and Fan): an observed return,
/// without interpolation. It is the VaR that belongs to [`conditional_value_at_risk`].
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
/// Result: a fraction of value over one period, positive for a loss; negative when even the tail gains.
/// Cost: linear in `T`.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position.
///
/// # Reference
/// Hyndman and Fan (1996), "Sample quantiles in statistical packages", The American Statistician 50(4), 361–365.
///
/// # Example
/// ```
/// use risk::{Confidence, value_at_risk};
///
/// let returns = [0.02, -0.10, 0.00, -0.04, 0.03];
/// // k = ⌈0.3 · 5⌉ = 2: the second worst return.
/// assert_eq!(value_at_risk(&returns, Confidence::new(0.7)?)?, 0.04);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn value_at_risk(returns: &[f64], level: Confidence) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(tail_risk(returns, level).0)
}

/// Mean loss over the worst `1 − level` share of periods (CVaR, expected shortfall).
///
/// With losses in descending order, `L₁ ≥ L₂ ≥ … ≥ L_T`, and tail mass `k = (1 − level)·T`,
///
/// ```text
/// CVaR = ( L₁ + … + L_⌊k⌋ + (k − ⌊k⌋)·L_⌊k⌋₊₁ ) / k
/// ```
///
/// A fractional `k` counts its boundary period in part, so the measure is continuous in `level` and never below
/// [`value_at_risk`] at the same level: both read the same order statistics.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
/// Result: a fraction of value over one period, positive for a loss, not annualised.
/// Cost: linear in `T`, plus a sort of the tail.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position;
/// [`RiskError::Unavailable`] when the sum of the tail overflows.
///
/// # Reference
/// Rockafellar and Uryasev (2002), "Conditional value-at-risk for general loss distributions", Journal of Banking &
/// Finance 26(7), 1443–1471.
///
/// # Example
/// ```
/// use risk::{Confidence, conditional_value_at_risk};
///
/// let returns = [0.02, -0.10, 0.00, -0.04, 0.03];
/// // k = 0.3 · 5 = 1.5 periods: all of the 10 % loss and half of the 4 % loss.
/// let cvar = conditional_value_at_risk(&returns, Confidence::new(0.7)?)?;
/// assert!((cvar - 0.08).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn conditional_value_at_risk(returns: &[f64], level: Confidence) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(tail_risk(returns, level).1?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(value: f64) -> Confidence {
        Confidence::new(value).unwrap()
    }

    #[test]
    fn a_whole_tail_mass_takes_exactly_that_many() {
        // (1 − 0.9)·10 is 0.9999999999999998 in binary.
        let returns: Vec<f64> = (0..10).map(|i| f64::from(i) / 100.0 - 0.05).collect();
        assert_eq!(value_at_risk(&returns, level(0.9)).unwrap(), 0.05);
        assert_eq!(conditional_value_at_risk(&returns, level(0.9)).unwrap(), 0.05);
        // (1 − 0.95)·1000 is 50.00000000000004: the 50th worst, not the 51st.
        let returns: Vec<f64> = (0..1000).map(|i| -f64::from(i)).collect();
        assert_eq!(value_at_risk(&returns, Confidence::P95).unwrap(), 950.0);
        assert_eq!(conditional_value_at_risk(&returns, Confidence::P95).unwrap(), 974.5);
    }

    #[test]
    fn both_routes_to_the_tail_agree() {
        let values: Vec<f64> = (0..200).map(|i| f64::from((i * 7919) % 211) - 100.0).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for rank in [1, 2, SMALL_TAIL, SMALL_TAIL + 1, 199, 200] {
            with_worst(&values, rank, |worst| assert_eq!(worst, &sorted[..rank], "rank {rank}"));
        }
    }

    #[test]
    fn equal_losses_are_their_own_tail_mean() {
        for count in 1..60 {
            let returns = vec![-0.1; count];
            let (var, cvar) = tail_risk(&returns, Confidence::P95);
            assert_eq!((var, cvar), (0.1, Ok(0.1)), "{count}");
        }
    }

    #[test]
    fn extreme_levels_stay_within_the_sample() {
        let returns = [0.01, -0.02, 0.03];
        assert_eq!(tail_risk(&returns, level(1.0 - 1e-16)).0, 0.02);
        assert_eq!(tail_risk(&returns, level(1.0 - 1e-16)).1, Ok(0.02));
        assert_eq!(tail_risk(&returns, level(1e-300)).0, -0.03);
        let mean_loss = tail_risk(&returns, level(1e-300)).1.unwrap();
        assert!((mean_loss + 0.02 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_tail_of_gains_is_a_negative_loss() {
        assert_eq!(value_at_risk(&[0.4, 0.5, 0.6], Confidence::P95), Ok(-0.4));
        let zero = value_at_risk(&[0.0, 0.0], Confidence::P95).unwrap();
        assert!(zero == 0.0 && zero.is_sign_positive());
    }
}
