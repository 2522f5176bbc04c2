//! What every use case that creates a plan has in common: a key that makes a retry safe, and storing before answering.

use governance::{Actor, Content, PlanRecord};
use store::{Claim, HeldKey};

use crate::context::RequestContext;
use crate::control::halts::refuse_if_halted;
use crate::control::policy;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::Standings;
use crate::keys::{InvalidKey, KeyOfRequest, KeyedOperation};
use crate::planning::record::PlanOrder;
use crate::records::Recorded;
use crate::refusal::Refusal;

/// A plan that is kept.
#[derive(Debug, Clone)]
pub struct CreatedPlan {
    /// The plan with its request, its answer and the record of its run.
    pub record: PlanRecord,
    /// Whether an earlier request with the same key created it.
    pub is_replay: bool,
}

/// Creates the plan of a rebalance request and keeps it: what comes back is on the disk.
pub(crate) async fn create(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
    operation: KeyedOperation,
) -> Result<CreatedPlan, Refusal> {
    let admitted = admit(engine, actor, context, body, key, operation).await?;
    finish(engine, actor, admitted).await
}

/// Makes and keeps the plan of a request that was admitted.
pub(crate) async fn finish(engine: &Engine, actor: &Actor, admitted: Admitted) -> Result<CreatedPlan, Refusal> {
    let (order, held) = match admitted {
        Admitted::Order(order, held) => (order, held),
        Admitted::Draft(_) => return Err(draft_refused()),
        Admitted::Earlier(created) => return Ok(*created),
    };
    let record = engine.compute().answer(order.case.work(), move || order.seal_unseen()).await?;
    keep(engine, actor, record, held).await
}

/// The result of admitting a request to create a plan.
pub(crate) enum Admitted {
    /// The plan has to be made; until then its key, if there is one, is held.
    Order(Box<PlanOrder>, Option<HeldKey>),
    /// The plan has to be made and is not to be stored.
    Draft(Box<PlanOrder>),
    /// It was made before.
    Earlier(Box<CreatedPlan>),
}

/// Reads a request and its key.
pub(crate) async fn admit(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
    operation: KeyedOperation,
) -> Result<Admitted, Refusal> {
    let document: RebalanceRequest = engine.read(body).await?;
    if document.store == Some(false) {
        if key?.is_some() {
            return Err(InvalidKey("A draft is not stored: it goes without an Idempotency-Key.").into());
        }
        refuse_if_halted(engine, actor, document.client_reference.as_deref()).await?;
        let mut case = Standings::for_plan(engine, &document).await?.case_of(document)?;
        case.echo.control_policy = Some(policy::of_plans(engine, case.echo.client_reference.as_deref()).await?);
        let order = PlanOrder {
            case,
            request: Content::new(body.to_vec()),
            plan_id: None,
            context: context.clone(),
            surroundings: engine.records().surroundings().clone(),
        };
        return Ok(Admitted::Draft(Box::new(order)));
    }
    let request = Content::new(body.to_vec());
    let held = match key? {
        None => None,
        Some(key) => {
            let fingerprint = operation.fingerprint(request.digest());
            let claim = engine.records().claim(actor, key, fingerprint, context.received_at).await;
            match claim.map_err(|error| Refusal::of_store(&error))? {
                Claim::Fresh(held) => Some(held),
                // No digest covers keys, so the plan's own bytes have to show that it belongs to this request.
                Claim::Answered(plan) if plan.record.request != request => return Err(Refusal::RecordChanged),
                Claim::Answered(plan) => {
                    return Ok(Admitted::Earlier(Box::new(CreatedPlan { record: plan.record, is_replay: true })));
                }
                Claim::Running => return Err(Refusal::KeyInUse),
                _ => return Err(Refusal::KeyReused),
            }
        }
    };
    refuse_if_halted(engine, actor, document.client_reference.as_deref()).await?;
    let mut case = Standings::for_plan(engine, &document).await?.case_of(document)?;
    case.echo.control_policy = Some(policy::of_plans(engine, case.echo.client_reference.as_deref()).await?);
    let records = engine.records();
    let order = PlanOrder {
        case,
        request,
        plan_id: Some(records.new_record_id()),
        context: context.clone(),
        surroundings: records.surroundings().clone(),
    };
    Ok(Admitted::Order(Box::new(order), held))
}

/// Why a draft is no answer to a request that creates something.
fn draft_refused() -> Refusal {
    let detail = "must not be false here, where the plan that is stored is what the request creates";
    Refusal::fault("/store", FaultCode::Value, detail)
}

/// Keeps a plan: what comes back is on the disk.
pub(crate) async fn keep(
    engine: &Engine,
    actor: &Actor,
    record: PlanRecord,
    held: Option<HeldKey>,
) -> Result<CreatedPlan, Refusal> {
    // Somebody may have halted it while it was made.
    refuse_if_halted(engine, actor, record.labels.reference.as_deref()).await?;
    let kept = engine.records().keep(actor, record.clone(), held).await;
    match kept.map_err(|error| Refusal::of_store(&error))? {
        Recorded::New => Ok(CreatedPlan { record, is_replay: false }),
        Recorded::Earlier(plan) if plan.record.request != record.request => Err(Refusal::RecordChanged),
        Recorded::Earlier(plan) => Ok(CreatedPlan { record: plan.record, is_replay: true }),
        Recorded::OtherRequest => Err(Refusal::KeyReused),
    }
}
