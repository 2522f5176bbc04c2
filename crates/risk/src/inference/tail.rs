//! Standard errors and intervals of historical VaR and CVaR.

use std::cell::Cell;
use std::fmt;

use portfolio_core::Confidence;
use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::{EstimateInterval, write_interval};
use crate::error::check_returns;
use crate::spread::Spread;
use crate::tail::{TailMass, tail_risk, with_worst};
use crate::{RiskError, UnavailableReason};

/// A historical VaR with an interval between two observed losses, valid for any distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderStatisticInterval {
    /// The historical VaR, a fraction, positive for a loss.
    #[cfg_attr(feature = "openapi", schema(example = 0.0174))]
    pub estimate: f64,
    /// Lower end, a smaller loss; absent when the sample is too small to bound it.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0151))]
    pub lower: Option<f64>,
    /// Upper end, a larger loss; absent when the worst loss of the sample does not bound it.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0203))]
    pub upper: Option<f64>,
    /// Requested probability.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 0.95))]
    pub level: Confidence,
    /// Probability that the interval covers the true quantile, at least `level` when both ends exist.
    #[cfg_attr(feature = "openapi", schema(example = 0.951))]
    pub coverage: f64,
}

impl fmt::Display for OrderStatisticInterval {
    /// Estimate, interval and coverage, as [`EstimateInterval`](super::EstimateInterval) prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_interval(f, self.estimate, self.lower, self.upper, self.level)
    }
}

/// Historical VaR with an interval between order statistics.
///
/// The number of returns below the true quantile is binomial with `T` trials and probability `tail`, whatever the
/// distribution of the returns. Let `F` be the distribution function of that binomial. The returns of rank `l` and `u`
/// then bracket the quantile with probability `F(u − 1) − F(l − 1)`; `l` is the largest and `u` the smallest rank that
/// leave at most half of `1 − interval` on either side.
///
/// `returns`: independent simple returns per period as fractions, length `T ≥ 1`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`].
///
/// # Reference
/// David and Nagaraja (2003), "Order Statistics", 3rd edition, section 7.1.
///
/// # Example
/// ```
/// use risk::inference::var_interval;
/// use risk::Confidence;
///
/// let returns: Vec<f64> = (0..250).map(|i| f64::from((i * 7919) % 250) / 1000.0 - 0.1).collect();
/// let var = var_interval(&returns, Confidence::P95, Confidence::new(0.9)?)?;
/// assert!(var.lower < Some(var.estimate) && Some(var.estimate) < var.upper);
/// assert!(var.coverage >= 0.9);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn var_interval(
    returns: &[f64],
    level: Confidence,
    interval: Confidence,
) -> Result<OrderStatisticInterval, RiskError> {
    check_returns(returns)?;
    let count = returns.len();
    let tail = TailMass::of(level, count);
    let Ranks { better, worse, coverage } = Ranks::last_or_of(count, level, interval)?;
    // The smaller loss may be after the sample, and is then no bound.
    let last = [better, worse, tail.rank()].into_iter().filter(|rank| *rank <= count).max().unwrap_or(count);
    Ok(with_worst(returns, last, |sorted| {
        let at = |rank: usize| sorted.get(rank.wrapping_sub(1)).map(|r| 0.0 - r);
        OrderStatisticInterval {
            estimate: tail.var(sorted),
            lower: at(better),
            upper: at(worse),
            level: interval,
            coverage,
        }
    }))
}

/// The ranks of the two returns that bracket a quantile, and with which probability: they depend on the number of returns and not on them.
#[derive(Debug, Clone, Copy)]
struct Ranks {
    better: usize,
    worse: usize,
    coverage: f64,
}

/// What ranks are of: the number of returns, and the tails of quantile and interval.
type RanksOf = (usize, f64, f64);

thread_local! {
    /// The last ranks of this thread: the books of a plan, and of the plans of a replay, have as many returns as each other.
    static LAST: Cell<Option<(RanksOf, Ranks)>> = const { Cell::new(None) };
}

impl Ranks {
    /// The ranks, computed unless they are those of the call before.
    fn last_or_of(count: usize, level: Confidence, interval: Confidence) -> Result<Self, UnavailableReason> {
        let of = (count, level.tail(), interval.tail());
        if let Some((_, ranks)) = LAST.get().filter(|(last, _)| *last == of) {
            return Ok(ranks);
        }
        let ranks = Self::of(of)?;
        LAST.set(Some((of, ranks)));
        Ok(ranks)
    }

    fn of((count, tail, missed): RanksOf) -> Result<Self, UnavailableReason> {
        let below = Binomial::new(tail, count as u64).map_err(|_| UnavailableReason::Overflow)?;
        let half = 0.5 * missed;
        // Rank of the larger loss: the largest l with P(B ≤ l − 1) ≤ half. Rank 0 is before the sample.
        let worse = partition(count + 1, |rank| rank == 0 || below.cdf(rank as u64 - 1) <= half) - 1;
        // Rank of the smaller loss: the smallest u with P(B ≤ u − 1) ≥ 1 − half. Rank T + 1 is after it.
        let better = partition(count + 1, |rank| rank == 0 || below.cdf(rank as u64 - 1) < 1.0 - half);
        let up_to = |rank: usize| if rank == 0 { 0.0 } else { below.cdf(rank as u64 - 1) };
        let covered = if better > count { 1.0 } else { up_to(better) } - up_to(worse);
        Ok(Self { better, worse, coverage: covered.clamp(0.0, 1.0) })
    }
}

/// The first number from 0 to `end` for which `before` no longer holds.
fn partition(end: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Historical CVaR with its asymptotic standard error and interval.
///
/// The estimate behaves like the mean of its influence function `ψ_t = VaR + (L_t − VaR)⁺/tail`, so the standard error
/// is the standard deviation of `ψ` over `√T`. It accounts for both the spread of the losses in the tail and the
/// uncertainty of where the tail begins. With few observations in the tail (`tail·T` below about 10) it is too small.
/// For dependent returns, use [`block_bootstrap`](super::block_bootstrap).
///
/// `returns`: independent simple returns per period as fractions, length `T ≥ 2`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for a single return or overflow.
///
/// # Reference
/// Manistre and Hancock (2005), "Variance of the CTE estimator", North American Actuarial Journal 9(2), 129–156.
///
/// # Example
/// ```
/// use risk::inference::cvar_interval;
/// use risk::Confidence;
///
/// let returns: Vec<f64> = (0..500).map(|i| f64::from((i * 7919) % 500) / 1000.0 - 0.2).collect();
/// let cvar = cvar_interval(&returns, Confidence::P95, Confidence::P95)?;
/// assert!(cvar.standard_error > 0.0 && cvar.lower < cvar.estimate);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn cvar_interval(returns: &[f64], level: Confidence, interval: Confidence) -> Result<EstimateInterval, RiskError> {
    check_returns(returns)?;
    if returns.len() < 2 {
        return Err(RiskError::Unavailable(UnavailableReason::TooFewReturns));
    }
    let (var, cvar) = tail_risk(returns, level);
    let cvar = cvar?;
    let influence: Vec<f64> = returns.iter().map(|r| (-r - var).max(0.0) / level.tail()).collect();
    let deviation = Spread::of(&influence).deviation()?;
    let estimate = EstimateInterval::new(cvar, deviation / (returns.len() as f64).sqrt(), interval);
    if estimate.is_finite() { Ok(estimate) } else { Err(RiskError::Unavailable(UnavailableReason::Overflow)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(count: i32) -> Vec<f64> {
        (0..count).map(|i| f64::from(i) - 1000.0).collect()
    }

    #[test]
    fn ranks_follow_the_binomial_law() {
        // Median of ten, 95 %: P(B ≤ 1) = 11/1024 ≤ 0.025 < P(B ≤ 2) = 56/1024, so ranks 2 and 9.
        let var = var_interval(&ladder(10), Confidence::new(0.5).unwrap(), Confidence::P95).unwrap();
        assert_eq!((var.upper, var.lower), (Some(999.0), Some(992.0)));
        assert!((var.coverage - (1.0 - 22.0 / 1024.0)).abs() < 1e-9, "{}", var.coverage);
    }

    #[test]
    fn ranks_are_those_of_the_last_call_only_where_it_asked_the_same() {
        // Counts, levels and intervals in turn: what is kept of a call fits the next one only where both are the same.
        for count in [20, 251, 20, 900, 251] {
            let values: Vec<f64> = (0..count).map(|i| f64::from((i * 7919) % 917) - 8.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for (level, interval) in [(0.95, 0.95), (0.9, 0.95), (0.9, 0.9), (0.9, 0.9)] {
                let [level, interval] = [level, interval].map(|share| Confidence::new(share).unwrap());
                let found = var_interval(&values, level, interval).unwrap();
                let ranks = Ranks::of((values.len(), level.tail(), interval.tail())).unwrap();
                let at = |rank: usize| sorted.get(rank.wrapping_sub(1)).map(|r| -r);
                assert_eq!((found.lower, found.upper), (at(ranks.better), at(ranks.worse)), "{count} {level:?}");
            }
        }
    }

    #[test]
    fn a_small_sample_cannot_bound_its_tail() {
        // Twenty returns at 99 %: more likely than not, even the worst return does not reach the quantile.
        let var = var_interval(&ladder(20), Confidence::P99, Confidence::P95).unwrap();
        assert_eq!(var.upper, None);
        assert_eq!(var.lower, Some(999.0));
        let one = var_interval(&[-0.1], Confidence::P95, Confidence::P95).unwrap();
        assert_eq!((one.lower, one.upper), (None, None));
    }

    #[test]
    fn the_error_of_cvar_shrinks_with_the_root_of_the_sample() {
        let sample = |count: i32| -> Vec<f64> {
            (0..count).map(|i| crate::normal::quantile((f64::from(i) + 0.5) / f64::from(count))).collect()
        };
        let error = |count| cvar_interval(&sample(count), Confidence::P95, Confidence::P95).unwrap().standard_error;
        assert!((error(1000) / error(4000) - 2.0).abs() < 0.1);
        // Normal law: var ψ = (1 + z·c − c² …)/tail in closed form: E(L−z)² over the tail minus the square of E(L−z).
        let (z, tail) = (1.644_853_626_951_472_7_f64, 0.05);
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let (first, second) = (density - z * tail, (1.0 + z * z) * tail - z * density);
        let closed = ((second - first * first) / tail / tail / 4000.0).sqrt();
        assert!((error(4000) / closed - 1.0).abs() < 0.02, "{} {closed}", error(4000));
    }
}
