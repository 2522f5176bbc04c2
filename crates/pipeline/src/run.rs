//! The order of the agents, and the record of their steps.

use std::ops::ControlFlow;
use std::time::Duration;

use governance::Digest;
use portfolio_core::Book;
use portfolio_core::interrupt::checkpoint;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentCard, AgentId, Veto};
use crate::config::RunConfig;
use crate::digest::Canon;
use crate::error::PipelineError;
use crate::execution::ExecutionAgent;
use crate::forecasting::ForecastAgent;
use crate::market::MarketData;
use crate::market_data::MarketDataAgent;
use crate::plan::Plan;
use crate::proposal::OptimizerAgent;
use crate::record::{Recorded, RunRecord, StageRecord, StageTrace, duration_us};
use crate::risk_stage::RiskAgent;
use crate::supervisor::Supervisor;

/// The agents of a run in their order; [`run`] calls them in the same order, which their arguments fix.
///
/// The supervisor's step is the last: a list without one of the agents does not compile.
pub const AGENTS: [AgentCard; AgentId::Supervisor.step()] = [
    AgentCard::of::<MarketDataAgent>(),
    AgentCard::of::<ForecastAgent>(),
    AgentCard::of::<RiskAgent>(),
    AgentCard::of::<OptimizerAgent>(),
    AgentCard::of::<ExecutionAgent>(),
    AgentCard::of::<Supervisor>(),
];

/// The order in one line; the supervisor opens and closes a run.
#[must_use]
pub fn orchestration() -> String {
    let mut line = AgentId::Supervisor.short().to_owned();
    for card in AGENTS {
        line += " -> ";
        line += card.id.short();
    }
    line + " Approval"
}

/// Called after each step; may end the run.
type Watch<'a> = &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>;

/// Runs the agents in their order and returns a plan with the record of each step, without digests and durations.
///
/// [`run`] adds digests and durations.
///
/// # Errors
/// The [`Veto`] of the agent that refused. Only a bug of an agent can veto a case that passed admission.
pub fn plan(book: &Book, market: MarketData<'_>, config: &RunConfig) -> Result<Plan, Veto> {
    let admitted = Supervisor.admit(book, market, config)?;
    through(&admitted, Steps { record: RunRecord::with_room(AGENTS.len()), tracing: None })
}

/// Runs the agents as [`plan`] does, and traces each step: digests of its input and output, and its duration.
///
/// * `source`: digest of the bytes from which the case was made, such as a request. The first agent starts with it, so
///   every digest commits to the whole request, long series included.
/// * `clock`: time since any fixed moment, read at the start and after each step for durations only. Libraries do not
///   read a clock themselves.
/// * `watch`: called after each step; [`ControlFlow::Break`] ends the run before the next one.
///
/// The plan and every digest are functions of the source, the case and the limits, to the last bit.
///
/// # Errors
/// As [`plan`], and a veto with [`PipelineError::Stopped`] when `watch` ends the run.
///
/// # Example
/// See the [crate documentation](crate).
pub fn run(
    book: &Book,
    market: MarketData<'_>,
    config: &RunConfig,
    source: Digest,
    clock: &dyn Fn() -> Duration,
    watch: Watch<'_>,
) -> Result<Plan, Veto> {
    let tracing = Some(Tracing { digest: source, canon: Canon::new(source), clock, since: clock(), watch });
    let admitted = Supervisor.admit(book, market, config)?;
    through(&admitted, Steps { record: RunRecord::with_room(AGENTS.len()), tracing })
}

/// The order of the agents: each borrows the results of those before it.
fn through(admitted: &Admitted<'_>, mut steps: Steps<'_>) -> Result<Plan, Veto> {
    let surveyed = steps.taken(admitted, MarketDataAgent.act(admitted)?)?;
    let forecasted = steps.taken(admitted, ForecastAgent.act(admitted, &surveyed)?)?;
    let assessed = steps.taken(admitted, RiskAgent.act(admitted, &surveyed, &forecasted)?)?;
    let proposed = steps.taken(admitted, OptimizerAgent.act(admitted, &surveyed, &forecasted, &assessed)?)?;
    let staged = ExecutionAgent.act(admitted, &surveyed, &forecasted, &assessed, &proposed)?;
    let staged = steps.taken(admitted, staged)?;
    let judged = steps.taken(admitted, Supervisor.act(admitted, &surveyed, &assessed, &proposed, &staged))?;
    Ok(Plan::of(surveyed, forecasted, assessed, proposed, staged, judged, steps.record))
}

/// The steps so far.
struct Steps<'a> {
    record: RunRecord,
    tracing: Option<Tracing<'a>>,
}

/// The state of a traced run.
struct Tracing<'a> {
    digest: Digest,
    canon: Canon,
    clock: &'a dyn Fn() -> Duration,
    /// The end of the last step.
    since: Duration,
    watch: Watch<'a>,
}

impl Steps<'_> {
    /// Records what an agent did since the previous step, and returns the agent's result.
    fn taken<R: Recorded>(&mut self, admitted: &Admitted<'_>, output: R) -> Result<R, Veto> {
        checkpoint();
        let stage = output.record(admitted);
        let flow = match &mut self.tracing {
            None => ControlFlow::Continue(()),
            Some(tracing) => {
                let trace = tracing.trace(admitted, &output);
                let flow = (tracing.watch)(&stage, &trace);
                self.record.trace.push(trace);
                flow
            }
        };
        self.record.stages.push(stage);
        match flow {
            ControlFlow::Continue(()) => Ok(output),
            ControlFlow::Break(()) => Err(Veto { agent: R::By::ID, cause: PipelineError::Stopped }),
        }
    }
}

impl Tracing<'_> {
    fn trace<R: Recorded>(&mut self, admitted: &Admitted<'_>, output: &R) -> StageTrace {
        let id = R::By::ID;
        let input_digest = self.digest;
        self.canon.whole(id as i64);
        output.add_to(admitted, &mut self.canon);
        self.digest = self.canon.digest();
        let now = (self.clock)();
        let duration_us = duration_us(self.since, now);
        self.since = now;
        StageTrace { id, input_digest, output_digest: self.digest, duration_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use std::cell::Cell;
    use stress::{Rebalancing, SimulationOptions};

    fn source() -> Digest {
        Digest::of_bytes(b"a request")
    }

    fn traced(case: &Case) -> Plan {
        let ticks = Cell::new(0);
        let clock = || {
            ticks.set(ticks.get() + 1);
            Duration::from_micros(7 * ticks.get())
        };
        let lent = case.lend();
        let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
        run(&lent.book, lent.market(), &case.config, source(), &clock, &mut watch).unwrap()
    }

    #[test]
    fn the_blueprint_is_the_order_of_the_agents() {
        assert_eq!(
            orchestration(),
            "Supervisor -> Data -> Forecast -> Risk -> Optimizer -> Execution -> Supervisor Approval"
        );
        assert!(AGENTS.is_sorted_by_key(|card| card.id));
    }

    #[test]
    fn every_step_is_recorded_in_order_each_starting_where_the_last_one_ended() {
        let record = traced(&Case::pair()).record;
        let ids: Vec<_> = record.stages.iter().map(|stage| (stage.step(), stage.id)).collect();
        assert_eq!(ids, AGENTS.iter().enumerate().map(|(i, card)| (i + 1, card.id)).collect::<Vec<_>>());
        assert_eq!(record.trace[0].input_digest, source());
        for pair in record.trace.windows(2) {
            assert_eq!(pair[0].output_digest, pair[1].input_digest);
        }
        assert!(record.trace.iter().all(|trace| trace.duration_us == 7), "{:?}", record.trace);
        for sentence in record.stages.iter().map(|stage| stage.summary.to_string()) {
            assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
        }
    }

    #[test]
    fn the_same_case_gives_the_same_digests_and_another_one_does_not() {
        let last = |case: &Case| traced(case).record.trace.last().unwrap().output_digest;
        let base = last(&Case::pair());
        assert_eq!(base, last(&Case::pair()));
        let mut other = Case::pair();
        other.returns[1][59] += 1e-3;
        assert_ne!(base, last(&other));
        let mut other = Case::pair();
        other.config.costs = portfolio_core::CostModel::proportional(&[11.0, 10.0]).unwrap();
        assert_ne!(base, last(&other));
    }

    #[test]
    fn every_option_of_the_simulation_is_under_the_digest() {
        type Change = fn(&mut SimulationOptions);
        let first = |change: Change| {
            let mut case = Case::pair();
            change(case.config.simulation.as_mut().unwrap());
            traced(&case).record.trace[0].output_digest
        };
        let base = first(|_| {});
        let changes: [(&str, Change); 9] = [
            ("paths", |options| options.paths += 1),
            ("horizon_days", |options| options.horizon_days += 1),
            ("seed", |options| options.seed.0 += 1),
            ("rebalancing", |options| options.rebalancing = Rebalancing::BuyAndHold),
            ("path_statistics", |options| options.path_statistics = true),
            ("drawdown_threshold", |options| options.drawdown_threshold = 0.2),
            ("barrier", |options| options.barrier = Some(0.8)),
            ("cash_flows", |options| options.cash_flows = vec![0.01]),
            ("fan", |options| options.fan = true),
        ];
        for (option, change) in changes {
            assert_ne!(base, first(change), "{option}");
        }
    }

    #[test]
    fn every_digest_commits_to_the_source() {
        let of = |source: &[u8]| {
            let case = Case::pair();
            let lent = case.lend();
            let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
            let source = Digest::of_bytes(source);
            let plan = run(&lent.book, lent.market(), &case.config, source, &|| Duration::ZERO, &mut watch);
            plan.unwrap().record.trace
        };
        for (one, other) in of(b"one").iter().zip(&of(b"other")) {
            assert_ne!(one.output_digest, other.output_digest);
        }
    }

    #[test]
    fn without_a_trace_it_is_the_same_plan_and_the_same_record() {
        let case = Case::four();
        let lent = case.lend();
        let (quick, traced) = (plan(&lent.book, lent.market(), &case.config).unwrap(), traced(&case));
        assert_eq!((&quick.trades, &quick.orders, &quick.verdict), (&traced.trades, &traced.orders, &traced.verdict));
        assert_eq!(quick.record.stages, traced.record.stages);
        assert!(quick.record.trace.is_empty());
    }

    #[test]
    fn an_observer_can_end_the_run() {
        let mut seen = 0;
        let mut watch = |_: &StageRecord, _: &StageTrace| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let case = Case::pair();
        let lent = case.lend();
        let veto = run(&lent.book, lent.market(), &case.config, source(), &|| Duration::ZERO, &mut watch).unwrap_err();
        assert_eq!((seen, veto.agent, veto.cause), (3, AgentId::Risk, PipelineError::Stopped));
    }
}
