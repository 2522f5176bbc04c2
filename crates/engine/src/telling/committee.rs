//! From a plan's answer to the facts of a committee's brief.
//!
//! Every fact is read at the pointer it cites, so a brief can be written from a stored answer as well as from a new one.

use copilot::{
    Cited, CommitteeAsset, CommitteeBrief, CommitteeFacts, CopilotError, LimitFacts, LimitSeverity, OrderFacts,
    PlanSource, PricedLimit, RelaxationFacts, RiskLine, Stated, WaitFacts, committee_brief,
};
use optimizer::Limit;
use pipeline::{LimitPoint, Measure, RelaxationKind, ScheduleMethod, Severity, VerdictDecision};
use portfolio_core::{Action, Currency};
use serde::Deserialize;
use serde_json::Value;

use crate::telling::advise::{action, decision, told_reason};

/// Why an answer cannot be told.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CommitteeError {
    /// A member that the brief cites is missing.
    #[error("the answer has no usable {0}")]
    Member(String),
    /// The facts contradict each other.
    #[error(transparent)]
    Facts(#[from] CopilotError),
}

/// The plan as a committee asks about it, and the facts the answers come from. `answer` is that of
/// `POST /api/rebalance`, `plan` the stored plan it is of, if it is stored.
///
/// # Errors
/// [`CommitteeError`] when the answer is not a plan's.
pub fn committee(answer: &Value, plan: Option<PlanSource>) -> Result<(CommitteeFacts, CommitteeBrief), CommitteeError> {
    let facts = CommitteeFacts { plan, ..facts(answer)? };
    let brief = committee_brief(&facts)?;
    Ok((facts, brief))
}

type Read<T> = Result<T, CommitteeError>;

fn facts(plan: &Value) -> Read<CommitteeFacts> {
    let currency = text(plan, "/currency")?;
    let turnover_bound = flag(plan, "/turnover_bound")?;
    let drift_threshold = cited(plan, "/drift_threshold")?;
    let assets = |i| asset(plan, i, turnover_bound);
    Ok(CommitteeFacts {
        plan: None,
        currency: currency.to_owned(),
        minor_digits: currency.parse::<Currency>().or_else(|_| missing("/currency"))?.minor_digits(),
        portfolio_value: cited(plan, "/portfolio_value")?,
        drift_before: cited(plan, "/portfolio_drift")?,
        drift_after: cited(plan, "/portfolio_drift_after")?,
        turnover_used: cited(plan, "/turnover_used")?,
        turnover_limit: cited(plan, "/turnover_limit")?,
        turnover_bound,
        total_cost: cited(plan, "/estimated_total_transaction_cost")?,
        cash_before: cited(plan, "/cash/weight_before")?,
        cash_after: cited(plan, "/cash/weight_after")?,
        assets: (0..count(plan, "/weights")?).map(assets).collect::<Read<_>>()?,
        orders: (0..count(plan, "/orders")?).map(|k| order(plan, k)).collect::<Read<_>>()?,
        risk: risk_lines(plan),
        tilt_spent: cited(plan, "/tilt/tracking_error_spent")?,
        tilt_budget: cited(plan, "/tilt/tracking_error_budget")?,
        tilt_reason: text(plan, "/tilt/reason")?.to_owned(),
        data_quality: stated(plan, "/data_quality/score", "no asset with a weight has a history"),
        limits: (0..count(plan, "/verdict/checks")?).filter_map(|k| limit(plan, k).transpose()).collect::<Read<_>>()?,
        priced_limits: priced_limits(plan)?,
        relaxations: (0..count(plan, "/verdict/relaxations")?).map(|k| relaxation(plan, k)).collect::<Read<_>>()?,
        decision: decision(kind::<VerdictDecision>(plan, "/verdict/decision")?),
        wait: wait(plan)?,
        drift_threshold,
    })
}

fn asset(plan: &Value, i: usize, turnover_bound: bool) -> Read<CommitteeAsset> {
    let weight = |member: &str| cited(plan, &format!("/weights/{i}/{member}"));
    let drift = weight("drift")?;
    let traded: Action = kind(plan, &format!("/trades/{i}/action"))?;
    let reason = kind(plan, &format!("/trades/{i}/reason"))?;
    Ok(CommitteeAsset {
        asset: text(plan, &format!("/weights/{i}/asset"))?.to_owned(),
        action: action(traded),
        reason: told_reason(reason, turnover_bound),
        drift,
        current: weight("current_weight")?,
        target: weight("target_weight")?,
        after: weight("weight_after")?,
        residual: weight("residual_drift")?,
        forecast: weight("forecast_return")?,
        confidence: weight("forecast_confidence")?,
    })
}

fn order(plan: &Value, k: usize) -> Read<OrderFacts> {
    let at = |member: &str| format!("/orders/{k}/{member}");
    Ok(OrderFacts {
        position: cited(plan, &at("position"))?.value as usize,
        notional: cited(plan, &at("notional"))?,
        cost: cited(plan, &at("estimated_cost"))?,
        slices: cited(plan, &at("schedule/slices"))?,
        by_volume: kind::<ScheduleMethod>(plan, &at("schedule/method"))? == ScheduleMethod::DailyVolume,
        benefit_bps: stated(plan, &at("marginal_benefit_bps"), "the histories do not support it"),
    })
}

fn risk_lines(plan: &Value) -> Vec<RiskLine> {
    let line = |(name, member): (&'static str, &str)| {
        let figure = |of: &str| stated(plan, &format!("/{of}/{member}"), "the histories do not support it");
        RiskLine { name, before: figure("risk_metrics"), after: figure("after_risk_metrics") }
    };
    [
        ("annual volatility", "volatility"),
        ("one-day VaR95", "var_95"),
        ("one-day CVaR95", "cvar_95"),
        ("maximum drawdown", "max_drawdown"),
        ("annual tracking error", "tracking_error"),
    ]
    .map(line)
    .into()
}

/// A limit that is not clear, with the level it passed.
fn limit(plan: &Value, k: usize) -> Read<Option<LimitFacts>> {
    let at = |member: &str| format!("/verdict/checks/{k}/{member}");
    let (severity, level) = match kind(plan, &at("severity"))? {
        Severity::Clear => return Ok(None),
        Severity::Warning => (LimitSeverity::Warning, "warning_above"),
        Severity::NotAssessed => (LimitSeverity::NotAssessed, "warning_above"),
        Severity::Critical => (LimitSeverity::Critical, "critical_above"),
        Severity::Blocking => (LimitSeverity::Blocking, "rejected_above"),
    };
    let point = match kind(plan, &at("point"))? {
        LimitPoint::Before => "before the plan",
        LimitPoint::After => "after the plan",
    };
    let measure = kind::<Measure>(plan, &at("measure"))?.name();
    let reason = optional_text(plan, &at("reason")).unwrap_or("it is unavailable");
    Ok(Some(LimitFacts {
        name: format!("{measure} {point}"),
        severity,
        value: stated(plan, &at("value"), reason),
        level: cited(plan, &at(level))?,
    }))
}

/// The binding limits of the optimal method, none under the drift method.
fn priced_limits(plan: &Value) -> Read<Vec<PricedLimit>> {
    const PRICES: &str = "/optimization/constraint_prices";
    let prices = plan.pointer(PRICES).and_then(Value::as_array).map_or(0, Vec::len);
    let one = |k: usize| {
        let asset = |i: usize| text(plan, &format!("/weights/{i}/asset")).map(str::to_owned).map(Some);
        let (limit, name) = match kind::<Limit>(plan, &format!("{PRICES}/{k}/limit"))? {
            Limit::CashMin => ("the smallest cash", None),
            Limit::CashMax => ("the largest cash", None),
            Limit::Lower { asset: i } => ("the smallest weight of ", asset(i)?),
            Limit::Upper { asset: i } => ("the largest weight of ", asset(i)?),
            Limit::Trade { asset: i } => ("the trading restriction of ", asset(i)?),
            Limit::GroupLower { name } => ("the floor of ", Some(name)),
            Limit::GroupUpper { name } => ("the cap of ", Some(name)),
            Limit::ExposureLower { name } => ("the smallest exposure to ", Some(name)),
            Limit::ExposureUpper { name } => ("the largest exposure to ", Some(name)),
            Limit::Turnover => ("the turnover limit", None),
            Limit::Leverage => ("the leverage limit", None),
            Limit::TrackingError => ("the tracking-error limit", None),
        };
        Ok(PricedLimit { limit, name, bps: cited(plan, &format!("{PRICES}/{k}/bp_per_point"))? })
    };
    (0..prices).map(one).collect()
}

fn relaxation(plan: &Value, k: usize) -> Read<RelaxationFacts> {
    let at = |member: &str| format!("/verdict/relaxations/{k}/{member}");
    Ok(RelaxationFacts {
        what: match kind(plan, &at("kind"))? {
            RelaxationKind::WithoutRiskFigures => "to plan without figures of risk",
            RelaxationKind::WithoutSimulation => "to plan without the simulation",
            RelaxationKind::WithoutTilt => "to plan without the forecast tilt",
            RelaxationKind::LargerTurnover => "to trade more than the turnover limit",
            RelaxationKind::LooserLimits => "to loosen limits that contradict each other",
        },
        reason: text(plan, &at("reason"))?.to_owned(),
        granted: flag(plan, &at("granted"))?,
    })
}

fn wait(plan: &Value) -> Read<Stated<WaitFacts>> {
    let figure = |member: &str| cited(plan, &format!("/outlook/figures/{member}"));
    if plan.pointer("/outlook/figures").is_none_or(Value::is_null) {
        let reason = optional_text(plan, "/outlook/reason").unwrap_or("it is unavailable").to_owned();
        return Ok(Stated::Missing { reason });
    }
    Ok(Stated::Given(WaitFacts {
        days: cited(plan, "/outlook/days")?,
        drift_now: figure("portfolio_drift_now")?,
        drift_expected: figure("portfolio_drift_expected")?,
        tracking_error_waiting: figure("tracking_error_waiting")?,
        tracking_error_planned: figure("tracking_error_after_plan")?,
        loss_waiting: figure("loss_95_waiting")?,
        loss_planned: figure("loss_95_after_plan")?,
        cost_bps: figure("cost_of_waiting_bps")?,
    }))
}

fn missing<T>(pointer: &str) -> Read<T> {
    Err(CommitteeError::Member(pointer.to_owned()))
}

/// The number at a pointer, which is what it cites.
fn cited(plan: &Value, pointer: &str) -> Read<Cited> {
    match plan.pointer(pointer).and_then(Value::as_f64) {
        Some(value) => Ok(Cited::new(value, pointer)),
        None => missing(pointer),
    }
}

/// The number at a pointer, or why there is none.
fn stated(plan: &Value, pointer: &str, reason: &str) -> Stated<Cited> {
    Stated::from_option(cited(plan, pointer).ok(), reason)
}

/// One of a list of names.
fn kind<'a, T: Deserialize<'a>>(plan: &'a Value, pointer: &str) -> Read<T> {
    plan.pointer(pointer).and_then(|name| T::deserialize(name).ok()).map_or_else(|| missing(pointer), Ok)
}

fn text<'a>(plan: &'a Value, pointer: &str) -> Read<&'a str> {
    optional_text(plan, pointer).map_or_else(|| missing(pointer), Ok)
}

fn optional_text<'a>(plan: &'a Value, pointer: &str) -> Option<&'a str> {
    plan.pointer(pointer).and_then(Value::as_str)
}

fn flag(plan: &Value, pointer: &str) -> Read<bool> {
    plan.pointer(pointer).and_then(Value::as_bool).map_or_else(|| missing(pointer), Ok)
}

fn count(plan: &Value, pointer: &str) -> Read<usize> {
    plan.pointer(pointer).and_then(Value::as_array).map_or_else(|| missing(pointer), |list| Ok(list.len()))
}
