//! One plan for one case: the agents' run, with the service's clock.

use std::ops::ControlFlow;
use std::time::Duration;

use governance::Digest;
use pipeline::{Plan, StageRecord, StageTrace, Veto, plan, run};

use crate::planning::case::Case;

/// Who sees each step when it is done, and may end the run.
pub type Watch<'a> = &'a mut dyn FnMut(&StageRecord, &StageTrace) -> ControlFlow<()>;

/// A plan with the case it is for.
#[derive(Debug)]
pub struct PlannedCase {
    /// What was asked for.
    pub case: Case,
    /// What was decided.
    pub plan: Plan,
}

/// Decides what to do with a case.
///
/// # Errors
/// The [`Veto`] of an agent: the case was checked, so it is a bug.
pub fn make_plan(case: Case) -> Result<PlannedCase, Veto> {
    let plan = plan(&case.book, case.market(), &case.config)?;
    Ok(PlannedCase { case, plan })
}

/// As [`make_plan`], with digests that start at that of the request's bytes, durations, and an observer who sees each step when
/// it is done and may end the run.
///
/// # Errors
/// As [`make_plan`], and the stop that `watch` asked for.
pub fn watched_plan(
    case: Case,
    request: Digest,
    clock: &dyn Fn() -> Duration,
    watch: Watch<'_>,
) -> Result<PlannedCase, Veto> {
    let plan = run(&case.book, case.market(), &case.config, request, clock, watch)?;
    Ok(PlannedCase { case, plan })
}
