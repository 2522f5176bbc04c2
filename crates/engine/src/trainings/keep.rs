//! From trained weights to a version of the inventory.

use governance::{Actor, ControlDeed, Digest, ModelIdentity};
use serde_json::value::RawValue;
use store::Store;

use super::make::Made;
use crate::context::RequestContext;
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::dto::metadata::{Metadata, ModelReference};
use crate::dto::training::{ModelTrainingResponse, TrainedModel};
use crate::inventory::Registered;
use crate::inventory::allocator::report_of;
use crate::refusal::Refusal;

/// Keeps a training as a version of the inventory: when this returns it is on the disk, under an entry of the audit chain. The same weights
/// make no second version.
///
/// # Errors
/// Records that cannot be read or kept.
pub(crate) async fn keep(
    store: &Store,
    actor: &Actor,
    context: &RequestContext,
    made: &Made,
) -> Result<ModelTrainingResponse, Refusal> {
    let work = match made {
        Made::Known(work, _) => *work,
        Made::New(new) => new.work(),
    };
    // One that was done before says no more than its card does.
    let (report, transformer) = match made {
        Made::Known(..) => (None, None),
        Made::New(new) => new.reports(),
    };
    let answered = |entry: &Registered, is_new: bool, sequence: u64| ModelTrainingResponse {
        model: told(entry, is_new, sequence),
        report: report.clone(),
        transformer: transformer.clone(),
        allocator: report_of(entry),
        metadata: metadata(context, entry),
    };
    for _ in 0..ATTEMPTS {
        let records = records_of(store, work.topic()).await?;
        let known = work.registered(&records)?;
        let is_it = |entry: &&Registered| match made {
            Made::Known(_, identity) => entry.identity() == **identity,
            Made::New(new) => {
                let (card, facts) = (entry.card(), &new.facts);
                card.data_digest == Some(facts.data)
                    && card.seed == Some(facts.seed)
                    && card.summary == facts.summary
                    && card.training_span.as_ref() == Some(&facts.span)
            }
        };
        if let Some(place) = known.iter().position(is_it) {
            return Ok(answered(known[place], false, records[place].sequence));
        }
        let Made::New(new) = made else { return Err(Refusal::RecordChanged) };
        let version = new.seal(records.len() + 1).map_err(|error| Refusal::internal(&error))?;
        let document = version.document().map_err(|error| Refusal::internal(&error))?;
        let document: Box<RawValue> = serde_json::from_slice(&document).map_err(|error| Refusal::internal(&error))?;
        let step = Step { topic: work.topic(), deed: ControlDeed::ModelTrained, document: &document, plan: None };
        if let Some(kept) = append(store, actor, context, &records, step).await? {
            let entry = work.registered(std::slice::from_ref(&kept))?.pop().ok_or(Refusal::Internal)?;
            return Ok(answered(entry, true, kept.sequence));
        }
    }
    Err(Refusal::StorageUnavailable)
}

fn metadata(context: &RequestContext, entry: &Registered) -> Metadata {
    let reference = ModelReference::of(entry.identity());
    Metadata::of(context, entry.card().seed, vec![reference])
}

fn told(entry: &Registered, is_new: bool, sequence: u64) -> TrainedModel {
    let ModelIdentity { id, version, digest } = entry.identity();
    let weights_digest = Digest::of_bytes(entry.version().weights());
    TrainedModel { id, version, digest, weights_digest, is_new, sequence }
}
