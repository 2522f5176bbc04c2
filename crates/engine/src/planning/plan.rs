//! One plan for one portfolio: the agents' run, with the service's limits and clock.

use std::ops::ControlFlow;
use std::time::Duration;

use governance::Digest;
use pipeline::{StageRecord, StageTrace, Supervisor, Veto, plan, run};

pub use pipeline::Plan;

use crate::planning::portfolio::Portfolio;

/// Who sees each step when it is done, and may end the run.
pub type Watch<'a> = &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>;

/// Decides what to do with a portfolio.
///
/// # Errors
/// The [`Veto`] of an agent: the portfolio was checked, so it is a fault of ours.
pub fn make_plan(portfolio: Portfolio) -> Result<Plan, Veto> {
    plan(portfolio, &Supervisor::default())
}

/// As [`make_plan`], with digests that start at that of the request's bytes, durations, and someone who sees each stage when
/// it is done and may end the run.
///
/// # Errors
/// As [`make_plan`], and the stop that `watch` asked for.
pub fn watched_plan(
    portfolio: Portfolio,
    request: Digest,
    clock: &dyn Fn() -> Duration,
    watch: Watch<'_>,
) -> Result<Plan, Veto> {
    run(portfolio, (*request.as_bytes()).into(), &Supervisor::default(), clock, watch)
}
