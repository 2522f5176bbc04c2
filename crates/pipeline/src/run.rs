use std::ops::ControlFlow;
use std::time::Duration;

use crate::digest::ContentDigest;
use crate::record::{Recorded, RunRecord, StageRecord, StageTrace, duration_us};
use crate::{
    Agent, ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, PipelineError, Plan, Portfolio, RiskAgent,
    Supervisor, Veto,
};

/// Runs the agents in their order and records each step.
///
/// * `clock`: time since any fixed moment; read twice per step, for durations only. A library reads no clock of its own.
/// * `watch`: called after each step; [`ControlFlow::Break`] ends the run before the next one.
///
/// The plan and every digest are functions of the portfolio and the supervisor's limits, to the last bit.
///
/// # Errors
/// The [`Veto`] of the agent that refused. A portfolio that was checked before gets one only by a fault of the agents, or
/// with [`PipelineError::Stopped`] when `watch` ends the run.
///
/// # Example
/// See the [crate documentation](crate).
pub fn run(
    portfolio: Portfolio,
    supervisor: &Supervisor,
    clock: &dyn Fn() -> Duration,
    watch: &mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>,
) -> Result<Plan, Veto> {
    let admitted = supervisor.admit(portfolio)?;
    let mut steps =
        Steps { digest: admitted.digest(), record: RunRecord { stages: Vec::new(), trace: Vec::new() }, clock, watch };
    let surveyed = steps.take(&MarketDataAgent, admitted)?;
    let forecasted = steps.take(&ForecastAgent, surveyed)?;
    let assessed = steps.take(&RiskAgent, forecasted)?;
    let proposed = steps.take(&OptimizerAgent, assessed)?;
    let staged = steps.take(&ExecutionAgent, proposed)?;
    let judged = steps.take(supervisor, staged)?;
    let record = steps.record;
    Ok(Plan::of(judged, record))
}

/// The steps taken so far.
struct Steps<'a> {
    digest: ContentDigest,
    record: RunRecord,
    clock: &'a dyn Fn() -> Duration,
    watch: &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>,
}

impl Steps<'_> {
    /// One agent's step: its work between two readings of the clock, then its record.
    fn take<A: Agent>(&mut self, agent: &A, input: A::Input) -> Result<A::Output, Veto>
    where
        A::Output: Recorded,
    {
        let start = (self.clock)();
        let output = agent.act(input)?;
        let end = (self.clock)();
        let output_digest = output.output_digest(A::ID, self.digest);
        let stage = output.record();
        let trace =
            StageTrace { id: A::ID, input_digest: self.digest, output_digest, duration_us: duration_us(start, end) };
        let flow = (self.watch)(&stage, &trace);
        self.digest = output_digest;
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

    fn plan(portfolio: Portfolio) -> Plan {
        let ticks = Cell::new(0);
        let clock = || {
            ticks.set(ticks.get() + 1);
            Duration::from_micros(7 * ticks.get())
        };
        run(portfolio, &Supervisor::default(), &clock, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn six_steps_are_recorded_in_order_each_starting_where_the_last_one_ended() {
        let record = plan(sample::pair()).record;
        let ids: Vec<_> = record.stages.iter().map(|stage| (stage.step, stage.id)).collect();
        assert_eq!(ids, AGENTS.iter().enumerate().map(|(i, card)| (i + 1, card.id)).collect::<Vec<_>>());
        for pair in record.trace.windows(2) {
            assert_eq!(pair[0].output_digest, pair[1].input_digest);
        }
        assert!(record.trace.iter().all(|trace| trace.duration_us == 7), "{:?}", record.trace);
        for stage in &record.stages {
            assert!(stage.sentence.ends_with('.'), "{}", stage.sentence);
        }
    }

    #[test]
    fn the_same_portfolio_gives_the_same_digests_and_another_one_does_not() {
        let last = |portfolio| plan(portfolio).record.trace.last().unwrap().output_digest;
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
