//! The rebalancing problem: the objective and the limits.

use portfolio_core::{ConvexCost, CostModel};
use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::error::check_vector;
use crate::tolerance::KEPT;

/// The rebalancing problem: to which weights `w` should a book with the weights `w0` move?
///
/// ```text
/// minimise    λ·wᵀΣw − μᵀw + Σ cᵢ|wᵢ − w0ᵢ| + Σ kᵢ|wᵢ − w0ᵢ|^1.5
/// subject to  Σ w + cash = 1,  cash_min ≤ cash ≤ cash_max
///             lower ≤ w ≤ upper
///             group.lower ≤ Σ_{i ∈ group} wᵢ ≤ group.upper
///             exposure.lower ≤ loadingsᵀw ≤ exposure.upper
///             Σ|w − w0| ≤ turnover_limit           (two-way, assets only)
///             Σ|w| ≤ leverage_max
///             √((w − b)ᵀΣ(w − b)) ≤ tracking_error_max
///             |wᵢ − w0ᵢ| ≤ trade_maxᵢ, and the restrictions of single assets
/// ```
///
/// Weights, cash, costs, turnover and the objective are fractions of the value of the book; `μ`, `Σ` and the tracking
/// error are annual. Costs enter the objective and are not deducted from cash.
///
/// The names of the reference files are read too: `turnover_max`, `te_max` and `max_trade`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RebalanceProblem {
    /// Risk aversion `λ ≥ 0`, the price of one unit of annual variance.
    #[cfg_attr(feature = "openapi", schema(example = 5.0))]
    pub risk_aversion: f64,
    /// Expected annual returns, fractions.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.06, 0.03])))]
    pub mu: Vec<f64>,
    /// Weights before the trade, fractions of the book; the remainder to one is cash.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.7, 0.3])))]
    pub w0: Vec<f64>,
    /// Proportional one-way costs `c ≥ 0` per unit traded, fractions (10 bp = 0.001). Absent: free.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required, example = json!([0.001, 0.001])))]
    pub cost_linear: Option<Vec<f64>>,
    /// Market impact `k ≥ 0`: trading `d` costs `k·|d|^1.5`. Absent: no impact.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required, example = json!([0.01, 0.01])))]
    pub cost_impact: Option<Vec<f64>>,
    /// Smallest weight of each asset; negative where it may be sold short.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0, 0.0])))]
    pub lower: Vec<f64>,
    /// Largest weight of each asset (the maximum position).
    #[cfg_attr(feature = "openapi", schema(example = json!([1.0, 1.0])))]
    pub upper: Vec<f64>,
    /// Smallest cash, as a fraction of the book.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub cash_min: f64,
    /// Largest cash, as a fraction of the book.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub cash_max: f64,
    /// Limits on sums of weights.
    #[serde(default)]
    pub groups: Vec<GroupLimit>,
    /// Limits on weighted sums of weights, such as the exposure to a factor.
    #[serde(default)]
    pub exposures: Vec<ExposureLimit>,
    /// Largest two-way turnover `Σ|w − w0|`. Absent: no limit.
    #[serde(default, alias = "turnover_max")]
    #[cfg_attr(feature = "openapi", schema(required, example = 0.2))]
    pub turnover_limit: Option<f64>,
    /// Largest gross exposure `Σ|w|` of a long/short book. Absent: no limit.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required, example = 1.3))]
    pub leverage_max: Option<f64>,
    /// Benchmark weights `b` of the tracking error.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required, example = json!([0.6, 0.4])))]
    pub benchmark: Option<Vec<f64>>,
    /// Largest annual tracking error against the benchmark, a fraction. Absent: no limit.
    #[serde(default, alias = "te_max")]
    #[cfg_attr(feature = "openapi", schema(required, example = 0.03))]
    pub tracking_error_max: Option<f64>,
    /// Largest trade of each asset, `|wᵢ − w0ᵢ|` (participation: share of volume times volume over book value).
    #[serde(default, alias = "max_trade")]
    #[cfg_attr(feature = "openapi", schema(required, example = json!([0.1, 0.1])))]
    pub trade_max: Option<Vec<f64>>,
    /// Assets that may not be bought, sold, or traded at all.
    #[serde(default)]
    pub restrictions: Vec<TradeRestriction>,
}

/// Limits on the total weight of some assets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupLimit {
    /// Name, repeated in slacks, prices and conflicts.
    #[cfg_attr(feature = "openapi", schema(example = "equities"))]
    pub name: String,
    /// Positions of the members, from 0, each once.
    #[cfg_attr(feature = "openapi", schema(example = json!([0, 1])))]
    pub members: Vec<usize>,
    /// Smallest total weight.
    #[cfg_attr(feature = "openapi", schema(example = 0.2))]
    pub lower: f64,
    /// Largest total weight.
    #[cfg_attr(feature = "openapi", schema(example = 0.7))]
    pub upper: f64,
}

/// Limits on `loadingsᵀw`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExposureLimit {
    /// Name, repeated in slacks, prices and conflicts.
    #[cfg_attr(feature = "openapi", schema(example = "value"))]
    pub name: String,
    /// Exposure of each asset per unit of weight.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.4, -0.2])))]
    pub loadings: Vec<f64>,
    /// Smallest exposure of the book.
    #[cfg_attr(feature = "openapi", schema(example = -0.1))]
    pub lower: f64,
    /// Largest exposure of the book.
    #[cfg_attr(feature = "openapi", schema(example = 0.1))]
    pub upper: f64,
}

/// An asset that may not be traded freely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TradeRestriction {
    /// Position of the asset, from 0.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub asset: usize,
    /// What may not be done.
    pub kind: RestrictionKind,
}

/// What may not be done with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RestrictionKind {
    /// The weight may not rise above the one before the trade.
    DoNotBuy,
    /// The weight may not fall below the one before the trade.
    DoNotSell,
    /// The weight stays as it is.
    Locked,
}

impl RebalanceProblem {
    /// A problem without costs or limits beyond `0 ≤ w ≤ 1` and full investment, to be completed by struct update.
    ///
    /// `w0` is the equal-weight book.
    pub fn long_only(mu: Vec<f64>, risk_aversion: f64) -> Self {
        let n = mu.len();
        Self {
            risk_aversion,
            mu,
            w0: vec![1.0 / n.max(1) as f64; n],
            cost_linear: None,
            cost_impact: None,
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            cash_min: 0.0,
            cash_max: 0.0,
            groups: Vec::new(),
            exposures: Vec::new(),
            turnover_limit: None,
            leverage_max: None,
            benchmark: None,
            tracking_error_max: None,
            trade_max: None,
            restrictions: Vec::new(),
        }
    }

    /// Adds the convex part of a cost model; `prices` holds the price of one unit of each asset.
    ///
    /// Suppose that buying costs a rate `b` and selling a rate `s`. To the solver this equals a rate of `(b + s)/2`
    /// both ways and an expected return that is lower by `(b − s)/2`: `b·d⁺ + s·d⁻ = (b + s)/2·|d| + (b − s)/2·d`. The
    /// objective then differs by the constant `Σ(b − s)/2·w0`. A minimum per ticket is not convex and is left out.
    ///
    /// # Errors
    /// [`OptimizerError::LengthMismatch`] when model, prices and problem have different numbers of assets.
    ///
    /// # Example
    /// ```
    /// use optimizer::RebalanceProblem;
    /// use portfolio_core::{CostModel, Duty, TradeSide};
    ///
    /// // 10 bp each way, and 20 bp of duty on buying.
    /// let costs = CostModel::proportional(&[10.0])?.with(Duty::new(TradeSide::Buy, &[20.0])?)?;
    /// let problem = RebalanceProblem::long_only(vec![0.05], 3.0).with_costs(&costs, &[100.0])?;
    /// assert!((problem.cost_linear.unwrap()[0] - 0.002).abs() < 1e-15);
    /// assert!((problem.mu[0] - 0.049).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_costs(mut self, costs: &CostModel, prices: &[f64]) -> Result<Self, OptimizerError> {
        let expected = self.assets();
        for (what, got) in [("costs", costs.assets()), ("prices", prices.len()), ("mu", self.mu.len())] {
            if got != expected {
                return Err(OptimizerError::LengthMismatch { what, expected, got });
            }
        }
        let convex: Vec<ConvexCost> = prices.iter().enumerate().map(|(i, price)| costs.convex(i, *price)).collect();
        for (mu, c) in self.mu.iter_mut().zip(&convex).filter(|(_, c)| c.buy != c.sell) {
            *mu -= 0.5 * (c.buy - c.sell);
        }
        self.cost_linear = Some(convex.iter().map(|c| 0.5 * (c.buy + c.sell)).collect());
        self.cost_impact = convex.iter().any(|c| c.impact > 0.0).then(|| convex.iter().map(|c| c.impact).collect());
        Ok(self)
    }

    /// Number of assets.
    pub fn assets(&self) -> usize {
        self.w0.len()
    }

    /// Rejects a malformed problem. A well-formed problem that no portfolio satisfies passes.
    ///
    /// # Errors
    /// Every variant of [`OptimizerError`] about a length, a number, a limit pair or an asset.
    pub fn check(&self) -> Result<(), OptimizerError> {
        let n = self.assets();
        if n == 0 {
            return Err(OptimizerError::Empty);
        }
        let optional = |what, v: &Option<Vec<f64>>| v.as_ref().map_or(Ok(()), |v| check_vector(what, v, n));
        check_vector("mu", &self.mu, n)?;
        check_vector("w0", &self.w0, n)?;
        check_vector("lower", &self.lower, n)?;
        check_vector("upper", &self.upper, n)?;
        optional("cost_linear", &self.cost_linear)?;
        optional("cost_impact", &self.cost_impact)?;
        optional("benchmark", &self.benchmark)?;
        optional("trade_max", &self.trade_max)?;
        for (what, v) in
            [("cost_linear", &self.cost_linear), ("cost_impact", &self.cost_impact), ("trade_max", &self.trade_max)]
        {
            if let Some(index) = v.iter().flatten().position(|v| *v < 0.0) {
                let value = v.iter().flatten().nth(index).copied().unwrap_or_default();
                return Err(OptimizerError::OutOfRange { what, index, requirement: "at least 0", value });
            }
        }
        for (what, value) in [
            ("risk_aversion", Some(self.risk_aversion)),
            ("turnover_limit", self.turnover_limit),
            ("leverage_max", self.leverage_max),
            ("tracking_error_max", self.tracking_error_max),
        ] {
            match value {
                Some(v) if !v.is_finite() => return Err(OptimizerError::NotFinite { what, index: 0 }),
                Some(value) if value < 0.0 => {
                    return Err(OptimizerError::OutOfRange { what, index: 0, requirement: "at least 0", value });
                }
                _ => {}
            }
        }
        if self.tracking_error_max.is_some() && self.benchmark.is_none() {
            return Err(OptimizerError::MissingBenchmark);
        }
        crossed("cash", 0, self.cash_min, self.cash_max)?;
        for i in 0..n {
            crossed("bounds", i, self.lower[i], self.upper[i])?;
        }
        for (i, g) in self.groups.iter().enumerate() {
            crossed("group", i, g.lower, g.upper)?;
            let mut seen = vec![false; n];
            for &asset in &g.members {
                if asset >= n || std::mem::replace(&mut seen[asset], true) {
                    return Err(OptimizerError::UnknownAsset { what: "group", index: i, asset });
                }
            }
        }
        for (i, e) in self.exposures.iter().enumerate() {
            crossed("exposure", i, e.lower, e.upper)?;
            check_vector("exposure loadings", &e.loadings, n)?;
        }
        match self.restrictions.iter().enumerate().find(|(_, r)| r.asset >= n) {
            Some((index, r)) => Err(OptimizerError::UnknownAsset { what: "restriction", index, asset: r.asset }),
            None => Ok(()),
        }
    }

    /// The range of each weight under its bounds, the restrictions and trade sizes; crossed where they contradict each
    /// other.
    pub(crate) fn weight_box(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut lower, mut upper) = self.trade_box();
        for i in 0..self.assets() {
            lower[i] = lower[i].max(self.lower[i]);
            upper[i] = upper[i].min(self.upper[i]);
            // Limits are kept only to this tolerance, so a smaller contradiction is rounding.
            if upper[i] < lower[i] && lower[i] <= upper[i] + KEPT {
                upper[i] = lower[i];
            }
        }
        (lower, upper)
    }

    /// The range of each weight under the restrictions and trade sizes alone (never empty: it contains `w0`).
    pub(crate) fn trade_box(&self) -> (Vec<f64>, Vec<f64>) {
        let n = self.assets();
        let (mut lower, mut upper) = (vec![f64::NEG_INFINITY; n], vec![f64::INFINITY; n]);
        if let Some(trade) = &self.trade_max {
            for i in 0..n {
                lower[i] = self.w0[i] - trade[i];
                upper[i] = self.w0[i] + trade[i];
            }
        }
        for r in &self.restrictions {
            if r.kind != RestrictionKind::DoNotSell {
                upper[r.asset] = self.w0[r.asset];
            }
            if r.kind != RestrictionKind::DoNotBuy {
                lower[r.asset] = self.w0[r.asset];
            }
        }
        (lower, upper)
    }
}

fn crossed(what: &'static str, index: usize, lower: f64, upper: f64) -> Result<(), OptimizerError> {
    if !lower.is_finite() || !upper.is_finite() {
        Err(OptimizerError::NotFinite { what, index })
    } else if lower > upper {
        Err(OptimizerError::CrossedLimits { what, index, lower, upper })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_problems_are_named() {
        let good = RebalanceProblem::long_only(vec![0.05, 0.06], 2.0);
        assert_eq!(good.check(), Ok(()));
        let p = RebalanceProblem { tracking_error_max: Some(0.02), ..good.clone() };
        assert_eq!(p.check(), Err(OptimizerError::MissingBenchmark));
        let p = RebalanceProblem { upper: vec![1.0, -0.1], ..good.clone() };
        assert!(matches!(p.check(), Err(OptimizerError::CrossedLimits { what: "bounds", index: 1, .. })));
        let p = RebalanceProblem { cost_linear: Some(vec![0.0, -0.1]), ..good.clone() };
        assert!(matches!(p.check(), Err(OptimizerError::OutOfRange { what: "cost_linear", index: 1, .. })));
        let p = RebalanceProblem { turnover_limit: Some(f64::NAN), ..good.clone() };
        assert!(matches!(p.check(), Err(OptimizerError::NotFinite { what: "turnover_limit", .. })));
        let group = GroupLimit { name: "g".into(), members: vec![0, 0], lower: 0.0, upper: 1.0 };
        let p = RebalanceProblem { groups: vec![group], ..good.clone() };
        assert!(matches!(p.check(), Err(OptimizerError::UnknownAsset { what: "group", asset: 0, .. })));
        assert_eq!(RebalanceProblem::long_only(vec![], 1.0).check(), Err(OptimizerError::Empty));
        let p = RebalanceProblem { mu: vec![0.1], ..good };
        assert!(matches!(p.check(), Err(OptimizerError::LengthMismatch { what: "mu", expected: 2, got: 1 })));
    }

    #[test]
    fn restrictions_keep_a_weight_on_one_side_of_where_it_stands() {
        let restrictions = [RestrictionKind::DoNotBuy, RestrictionKind::DoNotSell, RestrictionKind::Locked]
            .into_iter()
            .enumerate()
            .map(|(asset, kind)| TradeRestriction { asset, kind })
            .collect();
        let p = RebalanceProblem {
            restrictions,
            trade_max: Some(vec![0.1; 3]),
            ..RebalanceProblem::long_only(vec![0.0; 3], 1.0)
        };
        let (lower, upper) = p.trade_box();
        let third = 1.0 / 3.0;
        assert_eq!(lower, [third - 0.1, third, third]);
        assert_eq!(upper, [third, third + 0.1, third]);
    }
}
