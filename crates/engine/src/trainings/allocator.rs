//! From a request to a learned allocator.

use std::ops::ControlFlow;
use std::sync::Arc;

use learned::{AllocatorSpec, Histories, LearnedError, PURGED_DAYS, train};
use portfolio_core::Seed;

use super::make::{Made, NewModel, Step, Work, known_or_trials};
use crate::dto::allocator::{AllocatorTrainingRequest, parts, pointer_of};
use crate::dto::training::ModelTrainingRequest;
use crate::fault_code::FaultCode;
use crate::inventory::{Registered, allocator};
use crate::refusal::Refusal;

/// The training of a request. `earlier`: from where it goes on.
///
/// # Errors
/// What cannot be trained on.
pub(super) fn made(
    request: &ModelTrainingRequest,
    asked: &AllocatorTrainingRequest,
    known: &[&'static Registered],
    earlier: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    let spec = asked.spec();
    let (names, returns) = parts(request);
    let data = allocator::digest_of(&names, &returns)?;
    let facts = match known_or_trials(request, known, data, summary(&spec)) {
        Ok(facts) => facts,
        Err(identity) => return Ok(Made::Known(Work::Allocator, identity)),
    };
    let histories = Histories { names: &names, returns: &returns };
    let (trials, seed) = (u64::from(facts.trials), Seed(facts.seed));
    let mut told = |step: learned::Step<'_>| {
        tell(Step { done: step.done, all: step.all, state: step.state, can_be_put_off: true })
    };
    let mut outcome = train(&histories, &spec, trials, seed, earlier, &mut told);
    if earlier.is_some() && matches!(outcome, Err(LearnedError::OtherState)) {
        tracing::warn!("a training begins anew: what was kept of it is of another one");
        outcome = train(&histories, &spec, trials, seed, None, &mut told);
    }
    let learned = outcome.map_err(|error| refused(&error))?;
    Ok(Made::New(Box::new(NewModel::of_allocator(Arc::new(learned), Arc::new(facts)))))
}

fn refused(error: &LearnedError) -> Refusal {
    match error {
        // Nobody waits for it any more, or its run was cancelled.
        LearnedError::Stopped => Refusal::Internal,
        other => Refusal::fault(pointer_of(other), FaultCode::Value, other.to_string()),
    }
}

/// Every setting of a training, in a sentence.
fn summary(spec: &AllocatorSpec) -> String {
    let AllocatorSpec { cost_bps, risk_aversion, seeds, steps, held_out } = spec;
    format!(
        "Allocator around equal weights, learned by PPO: {seeds} seeds of {steps} steps at {cost_bps} bp a side, the mean of their decisions; the last {held_out} \
         days and {PURGED_DAYS} before them were held out, and compared with a closed-form band at a risk aversion of {risk_aversion}."
    )
}
