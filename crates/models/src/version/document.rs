//! The document of a version: one canonical JSON object with its parts and their digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use governance::Digest;
use serde::{Deserialize, Serialize};

use super::{GoldenCase, ModelVersion};
use crate::canonical::canonical_json;
use crate::card::Card;
use crate::error::ModelError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    card: Card,
    digest: Digest,
    goldens: Vec<GoldenCase>,
    /// Base64 with padding.
    weights: String,
}

fn unreadable(error: impl std::fmt::Display) -> ModelError {
    ModelError::Unreadable { detail: error.to_string() }
}

pub(super) fn write(version: &ModelVersion) -> Result<Vec<u8>, ModelError> {
    let document = Document {
        card: version.card.clone(),
        digest: version.digest,
        goldens: version.goldens.clone(),
        weights: STANDARD.encode(&version.weights),
    };
    canonical_json(&document).map_err(unreadable)
}

/// The version in a document whose parts match the stated digest; its golden cases are not run.
pub(super) fn read(bytes: &[u8]) -> Result<ModelVersion, ModelError> {
    let Document { card, digest, goldens, weights } = serde_json::from_slice(bytes).map_err(unreadable)?;
    let weights = STANDARD.decode(weights).map_err(unreadable)?;
    let version = ModelVersion::of_parts(card, weights, goldens)?;
    if version.digest != digest {
        return Err(ModelError::Digest);
    }
    // A change that leaves the parts as they are, such as another way to write a number, is a change all the same.
    if write(&version)? != bytes {
        return Err(ModelError::NotCanonical);
    }
    Ok(version)
}
