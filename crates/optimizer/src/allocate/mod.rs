//! Named allocations: portfolios from a covariance, from expected returns or from a return history.

mod hierarchical;
mod parity;
mod quadratic;
mod ratio;
mod riskless;
#[cfg(feature = "conic")]
mod tail;

use portfolio_core::ReturnPanel;
use serde::{Deserialize, Serialize};

use crate::error::check_vector;
use crate::tolerance::AT;
use crate::{OptimizerError, RiskModel};

pub use hierarchical::{HierarchicalLinkage, hierarchical_risk_parity};
pub use parity::risk_parity;
pub use quadratic::{efficient_frontier, max_utility, min_variance};
pub use ratio::{max_diversification, max_sharpe};
#[cfg(feature = "conic")]
pub use tail::{min_cvar95, min_evar95};

/// The requested kind of portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AllocationMethod {
    /// Least annual volatility.
    MinVariance,
    /// Best `(μᵀw − rf)/√(wᵀΣw)`.
    MaxSharpe,
    /// Best `μᵀw − (δ/2)·wᵀΣw`.
    MaxUtility,
    /// Best return at each of a ladder of volatilities.
    Frontier,
    /// Equal contributions to volatility.
    RiskParity,
    /// Best ratio of average to portfolio volatility.
    MaxDiversification,
    /// Hierarchical risk parity, single linkage on the correlation distance itself.
    HrpDist,
    /// Hierarchical risk parity, single linkage on distances between columns of distances.
    HrpLopezDePrado,
    /// Least historical CVaR at 95 %.
    #[serde(rename = "min_cvar95")]
    MinCvar95,
    /// Least historical EVaR at 95 %.
    #[serde(rename = "min_evar95")]
    MinEvar95,
}

/// The inputs of an allocation; each method reads only those it needs.
#[derive(Debug, Clone, Copy)]
pub struct AllocationInput<'a> {
    /// Expected annual returns.
    pub mu: Option<&'a [f64]>,
    /// Annual covariance.
    pub model: Option<&'a RiskModel>,
    /// Simple returns per period.
    pub returns: Option<&'a ReturnPanel>,
    /// Bounds on the weights.
    pub bounds: &'a WeightBounds,
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// `δ` of the utility.
    pub risk_aversion: f64,
    /// Points of the frontier.
    pub points: usize,
}

/// Smallest and largest weight of each asset. Weights sum to one.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightBounds {
    /// Smallest weights.
    pub lower: Vec<f64>,
    /// Largest weights.
    pub upper: Vec<f64>,
}

impl WeightBounds {
    /// `0 ≤ w ≤ 1` for `assets` assets.
    pub fn long_only(assets: usize) -> Self {
        Self { lower: vec![0.0; assets], upper: vec![1.0; assets] }
    }

    /// Rejects bounds that are malformed or leave no portfolio of `n` assets.
    pub(crate) fn check(&self, method: &'static str, n: usize) -> Result<(), OptimizerError> {
        if n == 0 {
            return Err(OptimizerError::Empty);
        }
        check_vector("lower", &self.lower, n)?;
        check_vector("upper", &self.upper, n)?;
        for index in 0..n {
            let (lower, upper) = (self.lower[index], self.upper[index]);
            if lower > upper {
                return Err(OptimizerError::CrossedLimits { what: "bounds", index, lower, upper });
            }
        }
        let (least, most) = (self.lower.iter().sum::<f64>(), self.upper.iter().sum::<f64>());
        if least > 1.0 + AT || most < 1.0 - AT {
            return Err(OptimizerError::Infeasible { method });
        }
        Ok(())
    }
}

/// Variances, other than 0, that the ratio and risk-share methods accept; quotients of others lose all their digits.
const VARIANCES: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// Rejects a variance that is neither 0 nor within [`VARIANCES`].
fn check_variances(model: &RiskModel) -> Result<(), OptimizerError> {
    for index in 0..model.assets() {
        let value = model.diagonal(index);
        if value != 0.0 && !VARIANCES.contains(&value) {
            return Err(OptimizerError::OutOfRange {
                what: "variance",
                index,
                requirement: "0, or from 1e-100 to 1e100",
                value,
            });
        }
    }
    Ok(())
}

/// Rejects an asset without variance, because it has no share of risk.
fn check_risky(model: &RiskModel) -> Result<(), OptimizerError> {
    check_variances(model)?;
    match (0..model.assets()).find(|&i| model.diagonal(i) <= 0.0) {
        Some(index) => {
            let requirement = "above 0, because an asset without risk has no share of it";
            Err(OptimizerError::OutOfRange { what: "variance", index, requirement, value: model.diagonal(index) })
        }
        None => Ok(()),
    }
}

/// One portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AllocationPortfolio {
    /// Annual volatility (minimum variance, risk parity, hierarchical), the ratio (Sharpe, diversification), the
    /// utility, or the CVaR or EVaR of one period.
    pub objective: f64,
    /// Weights in the order of the assets, sum one.
    pub weights: Vec<f64>,
}

/// One point of an efficient frontier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrontierPoint {
    /// Requested annual volatility.
    #[cfg_attr(feature = "openapi", schema(example = 0.12))]
    pub target_volatility: f64,
    /// Best expected annual return at or below that volatility.
    #[serde(rename = "return")]
    #[cfg_attr(feature = "openapi", schema(example = 0.07))]
    pub expected_return: f64,
    /// Its weights.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.6, 0.4])))]
    pub weights: Vec<f64>,
}

/// The result of an allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AllocationOutcome {
    /// A portfolio, or the points of a frontier.
    Optimal(AllocationAnswer),
    /// The bounds leave no portfolio; there are no weights.
    Infeasible {
        /// Why.
        reason: String,
    },
}

/// A portfolio, or the points of a frontier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AllocationAnswer {
    /// From every method except the frontier.
    Portfolio(AllocationPortfolio),
    /// From the frontier, by rising volatility.
    Frontier {
        /// The points.
        points: Vec<FrontierPoint>,
    },
}

/// Runs `method` on `input`.
///
/// # Errors
/// [`OptimizerError::MissingInput`] when an input that the method needs is missing, and the errors of the method.
///
/// # Example
/// ```
/// use optimizer::{AllocationAnswer, AllocationInput, AllocationMethod, AllocationOutcome, RiskModel, WeightBounds, allocate};
///
/// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]])?;
/// let bounds = WeightBounds::long_only(2);
/// let input = AllocationInput {
///     mu: None, model: Some(&model), returns: None, bounds: &bounds,
///     risk_free_rate: 0.0, risk_aversion: 5.0, points: 20,
/// };
/// let AllocationOutcome::Optimal(AllocationAnswer::Portfolio(p)) = allocate(AllocationMethod::RiskParity, &input)?
/// else { panic!() };
/// // Uncorrelated assets: weights inverse to volatility.
/// assert!((p.weights[0] - 1.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn allocate(method: AllocationMethod, input: &AllocationInput<'_>) -> Result<AllocationOutcome, OptimizerError> {
    let name = method.name();
    let missing = |what| move || OptimizerError::MissingInput { method: name, input: what };
    let mu = || input.mu.ok_or_else(missing("mu"));
    let model = || input.model.ok_or_else(missing("sigma"));
    let returns = || input.returns.ok_or_else(missing("returns"));
    let portfolio = match method {
        AllocationMethod::MinVariance => min_variance(model()?, input.bounds),
        AllocationMethod::MaxSharpe => max_sharpe(mu()?, model()?, input.bounds, input.risk_free_rate),
        AllocationMethod::MaxUtility => max_utility(mu()?, model()?, input.bounds, input.risk_aversion),
        AllocationMethod::RiskParity => risk_parity(model()?, input.bounds),
        AllocationMethod::MaxDiversification => max_diversification(model()?, input.bounds),
        AllocationMethod::HrpDist => hierarchical_risk_parity(model()?, input.bounds, HierarchicalLinkage::Distance),
        AllocationMethod::HrpLopezDePrado => {
            hierarchical_risk_parity(model()?, input.bounds, HierarchicalLinkage::DistanceOfDistances)
        }
        #[cfg(feature = "conic")]
        AllocationMethod::MinCvar95 => min_cvar95(returns()?, input.bounds),
        #[cfg(feature = "conic")]
        AllocationMethod::MinEvar95 => min_evar95(returns()?, input.bounds),
        #[cfg(not(feature = "conic"))]
        AllocationMethod::MinCvar95 | AllocationMethod::MinEvar95 => {
            returns()?;
            Err(OptimizerError::NeedsConic { purpose: crate::ConicPurpose::Allocation { method: name } })
        }
        AllocationMethod::Frontier => {
            return match efficient_frontier(mu()?, model()?, input.bounds, input.points) {
                Ok(points) => Ok(AllocationOutcome::Optimal(AllocationAnswer::Frontier { points })),
                Err(e) => infeasible(e),
            };
        }
    };
    match portfolio {
        Ok(p) => Ok(AllocationOutcome::Optimal(AllocationAnswer::Portfolio(p))),
        Err(e) => infeasible(e),
    }
}

fn infeasible(e: OptimizerError) -> Result<AllocationOutcome, OptimizerError> {
    match e {
        OptimizerError::Infeasible { .. }
        | OptimizerError::NoPositiveRatio { .. }
        | OptimizerError::BoundBroken { .. } => Ok(AllocationOutcome::Infeasible { reason: e.to_string() }),
        e => Err(e),
    }
}

impl AllocationMethod {
    /// The method's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::MinVariance => "min_variance",
            Self::MaxSharpe => "max_sharpe",
            Self::MaxUtility => "max_utility",
            Self::Frontier => "frontier",
            Self::RiskParity => "risk_parity",
            Self::MaxDiversification => "max_diversification",
            Self::HrpDist => "hrp_dist",
            Self::HrpLopezDePrado => "hrp_lopez_de_prado",
            Self::MinCvar95 => "min_cvar95",
            Self::MinEvar95 => "min_evar95",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_input_and_impossible_bounds_are_named() {
        let model = RiskModel::dense(&[vec![0.04, 0.0], vec![0.0, 0.01]]).unwrap();
        let bounds = WeightBounds { lower: vec![0.0; 2], upper: vec![0.4; 2] };
        let input = AllocationInput {
            mu: None,
            model: Some(&model),
            returns: None,
            bounds: &bounds,
            risk_free_rate: 0.0,
            risk_aversion: 5.0,
            points: 20,
        };
        assert_eq!(
            allocate(AllocationMethod::MaxSharpe, &input),
            Err(OptimizerError::MissingInput { method: "max_sharpe", input: "mu" })
        );
        let outcome = allocate(AllocationMethod::MinVariance, &input).unwrap();
        assert!(matches!(outcome, AllocationOutcome::Infeasible { .. }));
        let json = serde_json::to_value(&outcome).unwrap();
        assert_eq!((json["status"].as_str(), json.get("weights")), (Some("infeasible"), None));
        assert_eq!(serde_json::to_value(AllocationMethod::MinCvar95).unwrap(), "min_cvar95");
    }
}
