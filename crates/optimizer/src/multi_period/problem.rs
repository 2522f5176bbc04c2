//! The rebalancing problem over several periods.

use super::least::least;
use super::limits::{Frame, PathLimits};
use crate::OptimizerError;
use crate::error::check_vector;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::tolerance::SAME;

/// Which path should a book with weights `w0` take over `H` periods?
///
/// ```text
/// minimise    Σ_h  λ·(w_h − b)ᵀΣ(w_h − b) − μ_hᵀw_h + Σᵢ cᵢ|dᵢ| + kᵢ|dᵢ|^1.5 + qᵢ·dᵢ²     d = w_h − w_{h−1}
/// subject to  lower ≤ w_h ≤ upper
///             Σ w_h + cash_h = 1 + flows_1 + … + flows_h,   cash_min ≤ cash_h ≤ cash_max
///             groups, exposures, Σ|d| ≤ turnover_max, |dᵢ| ≤ trade_maxᵢ, tracking error      as in `limits`
/// ```
///
/// for `h` from 1 to `H`. `Σ`, `μ_h` and `λ` are those of one period; weights, flows, cash and costs are fractions of
/// the value of the book today. Weights do not drift with returns inside the plan, and costs enter the objective and
/// are not deducted from cash, as in [`RebalanceProblem`](crate::RebalanceProblem). Only the first step is meant to be
/// traded: the next period is planned again.
///
/// # Reference
/// Boyd, Busseti, Diamond, Kahn, Koh, Nystrup, Speth (2017), "Multi-Period Trading via Convex Optimization",
/// Foundations and Trends in Optimization 3(1).
#[derive(Debug, Clone, PartialEq)]
pub struct MultiPeriodProblem {
    /// Risk aversion `λ ≥ 0`, the price of one unit of a period's variance.
    pub risk_aversion: f64,
    /// Weights before the first trade, `n` fractions of the book.
    pub w0: Vec<f64>,
    /// Expected returns of each period, `H` lists of `n`: today's forecast for that period, decayed.
    pub mu: Vec<Vec<f64>>,
    /// Benchmark weights `b`. None: the risk of the whole book counts.
    pub benchmark: Option<Vec<f64>>,
    /// Proportional one-way costs `c ≥ 0`. None: free.
    pub cost_linear: Option<Vec<f64>>,
    /// Market impact `k ≥ 0` of power 3/2. None: no impact.
    pub cost_impact: Option<Vec<f64>>,
    /// Quadratic costs `q ≥ 0`. None: none.
    pub cost_quadratic: Option<Vec<f64>>,
    /// Smallest weight of each asset.
    pub lower: Vec<f64>,
    /// Largest weight of each asset. An asset whose limits are equal is held there from the first period on.
    pub upper: Vec<f64>,
    /// Smallest cash.
    pub cash_min: f64,
    /// Largest cash. Equal to the smallest: cash is fixed.
    pub cash_max: f64,
    /// Known cash flows before each period's trade, positive for inflows; `H` of them, or empty for none.
    pub flows: Vec<f64>,
    /// Limits on groups, exposures, trades and tracking error.
    pub limits: PathLimits,
}

impl MultiPeriodProblem {
    /// A problem without costs, flows or limits beyond `0 ≤ w ≤ 1` and full investment, from equal weights, to be
    /// completed by struct update. `mu` has one list for each period.
    #[must_use]
    pub fn long_only(mu: Vec<Vec<f64>>, risk_aversion: f64) -> Self {
        let n = mu.first().map_or(0, Vec::len);
        Self {
            risk_aversion,
            w0: vec![1.0 / n.max(1) as f64; n],
            mu,
            benchmark: None,
            cost_linear: None,
            cost_impact: None,
            cost_quadratic: None,
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            cash_min: 0.0,
            cash_max: 0.0,
            flows: Vec::new(),
            limits: PathLimits::default(),
        }
    }

    /// Number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.w0.len()
    }

    /// Number of periods.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.mu.len()
    }

    /// The value of the book in period `h`, from 0, in units of today's: one plus the flows up to it.
    pub(super) fn value(&self, h: usize) -> f64 {
        1.0 + self.flows.iter().take(h + 1).sum::<f64>()
    }

    /// The sum of weights that period `h`, from 0, may have: lower and upper.
    pub(super) fn invested(&self, h: usize) -> (f64, f64) {
        let value = self.value(h);
        (value - self.cash_max, value - self.cash_min)
    }

    /// The limits on the weights of period `h`, from 0, as a problem of one period from today's weights.
    ///
    /// Its trades may be as large as those of all periods up to then, so whatever contradicts it contradicts the path.
    /// The objective is the distance from today's weights.
    pub(super) fn reachable(&self, h: usize) -> RebalanceProblem {
        let (value, steps) = (self.value(h), (h + 1) as f64);
        let scaled = |list: &Vec<f64>, by: f64| list.iter().map(|v| by * v).collect::<Vec<f64>>();
        RebalanceProblem {
            w0: self.w0.clone(),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            cash_min: self.cash_min - (value - 1.0),
            cash_max: self.cash_max - (value - 1.0),
            groups: self.limits.groups.clone(),
            exposures: self.limits.exposures.clone(),
            turnover_limit: self.limits.turnover_max.map(|most| steps * most),
            trade_max: self.limits.trade_max.as_ref().map(|most| scaled(most, steps)),
            benchmark: self.benchmark.as_ref().map(|benchmark| scaled(benchmark, value)),
            tracking_error_max: self.limits.tracking_error_max.map(|most| value.max(0.0) * most),
            ..RebalanceProblem::long_only(vec![0.0; self.assets()], 1.0)
        }
    }

    /// The largest slope that a term of the objective has at weights of one, or 1 when there are none: the solver works
    /// with an objective divided by it, so that its starting prices have the right size for any length of a period.
    pub(super) fn size(&self, model: &RiskModel) -> f64 {
        let risk = (0..self.assets()).map(|i| 2.0 * self.risk_aversion * model.diagonal(i));
        let costs =
            [&self.cost_linear, &self.cost_impact, &self.cost_quadratic].into_iter().flatten().flatten().copied();
        let largest = self.mu.iter().flatten().map(|m| m.abs()).chain(risk).chain(costs).fold(0.0, f64::max);
        if largest > 0.0 { largest } else { 1.0 }
    }

    /// The same problem with its objective divided by `size`.
    pub(super) fn divided_by(&self, size: f64) -> Self {
        let scaled = |list: &Vec<f64>| list.iter().map(|v| v / size).collect::<Vec<f64>>();
        Self {
            risk_aversion: self.risk_aversion / size,
            mu: self.mu.iter().map(scaled).collect(),
            cost_linear: self.cost_linear.as_ref().map(scaled),
            cost_impact: self.cost_impact.as_ref().map(scaled),
            cost_quadratic: self.cost_quadratic.as_ref().map(scaled),
            ..self.clone()
        }
    }

    pub(super) fn check(&self, model_assets: usize) -> Result<(), OptimizerError> {
        let n = self.assets();
        if n == 0 {
            return Err(OptimizerError::Empty);
        }
        if self.mu.is_empty() {
            return Err(OptimizerError::MissingInput {
                method: "multi-period optimisation",
                input: "at least one period",
            });
        }
        if model_assets != n {
            return Err(OptimizerError::LengthMismatch { what: "model", expected: n, got: model_assets });
        }
        check_vector("w0", &self.w0, n)?;
        for mu in &self.mu {
            check_vector("mu", mu, n)?;
        }
        check_vector("lower", &self.lower, n)?;
        check_vector("upper", &self.upper, n)?;
        if let Some(benchmark) = &self.benchmark {
            check_vector("benchmark", benchmark, n)?;
        }
        for (what, list) in [
            ("cost_linear", &self.cost_linear),
            ("cost_impact", &self.cost_impact),
            ("cost_quadratic", &self.cost_quadratic),
        ] {
            let Some(list) = list else { continue };
            check_vector(what, list, n)?;
            if let Some(index) = list.iter().position(|c| *c < 0.0) {
                return Err(OptimizerError::OutOfRange { what, index, requirement: "at least 0", value: list[index] });
            }
        }
        if !self.flows.is_empty() {
            check_vector("flows", &self.flows, self.periods())?;
        }
        check_vector("cash", &[self.cash_min, self.cash_max], 2)?;
        if !(self.risk_aversion >= 0.0 && self.risk_aversion.is_finite()) {
            let value = self.risk_aversion;
            return Err(OptimizerError::OutOfRange {
                what: "risk_aversion",
                index: 0,
                requirement: "at least 0",
                value,
            });
        }
        for (what, lower, upper) in
            [("weights", &self.lower[..], &self.upper[..]), ("cash", &[self.cash_min][..], &[self.cash_max][..])]
        {
            for (index, (l, u)) in lower.iter().zip(upper).enumerate() {
                if l > u {
                    return Err(OptimizerError::CrossedLimits { what, index, lower: *l, upper: *u });
                }
            }
        }
        self.reachable(0).check()?;
        let tracks = self.limits.tracking_error_max.is_some();
        if let Some(index) = (0..self.periods()).find(|h| tracks && self.value(*h) <= 0.0) {
            let (what, requirement) = ("flows", "such that something is left to track the benchmark with");
            return Err(OptimizerError::OutOfRange { what, index, requirement, value: self.value(index) });
        }
        for h in 0..self.periods() {
            if !self.is_in_reach(h) {
                return Err(OptimizerError::Infeasible { method: "multi-period optimisation" });
            }
        }
        Ok(())
    }

    /// Whether some weights within their bounds have the sum that a period asks for and, with it, a value within each
    /// row.
    pub(super) fn is_in_reach(&self, h: usize) -> bool {
        let off = |limit: f64| SAME * (1.0 + limit.abs());
        let (low, high) = self.invested(h);
        let (fewest, most): (f64, f64) = (self.lower.iter().sum(), self.upper.iter().sum());
        if fewest > high + off(high) || most < low - off(low) {
            return false;
        }
        Frame::of(self).rows.iter().all(|row| {
            let (smallest, largest) = self.reach(&row.loadings, h);
            smallest <= row.upper + off(row.upper) && largest >= row.lower - off(row.lower)
        })
    }

    /// The least and the largest sum `aᵀw` of weights within their bounds and the cash of a period.
    pub(super) fn reach(&self, loadings: &[f64], h: usize) -> (f64, f64) {
        let against: Vec<f64> = loadings.iter().map(|a| -a).collect();
        let of = |slope: &[f64]| least(slope, &self.lower, &self.upper, self.invested(h));
        (of(loadings), 0.0 - of(&against))
    }
}
