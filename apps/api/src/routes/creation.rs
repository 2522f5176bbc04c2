//! What every route that creates a plan has in common: a key that makes a retry safe, and keeping before answering.

use governance::{Content, PlanRecord};
use store::{Claim, HeldKey};

use crate::http::context::RequestContext;
use crate::http::idempotency::{IdempotencyKey, fingerprint};
use crate::http::problem::{Problem, ProblemKind};
use crate::records::{Recorded, Records};
use crate::routes::stored;

/// A plan that is kept, by this request or by an earlier one with its key.
pub(super) struct Creation {
    pub(super) record: PlanRecord,
    pub(super) again: bool,
}

/// What a request's key asks for.
pub(super) enum Claimed {
    /// The plan is to be made; the key, if there is one, is held meanwhile.
    Fresh(Option<HeldKey>),
    /// It was made before.
    Again(Box<Creation>),
}

/// What the key of a request means for `operation` and this body.
pub(super) async fn claim(
    context: &RequestContext,
    records: &Records,
    key: IdempotencyKey,
    operation: &str,
    body: &Content,
) -> Result<Claimed, Problem> {
    let refuse = |kind| Problem::new(context, kind);
    let Some(key) = key.0.map_err(|detail| refuse(ProblemKind::InvalidKey(detail)))? else {
        return Ok(Claimed::Fresh(None));
    };
    let claim = records.claim(key, fingerprint(operation, body.digest()), context.received_at).await;
    match claim.map_err(|error| stored(context, &error))? {
        Claim::Fresh(held) => Ok(Claimed::Fresh(Some(held))),
        // Keys are under no digest: whose plan a key leads to is for the plan's own bytes to say.
        Claim::Answered(plan) if plan.record.request != *body => Err(refuse(ProblemKind::TamperedRecord)),
        Claim::Answered(plan) => Ok(Claimed::Again(Box::new(Creation { record: plan.record, again: true }))),
        Claim::Running => Err(refuse(ProblemKind::KeyInUse)),
        _ => Err(refuse(ProblemKind::KeyReused)),
    }
}

/// Keeps a plan: what comes back is on the disk.
pub(super) async fn keep(
    context: &RequestContext,
    records: &Records,
    record: PlanRecord,
    held: Option<HeldKey>,
) -> Result<Creation, Problem> {
    let kept = records.keep(record.clone(), held).await.map_err(|error| stored(context, &error))?;
    match kept {
        Recorded::New => Ok(Creation { record, again: false }),
        Recorded::Earlier(plan) if plan.record.request != record.request => {
            Err(Problem::new(context, ProblemKind::TamperedRecord))
        }
        Recorded::Earlier(plan) => Ok(Creation { record: plan.record, again: true }),
        Recorded::OtherRequest => Err(Problem::new(context, ProblemKind::KeyReused)),
    }
}
