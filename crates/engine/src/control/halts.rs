//! Halts: planning, approval and export stop for a scope until somebody resumes it.

use std::collections::BTreeMap;
use std::fmt;

use governance::{Actor, ControlDeed};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, StoredControl};

use super::{ATTEMPTS, Step, append, records_of};
use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::controls::{HaltEntry, HaltList, HaltRequest};
use crate::dto::metadata::Metadata;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::Refusal;

/// The topic of the records.
const TOPIC: &str = "halts";
/// Longest name of a scope, characters.
const SCOPE_MAX: usize = 220;

/// What is halted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// Everything.
    All,
    /// What one actor asks for.
    Actor(String),
    /// Plans with this `client_reference`.
    Reference(String),
}

impl Scope {
    fn read(text: &str) -> Option<Self> {
        let named = |prefix| text.strip_prefix(prefix).filter(|name| !name.trim().is_empty()).map(str::to_owned);
        match text {
            "all" => Some(Self::All),
            _ if text.chars().count() > SCOPE_MAX => None,
            _ => named("actor:").map(Self::Actor).or_else(|| named("reference:").map(Self::Reference)),
        }
    }

    fn holds(&self, actor: &str, reference: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Actor(name) => name == actor,
            Self::Reference(own) => reference == Some(own.as_str()),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Actor(name) => write!(f, "actor:{name}"),
            Self::Reference(reference) => write!(f, "reference:{reference}"),
        }
    }
}

/// A step as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct HaltDocument {
    scope: String,
    reason: String,
}

/// The halts in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Halts(Vec<(Scope, HaltEntry)>);

impl Halts {
    /// Reads them from a store.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let records = store.control_records(TOPIC).await?;
        // A record was held against its digest and its entry, so only another version can have written what is not read here.
        Self::of(&records).ok_or_else(|| StoreError::Tampered { plan_id: TOPIC.to_owned() })
    }

    fn of(records: &[StoredControl]) -> Option<Self> {
        let mut standing = BTreeMap::new();
        for stored in records {
            let document: HaltDocument = serde_json::from_slice(stored.record.document.bytes()).ok()?;
            let scope = Scope::read(&document.scope)?;
            match stored.record.deed {
                ControlDeed::Halted => {
                    let entry = HaltEntry {
                        scope: document.scope,
                        reason: document.reason,
                        actor: stored.actor.clone(),
                        halted_at: stored.record.recorded_at.clone(),
                        sequence: stored.sequence,
                    };
                    standing.insert(scope, entry);
                }
                _ => {
                    standing.remove(&scope);
                }
            }
        }
        let mut halts: Vec<_> = standing.into_iter().collect();
        halts.sort_by_key(|(_, entry)| entry.sequence);
        Some(Self(halts))
    }

    /// Refuses what an actor asks for, and what a plan with this `client_reference` would do, while it is halted.
    pub(crate) fn refuse(&self, actor: &str, reference: Option<&str>) -> Result<(), Refusal> {
        match self.0.iter().find(|(scope, _)| scope.holds(actor, reference)) {
            Some((_, entry)) => Err(Refusal::Halted(Box::new(entry.clone()))),
            None => Ok(()),
        }
    }

    fn told(self, context: &RequestContext) -> HaltList {
        HaltList { halts: self.0.into_iter().map(|(_, entry)| entry).collect(), metadata: Metadata::plain(context) }
    }
}

/// Refuses while the actor, or plans with this `client_reference`, are halted.
///
/// # Errors
/// [`Refusal::Halted`], or records that cannot be read.
pub(crate) async fn refuse_if_halted(engine: &Engine, actor: &Actor, reference: Option<&str>) -> Result<(), Refusal> {
    let halts = Halts::read(engine.records().store()).await.map_err(|error| Refusal::of_store(&error))?;
    halts.refuse(actor.as_str(), reference)
}

/// The halts in force.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, context: &RequestContext) -> Result<HaltList, Refusal> {
    let halts = Halts::read(engine.records().store()).await.map_err(|error| Refusal::of_store(&error))?;
    Ok(halts.told(context))
}

/// Halts a scope: when this returns the halt is on the disk, under an entry of the audit chain. A scope that is halted already keeps its
/// first halt.
///
/// # Errors
/// The faults of the request, or records that cannot keep it.
pub async fn halt(engine: &Engine, actor: &Actor, context: &RequestContext, body: &[u8]) -> Result<HaltList, Refusal> {
    let request = engine.read(body).await?;
    step_on(engine.records().store(), actor, context, request, ControlDeed::Halted).await
}

/// Lifts the halt of a scope. A scope that is not halted stays as it is.
///
/// # Errors
/// As [`halt`].
pub async fn resume(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
) -> Result<HaltList, Refusal> {
    let request = engine.read(body).await?;
    step_on(engine.records().store(), actor, context, request, ControlDeed::Resumed).await
}

/// Halts a scope of a store, or lifts its halt: what [`halt`] and [`resume`] do, for a command beside the service.
///
/// # Errors
/// As [`halt`].
pub async fn step_on(
    store: &Store,
    actor: &Actor,
    context: &RequestContext,
    request: HaltRequest,
    deed: ControlDeed,
) -> Result<HaltList, Refusal> {
    let HaltRequest { scope, reason } = request;
    let words = "must be all, actor: and a name, or reference: and a client_reference";
    let scope = Scope::read(scope.as_deref().unwrap_or(absent::HALT_SCOPE));
    let scope = scope.ok_or_else(|| Refusal::fault("/scope", FaultCode::Value, words))?;
    let document = HaltDocument { scope: scope.to_string(), reason };
    for _ in 0..ATTEMPTS {
        let mut records = records_of(store, TOPIC).await?;
        let halts = Halts::of(&records).ok_or(Refusal::RecordChanged)?;
        let is_halted = halts.0.iter().any(|(halted, _)| *halted == scope);
        if is_halted == (deed == ControlDeed::Halted) {
            return Ok(halts.told(context));
        }
        let step = Step { topic: TOPIC, deed, document: &document, plan: None };
        if let Some(kept) = append(store, actor, context, &records, step).await? {
            records.push(kept);
            return Ok(Halts::of(&records).ok_or(Refusal::RecordChanged)?.told(context));
        }
    }
    Err(Refusal::StorageUnavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["all", "actor:desk:lee", "reference:order 7"] {
            assert_eq!(Scope::read(text).unwrap().to_string(), text);
        }
        for text in ["", "All", "actor:", "reference: ", "desk", &format!("actor:{}", "x".repeat(220))] {
            assert_eq!(Scope::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_scope_holds_for_its_own() {
        let holds = |text: &str| Scope::read(text).unwrap().holds("api", Some("order-7"));
        assert_eq!(
            ["all", "actor:api", "actor:run", "reference:order-7", "reference:order"].map(holds),
            [true, true, false, true, false]
        );
        assert!(!Scope::read("reference:order-7").unwrap().holds("api", None));
    }
}
