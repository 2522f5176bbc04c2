use std::sync::Arc;
use std::time::Duration;

use optimizer::RebalanceOutcome;
use serde::Serialize;

use crate::digest::{Canon, ContentDigest};
use crate::execution::{PlannedOrder, Staged};
use crate::forecasting::Forecasted;
use crate::limits::{LimitCheck, Severity};
use crate::market_data::Surveyed;
use crate::proposal::{Proposed, trading};
use crate::relaxation::Relaxation;
use crate::risk_stage::Assessed;
use crate::supervisor::{Admitted, Judged};
use crate::words::Sentence;
use crate::{AGENTS, Agent, AgentId, PlanWarning, SupervisorLimits};

/// What one agent did: the same for the same request, to the byte.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageRecord {
    /// Position, from 1.
    #[cfg_attr(feature = "openapi", schema(example = 1, minimum = 1, maximum = 6))]
    pub step: usize,
    /// Which agent.
    pub id: AgentId,
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(example = "Market Data Agent"))]
    pub agent: &'static str,
    /// What the step was for.
    #[cfg_attr(feature = "openapi", schema(example = "Read the book, align the histories, say what is missing"))]
    pub objective: &'static str,
    /// What came of it and why, in a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "2 assets aligned on 60 common observations; data quality 1 with 0 issues.")
    )]
    pub sentence: String,
    /// The gravest severity among `checks`; clear without any.
    pub severity: Severity,
    /// Limits this agent held its figures against.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<LimitCheck>))]
    pub checks: Arc<[LimitCheck]>,
    /// What this agent asked the supervisor to allow; answered in the last step.
    pub relaxations: Vec<Relaxation>,
    /// What this agent warned of.
    pub warnings: Vec<PlanWarning>,
}

/// Where a stage started, where it ended, and how long it took. Durations differ from run to run; digests do not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageTrace {
    /// Which agent.
    pub id: AgentId,
    /// SHA-256 of what it was given: of the request's bytes for the first agent, the output digest of the one before for
    /// every other.
    #[cfg_attr(
        feature = "openapi",
        schema(
            value_type = String,
            example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            min_length = 64,
            max_length = 64
        )
    )]
    pub input_digest: ContentDigest,
    /// SHA-256 of the request's digest and all that this agent and those before it added.
    #[cfg_attr(
        feature = "openapi",
        schema(
            value_type = String,
            example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            min_length = 64,
            max_length = 64
        )
    )]
    pub output_digest: ContentDigest,
    /// How long it took with its record, microseconds, by the clock the run was handed.
    #[cfg_attr(feature = "openapi", schema(example = 412))]
    pub duration_us: u64,
}

/// The record of a run: what each agent did, and where it was when.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
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

/// What a stage tells the record: its words, and what it added to the digest.
pub(crate) trait Recorded {
    /// The record of this stage.
    fn record(&self) -> StageRecord;
    /// Writes what this stage added.
    fn add_to(&self, canon: &mut Canon);
}

/// A record with the gravest of its checks as severity.
fn stage<A: Agent>(
    sentence: String,
    checks: &Arc<[LimitCheck]>,
    relaxations: &[Relaxation],
    warnings: Vec<PlanWarning>,
) -> StageRecord {
    StageRecord {
        step: 1 + AGENTS.iter().position(|card| card.id == A::ID).unwrap_or_default(),
        id: A::ID,
        agent: A::ID.name(),
        objective: A::OBJECTIVE,
        sentence,
        severity: checks.iter().map(|check| check.severity).max().unwrap_or(Severity::Clear),
        checks: checks.clone(),
        relaxations: relaxations.to_vec(),
        warnings,
    }
}

/// What admission made of the request: every figure a default or a policy may have filled in. What was taken as it was sent
/// is under the digest of the request's bytes.
fn add_admitted(canon: &mut Canon, admitted: &Admitted) {
    let portfolio = &admitted.portfolio;
    canon.text(env!("CARGO_PKG_VERSION"));
    canon.text(portfolio.nav.currency().code()).whole(portfolio.nav.minor());
    canon.numbers(&portfolio.weights.target).numbers(&portfolio.weights.current);
    canon.number(portfolio.weights.target_cash).number(portfolio.weights.current_cash);
    canon.numbers(&portfolio.cost_bps);
    canon.number(portfolio.sizing.drift_threshold).number(portfolio.sizing.turnover_limit);
    canon.number(portfolio.risk_free_rate).number(portfolio.tracking_error_budget);
    canon.text(portfolio.model.id()).text(portfolio.model.version());
    let (paths, horizon, seed) = portfolio.simulation_echo;
    canon.whole(paths as i64).whole(horizon as i64).whole(seed.cast_signed());
    // Rust prints a double with just the digits that bring it back, so the text stands for the parameters to the bit.
    if let Some(method) = &portfolio.optimization {
        canon.text(&format!("{method:?}"));
    }
    add_limits(canon, &admitted.limits);
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

fn add_risk(canon: &mut Canon, summary: &risk::RiskSummary) {
    for figure in [
        summary.volatility,
        summary.sharpe,
        summary.max_drawdown,
        summary.var_95,
        summary.cvar_95,
        summary.expected_annual_return,
        summary.tracking_error,
    ] {
        canon.optional(figure);
    }
}

impl Recorded for Surveyed {
    fn record(&self) -> StageRecord {
        let sentence = Sentence::new().count(self.market.columns.len(), "asset");
        let sentence = match self.market.observations() {
            0 => sentence.say(" without a common history"),
            n => sentence.say(" aligned on ").count(n, "common observation"),
        };
        let sentence = sentence.say("; data quality ");
        let sentence = match self.quality.score {
            None => sentence.say("not assessed"),
            Some(score) => sentence.shown(score),
        };
        let sentence = sentence.say(" with ").count(self.quality.issues(), "issue").say(".");
        stage::<crate::MarketDataAgent>(sentence.into(), &Arc::default(), &[], self.warnings.clone())
    }

    fn add_to(&self, canon: &mut Canon) {
        add_admitted(canon, &self.admitted);
        canon.whole(self.market.observations() as i64).optional(self.quality.score);
        for asset in &self.quality.assets {
            canon.optional(asset.score).whole(asset.issues.len() as i64);
        }
    }
}

impl Recorded for Forecasted {
    fn record(&self) -> StageRecord {
        let portfolio = &self.surveyed.admitted.portfolio;
        let sentence = Sentence::new().say(portfolio.model.id()).say(" ").say(portfolio.model.version());
        let sentence = sentence.say(" has an opinion on ").whole(self.with_opinion()).say(" of ");
        let sentence = sentence.count(self.forecasts.len(), "asset");
        let sentence = sentence.say(", mean confidence ").fixed(self.mean_confidence(), 3).say(".");
        stage::<crate::ForecastAgent>(sentence.into(), &Arc::default(), &[], self.warnings.clone())
    }

    fn add_to(&self, canon: &mut Canon) {
        for forecast in &self.forecasts {
            canon.number(forecast.expected_return).number(forecast.confidence).optional(forecast.standard_error);
        }
    }
}

impl Recorded for Assessed {
    fn record(&self) -> StageRecord {
        let passed = self.checks.iter().filter(|check| check.severity > Severity::Clear).count();
        let sentence = Sentence::new().say("One-day VaR95 ").figure(self.now.var_95);
        let sentence = sentence.say(", maximum drawdown ").figure(self.now.max_drawdown);
        let sentence =
            sentence.say("; ").whole(passed).say(" of ").count(self.checks.len(), "limit").say(" not clear.");
        let mut warnings = self.warnings.clone();
        warnings.extend(self.simulation_warning.clone());
        stage::<crate::RiskAgent>(sentence.into(), &self.checks, &self.asked, warnings)
    }

    fn add_to(&self, canon: &mut Canon) {
        add_risk(canon, &self.now);
        add_risk(canon, &self.target);
        let statistics = self.simulation.as_ref().ok().map(|report| &report.statistics);
        canon.optional(statistics.map(|s| s.mean_terminal_value.value));
        canon.optional(statistics.map(|s| s.terminal_quantile_05.value));
        canon.optional(statistics.map(|s| s.probability_of_loss.value));
    }
}

/// The outcome of the optimal method as the end of a sentence.
fn solved(found: &crate::OptimalPlan) -> String {
    match &found.outcome {
        RebalanceOutcome::Optimal(solution) => {
            let dearest = solution.constraint_prices.iter().max_by(|a, b| a.multiplier.total_cmp(&b.multiplier));
            let price = dearest.map_or("no limit binds".to_owned(), |price| {
                let limits = String::from(Sentence::new().count(solution.constraint_prices.len(), "limit"));
                format!("{limits} priced, the dearest: {}", price.sentence.trim_end_matches('.'))
            });
            format!("optimal with a duality gap of {:.1e}; {price}", solution.certificate.duality_gap)
        }
        RebalanceOutcome::Infeasible(why) => why.sentence.trim_end_matches('.').to_owned(),
    }
}

impl Recorded for Proposed {
    fn record(&self) -> StageRecord {
        let trades = &self.trades;
        let n = trading(trades);
        let sentence = Sentence::new().whole(n).say(if n == 1 { " asset trades" } else { " assets trade" });
        let sentence = sentence.say(" for a two-way turnover of ").fixed(trades.turnover_two_way, 4);
        let sentence = sentence.say(if trades.turnover_bound { ", its limit binds" } else { "" });
        let sentence = sentence.say("; costs ").shown(trades.total_cost).say("; ");
        let sentence = match &self.optimal {
            Some(found) => sentence.say(&solved(found)),
            None => {
                let sentence = sentence.say("the tilt spends ").fixed(self.tilt.tracking_error_spent, 4);
                sentence.say(" of tracking error: ").say(self.tilt.reason.trim_end_matches('.'))
            }
        };
        let sentence = sentence.say(".");
        let warnings = self.cash_warning.iter().chain(&self.after_warning).cloned().collect();
        stage::<crate::OptimizerAgent>(sentence.into(), &self.checks, &self.asked, warnings)
    }

    fn add_to(&self, canon: &mut Canon) {
        canon.numbers(&self.tilt.weights).number(self.tilt.tracking_error_spent);
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
        add_risk(canon, &self.after);
    }
}

impl Recorded for Staged {
    fn record(&self) -> StageRecord {
        let buys = self.orders.iter().filter(|order| order.action == portfolio_core::Action::Buy).count();
        let slices: u32 = self.orders.iter().map(|order| order.schedule.slices).sum();
        let sentence = if self.orders.is_empty() {
            Sentence::new().say("Nothing to order: every asset is held.")
        } else {
            let sentence = Sentence::new().count(self.orders.len() - buys, "sell").say(", then ").count(buys, "buy");
            sentence.say(", in ").count(slices as usize, "slice").say(".")
        };
        stage::<crate::ExecutionAgent>(sentence.into(), &Arc::default(), &[], Vec::new())
    }

    fn add_to(&self, canon: &mut Canon) {
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
    fn record(&self) -> StageRecord {
        let verdict = &self.verdict;
        let sentence = verdict.sentence.clone();
        let mut record = stage::<crate::Supervisor>(sentence, &verdict.checks, &verdict.relaxations, Vec::new());
        record.severity = verdict.severity;
        record
    }

    fn add_to(&self, canon: &mut Canon) {
        canon.text(&self.verdict.sentence);
    }
}

/// Microseconds between two readings of the clock; a clock that went back counts as standing still.
pub(crate) fn duration_us(start: Duration, end: Duration) -> u64 {
    u64::try_from(end.saturating_sub(start).as_micros()).unwrap_or(u64::MAX)
}
