//! From a plan to the facts the copilot speaks from.

use copilot::{
    ActionReason, AdvisedAction, AssetFacts, Brief, CopilotError, Decision, Facts, FlagLimits, ModelFacts, RiskFacts,
    SimulationFacts, Stated, TiltFacts, WarningFacts, brief,
};
use pipeline::{Plan, VerdictDecision};
use portfolio_core::{Action, TradeReason};
use risk::RiskSummary;

/// The plan in words.
///
/// # Errors
/// [`CopilotError`] when the facts contradict each other: a fault of ours.
pub fn advise(plan: &Plan) -> Result<Brief, CopilotError> {
    brief(&facts(plan))
}

/// The supervisor's verdict in the words of the brief.
#[must_use]
pub fn decision(verdict: VerdictDecision) -> Decision {
    match verdict {
        VerdictDecision::Approved => Decision::Approved,
        VerdictDecision::ReviewRequired => Decision::ReviewRequired,
        VerdictDecision::Rejected => Decision::Rejected,
    }
}

fn facts(plan: &Plan) -> Facts {
    let portfolio = &plan.portfolio;
    let currency = portfolio.nav.currency();
    let mut benefits = vec![None; portfolio.names.len()];
    for order in &plan.orders {
        benefits[order.position] = order.marginal_benefit_bps;
    }
    Facts {
        currency: currency.code().to_owned(),
        minor_digits: currency.minor_digits(),
        portfolio_value: portfolio.portfolio_value,
        drift_threshold: portfolio.sizing.drift_threshold,
        turnover_used: plan.trades.turnover_two_way,
        turnover_limit: portfolio.sizing.turnover_limit,
        turnover_binding: plan.trades.turnover_bound,
        estimated_total_transaction_cost: plan.trades.total_cost.major(),
        cash_weight_before: plan.trades.cash_weight_before,
        cash_weight_after: plan.trades.cash_weight_after,
        assets: benefits.into_iter().enumerate().map(|(i, benefit)| asset_facts(plan, i, benefit)).collect(),
        risk: risk_facts(&plan.risk_now),
        simulation: match &plan.simulation {
            Ok(report) => Stated::Given(SimulationFacts {
                probability_of_loss: report.statistics.probability_of_loss.value,
                horizon_days: report.horizon_days as u32,
                paths: report.paths_used as u64,
                worst_5pct_terminal_value: report.statistics.terminal_quantile_05.value,
                expected_terminal_value: report.statistics.mean_terminal_value.value,
            }),
            Err(reason) => Stated::Missing { reason: reason.clone() },
        },
        tilt: Some(TiltFacts {
            tracking_error_spent: plan.tilt.tracking_error_spent,
            tracking_error_budget: portfolio.tracking_error_budget,
            strength: plan.tilt.strength,
            reason: plan.tilt.reason.to_owned(),
        }),
        limits: FlagLimits::WARNING,
        critical_limits: FlagLimits::CRITICAL,
        warnings: plan
            .warnings
            .iter()
            .map(|w| WarningFacts { code: w.code.to_owned(), sentence: w.detail.clone() })
            .collect(),
        model: ModelFacts { id: portfolio.model.id().to_owned(), version: portfolio.model.version().to_owned() },
    }
}

fn asset_facts(plan: &Plan, i: usize, benefit: Option<f64>) -> AssetFacts {
    let row = &plan.trades.rows[i];
    let forecast = &plan.forecasts[i];
    let weights = &plan.portfolio.weights;
    AssetFacts {
        asset: plan.portfolio.names[i].clone(),
        action: action(row.action),
        drift: row.drift,
        target_weight: weights.target[i],
        optimized_target_weight: plan.tilt.weights[i],
        current_weight: weights.current[i],
        forecast_return: forecast.expected_return,
        forecast_confidence: forecast.confidence,
        trade_value: row.value.abs().major(),
        trade_units: row.units,
        estimated_cost: row.cost.major(),
        residual_drift: row.residual_drift,
        priority_score: plan.priority(i),
        marginal_benefit_bps: benefit,
        reason: reason(plan, i),
    }
}

/// What a plan does with an asset, in the words of the brief.
pub(super) fn action(action: Action) -> AdvisedAction {
    match action {
        Action::Buy => AdvisedAction::Buy,
        Action::Sell => AdvisedAction::Sell,
        Action::Hold => AdvisedAction::Hold,
    }
}

fn reason(plan: &Plan, asset: usize) -> ActionReason {
    let row = &plan.trades.rows[asset];
    told_reason(row.reason, plan.trades.turnover_bound)
}

/// Why an asset trades or does not, in the words of the brief.
pub(super) fn told_reason(reason: TradeReason, turnover_bound: bool) -> ActionReason {
    match reason {
        TradeReason::DriftBreach => ActionReason::DriftBreach,
        TradeReason::Funding => ActionReason::Funding,
        TradeReason::Absorption => ActionReason::Absorption,
        TradeReason::WithinBand => ActionReason::WithinBand,
        TradeReason::BelowMinimum if turnover_bound => ActionReason::TurnoverExhausted,
        TradeReason::BelowMinimum => ActionReason::BelowMinimumTicket,
        TradeReason::Unfunded => ActionReason::Unfunded,
        TradeReason::Optimal => ActionReason::Optimal,
        TradeReason::LimitsConflict => ActionReason::LimitsConflict,
    }
}

fn risk_facts(summary: &RiskSummary) -> RiskFacts {
    let stated = |metric: &str, value: Option<f64>| {
        let reason = summary.unavailable.iter().find(|u| u.metric == metric).map_or("it is unavailable", |u| u.reason.sentence());
        Stated::from_option(value, reason)
    };
    RiskFacts {
        volatility: stated("volatility", summary.volatility),
        sharpe: stated("sharpe", summary.sharpe),
        max_drawdown: stated("max_drawdown", summary.max_drawdown),
        var_95: stated("var_95", summary.var_95),
        cvar_95: stated("cvar_95", summary.cvar_95),
        expected_annual_return: stated("expected_annual_return", summary.expected_annual_return),
        tracking_error: stated("tracking_error", summary.tracking_error),
    }
}
