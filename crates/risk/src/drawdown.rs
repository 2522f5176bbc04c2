//! Losses from the running peak of wealth.

use serde::Serialize;

use crate::error::check_returns;
use crate::{RiskError, UnavailableReason};

/// A ratio this close to one is a peak: the returns of a price that recovers to the cent compound to `1 ± 1e-14`.
const AT_PEAK: f64 = 1.0 - 1e-12;

/// The deepest fall of compounded wealth from its running peak, and when it happened.
///
/// Positions count wealth, not returns: 0 is the starting wealth, `t` is the wealth after return `t` (from 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drawdown {
    /// Largest loss from a peak, a fraction of the peak, from 0 to 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.24))]
    pub depth: f64,
    /// Wealth position of the last peak before the fall; absent when the wealth never falls.
    pub peak: Option<usize>,
    /// Wealth position of the deepest point; absent when the wealth never falls.
    pub trough: Option<usize>,
    /// First later wealth position at or above the peak; absent when it is not reached.
    pub recovery: Option<usize>,
}

/// Maximum drawdown of compounded wealth, `max_t ( 1 − W_t / max_{s ≤ t} W_s )`, `W_0 = 1`.
///
/// The starting wealth counts as a peak, so an early loss is a drawdown too. Wealth is tracked as a ratio to its peak,
/// which stays within `[0, 1]`, so no history can overflow it.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T ≥ 1`, each at least −1.
/// Cost: one pass, no copy.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] when a return is below −1.
///
/// # Example
/// ```
/// // Wealth 1, 1.25, 1.0, 0.75, 1.5: the fall from 1.25 to 0.75 is 40 %.
/// let drawdown = risk::max_drawdown(&[0.25, -0.20, -0.25, 1.0])?;
/// assert!((drawdown.depth - 0.4).abs() < 1e-15);
/// assert_eq!((drawdown.peak, drawdown.trough, drawdown.recovery), (Some(1), Some(3), Some(4)));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn max_drawdown(returns: &[f64]) -> Result<Drawdown, RiskError> {
    check_returns(returns)?;
    Ok(trace(returns, |_| ())?)
}

/// The drawdown on every date, `d_t = 1 − W_t / max_{s ≤ t} W_s`, length `T`; the starting wealth has no entry.
///
/// `returns`: simple returns per period as fractions, oldest first, each at least −1.
///
/// # Errors
/// As [`max_drawdown`].
///
/// # Example
/// ```
/// let drawdowns = risk::drawdown_series(&[0.25, -0.20, 0.50])?;
/// assert!((drawdowns[1] - 0.2).abs() < 1e-15);
/// assert_eq!((drawdowns[0], drawdowns[2]), (0.0, 0.0));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn drawdown_series(returns: &[f64]) -> Result<Vec<f64>, RiskError> {
    check_returns(returns)?;
    let mut series = Vec::with_capacity(returns.len());
    trace(returns, |d| series.push(d))?;
    Ok(series)
}

/// Live drawdown, `1 − W_T / max_{s ≤ T} W_s`: the loss since the high-water mark, 0 at a new high.
///
/// The last entry of [`drawdown_series`], without the series. `returns`: simple returns per period as fractions, oldest
/// first, length `T ≥ 1`, each at least −1.
///
/// # Errors
/// As [`max_drawdown`].
///
/// # Example
/// ```
/// // Wealth 1, 1.25, 0.75, 1.0: a fifth below the high-water mark.
/// let live = risk::live_drawdown(&[0.25, -0.40, 1.0 / 3.0])?;
/// assert!((live - 0.2).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn live_drawdown(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    if returns.iter().any(|r| *r < -1.0) {
        return Err(UnavailableReason::BelowTotalLoss.into());
    }
    Ok(depth_and_end(returns).1)
}

/// Tracks wealth, as a ratio to its peak, through a checked series and passes each date's drawdown to `visit`.
pub(crate) fn trace(returns: &[f64], mut visit: impl FnMut(f64)) -> Result<Drawdown, UnavailableReason> {
    let mut ratio = 1.0_f64;
    let mut peak = 0;
    let mut deepest = 1.0_f64;
    let mut span = None;
    let mut recovery = None;
    for (t, &r) in returns.iter().enumerate() {
        if r < -1.0 {
            return Err(UnavailableReason::BelowTotalLoss);
        }
        // The tolerance does not change the ratio, so it cannot hide a slow decline.
        ratio = (ratio * (1.0 + r)).min(1.0);
        if ratio >= AT_PEAK {
            if span.is_some() && recovery.is_none() {
                recovery = Some(t + 1);
            }
            peak = t + 1;
        } else if ratio < deepest {
            span = Some((peak, t + 1));
            recovery = None;
        }
        deepest = deepest.min(ratio);
        visit(1.0 - ratio);
    }
    Ok(Drawdown { depth: 1.0 - deepest, peak: span.map(|s| s.0), trough: span.map(|s| s.1), recovery })
}

/// The depth, and the drawdown at the end, without branches, for series already known to be finite and not below −1.
pub(crate) fn depth_and_end(returns: &[f64]) -> (f64, f64) {
    let mut ratio = 1.0_f64;
    let mut deepest = 1.0_f64;
    for &r in returns {
        ratio = (ratio * (1.0 + r)).min(1.0);
        deepest = deepest.min(ratio);
    }
    (1.0 - deepest, 1.0 - ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fall_has_no_dates() {
        let drawdown = max_drawdown(&[0.01, 0.0, 0.02]).unwrap();
        assert_eq!(drawdown, Drawdown { depth: 0.0, peak: None, trough: None, recovery: None });
    }

    #[test]
    fn the_start_is_a_peak_and_ruin_is_final() {
        let drawdown = max_drawdown(&[-0.5, -1.0, 3.0]).unwrap();
        assert_eq!(drawdown, Drawdown { depth: 1.0, peak: Some(0), trough: Some(2), recovery: None });
    }

    #[test]
    fn the_peak_is_its_last_date_and_the_first_of_equal_troughs_counts() {
        // Wealth 1, 2, 2, 1, 2, 1, 2: two falls by half.
        let drawdown = max_drawdown(&[1.0, 0.0, -0.5, 1.0, -0.5, 1.0]).unwrap();
        assert_eq!(drawdown, Drawdown { depth: 0.5, peak: Some(2), trough: Some(3), recovery: Some(4) });
    }

    #[test]
    fn wild_histories_neither_overflow_nor_lose_the_depth() {
        let mut returns = vec![100.0; 100_000];
        returns.push(-0.25);
        let drawdown = max_drawdown(&returns).unwrap();
        assert_eq!((drawdown.depth, drawdown.peak), (0.25, Some(100_000)));
        assert_eq!(depth_and_end(&returns), (0.25, 0.25));
    }

    #[test]
    fn a_price_that_comes_back_has_recovered() {
        let prices: [f64; 6] = [1.1789, 1.179, 0.8252, 0.9731, 1.0913, 1.179];
        let returns: Vec<f64> = prices.windows(2).map(|w| w[1] / w[0] - 1.0).collect();
        let drawdown = max_drawdown(&returns).unwrap();
        assert_eq!((drawdown.peak, drawdown.trough, drawdown.recovery), (Some(1), Some(2), Some(5)));
    }

    #[test]
    fn a_slow_decline_is_not_hidden_by_the_tolerance() {
        let depth = max_drawdown(&vec![-1e-13; 100_000]).unwrap().depth;
        assert!((depth - 1e-8).abs() < 1e-10, "{depth}");
    }

    #[test]
    fn the_live_drawdown_is_the_last_of_the_series() {
        let returns = [0.1, -0.2, 0.05, -0.01, 0.3, -0.02];
        for end in 1..=returns.len() {
            let series = drawdown_series(&returns[..end]).unwrap();
            assert_eq!(live_drawdown(&returns[..end]).unwrap(), series[end - 1]);
        }
    }

    #[test]
    fn below_total_loss_is_refused() {
        let refused = RiskError::Unavailable(UnavailableReason::BelowTotalLoss);
        assert_eq!(max_drawdown(&[0.1, -1.5]), Err(refused.clone()));
        assert_eq!(live_drawdown(&[0.1, -1.5]), Err(refused));
    }
}
