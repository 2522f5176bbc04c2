//! The record of a run: what each step did, and a digest of everything it was made from.

use std::sync::Arc;
use std::time::Duration;

use governance::Digest;
use optimizer::RebalanceOutcome;
use portfolio_core::{ModelParameter, ParameterValue};
use stress::SimulationOptions;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId};
use crate::agents::AGENTS;
use crate::config::RunConfig;
use crate::digest::Canon;
use crate::execution::{ExecutionAgent, PlannedOrder, Staged};
use crate::forecasting::{ForecastAgent, Forecasted};
use crate::limits::{LimitCheck, Severity, SupervisorLimits};
use crate::market_data::{MarketDataAgent, Surveyed};
use crate::method::Method;
use crate::proposal::{OptimizerAgent, Proposed, trading};
use crate::relaxation::Relaxation;
use crate::risk_stage::{Assessed, RiskAgent};
use crate::supervisor::{Judged, Supervisor};
use crate::warning::RunWarning;
use crate::words::{FoundBy, StageSummary};

/// What one agent did: the same for the same case, to the bit.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRecord {
    /// Which agent.
    pub id: AgentId,
    /// What the step was for.
    pub objective: &'static str,
    /// What came of it.
    pub summary: StageSummary,
    /// The gravest severity among `checks`; clear without any.
    pub severity: Severity,
    /// Limits this agent held its figures against.
    pub checks: Arc<[LimitCheck]>,
    /// What this agent asked the supervisor to allow; answered in the last step.
    pub relaxations: Vec<Relaxation>,
    /// What this agent warned of.
    pub warnings: Vec<RunWarning>,
}

impl StageRecord {
    /// Position of the step, from 1.
    #[must_use]
    pub fn step(&self) -> usize {
        1 + AGENTS.iter().position(|card| card.id == self.id).unwrap_or_default()
    }
}

/// Where a step started, where it ended, and how long it took. Durations differ from run to run; digests do not.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTrace {
    /// Which agent.
    pub id: AgentId,
    /// SHA-256 of what it was given: of the source for the first agent, the output digest of the one before for every other.
    pub input_digest: Digest,
    /// SHA-256 of the source's digest and all that this agent and those before it added.
    pub output_digest: Digest,
    /// How long it took with its record, microseconds, by the clock the run was handed.
    pub duration_us: u64,
}

/// The record of a run: what each agent did, with digests and durations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunRecord {
    /// The six steps.
    pub stages: Vec<StageRecord>,
    /// Their digests and durations; empty for a run that was not traced.
    pub trace: Vec<StageTrace>,
}

impl RunRecord {
    /// An empty one with room for every step.
    pub(crate) fn with_room() -> Self {
        Self { stages: Vec::with_capacity(AGENTS.len()), trace: Vec::with_capacity(AGENTS.len()) }
    }
}

/// What a step contributes to the record: its summary, and what it adds to the digest.
pub(crate) trait Recorded {
    /// The record of this step.
    fn record(&self, admitted: &Admitted<'_>) -> StageRecord;
    /// Writes what this step added.
    fn add_to(&self, admitted: &Admitted<'_>, canon: &mut Canon);
}

/// A record with the gravest of its checks as severity.
fn stage<A: Agent>(
    summary: StageSummary,
    checks: &Arc<[LimitCheck]>,
    relaxations: &[Relaxation],
    warnings: Vec<RunWarning>,
) -> StageRecord {
    StageRecord {
        id: A::ID,
        objective: A::OBJECTIVE,
        summary,
        severity: checks.iter().map(|check| check.severity).max().unwrap_or(Severity::Clear),
        checks: checks.clone(),
        relaxations: relaxations.to_vec(),
        warnings,
    }
}

/// Adds every figure of the admitted case that a default or a policy may have filled in. The digest of the source covers what was
/// used as it was sent.
fn add_admitted(canon: &mut Canon, admitted: &Admitted<'_>) {
    let (book, config) = (admitted.book, admitted.config);
    canon.text(env!("CARGO_PKG_VERSION"));
    canon.text(book.currency().code()).whole(book.nav().minor());
    canon.numbers(&config.policy.weights).numbers(book.weights());
    canon.number(config.policy.cash_weight).number(book.cash_weight());
    canon.number(config.sizing.drift_threshold).number(config.sizing.turnover_limit);
    canon.number(config.risk_free_rate);
    canon.number(config.objective.risk_aversion).number(config.objective.horizon_years);
    add_models(canon, config);
    match &config.simulation {
        None => {
            canon.optional(None);
        }
        Some(options) => add_simulation(canon, options),
    }
    match &config.method {
        Method::Drift { tilt_budget } => {
            canon.text("drift").optional(*tilt_budget);
        }
        Method::Optimal(method) => method.add_to(canon.text("optimal")),
    }
    add_limits(canon, &config.limits);
}

/// Every option of a simulation but its law of shocks, which is among the models.
fn add_simulation(canon: &mut Canon, options: &SimulationOptions) {
    let SimulationOptions {
        paths,
        horizon_days,
        seed,
        shocks: _,
        rebalancing,
        path_statistics,
        drawdown_threshold,
        cash_flows,
        fan,
    } = options;
    canon.whole(*paths as i64).whole(*horizon_days as i64).whole(seed.0.cast_signed());
    canon.text(rebalancing.as_str());
    canon.whole(i64::from(*path_statistics)).number(*drawdown_threshold);
    canon.numbers(cash_flows).whole(i64::from(*fan));
}

/// Every model with its version and parameters.
fn add_models(canon: &mut Canon, config: &RunConfig) {
    let card = config.forecaster.card();
    add_model(canon, &card.id, &card.version, &card.parameters);
    let estimator = &config.estimator;
    add_model(canon, estimator.id(), estimator.version(), &estimator.parameters());
    if let Some(SimulationOptions { shocks, .. }) = &config.simulation {
        add_model(canon, shocks.id(), shocks.version(), &shocks.parameters());
    }
    for term in config.costs.terms() {
        add_model(canon, term.id(), term.version(), &term.parameters());
    }
}

/// Id, version, the count of the parameters, then each with its name and its value.
fn add_model(canon: &mut Canon, id: &str, version: &str, parameters: &[ModelParameter]) {
    canon.text(id).text(version).whole(parameters.len() as i64);
    for parameter in parameters {
        canon.text(&parameter.name);
        match &parameter.value {
            ParameterValue::Number(number) => canon.number(*number),
            ParameterValue::PerAsset(numbers) => canon.numbers(numbers),
            ParameterValue::Text(text) => canon.text(text),
        };
    }
}

fn add_limits(canon: &mut Canon, limits: &SupervisorLimits) {
    let risk = &limits.risk;
    for levels in [
        risk.var_95,
        risk.max_drawdown,
        risk.tracking_error,
        limits.concentration,
        limits.turnover,
        limits.data_shortfall,
    ] {
        canon.numbers(&[levels.warning, levels.critical]).optional(levels.rejected);
    }
    canon.whole(limits.max_relaxations as i64);
}

impl Recorded for Surveyed {
    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let summary = StageSummary::MarketData {
            assets: self.common.columns.len(),
            observations: self.common.observations(),
            score: self.quality.score,
            issues: self.quality.issues(),
        };
        stage::<MarketDataAgent>(summary, &Arc::default(), &[], self.warnings.clone())
    }

    fn add_to(&self, admitted: &Admitted<'_>, canon: &mut Canon) {
        add_admitted(canon, admitted);
        canon.whole(self.common.observations() as i64).optional(self.quality.score);
        for asset in &self.quality.assets {
            canon.optional(asset.score).whole(asset.issues.len() as i64);
        }
    }
}

impl Recorded for Forecasted {
    fn record(&self, admitted: &Admitted<'_>) -> StageRecord {
        let summary = StageSummary::Forecast {
            model: admitted.config.forecaster.card().to_string(),
            with_opinion: self.with_opinion(),
            assets: self.forecasts.len(),
            mean_confidence: self.mean_confidence(),
        };
        stage::<ForecastAgent>(summary, &Arc::default(), &[], self.warnings.clone())
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        for forecast in &self.forecasts {
            canon.number(forecast.expected_return).number(forecast.confidence).optional(forecast.standard_error);
        }
    }
}

impl Recorded for Assessed {
    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let summary = StageSummary::Risk {
            var_95: self.now.var_95,
            max_drawdown: self.now.max_drawdown,
            passed: self.checks.iter().filter(|check| check.severity > Severity::Clear).count(),
            limits: self.checks.len(),
        };
        let mut warnings = self.warnings.clone();
        warnings.extend(self.simulation_warning.clone());
        stage::<RiskAgent>(summary, &self.checks, &self.asked, warnings)
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.risk(&self.now);
        canon.risk(&self.target);
        let statistics = self.simulation.as_ref().ok().map(|report| &report.statistics);
        canon.optional(statistics.map(|s| s.mean_terminal_value.value));
        canon.optional(statistics.map(|s| s.terminal_quantile_05.value));
        canon.optional(statistics.map(|s| s.probability_of_loss.value));
    }
}

impl Recorded for Proposed {
    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let trades = &self.trades;
        let how = match (&self.optimal, &self.tilt) {
            (Some(found), _) => FoundBy::solving(found),
            (None, Some(tilt)) => FoundBy::Tilt { spent: tilt.tracking_error_spent, reason: tilt.reason },
            (None, None) => FoundBy::Nothing(String::new()),
        };
        let summary = StageSummary::Optimizer {
            trading: trading(trades),
            turnover: trades.turnover_two_way,
            is_bound: trades.turnover_bound,
            cost: trades.total_cost,
            how,
        };
        let warnings = self.cash_warning.iter().chain(&self.after_warning).cloned().collect();
        stage::<OptimizerAgent>(summary, &self.checks, &self.asked, warnings)
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.numbers(&self.targets).optional(self.tilt.as_ref().map(|tilt| tilt.tracking_error_spent));
        for row in &self.trades.rows {
            canon.whole(row.value.minor()).whole(row.cost.minor()).number(row.weight_after);
        }
        canon.whole(self.trades.cash_after.minor());
        match self.optimal.as_ref().map(|found| &found.outcome) {
            None => {}
            Some(RebalanceOutcome::Optimal(solution)) => {
                canon.text("optimal").number(solution.objective).numbers(&solution.weights);
                canon.number(solution.certificate.duality_gap).number(solution.certificate.dual_objective);
                for price in &solution.constraint_prices {
                    canon.text(&price.limit.to_string()).number(price.multiplier);
                }
            }
            Some(RebalanceOutcome::Infeasible(why)) => {
                canon.text("infeasible").text(&why.sentence).number(why.proof.shortfall);
                for relaxation in &why.repair.relaxations {
                    canon.text(&relaxation.limit.to_string()).number(relaxation.from).number(relaxation.to);
                }
            }
        }
        canon.risk(&self.after);
    }
}

impl Recorded for Staged {
    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let buys = self.orders.iter().filter(|order| order.action == portfolio_core::Action::Buy).count();
        let slices: u32 = self.orders.iter().map(|order| order.schedule.slices).sum();
        let sells = self.orders.len() - buys;
        let summary = StageSummary::Execution { sells, buys, slices: slices as usize };
        stage::<ExecutionAgent>(summary, &Arc::default(), &[], Vec::new())
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        for order in &self.orders {
            add_order(canon, order);
        }
    }
}

fn add_order(canon: &mut Canon, order: &PlannedOrder) {
    canon.whole(order.position as i64).whole(order.notional.minor()).whole(order.after_orders as i64);
    canon.whole(i64::from(order.schedule.slices)).whole(order.schedule.slice_value.minor());
}

impl Recorded for Judged {
    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let verdict = &self.verdict;
        let summary = StageSummary::Verdict {
            decision: verdict.decision,
            severity: verdict.severity,
            sentence: verdict.sentence.clone(),
        };
        let mut record = stage::<Supervisor>(summary, &verdict.checks, &verdict.relaxations, Vec::new());
        record.severity = verdict.severity;
        record
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.text(&self.verdict.sentence);
    }
}

/// Microseconds between two readings of the clock; a clock that went back counts as standing still.
pub(crate) fn duration_us(start: Duration, end: Duration) -> u64 {
    u64::try_from(end.saturating_sub(start).as_micros()).unwrap_or(u64::MAX)
}
