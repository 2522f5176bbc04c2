use std::ops::ControlFlow;
use std::time::Duration;

use crate::digest::ContentDigest;
use crate::record::{Recorded, RunRecord, StageRecord, StageTrace, duration_us};
use crate::supervisor::Admitted;
use crate::{
    Agent, ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, PipelineError, Plan, Portfolio, RiskAgent,
    Supervisor, Veto,
};

/// Who sees a step when it is done, and may end the run.
type Watch<'a> = &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>;

/// Runs the agents in their order: a plan with the record of each step, without digests and durations.
///
/// Digests cost up to half of what the agents do with the same returns; whoever prints or stores one asks
/// [`run`] for it.
///
/// # Errors
/// The [`Veto`] of the agent that refused. A portfolio that was checked before gets one only by a fault of the agents.
pub fn plan(portfolio: Portfolio, supervisor: &Supervisor) -> Result<Plan, Veto> {
    through(supervisor.admit(portfolio)?, supervisor, Steps { record: RunRecord::default(), tracing: None })
}

/// Runs the agents as [`plan`] does, and traces each step: digests of what it was given and what it gave, and how long it
/// took.
///
/// * `clock`: time since any fixed moment; read twice per step, for durations only. A library reads no clock of its own.
/// * `watch`: called after each step; [`ControlFlow::Break`] ends the run before the next one.
///
/// The plan and every digest are functions of the portfolio and the supervisor's limits, to the last bit.
///
/// # Errors
/// As [`plan`], and a veto with [`PipelineError::Stopped`] when `watch` ends the run.
///
/// # Example
/// See the [crate documentation](crate).
pub fn run(
    portfolio: Portfolio,
    supervisor: &Supervisor,
    clock: &dyn Fn() -> Duration,
    watch: Watch<'_>,
) -> Result<Plan, Veto> {
    let admitted = supervisor.admit(portfolio)?;
    let tracing = Some(Tracing { digest: admitted.digest(), clock, watch });
    through(admitted, supervisor, Steps { record: RunRecord::default(), tracing })
}

/// The order of the agents: the only one that compiles.
fn through(admitted: Admitted, supervisor: &Supervisor, mut steps: Steps<'_>) -> Result<Plan, Veto> {
    let surveyed = steps.take(&MarketDataAgent, admitted)?;
    let forecasted = steps.take(&ForecastAgent, surveyed)?;
    let assessed = steps.take(&RiskAgent, forecasted)?;
    let proposed = steps.take(&OptimizerAgent, assessed)?;
    let staged = steps.take(&ExecutionAgent, proposed)?;
    let judged = steps.take(supervisor, staged)?;
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
    clock: &'a dyn Fn() -> Duration,
    watch: Watch<'a>,
}

impl Steps<'_> {
    /// One agent's step: its work between two readings of the clock, then its record.
    fn take<A: Agent>(&mut self, agent: &A, input: A::Input) -> Result<A::Output, Veto>
    where
        A::Output: Recorded,
    {
        let Some(tracing) = &mut self.tracing else {
            let output = agent.act(input)?;
            self.record.stages.push(output.record());
            return Ok(output);
        };
        let start = (tracing.clock)();
        let output = agent.act(input)?;
        let duration_us = duration_us(start, (tracing.clock)());
        let input_digest = tracing.digest;
        let output_digest = output.output_digest(A::ID, input_digest);
        let stage = output.record();
        let trace = StageTrace { id: A::ID, input_digest, output_digest, duration_us };
        let flow = (tracing.watch)(&stage, &trace);
        tracing.digest = output_digest;
        self.record.stages.push(stage);
        self.record.trace.push(trace);
        match flow {
            ControlFlow::Continue(()) => Ok(output),
            ControlFlow::Break(()) => Err(Veto { agent: A::ID, cause: PipelineError::Stopped }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AGENTS, sample};
    use std::cell::Cell;

    fn traced(portfolio: Portfolio) -> Plan {
        let ticks = Cell::new(0);
        let clock = || {
            ticks.set(ticks.get() + 1);
            Duration::from_micros(7 * ticks.get())
        };
        run(portfolio, &Supervisor::default(), &clock, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn six_steps_are_recorded_in_order_each_starting_where_the_last_one_ended() {
        let record = traced(sample::pair()).record;
        let ids: Vec<_> = record.stages.iter().map(|stage| (stage.step, stage.id)).collect();
        assert_eq!(ids, AGENTS.iter().enumerate().map(|(i, card)| (i + 1, card.id)).collect::<Vec<_>>());
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
        other.returns[1][59] += 1e-12;
        assert_ne!(base, last(other));
        let mut other = sample::pair();
        other.names[0].push('x');
        assert_ne!(base, last(other));
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
        let veto = run(sample::pair(), &Supervisor::default(), &|| Duration::ZERO, &mut watch).unwrap_err();
        assert_eq!((seen, veto.agent, veto.cause), (3, crate::AgentId::Risk, PipelineError::Stopped));
    }
}
