//! Contributions of the assets to the tracking error against benchmark weights.

use serde::Serialize;

use super::split::{Split, split_volatility};
use crate::active_share::share;
use crate::columns::{check_panel, slices};
use crate::error::{RiskInput, check_series};
use crate::moments::volatility;
use crate::portfolio::{Rebalancing, portfolio_returns};
use crate::spread::Spread;
use crate::{RiskError, RiskOptions, Unavailable, UnavailableReason};

/// Active share and tracking error of a portfolio against benchmark weights, asset by asset, in input order.
///
/// A component is the active weight (portfolio less benchmark) times the marginal contribution, and the components sum to
/// the tracking error, because it is homogeneous in the active weights (Euler).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveRisk {
    /// Half the sum of the absolute active weights, cash included: a fraction, 0 for the benchmark itself.
    #[cfg_attr(feature = "openapi", schema(example = 0.18))]
    pub active_share: f64,
    /// Annualised standard deviation of the return difference to the benchmark, both rebalanced daily, a fraction.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.034))]
    pub tracking_error: Option<f64>,
    /// Tracking error per unit of active weight, annualised, a fraction; negative where more of the asset would lower it.
    #[cfg_attr(feature = "openapi", schema(required = true, example = json!([0.21, -0.04])))]
    pub marginal_tracking_error: Option<Vec<f64>>,
    /// Active weight times marginal tracking error, a fraction; the entries sum to `tracking_error`. Negative where the active
    /// weight hedges others.
    #[cfg_attr(feature = "openapi", schema(required = true, example = json!([0.027, 0.007])))]
    pub component_tracking_error: Option<Vec<f64>>,
    /// Component over total; the entries sum to one.
    #[cfg_attr(feature = "openapi", schema(required = true, example = json!([0.79, 0.21])))]
    pub percent_tracking_error: Option<Vec<f64>>,
    /// The figures above that are absent, each with its reason.
    pub unavailable: Vec<Unavailable>,
}

/// Active share, and the tracking error against benchmark weights split into the contributions of the assets.
///
/// With active weights `a = w − b` and active returns `x_t = Σ aᵢ·r_{t,i}`, both portfolios rebalanced daily,
///
/// ```text
/// tracking error            √var(x)·√periods_per_year              = √(a′Σa), annualised
/// marginal tracking error   cov(rᵢ, x)/√var(x)·√periods_per_year    = (Σa)ᵢ/√(a′Σa), annualised
/// ```
///
/// Cash earns nothing, so it contributes nothing; it counts in the [`active_share`](crate::active_share()). A portfolio that never
/// differs from its benchmark has a tracking error of 0 and no contributions.
///
/// * `columns`: one series of simple returns per asset (slices, vectors, arrays), all of length `T ≥ 2`, oldest first.
/// * `weights`, `benchmark_weights`: fractions of wealth, one per asset, of any sign and sum; the rest is cash without risk.
///
/// Cost: `O(T·N)`.
///
/// # Errors
/// [`RiskError::Empty`] for no assets; [`RiskError::LengthMismatch`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`];
/// [`RiskError::Unavailable`] when the weights overflow.
///
/// # Reference
/// Grinold and Kahn (2000), "Active portfolio management", 2nd edition, chapter 3 (appendix); Tasche (2000), "Risk contributions and
/// performance measurement", Technische Universität München.
///
/// # Example
/// ```
/// use risk::{RiskOptions, active_risk};
///
/// // 20 % more of an asset that swings, 10 % less of one that swings twice as much the other way.
/// let (one, two) = ([0.01, -0.01, 0.01, -0.01], [-0.02, 0.02, -0.02, 0.02]);
/// let active = active_risk(&[&one, &two], &[0.70, 0.30], &[0.50, 0.40], &RiskOptions::default())?;
/// // Differences of 0.2 and 0.1 in the assets, and of 0.1 in cash.
/// assert!((active.active_share - 0.2).abs() < 1e-12);
/// // Each moves the difference to the benchmark by 0.2 %, together.
/// assert!((active.percent_tracking_error.unwrap()[0] - 0.5).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn active_risk<S: AsRef<[f64]>>(
    columns: &[S],
    weights: &[f64],
    benchmark_weights: &[f64],
    options: &RiskOptions,
) -> Result<ActiveRisk, RiskError> {
    options.check()?;
    let columns = &slices(columns)[..];
    let periods = check_panel(columns)?;
    check_series(RiskInput::Weights, columns.len(), weights)?;
    check_series(RiskInput::BenchmarkWeights, columns.len(), benchmark_weights)?;
    let active_share = share(weights, benchmark_weights)?;
    let active: Vec<f64> = weights.iter().zip(benchmark_weights).map(|(w, b)| w - b).collect();
    let (tracking_error, split) = if periods < 2 {
        (Err(UnavailableReason::TooFewReturns), Err(UnavailableReason::TooFewReturns))
    } else {
        match portfolio_returns(columns, &active, Rebalancing::FixedWeights) {
            Err(RiskError::Unavailable(reason)) => (Err(reason), Err(reason)),
            difference => split_difference(columns, &active, &difference?, options),
        }
    };
    let mut unavailable = Vec::new();
    if let Err(reason) = tracking_error {
        unavailable.push(Unavailable { metric: "tracking_error", reason });
    }
    match &split {
        Err(reason) => {
            for metric in ["marginal_tracking_error", "component_tracking_error", "percent_tracking_error"] {
                unavailable.push(Unavailable { metric, reason: *reason });
            }
        }
        Ok(split) if split.percent.is_none() => {
            unavailable.push(Unavailable { metric: "percent_tracking_error", reason: UnavailableReason::ZeroTotal });
        }
        Ok(_) => {}
    }
    let split = split.unwrap_or_default();
    Ok(ActiveRisk {
        active_share,
        tracking_error: tracking_error.ok(),
        marginal_tracking_error: split.marginal,
        component_tracking_error: split.component,
        percent_tracking_error: split.percent,
        unavailable,
    })
}

/// The annualised standard deviation of the active returns, and the contribution of each active weight to it.
fn split_difference(
    columns: &[&[f64]],
    active: &[f64],
    difference: &[f64],
    options: &RiskOptions,
) -> (Result<f64, UnavailableReason>, Result<Split, UnavailableReason>) {
    let split = split_volatility(columns, active, difference, options).map(|(split, _)| split);
    let split = split.map_err(|reason| match reason {
        UnavailableReason::ZeroVolatility => UnavailableReason::ZeroTrackingError,
        other => other,
    });
    (volatility(&Spread::of(difference), options), split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> [Vec<f64>; 3] {
        [37, 61, 83].map(|step| (0..250).map(|t| f64::from((t * step) % 101) / 5000.0 - 0.01).collect())
    }

    fn reason(active: &ActiveRisk, metric: &str) -> Option<UnavailableReason> {
        active.unavailable.iter().find(|missing| missing.metric == metric).map(|missing| missing.reason)
    }

    #[test]
    fn the_benchmark_itself_has_no_contributions() {
        let weights = [0.5, 0.3, 0.2];
        let same = active_risk(&assets(), &weights, &weights, &RiskOptions::default()).unwrap();
        assert_eq!((same.active_share, same.tracking_error), (0.0, Some(0.0)));
        assert_eq!(same.component_tracking_error, None);
        assert_eq!(reason(&same, "component_tracking_error"), Some(UnavailableReason::ZeroTrackingError));
        assert_eq!(reason(&same, "tracking_error"), None);
        // Held in the other of two twins: everything differs except the returns.
        let [one, ..] = assets();
        let twin = active_risk(&[&one, &one], &[1.0, 0.0], &[0.3, 0.7], &RiskOptions::default()).unwrap();
        assert!((twin.active_share - 0.7).abs() < 1e-15 && twin.tracking_error < Some(1e-14));
        assert_eq!(reason(&twin, "percent_tracking_error"), Some(UnavailableReason::ZeroTrackingError));
    }

    #[test]
    fn one_return_has_an_active_share_only() {
        let one = active_risk(&[[0.01], [0.02]], &[1.0, 0.0], &[0.0, 1.0], &RiskOptions::default()).unwrap();
        assert_eq!((one.active_share, one.tracking_error), (1.0, None));
        assert_eq!(one.unavailable.len(), 4);
        assert!(one.unavailable.iter().all(|missing| missing.reason == UnavailableReason::TooFewReturns));
    }

    #[test]
    fn returns_too_large_for_a_number_have_a_reason() {
        let huge = active_risk(&[[1e308, -1e308]], &[1e3], &[0.0], &RiskOptions::default()).unwrap();
        assert_eq!(reason(&huge, "tracking_error"), Some(UnavailableReason::Overflow));
        assert_eq!(huge.unavailable.len(), 4);
    }
}
