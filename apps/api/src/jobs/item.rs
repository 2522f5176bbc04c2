//! What an item of a run gives.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use governance::{Content, PlanRecord};
use store::{RunItemKind, RunWork};

use crate::decode::{Document, decode};
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::stress::MonteCarloSimulationRequest;
use crate::engine::analytics::simulation_answer;
use crate::engine::portfolio::Portfolio;
use crate::engine::record::PlanOrder;
use crate::fault::Faults;
use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::surroundings::Machine;

/// What an item gave.
#[derive(Debug, Clone)]
pub(super) enum Done {
    /// A plan to be stored.
    Plan(Box<PlanRecord>),
    /// An answer to be kept with the item.
    Answer(Vec<u8>),
    /// A problem document.
    Problem(Vec<u8>),
}

/// Does what an item asks for. The same item gives the same bytes, whenever it is done: the only time it sees is that of the
/// run's request.
pub(super) fn work_on(work: &RunWork) -> Done {
    let context = context_of(work);
    let done = catch_unwind(AssertUnwindSafe(|| match work.kind {
        RunItemKind::Portfolio => plan(work, &context).map(|record| Done::Plan(Box::new(record))),
        RunItemKind::Simulation => simulation(work, &context).map(Done::Answer),
    }));
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(kind)) => problem(work, kind),
        Err(_) => problem(work, ProblemKind::Internal),
    }
}

/// The problem of an item, with pointers from the top of the run's body.
pub(super) fn problem(work: &RunWork, kind: ProblemKind) -> Done {
    let kind = match kind {
        ProblemKind::InvalidRequest(found) => {
            let mut faults = Faults::default();
            faults.extend_within(&format!("/{}s/{}", work.kind.as_str(), work.index), found);
            ProblemKind::InvalidRequest(faults.into_vec())
        }
        other => other,
    };
    let body = Problem::new(&context_of(work), kind).body();
    Done::Problem(serde_json::to_vec(&body).unwrap_or_default())
}

fn context_of(work: &RunWork) -> RequestContext {
    let received_at = DateTime::parse_from_rfc3339(&work.created_at).map(|time| time.with_timezone(&Utc));
    RequestContext {
        request_id: work.request_id.clone(),
        path: format!("/api/runs/{}", work.run_id),
        received_at: received_at.unwrap_or_default(),
    }
}

/// The item's request. It was checked when it was accepted: only a newer version of this program may refuse it.
fn request<T: Document>(work: &RunWork) -> Result<T, ProblemKind> {
    decode(&work.request).map_err(ProblemKind::InvalidRequest)
}

fn plan(work: &RunWork, context: &RequestContext) -> Result<PlanRecord, ProblemKind> {
    let portfolio = Portfolio::try_from(request::<RebalanceRequest>(work)?).map_err(ProblemKind::InvalidRequest)?;
    let plan_id = work.plan_id.clone().ok_or(ProblemKind::Internal)?;
    let (request, context, surroundings) = (Content::new(work.request.clone()), context.clone(), Arc::new(Machine));
    PlanOrder { portfolio, request, plan_id, context, surroundings }.seal_unseen()
}

fn simulation(work: &RunWork, context: &RequestContext) -> Result<Vec<u8>, ProblemKind> {
    let request: MonteCarloSimulationRequest = request(work)?;
    serde_json::to_vec(&simulation_answer(&request, context)?).map_err(|_| ProblemKind::Internal)
}
