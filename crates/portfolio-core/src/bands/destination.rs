//! How far back a weight is traded.
//!
//! # Reference
//! Leland (1999), "Optimal portfolio management with transactions costs and capital gains taxes": the edge; Daryanani
//! (2008), "Opportunistic Rebalancing", Journal of Financial Planning 21(1): half way.

use crate::drift::exceeds_band;

/// The weight that a trade leads to: between the target and the edge of the band.
///
/// ```text
/// t + sign(d)·κ·h   where |d| > κ·h,   t + d elsewhere
/// ```
///
/// with drift `d`, half-width `h` and `κ = kappa` from 0 to 1. A weight that is closer to its target than `κ·h` does
/// not change: no trade leads away from the target. Whether a trade is due at all is decided by the band rule.
///
/// | κ | the trade goes to | suits |
/// |---|---|---|
/// | 0 | the target | fixed fees per trade |
/// | ½ | half way to the edge | (Daryanani 2008) |
/// | 0.875 | 1.75 pp of a 2 pp band | (Vanguard target-date funds) |
/// | 1 | the edge | proportional costs and taxes (Leland 1999) |
///
/// # Example
/// ```
/// use portfolio_core::destination;
///
/// // 60 % with a band of 12 pp, now at 73 %: half way to the edge is 66 %.
/// assert!((destination(0.60, 0.13, 0.12, 0.5) - 0.66).abs() < 1e-15);
/// assert_eq!(destination(0.60, 0.13, 0.12, 0.0), 0.60);
/// // At 64 % the weight is nearer than that, and stays.
/// assert_eq!(destination(0.60, 0.04, 0.12, 0.5), 0.64);
/// ```
#[must_use]
pub fn destination(target: f64, drift: f64, half_width: f64, kappa: f64) -> f64 {
    let reach = kappa * half_width;
    if exceeds_band(drift, reach) { target + reach.copysign(drift) } else { target + drift }
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn no_trade_passes_the_target_or_leads_away_from_it() {
        for step in -100..=100 {
            let drift = f64::from(step) / 500.0;
            for kappa in [0.0, 0.5, 0.875, 1.0] {
                let left = destination(0.3, drift, 0.05, kappa) - 0.3;
                assert!(left.abs() <= drift.abs() + 1e-15 && left * drift >= 0.0);
            }
        }
    }
}
