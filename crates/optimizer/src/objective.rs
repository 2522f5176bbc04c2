//! What an objective measures, and therefore the unit of its prices.

use serde::{Deserialize, Serialize};

use crate::model::AsRiskModel;
use crate::problem::RebalanceProblem;

/// What a problem minimises, and the unit its prices are in.
///
/// Risk aversion turns variance into return only in an objective that also has a return or a cost. A problem of risk
/// alone has the same weights under any risk aversion, so its prices are not money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Objective {
    /// Risk weighed against expected return or cost: a fraction of the book a year.
    #[default]
    Utility,
    /// Risk alone (`μ = 0`, no costs): risk aversion times annual variance.
    Variance,
    /// Distance to the benchmark alone (`μ = 2λΣb`, no costs): risk aversion times squared annual tracking error, up to
    /// the constant `λ·bᵀΣb`.
    TrackingError,
}

/// `μ` equals `2λΣb` when no entry differs by more than this share of the largest one.
const SAME_GRADIENT: f64 = 1e-12;

impl Objective {
    /// The quantity that `problem` minimises under `model`.
    ///
    /// # Example
    /// ```
    /// use optimizer::{Objective, RebalanceProblem, RiskModel};
    ///
    /// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]])?;
    /// let risk = RebalanceProblem::long_only(vec![0.0, 0.0], 1.0);
    /// assert_eq!(Objective::of(&risk, &model), Objective::Variance);
    /// // The gradient of risk vanishes at the benchmark: 2·1·0.04·0.5 and 2·1·0.01·0.5.
    /// let benchmark = Some(vec![0.5, 0.5]);
    /// let tracking = RebalanceProblem { benchmark, ..RebalanceProblem::long_only(vec![0.04, 0.01], 1.0) };
    /// assert_eq!(Objective::of(&tracking, &model), Objective::TrackingError);
    /// # Ok::<(), optimizer::OptimizerError>(())
    /// ```
    pub fn of(problem: &RebalanceProblem, model: &impl AsRiskModel) -> Self {
        let model = model.as_risk_model();
        let model = &*model;
        let costs = problem.cost_linear.iter().chain(&problem.cost_impact).flatten();
        if problem.risk_aversion <= 0.0 || costs.into_iter().any(|c| *c > 0.0) {
            return Self::Utility;
        }
        if problem.mu.iter().all(|m| *m == 0.0) {
            return Self::Variance;
        }
        let Some(benchmark) = &problem.benchmark else { return Self::Utility };
        let mut gradient = vec![0.0; problem.assets()];
        model.multiply(benchmark, &mut gradient);
        gradient.iter_mut().for_each(|g| *g *= 2.0 * problem.risk_aversion);
        let largest = problem.mu.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let same = problem.mu.iter().zip(&gradient).all(|(m, g)| (m - g).abs() <= SAME_GRADIENT * largest);
        if same { Self::TrackingError } else { Self::Utility }
    }

    pub(crate) fn is_utility(&self) -> bool {
        *self == Self::Utility
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RiskModel;

    #[test]
    fn returns_and_costs_make_a_utility_and_zero_costs_do_not() {
        let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap();
        let risk = RebalanceProblem::long_only(vec![0.0, 0.0], 1.0);
        let of = |p: RebalanceProblem| Objective::of(&p, &model);
        let priced = |linear, impact| RebalanceProblem { cost_linear: linear, cost_impact: impact, ..risk.clone() };
        assert_eq!(of(priced(Some(vec![0.0; 2]), None)), Objective::Variance);
        assert_eq!(of(priced(Some(vec![0.0, 0.001]), None)), Objective::Utility);
        assert_eq!(of(priced(None, Some(vec![0.1, 0.0]))), Objective::Utility);
        assert_eq!(of(RebalanceProblem::long_only(vec![0.05, 0.0], 1.0)), Objective::Utility);
        assert_eq!(of(RebalanceProblem::long_only(vec![0.0, 0.0], 0.0)), Objective::Utility);
        let off = RebalanceProblem {
            benchmark: Some(vec![0.5, 0.5]),
            ..RebalanceProblem::long_only(vec![0.04, 0.0101], 1.0)
        };
        assert_eq!(of(off), Objective::Utility);
    }
}
