//! Training of models: answered at once when it is small, queued as a run when it is large or when the client prefers it.

mod allocator;
pub(crate) mod keep;
pub(crate) mod make;
#[cfg(feature = "transformer")]
mod transformer;

use std::future::ready;
use std::ops::ControlFlow;

use governance::{Actor, ClientLabels};
use store::{NewRunItem, RunItemKind};

use self::keep::keep;
use self::make::{Step, made};
use crate::context::RequestContext;
use crate::dto::training::ModelTrainingRequest;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::{allocator as allocators, trained, transformer as transformers};
use crate::jobs::{AdmittedRun, Runs, state};
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::refusal::{Refusal, json};
use crate::runs::{AcceptedRun, RunOrder, queue};

/// Most versions of one store: each is loaded with its ten golden cases.
const MAX_VERSIONS: usize = 200;

/// What a request for a training leads to.
#[derive(Debug)]
pub enum NewTraining {
    /// It has ended: a [`crate::dto::training::ModelTrainingResponse`] in JSON. The version is on the disk.
    Answered(Vec<u8>),
    /// It is kept as a run and will be worked on; its body is a [`crate::dto::jobs::RunState`] in JSON.
    Queued(AcceptedRun),
}

/// Trains the model of a request at once, or queues it.
///
/// # Errors
/// The faults of the request, a key that cannot be used, no room, or records that cannot keep it.
pub async fn create(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    context: &RequestContext,
    (body, key, prefers_queue): (&[u8], KeyOfRequest, bool),
) -> Result<NewTraining, Refusal> {
    let request: ModelTrainingRequest = engine.read(body).await?;
    // A key that cannot be used is refused, whether or not it would be needed.
    let key = Ok(key?);
    let store = engine.records().store();
    let mut known = trained::read(store).await?;
    known.extend(transformers::read(store).await?);
    known.extend(allocators::read(store).await?);
    if known.len() >= MAX_VERSIONS {
        let detail = format!("{MAX_VERSIONS} trained versions are kept, which is the most of one store");
        return Err(Refusal::fault("", FaultCode::Limit, detail));
    }
    if !prefers_queue && request.is_small() {
        let made = engine.compute().answer_until(request.work(), move |stop| {
            let tell =
                &mut |_: Step<'_>| if stop.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            made(&request, &known, None, tell)
        });
        let response = keep(store, actor, context, &made.await?).await?;
        return Ok(NewTraining::Answered(json(&response)?));
    }
    let item = NewRunItem {
        kind: RunItemKind::Training,
        index: 0,
        plan_id: None,
        labels: ClientLabels::default(),
        request: body.to_vec(),
    };
    let admitted = ready(Ok(AdmittedRun { items: vec![item], texts: Vec::new() }));
    let respond = |run_id: &str, created_at: &str, items: &[NewRunItem]| {
        json(&state::accepted(run_id, created_at, items, context)?)
    };
    let order = RunOrder { actor, context, body, operation: KeyedOperation::Training, key };
    queue(engine, runs, order, admitted, respond).await.map(NewTraining::Queued)
}
