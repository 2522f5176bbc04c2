//! Named allocations on the wire.

use optimizer::{AllocationMethod, FrontierPoint, WeightBounds};
use risk::RiskOptions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, NamedSeries, NumberOrList, optional_integer, optional_named_series};
use crate::dto::absent;
use crate::dto::checks::{check_named, check_total_returns};
use crate::dto::metadata::Metadata;
use crate::dto::optimizer::{MAX_DENSE_ASSETS, OptimizationStatus};
use crate::dto::ranges::{self, PeriodReturn, check_matrix, check_vector};
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Points of a frontier × squared assets.
const MAX_FRONTIER_WORK: usize = 10_000_000;
/// Returns per asset in a programme over the tail of the distribution.
const MAX_TAIL_PERIODS: usize = 10_000;

/// A portfolio by a named allocation method.
///
/// Which methods read a member: `sigma` is read by all but the last two, `mu` also by `max_sharpe`, `max_utility` and
/// `frontier`, `returns` by the last two (`min_cvar95`, `min_evar95`), `lower` and `upper` by all. `risk_parity` has
/// one portfolio, and none when the bounds exclude it. Members that a method does not read are checked all the same.
/// Rules beyond the ranges: one entry per asset everywhere; `sigma` is symmetric without a direction of negative
/// variance; no lower bound is above its upper bound; series have one length, at most 10,000; points × squared assets
/// is at most 10,000,000.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "max_sharpe", "mu": [0.06, 0.03], "sigma": [[0.04, 0.01], [0.01, 0.02]]}))]
pub struct AllocationRequest {
    /// The requested kind of portfolio.
    pub method: AllocationMethod,
    /// Expected annual returns.
    #[schema(value_type = Option<Vec<ranges::ExpectedReturn>>, example = json!([0.07, 0.03]), max_items = 1000)]
    pub mu: Option<Vec<f64>>,
    /// Annual covariance, a row per asset; a body of 8 MiB holds about 600 assets when every number has all its digits.
    #[schema(value_type = Option<Vec<Vec<ranges::CovarianceEntry>>>, example = json!([[0.04, 0.01], [0.01, 0.02]]), max_items = 1000)]
    pub sigma: Option<Vec<Vec<f64>>>,
    /// Simple returns per period by asset name, oldest first, each from −1 to 100.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub returns: Option<NamedSeries>,
    /// Smallest weights: one number for all, or one per asset.
    #[schema(default = json!(absent::WEIGHT_BOUNDS.0), value_type = Option<WeightBoundInput>)]
    pub lower: Option<NumberOrList>,
    /// Largest weights: one number for all, or one per asset.
    #[schema(default = json!(absent::WEIGHT_BOUNDS.1), value_type = Option<WeightBoundInput>)]
    pub upper: Option<NumberOrList>,
    /// Annual risk-free rate, a fraction.
    #[schema(default = json!(RiskOptions::default().risk_free_rate), example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// Risk aversion of the utility mu'w − risk_aversion/2·w'Σw.
    #[schema(default = json!(absent::RISK_AVERSION), example = 5.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: Option<f64>,
    /// Points of the frontier.
    #[schema(default = json!(absent::FRONTIER_POINTS), example = 20, minimum = 1, maximum = 200)]
    #[validate(range(min = 1, max = 200))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub points: Option<u64>,
}

/// One bound for every asset, or one for each.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!(0.0))]
pub enum WeightBoundInput {
    /// The same bound for every asset.
    #[schema(value_type = ranges::AssetWeight)]
    Number(f64),
    /// A bound per asset, in input order.
    #[schema(value_type = Vec<ranges::AssetWeight>)]
    List(Vec<f64>),
}

/// What a method reads.
struct Needs {
    mu: bool,
    sigma: bool,
    returns: bool,
}

fn needs(method: AllocationMethod) -> Needs {
    use AllocationMethod::{Frontier, MaxSharpe, MaxUtility, MinCvar95, MinEvar95};
    let returns = matches!(method, MinCvar95 | MinEvar95);
    Needs { mu: matches!(method, MaxSharpe | MaxUtility | Frontier), sigma: !returns, returns }
}

impl AllocationRequest {
    /// Number of assets, by the member the method reads first.
    #[must_use]
    pub fn assets(&self) -> usize {
        let series = self.returns.as_ref().map(|r| r.0.len());
        let matrix = self.sigma.as_ref().map(Vec::len);
        let first = if needs(self.method).returns { series.or(matrix) } else { matrix.or(series) };
        first.or(self.mu.as_ref().map(Vec::len)).unwrap_or_default()
    }

    /// Bounds of the weights, with their defaults.
    #[must_use]
    pub fn bounds(&self) -> WeightBounds {
        let n = self.assets();
        let spread = |bound: &Option<NumberOrList>, default| {
            bound.as_ref().map_or_else(|| vec![default; n], |bound| bound.spread(n))
        };
        WeightBounds {
            lower: spread(&self.lower, absent::WEIGHT_BOUNDS.0),
            upper: spread(&self.upper, absent::WEIGHT_BOUNDS.1),
        }
    }

    /// Points of the frontier, with their default.
    #[must_use]
    pub fn frontier_points(&self) -> usize {
        self.points.map_or(absent::FRONTIER_POINTS, |points| points as usize)
    }

    fn check_series(&self, n: usize, faults: &mut Faults) {
        let Some(returns) = &self.returns else { return };
        if returns.0.len() != n {
            faults.add("/returns", FaultCode::Length, format!("must name {n} assets"));
        }
        check_named(returns, faults);
        let periods = returns.0.first().map_or(0, |(_, series)| series.len());
        for (name, series) in &returns.0 {
            let at = || format!("/returns/{}", segment(name));
            if series.len() != periods {
                faults.add(at(), FaultCode::Length, "all series must have the same length");
            } else if series.is_empty() {
                faults.add(at(), FaultCode::Length, "must have at least 1 entry");
            }
        }
    }

    fn check_bounds(&self, n: usize, faults: &mut Faults) {
        for (pointer, bound) in [("/lower", &self.lower), ("/upper", &self.upper)] {
            match bound {
                Some(NumberOrList::List(values)) => check_vector(values, n, ranges::WEIGHT, pointer, faults),
                Some(NumberOrList::Number(value)) if !(ranges::WEIGHT.0..=ranges::WEIGHT.1).contains(value) => {
                    faults.add(pointer, FaultCode::Range, "must be at least -100 and at most 100");
                }
                _ => {}
            }
        }
        if !faults.is_empty() {
            return;
        }
        let bounds = self.bounds();
        for (i, (lower, upper)) in bounds.lower.iter().zip(&bounds.upper).enumerate() {
            if lower > upper {
                let listed = |bound: &Option<NumberOrList>| matches!(bound, Some(NumberOrList::List(_)));
                let pointer = match (listed(&self.lower), listed(&self.upper)) {
                    (true, _) => format!("/lower/{i}"),
                    (false, true) => format!("/upper/{i}"),
                    (false, false) => if self.lower.is_some() { "/lower" } else { "/upper" }.to_owned(),
                };
                faults.add(
                    pointer,
                    FaultCode::Value,
                    format!("the lower bound {lower} is above the upper bound {upper}"),
                );
                if faults.is_full() || !listed(&self.lower) && !listed(&self.upper) {
                    return;
                }
            }
        }
    }
}

impl Document for AllocationRequest {
    fn check_size(&self, faults: &mut Faults) {
        let needs = needs(self.method);
        let method = self.method.name();
        let mut require = |needed: bool, found: bool, name: &str| {
            if needed && !found {
                faults.add(format!("/{name}"), FaultCode::Required, format!("is required by {method}"));
            }
        };
        require(needs.mu, self.mu.is_some(), "mu");
        require(needs.sigma, self.sigma.is_some(), "sigma");
        require(needs.returns, self.returns.is_some(), "returns");
        if !faults.is_empty() {
            return;
        }
        let n = self.assets();
        if n == 0 || n > MAX_DENSE_ASSETS {
            let pointer = if needs.returns { "/returns" } else { "/sigma" };
            faults.add(pointer, FaultCode::Limit, format!("must be of 1 to {MAX_DENSE_ASSETS} assets"));
        }
        if let Some(returns) = &self.returns {
            check_total_returns(returns.0.iter().map(|(_, series)| series.len()).sum(), "/returns", faults);
            if returns.0.first().is_some_and(|(_, series)| series.len() > MAX_TAIL_PERIODS) {
                faults.add(
                    "/returns",
                    FaultCode::Limit,
                    format!("must have at most {MAX_TAIL_PERIODS} entries per asset"),
                );
            }
        }
        if self.method == AllocationMethod::Frontier && n * n * self.frontier_points() > MAX_FRONTIER_WORK {
            let words = format!("points × squared assets must be at most {MAX_FRONTIER_WORK}");
            faults.add("/points", FaultCode::Limit, words);
        }
    }

    fn check(&self, faults: &mut Faults) {
        let n = self.assets();
        if let Some(mu) = &self.mu {
            check_vector(mu, n, ranges::RETURN, "/mu", faults);
        }
        if let Some(sigma) = &self.sigma {
            check_matrix(sigma, n, n, ranges::COVARIANCE, "/sigma", faults);
        }
        self.check_series(n, faults);
        self.check_bounds(n, faults);
    }
}

/// A portfolio, the points of a frontier, or the reason why there is neither.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationResponse {
    /// Optimal or infeasible.
    pub status: OptimizationStatus,
    /// What the method optimises or reports: annual volatility (`min_variance`, `risk_parity`, hierarchical), the ratio
    /// (`max_sharpe`, `max_diversification`), the utility, or CVaR or EVaR of one period, positive when money is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.132, nullable = false)]
    pub objective: Option<f64>,
    /// Weights in input order, sum one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([0.25, 0.75]), nullable = false)]
    pub weights: Option<Vec<f64>>,
    /// Points of the frontier by rising volatility.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub points: Option<Vec<FrontierPoint>>,
    /// Why there is no portfolio; present when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the limits of min_variance contradict each other", nullable = false)]
    pub reason: Option<String>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
