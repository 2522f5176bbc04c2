//! Contributions of the assets to the risk of a portfolio.

mod active;
mod split;

pub use active::{ActiveRisk, active_risk};

use serde::Serialize;

use self::split::{split_tail, split_volatility};
use crate::columns::{check_panel, slices};
use crate::error::{RiskInput, check_series};
use crate::portfolio::{Rebalancing, portfolio_returns};
use crate::sums::sum_map;
use crate::{RiskError, RiskOptions, Unavailable, UnavailableReason};

/// The risk of a daily rebalanced portfolio, asset by asset, in input order.
///
/// A marginal contribution is the change of the risk per unit of weight; a component is weight times marginal, and
/// the components sum to the risk, because volatility and CVaR are homogeneous in the weights (Euler).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskContributions {
    /// Annualised volatility of the portfolio, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.1832, required = true))]
    pub vol_ann: Option<f64>,
    /// `(Σw)ᵢ/√(w′Σw)`, annualised: volatility per unit of weight, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.21, 0.14]), required = true))]
    pub marginal_vol_ann: Option<Vec<f64>>,
    /// Weight times marginal volatility, a fraction; the entries sum to `vol_ann`.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.127, 0.056]), required = true))]
    pub component_vol_ann: Option<Vec<f64>>,
    /// Component over total; the entries sum to one.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.69, 0.31]), required = true))]
    pub percent_vol: Option<Vec<f64>>,
    /// Conditional value at risk of the portfolio at 95 % over one period, a fraction, positive for a loss.
    #[cfg_attr(feature = "openapi", schema(example = 0.0261, required = true))]
    pub cvar95: Option<f64>,
    /// Mean loss of each asset in the portfolio's worst periods: CVaR per unit of weight, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.031, 0.019]), required = true))]
    pub marginal_cvar95: Option<Vec<f64>>,
    /// Weight times marginal CVaR, a fraction; the entries sum to `cvar95`.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0186, 0.0075]), required = true))]
    pub component_cvar95: Option<Vec<f64>>,
    /// Component over total; the entries sum to one.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.71, 0.29]), required = true))]
    pub percent_cvar95: Option<Vec<f64>>,
    /// Weighted mean of the assets' volatilities over the volatility of the portfolio; 1 means no diversification.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 1.6))]
    pub diversification_ratio: Option<f64>,
    /// `1/Σwᵢ²`: the number of equal positions with the same concentration.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 4.2))]
    pub effective_n_hhi: Option<f64>,
    /// The figures above that are absent, each with its reason.
    pub unavailable: Vec<Unavailable>,
}

/// Splits volatility and CVaR at 95 % of a daily rebalanced portfolio into the contributions of its assets.
///
/// With portfolio returns `r_t = Σ wᵢ·r_{t,i}`,
///
/// ```text
/// marginal volatility   cov(rᵢ, r)/√var(r)·√periods_per_year        = (Σw)ᵢ/√(w′Σw), annualised
/// marginal CVaR         −Σ_t p_t·r_{t,i}
/// ```
///
/// where `p_t` is `1/k` in the `⌊k⌋` worst portfolio periods, `(k − ⌊k⌋)/k` in the next one and 0 elsewhere, with
/// `k = 0.05·T`. These are the gradients in closed form, without a covariance matrix. Equal portfolio returns are
/// ordered by time.
///
/// * `columns`: one series of simple returns per asset (slices, vectors, arrays), all of length `T ≥ 2`, oldest first.
/// * `weights`: fractions of wealth, one per asset, of any sign and sum; the rest is cash without risk.
///
/// Cost: `O(T·N)`.
///
/// # Errors
/// [`RiskError::Empty`] for no assets; [`RiskError::LengthMismatch`], [`RiskError::NotFinite`],
/// [`RiskError::OutOfRange`].
///
/// # Reference
/// Tasche (2000), "Risk contributions and performance measurement", Technische Universität München.
///
/// # Example
/// ```
/// use risk::{RiskOptions, contributions};
///
/// // Twice the weight in twice the swing: four times the risk, so four fifths of it.
/// let (calm, wild) = ([0.01, -0.01, 0.01, -0.01], [0.02, -0.02, 0.02, -0.02]);
/// let split = contributions(&[&calm, &wild], &[0.25, 0.50], &RiskOptions::default())?;
/// assert!((split.percent_vol.unwrap()[1] - 0.8).abs() < 1e-12);
/// assert!((split.percent_cvar95.unwrap()[1] - 0.8).abs() < 1e-12);
/// // They move together, so holding both diversifies nothing.
/// assert!((split.diversification_ratio.unwrap() - 1.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn contributions<S: AsRef<[f64]>>(
    columns: &[S],
    weights: &[f64],
    options: &RiskOptions,
) -> Result<RiskContributions, RiskError> {
    options.check()?;
    let columns = &slices(columns)[..];
    let periods = check_panel(columns)?;
    check_series(RiskInput::Weights, columns.len(), weights)?;
    if periods < 2 {
        return Ok(absent(UnavailableReason::TooFewReturns));
    }
    let portfolio = match portfolio_returns(columns, weights, Rebalancing::FixedWeights) {
        Err(RiskError::Unavailable(reason)) => return Ok(absent(reason)),
        other => other?,
    };

    let mut unavailable = Vec::new();
    let volatility = split_volatility(columns, weights, &portfolio, options);
    let tail = split_tail(columns, weights, &portfolio);
    match &volatility {
        Err(reason) => {
            for name in ["vol_ann", "marginal_vol_ann", "component_vol_ann", "percent_vol", "diversification_ratio"] {
                unavailable.push(Unavailable { metric: name, reason: *reason });
            }
        }
        Ok((split, _)) if split.percent.is_none() => {
            unavailable.push(Unavailable { metric: "percent_vol", reason: UnavailableReason::ZeroTotal });
        }
        Ok(_) => {}
    }
    match &tail {
        Err(reason) => {
            for name in ["cvar95", "marginal_cvar95", "component_cvar95", "percent_cvar95"] {
                unavailable.push(Unavailable { metric: name, reason: *reason });
            }
        }
        Ok(split) if split.percent.is_none() => {
            unavailable.push(Unavailable { metric: "percent_cvar95", reason: UnavailableReason::ZeroTotal });
        }
        Ok(_) => {}
    }
    let concentration = sum_map(weights, |w| w * w);
    let effective = Some(1.0 / concentration).filter(|n| n.is_finite() && *n > 0.0);
    if effective.is_none() {
        unavailable.push(Unavailable { metric: "effective_n_hhi", reason: UnavailableReason::ZeroTotal });
    }
    let (volatility, diversification_ratio) = volatility.ok().unzip();
    let volatility = volatility.unwrap_or_default();
    let tail = tail.unwrap_or_default();
    Ok(RiskContributions {
        vol_ann: volatility.total,
        marginal_vol_ann: volatility.marginal,
        component_vol_ann: volatility.component,
        percent_vol: volatility.percent,
        cvar95: tail.total,
        marginal_cvar95: tail.marginal,
        component_cvar95: tail.component,
        percent_cvar95: tail.percent,
        diversification_ratio,
        effective_n_hhi: effective,
        unavailable,
    })
}

fn absent(reason: UnavailableReason) -> RiskContributions {
    let names = [
        "vol_ann",
        "marginal_vol_ann",
        "component_vol_ann",
        "percent_vol",
        "cvar95",
        "marginal_cvar95",
        "component_cvar95",
        "percent_cvar95",
        "diversification_ratio",
        "effective_n_hhi",
    ];
    RiskContributions {
        vol_ann: None,
        marginal_vol_ann: None,
        component_vol_ann: None,
        percent_vol: None,
        cvar95: None,
        marginal_cvar95: None,
        component_cvar95: None,
        percent_cvar95: None,
        diversification_ratio: None,
        effective_n_hhi: None,
        unavailable: names.into_iter().map(|metric| Unavailable { metric, reason }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn riskless_portfolios_have_reasons() {
        let assets: [&[f64]; 2] = [&[0.0; 10], &[0.0; 10]];
        let split = contributions(&assets, &[0.5, 0.5], &RiskOptions::default()).unwrap();
        assert_eq!((split.percent_vol, split.percent_cvar95), (None, None));
        assert_eq!(split.cvar95, Some(0.0));
        let reason = |name| split.unavailable.iter().find(|u| u.metric == name).map(|u| u.reason);
        assert_eq!(reason("vol_ann"), Some(UnavailableReason::ZeroVolatility));
        assert_eq!(reason("percent_cvar95"), Some(UnavailableReason::ZeroTotal));
    }

    #[test]
    fn portfolios_that_are_riskless_up_to_rounding_have_no_shares() {
        let options = RiskOptions::default();
        let asset: Vec<f64> = (0..100).map(|t| f64::from((t * 31) % 101) / 1000.0 - 0.05).collect();
        let twin: Vec<f64> = asset.iter().map(|r| (1.0 + r) / 1.1 * 1.1 - 1.0).collect();
        let hedged = contributions(&[&asset, &twin], &[0.7, -0.7], &options).unwrap();
        let reason = |name| hedged.unavailable.iter().find(|u| u.metric == name).map(|u| u.reason);
        assert_eq!(reason("percent_vol"), Some(UnavailableReason::ZeroVolatility));
        assert_eq!(reason("diversification_ratio"), Some(UnavailableReason::ZeroVolatility));
        assert_eq!(reason("percent_cvar95"), Some(UnavailableReason::ZeroTotal));
    }

    #[test]
    fn shares_of_a_volatility_too_small_for_shares_have_a_reason() {
        // A spread of 3e-14 per period exceeds rounding error; over a ten-thousandth of a period it does not.
        let asset: Vec<f64> = (0..100).map(|t| if t % 2 == 0 { 3e-14 } else { -3e-14 }).collect();
        let options = RiskOptions { periods_per_year: 1e-4, ..RiskOptions::default() };
        let split = contributions(&[asset], &[1.0], &options).unwrap();
        assert!(split.vol_ann.is_some() && split.percent_vol.is_none());
        let reasons: Vec<_> =
            split.unavailable.iter().filter(|u| u.metric == "percent_vol").map(|u| u.reason).collect();
        assert_eq!(reasons, [UnavailableReason::ZeroTotal]);
    }

    #[test]
    fn components_add_up_and_marginals_are_slopes() {
        let columns: Vec<Vec<f64>> = (0..4)
            .map(|i| (0..300).map(|t| f64::from((t * (31 + 17 * i) + i) % 101) / 1000.0 - 0.05).collect())
            .collect();
        let (weights, options) = ([0.4, 0.3, 0.5, -0.2], RiskOptions::default());
        let split = contributions(&columns, &weights, &options).unwrap();
        for (component, total) in [(&split.component_vol_ann, split.vol_ann), (&split.component_cvar95, split.cvar95)] {
            let sum: f64 = component.as_ref().unwrap().iter().sum();
            assert!((sum - total.unwrap()).abs() < 1e-14, "{sum} {total:?}");
        }
        for i in 0..4 {
            let (mut up, mut down) = (weights, weights);
            up[i] += 1e-6;
            down[i] -= 1e-6;
            let at = |w: &[f64]| contributions(&columns, w, &options).unwrap();
            let (up, down) = (at(&up), at(&down));
            let slope = (up.vol_ann.unwrap() - down.vol_ann.unwrap()) / 2e-6;
            assert!((slope - split.marginal_vol_ann.as_ref().unwrap()[i]).abs() < 1e-8, "{i}: {slope}");
            let slope = (up.cvar95.unwrap() - down.cvar95.unwrap()) / 2e-6;
            assert!((slope - split.marginal_cvar95.as_ref().unwrap()[i]).abs() < 1e-8, "{i}: {slope}");
        }
    }
}
