//! The risk of the book before and after a plan.

use pipeline::PolicyActiveRisk;
use risk::RiskSummary;
use risk::inference::FigureIntervals;
use serde::Serialize;
use utoipa::ToSchema;

/// How certain the risk figures of a plan are: intervals that cover the figure with probability 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct RiskIntervalsOfPlan {
    /// Of `risk_metrics`.
    pub before: FigureIntervals,
    /// Of `target_risk_metrics`.
    pub target: FigureIntervals,
    /// Of `after_risk_metrics`.
    pub after: FigureIntervals,
}

/// The distance from the policy before and after a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActiveRiskChange {
    /// Of the current weights.
    pub before: PolicyActiveRisk,
    /// Of the weights after the plan.
    pub after: PolicyActiveRisk,
}

/// Risk of fixed weights rebalanced daily. A figure the data cannot support is null, with a warning that says why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RiskMetrics {
    /// Annualised volatility, √252 · standard deviation (ddof 1).
    #[schema(required, example = 0.142)]
    pub volatility: Option<f64>,
    /// Annualised Sharpe ratio over the risk-free rate.
    #[schema(required, example = 0.87)]
    pub sharpe: Option<f64>,
    /// Largest compounded fall from a peak, positive.
    #[schema(required, example = 0.12)]
    pub max_drawdown: Option<f64>,
    /// Daily value at risk at 95 % (inverted CDF), positive when money is lost.
    #[schema(required, example = 0.014)]
    pub var_95: Option<f64>,
    /// Daily conditional value at risk at 95 % (Rockafellar-Uryasev), positive when money is lost.
    #[schema(required, example = 0.021)]
    pub cvar_95: Option<f64>,
    /// 252 times the mean daily return.
    #[schema(required, example = 0.105)]
    pub expected_annual_return: Option<f64>,
    /// Annualised standard deviation of the difference to the benchmark that was sent, else to the target weights.
    #[schema(required, example = 0.034)]
    pub tracking_error: Option<f64>,
    /// Compounded fall since the high-water mark at the end of the history, positive; 0 at a new high.
    #[schema(required, example = 0.03)]
    pub live_drawdown: Option<f64>,
}

impl From<&RiskSummary> for RiskMetrics {
    fn from(summary: &RiskSummary) -> Self {
        // By name, so that a new figure does not compile until it has a member.
        let &RiskSummary {
            volatility,
            sharpe,
            max_drawdown,
            var_95,
            cvar_95,
            expected_annual_return,
            tracking_error,
            live_drawdown,
            unavailable: _,
        } = summary;
        Self {
            volatility,
            sharpe,
            max_drawdown,
            var_95,
            cvar_95,
            expected_annual_return,
            tracking_error,
            live_drawdown,
        }
    }
}
