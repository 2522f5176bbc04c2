//! The inventory of models, and the moves of its champions: read, promoted, demoted.

use governance::{Actor, ChampionMove, ChampionMoveKind, Content, Digest, ModelIdentity, PointerDraft};
use models::{Finding, ModelKind, PromotionEvidence, Purpose, weigh, weigh_measured};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{ChampionMoved, NewChampionMove, PortfolioBasis};

use crate::context::{RequestContext, WITHOUT_KEY};
use crate::dto::metadata::{ENGINE_VERSION, Metadata};
use crate::dto::models::{
    ChampionMoveEntry, DemotionRequest, ModelList, ModelResponse, ModelStatus, ModelSummary, PromotionRequest,
};
use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::allocator::report_of;
use crate::inventory::{Part, Registered, Standings};
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};
use crate::{held_out_evidence, shadow};

/// A version with its card as it is answered, and its ETag.
#[derive(Debug)]
pub struct ToldModel {
    /// Digest of the version and of the latest move of its purpose: what `If-Match` of a move names.
    pub tag: Digest,
    /// The answer, a [`ModelResponse`] in JSON.
    pub body: Vec<u8>,
}

/// Every version of the inventory and where it stands.
///
/// # Errors
/// Records that cannot be read, or moves that are not what was recorded.
pub async fn list(engine: &Engine, context: &RequestContext) -> Result<ModelList, Refusal> {
    let standings = Standings::read(engine).await?;
    let models = standings.entries().map(|entry| summary(&standings, entry)).collect();
    Ok(ModelList { models, metadata: Metadata::plain(context) })
}

/// A version with its card.
///
/// # Errors
/// [`Refusal::ModelNotFound`], or as [`list`].
pub async fn find(engine: &Engine, id: &str) -> Result<ToldModel, Refusal> {
    let standings = Standings::read(engine).await?;
    let entry = standings.find(id).ok_or(Refusal::ModelNotFound)?;
    told(&standings, entry)
}

/// The versions of the inventory and where each stands before any promotion: what the command line prints.
///
/// # Errors
/// A model that does not give its golden outputs.
pub fn built_in() -> Result<Vec<ModelSummary>, Refusal> {
    let standings = Standings::without_moves()?;
    Ok(standings.entries().map(|entry| summary(&standings, entry)).collect())
}

/// Makes a challenger the champion of its purpose: when this returns the move is on the disk, under an entry of the audit chain.
///
/// What counts is what the service measured in shadow; the evidence of the request can add trials and make a figure worse. Models of costs do
/// not run in shadow: their evidence is that of the request. That of a learned allocator is its trial on the days held out.
///
/// # Errors
/// The faults of the request, [`Refusal::ModelNotFound`], [`Refusal::StaleVersion`], [`Refusal::ModelNotMovable`], every part of the evidence
/// that is missing or not good enough, an approver who is the actor, or records that cannot keep it.
pub async fn promote(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    id: &str,
    basis: PortfolioBasis,
    body: &[u8],
) -> Result<ToldModel, Refusal> {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        evidence: Option<&'a RawValue>,
    }

    let request: PromotionRequest = engine.read(body).await?;
    let claimed = request.evidence.as_ref().map(PromotionEvidence::from).unwrap_or_default();
    let mut faults = Faults::default();
    // Without a key everybody is the same actor, and a name says more than that.
    if *actor != WITHOUT_KEY && request.approved_by.trim().eq_ignore_ascii_case(actor.as_str()) {
        let detail = format!("{actor} asks for this promotion: another person approves it");
        faults.add("/approved_by", FaultCode::Value, detail);
    }
    let standings = Standings::read(engine).await?;
    let entry = at(&standings, id, &basis)?;
    let champion = match (entry.card().kind, standings.status(entry)) {
        (ModelKind::Tool, _) => {
            return Err(Refusal::ModelNotMovable("a tool is in use as it is and has no challengers"));
        }
        _ if matches!(entry.part(), Part::Quantiles) => {
            return Err(Refusal::ModelNotMovable(
                "a transformer answers where it is named, and no plan is made with it",
            ));
        }
        (_, ModelStatus::Champion) => {
            return Err(Refusal::ModelNotMovable("it is the champion of its purpose already"));
        }
        (_, ModelStatus::Retired) => {
            return Err(Refusal::ModelNotMovable("a retired version is kept for comparison only"));
        }
        (_, ModelStatus::Challenger) => entry.identity(),
    };
    let raw: Raw<'_> = serde_json::from_slice(body).map_err(|error| Refusal::internal(&error))?;
    let sent = raw.evidence.map_or("{}", RawValue::get);
    let (gaps, evidence) = if entry.card().purpose == Purpose::Costs {
        (weigh(&claimed), sent.as_bytes().to_vec())
    } else if let Part::Allocator(learned) = entry.part() {
        let (gaps, measured) = held_out_evidence::weighed(&standings, entry, learned, &claimed);
        (gaps, json(&CountedEvidence { measured: &measured, claimed: raw.evidence })?)
    } else {
        let measured = shadow::measured(engine, &standings, entry).await?;
        let evidence = CountedEvidence { measured: &measured.evidence, claimed: raw.evidence };
        (weigh_measured(&measured, &claimed), json(&evidence)?)
    };
    for gap in gaps {
        let code = match gap.finding {
            Finding::Missing => FaultCode::Required,
            Finding::Impossible => FaultCode::Range,
            _ => FaultCode::Value,
        };
        faults.add(format!("/evidence{}", gap.part), code, gap.detail);
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let wish = Wish {
        kind: ChampionMoveKind::Promoted,
        champion,
        reason: request.reason,
        approved_by: request.approved_by,
        evidence: Content::new(evidence),
    };
    carry_out(engine, actor, context, &standings, entry, wish).await
}

/// What is kept of the evidence of a promotion: the figures of the service, and the bytes of the request.
#[derive(Serialize)]
struct CountedEvidence<'a> {
    measured: &'a PromotionEvidence,
    claimed: Option<&'a RawValue>,
}

/// Takes the champion back: the version that it replaced is the champion again, and it is a challenger.
///
/// # Errors
/// The faults of the request, [`Refusal::ModelNotFound`], [`Refusal::StaleVersion`], [`Refusal::ModelNotMovable`], or records that cannot
/// keep it.
pub async fn demote(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    id: &str,
    basis: PortfolioBasis,
    body: &[u8],
) -> Result<ToldModel, Refusal> {
    let request: DemotionRequest = engine.read(body).await?;
    let standings = Standings::read(engine).await?;
    let entry = at(&standings, id, &basis)?;
    let mut stack = standings.stack(entry.card().purpose);
    let champion = stack.pop();
    if entry.card().kind == ModelKind::Tool {
        return Err(Refusal::ModelNotMovable("a tool is in use as it is and has no challengers"));
    }
    if champion != Some(entry.identity()) {
        return Err(Refusal::ModelNotMovable("it is not the champion of its purpose"));
    }
    let Some(champion) = stack.pop() else {
        let reason = "it is the first champion of its purpose and replaced none: promote another version";
        return Err(Refusal::ModelNotMovable(reason));
    };
    let wish = Wish {
        kind: ChampionMoveKind::Demoted,
        champion,
        reason: request.reason,
        approved_by: request.approved_by,
        evidence: Content::new(b"{}".to_vec()),
    };
    carry_out(engine, actor, context, &standings, entry, wish).await
}

/// What a move does, and why.
struct Wish {
    kind: ChampionMoveKind,
    champion: ModelIdentity,
    reason: String,
    approved_by: String,
    evidence: Content,
}

/// The version of an id, if its standing is the one that the write builds on.
fn at<'a>(standings: &'a Standings, id: &str, basis: &PortfolioBasis) -> Result<&'a Registered, Refusal> {
    let entry = standings.find(id).ok_or(Refusal::ModelNotFound)?;
    match basis {
        PortfolioBasis::AnyVersion => Ok(entry),
        PortfolioBasis::OneOf(known) if known.contains(&standings.tag(entry)) => Ok(entry),
        _ => Err(Refusal::StaleVersion),
    }
}

async fn carry_out(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    standings: &Standings,
    entry: &Registered,
    wish: Wish,
) -> Result<ToldModel, Refusal> {
    let (purpose, records) = (entry.card().purpose, engine.records());
    let Some(replaced) = standings.stack(purpose).pop() else { return Err(Refusal::Internal) };
    let (previous, moved_at) = (standings.latest(purpose), time_text(context.received_at));
    let number = standings.moves_of(purpose).count() as u64 + 1;
    let pointer = records.point(PointerDraft {
        purpose: purpose.as_str().to_owned(),
        number,
        kind: wish.kind,
        champion: wish.champion,
        replaced,
        previous,
        actor: actor.to_string(),
        approved_by: wish.approved_by,
        reason: wish.reason,
        evidence_digest: wish.evidence.digest(),
        moved_at: moved_at.clone(),
    });
    let record = ChampionMove {
        purpose: purpose.as_str().to_owned(),
        number,
        moved_at,
        request_id: context.request_id.clone(),
        engine_version: ENGINE_VERSION.to_owned(),
        pointer: Content::new(json(&pointer)?),
        evidence: wish.evidence,
    };
    let new = NewChampionMove { record, kind: wish.kind, previous, actor: actor.clone() };
    match records.store().move_champion(new).await.map_err(|error| Refusal::of_store(&error))? {
        ChampionMoved::New(_) => told(&Standings::read(engine).await?, entry),
        ChampionMoved::Stale => Err(Refusal::StaleVersion),
        _ => Err(Refusal::Internal),
    }
}

fn summary(standings: &Standings, entry: &Registered) -> ModelSummary {
    let card = entry.card();
    ModelSummary {
        id: card.id.clone(),
        version: card.version.clone(),
        purpose: card.purpose,
        kind: card.kind,
        tier: card.tier,
        status: standings.status(entry),
        digest: entry.version().digest(),
        summary: card.summary.clone(),
    }
}

fn told(standings: &Standings, entry: &Registered) -> Result<ToldModel, Refusal> {
    let identity = entry.identity();
    let moves = standings
        .moves_of(entry.card().purpose)
        .filter(|moved| moved.pointer.champion == identity || moved.pointer.replaced == identity)
        .map(|moved| ChampionMoveEntry {
            sequence: moved.stored.sequence,
            digest: moved.stored.digest,
            pointer: moved.pointer.clone(),
        });
    let response = ModelResponse {
        model: summary(standings, entry),
        card: entry.card().clone(),
        weights_digest: Digest::of_bytes(entry.version().weights()),
        goldens: entry.version().goldens().len(),
        allocator: report_of(entry),
        moves: moves.collect(),
    };
    Ok(ToldModel { tag: standings.tag(entry), body: json(&response)? })
}
