//! Stored plans: listed, read, made again, checked and proven.

use backtest::DayRecord;
use governance::Actor;
use serde_json::value::RawValue;
use store::{PlanQuery, PlanRow, StoredPlan};

use crate::context::RequestContext;
use crate::control::export::export;
use crate::control::policy;
use crate::control::steps::state_after;
use crate::dto::controls::PlanState;
use crate::dto::metadata::Metadata;
use crate::dto::plan_part::PlanPart;
use crate::dto::records::{PlanProof, PlanSummary, PlanVerification, ReplayResponse, StoredPlanResponse};
use crate::host::Engine;
use crate::inventory::trained;
use crate::planning::backtest_day;
use crate::records::headline::Headline;
use crate::records::invariants;
use crate::records::replay::{case_again, named_policy, replay as make_again};
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};
use crate::telling::order_files::{FixParties, OrderFileForm, file_stem};
use crate::telling::report::{ReportForm, report_of_stored};

pub use crate::telling::view::PlanParts;

/// Rough work of making a plan again or checking it, per byte of what is stored.
const WORK_PER_BYTE: u64 = 20;

/// A page of stored plans, newest first.
#[derive(Debug)]
pub struct PlanPage {
    /// The plans.
    pub items: Vec<PlanSummary>,
    /// Sequence after which the next page starts; `None` on the last page.
    pub next: Option<u64>,
}

/// Whether a text could be the id of a record; the database is not queried for any other text.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The orders of a plan as a file.
#[derive(Debug)]
pub struct PlanOrderFile {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its name without the ending, in ASCII: what is in it, the name of the book or else the plan's title, its day and the beginning of its id.
    pub stem: String,
}

/// The name of the book in a stored request.
#[derive(serde::Deserialize)]
struct BookName {
    name: Option<String>,
}

/// A stored plan.
///
/// # Errors
/// [`Refusal::PlanNotFound`], or records that cannot be read.
pub async fn find(engine: &Engine, plan_id: &str) -> Result<StoredPlan, Refusal> {
    if !is_id(plan_id) {
        return Err(Refusal::PlanNotFound);
    }
    let found = engine.records().store().plan(plan_id).await.map_err(|error| Refusal::of_store(&error))?;
    found.ok_or(Refusal::PlanNotFound)
}

/// Up to `query.limit` plans, newest first.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, query: PlanQuery) -> Result<PlanPage, Refusal> {
    let limit = query.limit;
    // One more than asked for tells whether there is a next page.
    let query = PlanQuery { limit: limit + 1, ..query };
    let mut rows = engine.records().store().plans(query).await.map_err(|error| Refusal::of_store(&error))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.sequence);
    Ok(PlanPage { items: rows.into_iter().map(summary).collect(), next })
}

fn summary(row: PlanRow) -> PlanSummary {
    let headline = row.headline.as_deref().and_then(Headline::read);
    let (title, portfolio_value, currency, orders, decision) = match headline {
        Some(told) => {
            (told.title, Some(told.portfolio_value), Some(told.currency), Some(told.orders), Some(told.decision))
        }
        None => (None, None, None, None, None),
    };
    PlanSummary {
        title,
        portfolio_value,
        currency,
        orders,
        decision,
        plan_id: row.plan_id,
        sequence: row.sequence,
        created_at: row.created_at,
        request_id: row.request_id,
        engine_version: row.engine_version,
        models: serde_json::from_str(&row.models).unwrap_or_default(),
        seed: row.seed,
        client_reference: row.labels.reference,
        client_metadata: row.labels.metadata.and_then(|metadata| serde_json::from_str(&metadata).ok()),
        digest: row.digest,
        state: row.deed.map(state_after),
    }
}

/// A stored plan as a [`StoredPlanResponse`] in JSON, with the parts that were asked for; all of them are what was kept, byte for byte.
///
/// # Errors
/// [`Refusal::RecordChanged`] when its bytes are not JSON.
pub fn body(plan: &StoredPlan, parts: &PlanParts, state: PlanState) -> Result<Vec<u8>, Refusal> {
    let record = &plan.record;
    let response = parts.cut(record.response.bytes())?;
    let raw = |bytes| serde_json::from_slice::<&RawValue>(bytes).map_err(|_| Refusal::RecordChanged);
    json(&StoredPlanResponse {
        plan_id: &record.plan_id,
        sequence: plan.sequence,
        created_at: &record.created_at,
        request_id: &record.request_id,
        engine_version: &record.engine_version,
        models: raw(record.models.as_bytes())?,
        seed: record.seed,
        title: record
            .headline
            .as_ref()
            .and_then(|headline| Headline::read(&headline.shown))
            .and_then(|told| told.title),
        client_reference: record.labels.reference.as_deref(),
        client_metadata: record.labels.metadata.as_deref().map(str::as_bytes).map(raw).transpose()?,
        digest: plan.digest,
        state: Some(state).filter(|state| *state != PlanState::Proposed),
        request: parts.contains(PlanPart::Request).then(|| raw(record.request.bytes())).transpose()?,
        response: &response,
    })
}

/// Makes a stored plan again and compares: a [`ReplayResponse`] in JSON. Nothing is stored.
///
/// # Errors
/// [`Refusal::PlanNotFound`], no room, or records that cannot be read.
pub async fn replay(engine: &Engine, context: &RequestContext, plan_id: &str) -> Result<Vec<u8>, Refusal> {
    let plan = find(engine, plan_id).await?;
    trained::know(engine.records().store(), &plan.record.models).await?;
    let (metadata, surroundings) = (Metadata::plain(context), engine.records().surroundings().clone());
    // Without its policy the answer differs at `/controls`, which the report says.
    let policy = match named_policy(&plan.record) {
        Ok(Some((version, own))) => policy::numbered(engine, own.as_deref(), version).await?.map(Into::into),
        _ => None,
    };
    let job = move || json(&ReplayResponse { replay: make_again(&plan, policy, surroundings), metadata });
    engine.compute().answer(u64::MAX, job).await
}

/// Replays a stored plan as the day of a backtest that begins with its book: what the account did, with the digest of the plan, which is
/// that of the stored one. Nothing is stored.
///
/// # Errors
/// As [`replay`], and [`Refusal::PlanNotMovable`] for a plan that this version cannot make again.
pub async fn as_backtest_day(engine: &Engine, plan_id: &str) -> Result<Option<DayRecord>, Refusal> {
    let plan = find(engine, plan_id).await?;
    trained::know(engine.records().store(), &plan.record.models).await?;
    let job = move || {
        let case = case_again(&plan.record).map_err(|cause| Refusal::PlanNotMovable(cause, Vec::new()))?;
        let day = backtest_day::as_backtest_day(&case, plan.record.request.digest());
        day.map_err(|error| Refusal::internal(&error))
    };
    engine.compute().answer(u64::MAX, job).await
}

/// Checks what must hold of a stored plan: a [`PlanVerification`] in JSON.
///
/// # Errors
/// As [`replay`].
pub async fn verify(engine: &Engine, context: &RequestContext, plan_id: &str) -> Result<Vec<u8>, Refusal> {
    let plan = find(engine, plan_id).await?;
    let metadata = Metadata::plain(context);
    let work = (plan.record.request.bytes().len() + plan.record.response.bytes().len()) as u64 * WORK_PER_BYTE;
    let job = move || {
        let checks = invariants::check(&plan);
        let valid = checks.iter().all(|check| check.holds);
        json(&PlanVerification { plan_id: plan.record.plan_id, valid, checks, metadata })
    };
    engine.compute().answer(work, job).await
}

/// The report of a stored plan, from its answer alone.
///
/// # Errors
/// As [`replay`].
pub async fn report(engine: &Engine, plan_id: &str, form: ReportForm) -> Result<String, Refusal> {
    let plan = find(engine, plan_id).await?;
    let actor = actor_of(engine, &plan).await?;
    let work = plan.record.response.bytes().len() as u64 * WORK_PER_BYTE;
    engine.compute().answer(work, move || report_of_stored(plan, actor.as_deref(), form)).await
}

/// Who asked for a stored plan: the actor of its entry in the audit trail.
pub(crate) async fn actor_of(engine: &Engine, plan: &StoredPlan) -> Result<Option<String>, Refusal> {
    let entries = engine.records().store().entries(plan.sequence.saturating_sub(1), 1).await;
    let entries = entries.map_err(|error| Refusal::of_store(&error))?;
    let own = entries.into_iter().find(|entry| entry.plan_id.as_ref() == Some(&plan.record.plan_id));
    Ok(own.map(|entry| entry.actor))
}

/// The orders of a stored plan as a file, held against the control policy. The first file is the step to `executing`, unless the caller only
/// looks whether there is one.
///
/// # Errors
/// As [`replay`], a fault where the form cannot hold the orders, and what keeps the orders from leaving: a halt, a hard limit, or a
/// decision that was taken or is missing.
pub async fn orders(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan_id: &str,
    form: OrderFileForm,
    parties: FixParties,
    is_look: bool,
) -> Result<PlanOrderFile, Refusal> {
    let plan = find(engine, plan_id).await?;
    let bytes = export(engine, actor, context, &plan, (form, &parties), is_look).await?;
    let record = &plan.record;
    let book = serde_json::from_slice::<BookName>(record.request.bytes()).ok().and_then(|named| named.name);
    let title = || Headline::read(&record.headline.as_ref()?.shown)?.title;
    let stem = file_stem(form, book.or_else(title).as_deref(), &record.created_at, &record.plan_id);
    Ok(PlanOrderFile { bytes, stem })
}

/// Proves that a plan was recorded.
///
/// # Errors
/// [`Refusal::PlanNotFound`], or records that cannot be read.
pub async fn proof(engine: &Engine, context: &RequestContext, plan_id: &str) -> Result<PlanProof, Refusal> {
    if !is_id(plan_id) {
        return Err(Refusal::PlanNotFound);
    }
    let found = engine.records().store().inclusion(plan_id).await.map_err(|error| Refusal::of_store(&error))?;
    let proof = found.ok_or(Refusal::PlanNotFound)?;
    let head = engine.records().sign(&proof.tip, proof.root, &time_text(context.received_at));
    Ok(PlanProof {
        leaf_index: proof.entry.sequence - 1,
        entry: proof.entry,
        path: proof.path,
        head,
        metadata: Metadata::plain(context),
    })
}
