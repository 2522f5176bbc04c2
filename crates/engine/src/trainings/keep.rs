//! From trained weights to a version of the inventory.

use governance::{Actor, ControlDeed, Digest, ModelIdentity};
use serde_json::value::RawValue;
use store::Store;

use super::make::Made;
use crate::context::RequestContext;
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::dto::metadata::{Metadata, ModelReference};
use crate::dto::training::{ModelTrainingResponse, TrainedModel, TrainingReport};
use crate::inventory::Registered;
use crate::inventory::trained::{TOPIC, registered, seal};
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
    for _ in 0..ATTEMPTS {
        let records = records_of(store, TOPIC).await?;
        let known = registered(&records)?;
        let is_it = |entry: &&Registered| match made {
            Made::Known(identity) => entry.identity() == **identity,
            Made::New(new) => {
                let (card, facts) = (entry.card(), &new.facts);
                card.data_digest == Some(facts.data)
                    && card.seed == Some(facts.seed)
                    && card.summary == facts.summary
                    && card.training_span.as_ref() == Some(&facts.span)
            }
        };
        if let Some(place) = known.iter().position(is_it) {
            let model = told(known[place], false, records[place].sequence);
            return Ok(ModelTrainingResponse {
                model,
                report: made.report(),
                metadata: metadata(context, known[place]),
            });
        }
        let Made::New(new) = made else { return Err(Refusal::RecordChanged) };
        let version = seal(&new.trained, &new.facts, records.len() + 1).map_err(|error| Refusal::internal(&error))?;
        let document = version.document().map_err(|error| Refusal::internal(&error))?;
        let document: Box<RawValue> = serde_json::from_slice(&document).map_err(|error| Refusal::internal(&error))?;
        let step = Step { topic: TOPIC, deed: ControlDeed::ModelTrained, document: &document, plan: None };
        if let Some(kept) = append(store, actor, context, &records, step).await? {
            let entry = registered(std::slice::from_ref(&kept))?.pop().ok_or(Refusal::Internal)?;
            return Ok(ModelTrainingResponse {
                model: told(entry, true, kept.sequence),
                report: made.report(),
                metadata: metadata(context, entry),
            });
        }
    }
    Err(Refusal::StorageUnavailable)
}

impl Made {
    /// What it was worth; `None` for one that was done before.
    fn report(&self) -> Option<TrainingReport> {
        match self {
            Self::Known(_) => None,
            Self::New(new) => Some(TrainingReport::new(&new.trained.report, new.facts.trials)),
        }
    }
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
