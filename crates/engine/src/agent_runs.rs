//! Runs of the agents: a plan is created, stored unless it is a draft, and answered with the record of what each agent
//! did.

use std::ops::ControlFlow;

use governance::{Actor, PlanRecord};
use pipeline::{StageRecord, StageTrace};
use store::HeldKey;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::context::RequestContext;
use crate::control::halts::refuse_if_halted;
use crate::creation::{self, Admitted, CreatedPlan, admit, keep};
use crate::dto::run::{StageEvent, StageEventMetadata};
use crate::host::Engine;
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::meter::{self, metered};
use crate::planning::record::{PlanOrder, run_response};
use crate::refusal::{Refusal, json};
use crate::stored;

/// A run that ended, with its plan kept, or a draft.
#[derive(Debug, Clone)]
pub struct AgentRun {
    /// The id of the plan it made; a draft has none.
    pub plan_id: Option<String>,
    /// A [`crate::dto::run::AgentRunResponse`] in JSON, on one line.
    pub body: Vec<u8>,
    /// Whether an earlier request with the same key made it.
    pub is_replay: bool,
}

impl AgentRun {
    fn of(created: &CreatedPlan) -> Result<Self, Refusal> {
        let record = &created.record;
        Ok(Self { plan_id: Some(record.plan_id.clone()), body: body(record)?, is_replay: created.is_replay })
    }

    /// The run of a request with `"store": false`, which leaves nothing behind.
    fn draft(record: &PlanRecord) -> Result<Self, Refusal> {
        Ok(Self { plan_id: None, body: body(record)?, is_replay: false })
    }
}

/// Something that happened in a run under way.
#[derive(Debug)]
pub enum AgentRunEvent {
    /// An agent has done its step.
    Stage {
        /// Position of the step, from 1.
        step: usize,
        /// A [`StageEvent`] in JSON, on one line.
        data: String,
    },
    /// The run has ended, and its plan is kept unless it is a draft: the last event.
    Ended(AgentRun),
    /// The run has failed and nothing is kept: the last event.
    Refused(Refusal),
}

/// A run whose steps are reported while they are done.
#[derive(Debug)]
pub enum WatchedRun {
    /// It was made by an earlier request with the same key.
    Earlier(AgentRun),
    /// It is under way.
    UnderWay(AgentRunEvents),
}

/// The events of a run under way. Dropping them ends the run in the step at work, and nothing is kept.
#[derive(Debug)]
pub struct AgentRunEvents {
    first: Option<AgentRunEvent>,
    rest: Receiver<AgentRunEvent>,
}

impl AgentRunEvents {
    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<AgentRunEvent> {
        match self.first.take() {
            Some(first) => Some(first),
            None => self.rest.recv().await,
        }
    }
}

/// Creates the plan of a rebalance request, keeps it unless it is a draft, and answers with the record of its run.
///
/// # Errors
/// As [`crate::plans::rebalance`].
pub async fn create(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<AgentRun, Refusal> {
    match admit(engine, actor, context, body, key, KeyedOperation::AgentRun).await? {
        Admitted::Draft(order) => {
            let work = order.case.work();
            let record = engine.compute().answer(work, move || order.seal_unseen()).await?;
            draft_unless_halted(engine, actor, &record).await
        }
        admitted => AgentRun::of(&creation::finish(engine, actor, admitted).await?),
    }
}

/// As [`create`], with each step reported when it is done. When this returns a run under way, its first step is done.
///
/// # Errors
/// As [`create`], for whatever fails before the first step is done; what fails later is an event.
pub async fn create_watched(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<WatchedRun, Refusal> {
    match admit(engine, actor, context, body, key, KeyedOperation::AgentRun).await? {
        Admitted::Order(order, held) => start(engine.clone(), actor.clone(), *order, held).await,
        Admitted::Draft(order) => start(engine.clone(), actor.clone(), *order, None).await,
        Admitted::Earlier(created) => AgentRun::of(&created).map(WatchedRun::Earlier),
    }
}

/// The record of the run that made a stored plan, in JSON.
///
/// # Errors
/// [`Refusal::PlanNotFound`], [`Refusal::RecordChanged`] when its bytes are not those of a plan, or records that cannot be read.
pub async fn read(engine: &Engine, plan_id: &str) -> Result<Vec<u8>, Refusal> {
    body(&stored::find(engine, plan_id).await?.record)
}

fn body(record: &PlanRecord) -> Result<Vec<u8>, Refusal> {
    run_response(record).map_err(|e| Refusal::unreadable(&e)).and_then(|run| json(&run))
}

/// A draft, unless somebody halted it while it was made.
async fn draft_unless_halted(engine: &Engine, actor: &Actor, record: &PlanRecord) -> Result<AgentRun, Refusal> {
    refuse_if_halted(engine, actor, record.labels.reference.as_deref()).await?;
    AgentRun::draft(record)
}

/// Events a reader may lag behind: more than a run sends, so a run never waits for its reader.
const EVENTS: usize = 16;

async fn start(engine: Engine, actor: Actor, order: PlanOrder, held: Option<HeldKey>) -> Result<WatchedRun, Refusal> {
    let (sender, mut rest) = channel(EVENTS);
    tokio::spawn(metered(meter::current(), work(engine, actor, order, held, sender)));
    match rest.recv().await {
        // Nothing was reported before it, so it can still be the outcome.
        Some(AgentRunEvent::Refused(refusal)) => Err(refusal),
        Some(first) => Ok(WatchedRun::UnderWay(AgentRunEvents { first: Some(first), rest })),
        // The task itself failed.
        None => Err(Refusal::Internal),
    }
}

/// Runs the agents, keeps the plan and reports both.
async fn work(engine: Engine, actor: Actor, order: PlanOrder, held: Option<HeldKey>, sender: Sender<AgentRunEvent>) {
    let (work, steps, is_draft) = (order.case.work(), sender.clone(), order.plan_id.is_none());
    // A reader that goes away takes the step at work along; once the plan is made it is kept.
    let made = tokio::select! {
        biased;
        made = engine.compute().answer(work, move || watched(order, &steps)) => made,
        () = sender.closed() => return,
    };
    let outcome = match made {
        Ok(None) => return,
        Ok(Some(record)) if is_draft => draft_unless_halted(&engine, &actor, &record).await,
        Ok(Some(record)) => keep(&engine, &actor, record, held).await.and_then(|created| AgentRun::of(&created)),
        Err(refusal) => Err(refusal),
    };
    let _gone = sender.try_send(outcome.map_or_else(AgentRunEvent::Refused, AgentRunEvent::Ended));
}

/// One run whose steps go to `sender` as they are done. A reader that is gone ends it: then there is nothing to keep.
fn watched(order: PlanOrder, sender: &Sender<AgentRunEvent>) -> Result<Option<PlanRecord>, Refusal> {
    if sender.is_closed() {
        return Ok(None);
    }
    let plan_id = order.plan_id.clone();
    let mut report = |stage: &StageRecord, trace: &StageTrace| {
        let metadata = StageEventMetadata { plan_id: plan_id.as_deref(), trace: trace.into() };
        let data = serde_json::to_string(&StageEvent { stage: stage.into(), metadata }).unwrap_or_default();
        match sender.try_send(AgentRunEvent::Stage { step: stage.step(), data }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    match order.seal(&mut report) {
        Err(_) if sender.is_closed() => Ok(None),
        sealed => sealed.map(Some),
    }
}
