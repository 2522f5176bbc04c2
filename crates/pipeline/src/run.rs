use std::ops::ControlFlow;
use std::time::Duration;

use crate::digest::{Canon, ContentDigest};
use crate::record::{Recorded, RunRecord, StageRecord, StageTrace, duration_us};
use crate::supervisor::Admitted;
use crate::{
    Agent, AgentId, ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, PipelineError, Plan, Portfolio,
    RiskAgent, Supervisor, Veto,
};

/// Who sees a step when it is done, and may end the run.
type Watch<'a> = &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>;

/// Runs the agents in their order: a plan with the record of each step, without digests and durations.
///
/// Whoever stores or prints digests asks [`run`] for them.
///
/// # Errors
/// The [`Veto`] of the agent that refused. A portfolio that was checked before gets one only by a fault of the agents.
pub fn plan(portfolio: Portfolio, supervisor: &Supervisor) -> Result<Plan, Veto> {
    through(supervisor.admit(portfolio)?, supervisor, Steps { record: RunRecord::with_room(), tracing: None })
}

/// Runs the agents as [`plan`] does, and traces each step: digests of what it was given and what it gave, and how long it
/// took.
///
/// * `source`: digest of what the portfolio was made from, such as the bytes of a request. The first agent starts with it, so
///   that every digest commits to all that was sent, long series included.
/// * `clock`: time since any fixed moment; read at the start and after each step, for durations only. A library reads no clock
///   of its own.
/// * `watch`: called after each step; [`ControlFlow::Break`] ends the run before the next one.
///
/// The plan and every digest are functions of the source, the portfolio and the supervisor's limits, to the last bit.
///
/// # Errors
/// As [`plan`], and a veto with [`PipelineError::Stopped`] when `watch` ends the run.
///
/// # Example
/// See the [crate documentation](crate).
pub fn run(
    portfolio: Portfolio,
    source: ContentDigest,
    supervisor: &Supervisor,
    clock: &dyn Fn() -> Duration,
    watch: Watch<'_>,
) -> Result<Plan, Veto> {
    let tracing = Some(Tracing { digest: source, canon: Canon::new(source), clock, since: clock(), watch });
    through(supervisor.admit(portfolio)?, supervisor, Steps { record: RunRecord::with_room(), tracing })
}

/// The order of the agents: the only one that compiles.
fn through(admitted: Admitted, supervisor: &Supervisor, mut steps: Steps<'_>) -> Result<Plan, Veto> {
    let surveyed = MarketDataAgent.act(admitted)?;
    steps.taken::<MarketDataAgent>(&surveyed)?;
    let forecasted = ForecastAgent.act(surveyed)?;
    steps.taken::<ForecastAgent>(&forecasted)?;
    let assessed = RiskAgent.act(forecasted)?;
    steps.taken::<RiskAgent>(&assessed)?;
    let proposed = OptimizerAgent.act(assessed)?;
    steps.taken::<OptimizerAgent>(&proposed)?;
    let staged = ExecutionAgent.act(proposed)?;
    steps.taken::<ExecutionAgent>(&staged)?;
    let judged = supervisor.act(staged)?;
    steps.taken::<Supervisor>(&judged)?;
    Ok(Plan::of(judged, steps.record))
}

/// The steps taken so far.
struct Steps<'a> {
    record: RunRecord,
    tracing: Option<Tracing<'a>>,
}

/// Where a traced run stands.
struct Tracing<'a> {
    digest: ContentDigest,
    canon: Canon,
    clock: &'a dyn Fn() -> Duration,
    /// When the last step ended.
    since: Duration,
    watch: Watch<'a>,
}

impl Steps<'_> {
    /// Writes down what an agent did since the step before it.
    fn taken<A: Agent>(&mut self, output: &A::Output) -> Result<(), Veto>
    where
        A::Output: Recorded,
    {
        let stage = output.record();
        let flow = match &mut self.tracing {
            None => ControlFlow::Continue(()),
            Some(tracing) => {
                let trace = tracing.trace(A::ID, output);
                let flow = (tracing.watch)(&stage, &trace);
                self.record.trace.push(trace);
                flow
            }
        };
        self.record.stages.push(stage);
        match flow {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Veto { agent: A::ID, cause: PipelineError::Stopped }),
        }
    }
}

impl Tracing<'_> {
    fn trace(&mut self, id: AgentId, output: &impl Recorded) -> StageTrace {
        let input_digest = self.digest;
        self.canon.whole(id as i64);
        output.add_to(&mut self.canon);
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
    use crate::{AGENTS, sample};
    use std::cell::Cell;

    fn source() -> ContentDigest {
        ContentDigest::of(b"a request")
    }

    fn traced(portfolio: Portfolio) -> Plan {
        let ticks = Cell::new(0);
        let clock = || {
            ticks.set(ticks.get() + 1);
            Duration::from_micros(7 * ticks.get())
        };
        run(portfolio, source(), &Supervisor::default(), &clock, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn six_steps_are_recorded_in_order_each_starting_where_the_last_one_ended() {
        let record = traced(sample::pair()).record;
        let ids: Vec<_> = record.stages.iter().map(|stage| (stage.step, stage.id)).collect();
        assert_eq!(ids, AGENTS.iter().enumerate().map(|(i, card)| (i + 1, card.id)).collect::<Vec<_>>());
        assert_eq!(record.trace[0].input_digest, source());
        for pair in record.trace.windows(2) {
            assert_eq!(pair[0].output_digest, pair[1].input_digest);
        }
        assert!(record.trace.iter().all(|trace| trace.duration_us == 7), "{:?}", record.trace);
        for stage in &record.stages {
            assert!(stage.sentence.ends_with('.') && !stage.sentence.ends_with(".."), "{}", stage.sentence);
        }
    }

    #[test]
    fn the_same_portfolio_gives_the_same_digests_and_another_one_does_not() {
        let last = |portfolio| traced(portfolio).record.trace.last().unwrap().output_digest;
        let base = last(sample::pair());
        assert_eq!(base, last(sample::pair()));
        let mut other = sample::pair();
        other.returns[1][59] += 1e-3;
        assert_ne!(base, last(other));
        let mut other = sample::pair();
        other.cost_bps[0] += 1.0;
        assert_ne!(base, last(other));
    }

    #[test]
    fn every_digest_commits_to_the_source() {
        let of = |source: &[u8]| {
            let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
            let source = ContentDigest::of(source);
            let plan = run(sample::pair(), source, &Supervisor::default(), &|| Duration::ZERO, &mut watch).unwrap();
            plan.record.trace
        };
        for (one, other) in of(b"one").iter().zip(&of(b"other")) {
            assert_ne!(one.output_digest, other.output_digest);
        }
    }

    #[test]
    fn without_a_trace_it_is_the_same_plan_and_the_same_record() {
        let (quick, traced) = (plan(sample::four(), &Supervisor::default()).unwrap(), traced(sample::four()));
        assert_eq!((&quick.trades, &quick.orders, &quick.verdict), (&traced.trades, &traced.orders, &traced.verdict));
        assert_eq!(quick.record.stages, traced.record.stages);
        assert!(quick.record.trace.is_empty());
    }

    #[test]
    fn whoever_watches_can_end_the_run() {
        let mut seen = 0;
        let mut watch = |_: &StageRecord, _: &StageTrace| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let veto = run(sample::pair(), source(), &Supervisor::default(), &|| Duration::ZERO, &mut watch).unwrap_err();
        assert_eq!((seen, veto.agent, veto.cause), (3, crate::AgentId::Risk, PipelineError::Stopped));
    }
}
