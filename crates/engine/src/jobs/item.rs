//! The result of one item of a run.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use governance::{Content, PlanRecord};
use store::{RunItemKind, RunWork, SharedPassages};

use super::checkpoint::Checkpoints;
use super::histories::{HistoryTexts, with_histories};
use super::progress::Progress;
use crate::context::RequestContext;
use crate::control::policy_of_plan::PolicyOfPlan;
use crate::decode::decode;
use crate::dto::backtest::PolicyBacktestRequest;
use crate::dto::backtest_run::{BACKTEST, STUDY};
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::stress::MonteCarloSimulationRequest;
use crate::fault::Faults;
use crate::inventory::Standings;
use crate::planning::record::PlanOrder;
use crate::questions::backtest::Study;
use crate::questions::simulation::simulation_answer;
use crate::refusal::{Refusal, json};
use crate::surroundings::Surroundings;
use crate::telling::inventory::forecaster;
use crate::trainings::make::{Made, Step, made_of};

/// How a refusal is written down for an item of a run that ends with it: the transport's own document, which readers of the
/// run are given. It is handed the request that made the run, and the run's id.
pub type RefusalWriter = fn(&RequestContext, &str, Refusal) -> Vec<u8>;

/// What an item gave.
#[derive(Debug, Clone)]
pub(super) enum Done {
    /// A plan to be stored, and the passages of its request that the run keeps.
    Plan(Box<PlanRecord>, SharedPassages),
    /// A training to be kept as a version, and its answer with the item.
    Model(Box<Made>),
    /// An answer to be kept with the item.
    Answer(Vec<u8>),
    /// A problem document.
    Problem(Vec<u8>),
    /// Nothing yet: the process is ending, and the next one goes on from what was kept.
    PutOff,
}

/// The champions and the control policy at the time of a run's request: an item that is done again after a crash is done with the same.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) models: Standings,
    pub(super) policy: PolicyOfPlan,
}

/// What the items of a run share: read, and made, once for all of them.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: HistoryTexts,
    study: OnceLock<Result<Study, Refusal>>,
}

impl Shared {
    /// The texts that the run keeps.
    pub(super) fn of(texts: HistoryTexts) -> Self {
        Self { texts, study: OnceLock::new() }
    }

    /// The backtest that the items are policies of.
    fn study(&self) -> Result<&Study, Refusal> {
        let study = || {
            let request = self.texts.get(BACKTEST).ok_or(Refusal::RecordChanged)?;
            let study =
                Study::of(decode::<PolicyBacktestRequest>(request.as_str().as_bytes()).map_err(Refusal::Invalid)?)?;
            // What was counted when it was accepted: a policy that is replayed again after a restart is told the same.
            let Some(counted) = self.texts.get(STUDY) else { return Ok(study) };
            let counted = serde_json::from_str(counted.as_str()).map_err(|error| Refusal::unreadable(&error))?;
            Ok(study.counted_as(counted))
        };
        self.study.get_or_init(study).as_ref().map_err(Clone::clone)
    }
}

/// Does what an item asks for. The same item gives the same bytes, whenever it is done: the only time it sees is that of the
/// run's request.
pub(super) fn work_on(
    work: &RunWork,
    shared: &Shared,
    standing: &Result<Standing, Refusal>,
    surroundings: &Arc<dyn Surroundings>,
    write: RefusalWriter,
    (progress, checkpoints): (&Progress, &Checkpoints),
) -> Done {
    let context = context_of(work);
    let done = catch_unwind(AssertUnwindSafe(|| match work.kind {
        RunItemKind::Portfolio => plan(work, &shared.texts, standing, &context, surroundings),
        RunItemKind::Simulation => simulation(work, standing, &context, &progress.stop).map(Done::Answer),
        RunItemKind::Backtest => progress.within(|| policy(work, shared, progress)).map(Done::Answer),
        RunItemKind::Training => training(work, standing, progress, checkpoints),
    }));
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(refusal)) => problem(work, refusal, write),
        Err(_) => problem(work, Refusal::Internal, write),
    }
}

/// The problem of an item, with pointers from the top of the run's body.
pub(super) fn problem(work: &RunWork, refusal: Refusal, write: RefusalWriter) -> Done {
    let refusal = match refusal {
        // Pointers of a backtest and of a training are from the top already.
        Refusal::Invalid(found) if !matches!(work.kind, RunItemKind::Backtest | RunItemKind::Training) => {
            let mut faults = Faults::default();
            faults.extend_within(&format!("/{}s/{}", work.kind.as_str(), work.index), found);
            Refusal::Invalid(faults.into_vec())
        }
        other => other,
    };
    Done::Problem(write(&context_of(work), &work.run_id, refusal))
}

/// The `client_reference` of a portfolio's request, which was checked when it was accepted.
pub(super) fn reference_of(request: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Labelled {
        client_reference: Option<String>,
    }
    serde_json::from_slice(request).ok().and_then(|labelled: Labelled| labelled.client_reference)
}

pub(super) fn context_of(work: &RunWork) -> RequestContext {
    let received_at = DateTime::parse_from_rfc3339(&work.created_at).map(|time| time.with_timezone(&Utc));
    RequestContext { request_id: work.request_id.clone(), received_at: received_at.unwrap_or_default() }
}

/// The plan of a portfolio. Its request was checked when it was accepted: only a newer version of this program may refuse it.
fn plan(
    work: &RunWork,
    histories: &HistoryTexts,
    standing: &Result<Standing, Refusal>,
    context: &RequestContext,
    surroundings: &Arc<dyn Surroundings>,
) -> Result<Done, Refusal> {
    let (request, passages) = with_histories(&work.request, histories).map_err(|_| Refusal::RecordChanged)?;
    let document: RebalanceRequest = decode(&request).map_err(Refusal::Invalid)?;
    let Standing { models, policy } = standing.as_ref().map_err(Clone::clone)?;
    let mut case = models.case_of(document)?;
    case.echo.control_policy = Some(policy.clone());
    let plan_id = work.plan_id.clone().ok_or(Refusal::Internal)?;
    let (request, context, surroundings) = (Content::new(request), context.clone(), surroundings.clone());
    let record = PlanOrder { case, request, plan_id: Some(plan_id), context, surroundings }.seal_unseen()?;
    Ok(Done::Plan(Box::new(record), passages))
}

/// The answer of a simulation, whose request was checked as a portfolio's is.
fn simulation(
    work: &RunWork,
    standing: &Result<Standing, Refusal>,
    context: &RequestContext,
    stop: &stress::Stop,
) -> Result<Vec<u8>, Refusal> {
    let request: MonteCarloSimulationRequest = decode(&work.request).map_err(Refusal::Invalid)?;
    let used = if request.asks_forecaster() {
        standing.as_ref().map_err(Clone::clone)?.models.forecaster()?
    } else {
        forecaster(None).clone()
    };
    serde_json::to_vec(&simulation_answer(&request, used.as_ref(), context, stop)?).map_err(|_| Refusal::Internal)
}

/// The training of a model, with the versions that are kept. One that takes long goes on from where an earlier process left it.
fn training(
    work: &RunWork,
    standing: &Result<Standing, Refusal>,
    progress: &Progress,
    checkpoints: &Checkpoints,
) -> Result<Done, Refusal> {
    let known = standing.as_ref().map_err(Clone::clone)?.models.trained();
    let mut is_put_off = false;
    let made = made_of(&work.request, known, checkpoints.earlier(), &mut |step: Step<'_>| {
        if let Some(state) = step.state {
            checkpoints.keep(state);
        }
        let told = progress.tell(step.done, step.all);
        is_put_off = step.can_be_put_off && checkpoints.is_ending();
        if is_put_off { ControlFlow::Break(()) } else { told }
    });
    match made {
        Err(_) if is_put_off && !progress.stop.is_raised() => Ok(Done::PutOff),
        made => Ok(Done::Model(Box::new(made?))),
    }
}

/// One policy of a backtest beside the first, whose request the run keeps once for all of its policies.
fn policy(work: &RunWork, shared: &Shared, progress: &Progress) -> Result<Vec<u8>, Refusal> {
    json(&shared.study()?.part(work.index as usize, progress)?)
}
