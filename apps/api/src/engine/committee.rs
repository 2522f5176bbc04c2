//! From a plan to the facts a committee's brief speaks from, each with its place in the plan as it is answered.

use copilot::{
    Cited, CommitteeAsset, CommitteeBrief, CommitteeFacts, CopilotError, LimitFacts, LimitSeverity, OrderFacts,
    RelaxationFacts, RiskLine, Stated, WaitFacts, committee_brief,
};
use pipeline::{LimitCheck, LimitPoint, PlannedOrder, RelaxationKind, ScheduleMethod, Severity, WaitOutlook};
use portfolio_core::round_weight;

use crate::engine::advise::{action, decision, reason};
use crate::engine::plan::Plan;

/// The plan as a committee asks about it, and the facts the answers come from.
///
/// # Errors
/// [`CopilotError`] when the facts are no facts: a fault of ours.
pub fn committee(plan: &Plan) -> Result<(CommitteeFacts, CommitteeBrief), CopilotError> {
    let facts = facts(plan);
    let brief = committee_brief(&facts)?;
    Ok((facts, brief))
}

fn facts(plan: &Plan) -> CommitteeFacts {
    let portfolio = &plan.portfolio;
    let trades = &plan.trades;
    let currency = portfolio.nav.currency();
    CommitteeFacts {
        currency: currency.code().to_owned(),
        minor_digits: currency.minor_digits(),
        portfolio_value: Cited::new(portfolio.portfolio_value, "/portfolio_value"),
        drift_threshold: Cited::new(portfolio.sizing.drift_threshold, "/drift_threshold"),
        drift_before: Cited::new(trades.portfolio_drift_before, "/portfolio_drift"),
        drift_after: Cited::new(trades.portfolio_drift_after, "/portfolio_drift_after"),
        turnover_used: Cited::new(trades.turnover_two_way, "/turnover_used"),
        turnover_limit: Cited::new(portfolio.sizing.turnover_limit, "/turnover_limit"),
        turnover_bound: trades.turnover_bound,
        total_cost: Cited::new(trades.total_cost.major(), "/estimated_total_transaction_cost"),
        cash_before: Cited::new(trades.cash_weight_before, "/cash/weight_before"),
        cash_after: Cited::new(trades.cash_weight_after, "/cash/weight_after"),
        assets: (0..portfolio.names.len()).map(|i| asset(plan, i)).collect(),
        orders: plan.orders.iter().enumerate().map(|(k, order)| order_facts(k, order)).collect(),
        risk: risk_lines(plan),
        tilt_spent: Cited::new(round_weight(plan.tilt.tracking_error_spent), "/tilt/tracking_error_spent"),
        tilt_budget: Cited::new(portfolio.tracking_error_budget, "/tilt/tracking_error_budget"),
        tilt_reason: plan.tilt.reason.to_owned(),
        data_quality: Stated::from_option(
            plan.quality.score.map(|score| Cited::new(score, "/data_quality/score")),
            "no asset with a weight has a history",
        ),
        limits: plan.verdict.checks.iter().enumerate().filter_map(|(k, check)| limit(k, check)).collect(),
        relaxations: plan
            .verdict
            .relaxations
            .iter()
            .map(|asked| RelaxationFacts {
                what: match asked.kind {
                    RelaxationKind::WithoutRiskFigures => "to plan without figures of risk",
                    RelaxationKind::WithoutSimulation => "to plan without the simulation",
                    RelaxationKind::WithoutTilt => "to plan without the forecast tilt",
                    RelaxationKind::LargerTurnover => "to trade more than the turnover limit",
                },
                reason: asked.reason.clone(),
                granted: asked.granted,
            })
            .collect(),
        decision: decision(plan.verdict.decision),
        wait: wait(&plan.outlook),
    }
}

fn asset(plan: &Plan, i: usize) -> CommitteeAsset {
    let row = &plan.trades.rows[i];
    let weights = &plan.portfolio.weights;
    let forecast = &plan.forecasts[i];
    let cited = |value, member: &str| Cited::new(value, format!("/weights/{i}/{member}"));
    CommitteeAsset {
        asset: plan.portfolio.names[i].clone(),
        action: action(row.action),
        reason: reason(plan, i),
        drift: cited(row.drift, "drift"),
        current: cited(round_weight(weights.current[i]), "current_weight"),
        target: cited(round_weight(weights.target[i]), "target_weight"),
        after: cited(row.weight_after, "weight_after"),
        residual: cited(row.residual_drift, "residual_drift"),
        forecast: cited(round_weight(forecast.ensemble), "forecast_return"),
        confidence: cited(round_weight(forecast.confidence), "forecast_confidence"),
    }
}

fn order_facts(k: usize, order: &PlannedOrder) -> OrderFacts {
    let cited = |value, member: &str| Cited::new(value, format!("/orders/{k}/{member}"));
    OrderFacts {
        position: order.position,
        notional: cited(order.notional.major(), "notional"),
        cost: cited(order.estimated_cost.major(), "estimated_cost"),
        slices: cited(f64::from(order.schedule.slices), "schedule/slices"),
        by_volume: order.schedule.method == ScheduleMethod::DailyVolume,
        benefit_bps: Stated::from_option(
            order.marginal_benefit_bps.map(|bps| cited(bps, "marginal_benefit_bps")),
            "the histories do not support it",
        ),
    }
}

fn risk_lines(plan: &Plan) -> Vec<RiskLine> {
    let (now, after) = (&plan.risk_now, &plan.risk_after);
    let stated = |value: Option<f64>, pointer: String| {
        Stated::from_option(value.map(|value| Cited::new(value, pointer)), "the histories do not support it")
    };
    [
        ("annual volatility", "volatility", now.volatility, after.volatility),
        ("one-day VaR95", "var_95", now.var_95, after.var_95),
        ("one-day CVaR95", "cvar_95", now.cvar_95, after.cvar_95),
        ("maximum drawdown", "max_drawdown", now.max_drawdown, after.max_drawdown),
        ("annual tracking error", "tracking_error", now.tracking_error, after.tracking_error),
    ]
    .into_iter()
    .map(|(name, member, before, after)| RiskLine {
        name,
        before: stated(before, format!("/risk_metrics/{member}")),
        after: stated(after, format!("/after_risk_metrics/{member}")),
    })
    .collect()
}

/// A limit that is not clear, with the level it passed.
fn limit(k: usize, check: &LimitCheck) -> Option<LimitFacts> {
    let (severity, level, member) = match check.severity {
        Severity::Clear => return None,
        Severity::Warning => (LimitSeverity::Warning, check.warning_above, "warning_above"),
        Severity::NotAssessed => (LimitSeverity::NotAssessed, check.warning_above, "warning_above"),
        Severity::Critical => (LimitSeverity::Critical, check.critical_above, "critical_above"),
        Severity::Blocking => (LimitSeverity::Blocking, check.rejected_above?, "rejected_above"),
    };
    let point = match check.point {
        LimitPoint::Before => "before the plan",
        LimitPoint::After => "after the plan",
    };
    let at = |member: &str| format!("/verdict/checks/{k}/{member}");
    Some(LimitFacts {
        name: format!("{} {point}", check.measure.name()),
        severity,
        value: Stated::from_option(
            check.value.map(|value| Cited::new(value, at("value"))),
            check.reason.as_deref().unwrap_or("it is unavailable"),
        ),
        level: Cited::new(level, at(member)),
    })
}

fn wait(outlook: &WaitOutlook) -> Stated<WaitFacts> {
    let figures = outlook.figures.as_ref().map(|figures| {
        let cited = |value, member: &str| Cited::new(value, format!("/outlook/figures/{member}"));
        WaitFacts {
            days: Cited::new(f64::from(outlook.days), "/outlook/days"),
            drift_now: cited(figures.portfolio_drift_now, "portfolio_drift_now"),
            drift_expected: cited(figures.portfolio_drift_expected, "portfolio_drift_expected"),
            tracking_error_waiting: cited(figures.tracking_error_waiting, "tracking_error_waiting"),
            tracking_error_planned: cited(figures.tracking_error_after_plan, "tracking_error_after_plan"),
            loss_waiting: cited(figures.loss_95_waiting, "loss_95_waiting"),
            loss_planned: cited(figures.loss_95_after_plan, "loss_95_after_plan"),
            cost_bps: cited(figures.cost_of_waiting_bps, "cost_of_waiting_bps"),
        }
    });
    Stated::from_option(figures, outlook.reason.as_deref().unwrap_or("it is unavailable"))
}
