//! What every answer says about itself.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use governance::{Digest, ModelIdentity};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::context::RequestContext;
use crate::records::time::time_text;

/// Version of the wire contract that clients of the first product know.
pub const CONTRACT_VERSION: &str = "v2-industry-standard";
/// Version of the engine that made the numbers.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// When, by which version and for which request an answer was made. The only part of an answer that differs between two
/// identical requests.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Metadata {
    /// When the request was received, UTC, to the microsecond: `created_at` of a plan or run that it makes.
    #[serde(serialize_with = "as_text")]
    #[schema(example = "2026-01-02T03:04:05.678901Z")]
    pub timestamp_utc: DateTime<Utc>,
    /// Version of the contract.
    #[schema(example = "v2-industry-standard")]
    pub version: &'static str,
    /// Version of the engine that made the numbers.
    #[schema(example = "0.1.0")]
    pub engine_version: &'static str,
    /// The request's id, also in the `X-Request-Id` header: the client's own if it sent a valid one.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: String,
    /// Id under which this plan is stored: `GET /api/plans/{plan_id}` reads it back. Absent in other answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: Option<String>,
    /// Seed of the simulations in this answer; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 42, minimum = 0)]
    pub seed: Option<u64>,
    /// Models that made figures of this answer; absent when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelReference>,
}

/// A time as records hold it, so that every time of the contract has six decimals.
fn as_text<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time_text(*time))
}

/// A model by id, version and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelReference {
    /// The model's id in the inventory.
    #[schema(example = "ensemble_v3")]
    pub id: Cow<'static, str>,
    /// Its version.
    #[schema(example = "2.0.1")]
    pub version: Cow<'static, str>,
    /// Digest of that version: of its settings, card and golden cases, as `GET /api/models/{id}` returns it. Absent for
    /// a model that is not in the inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Option<Digest>,
}

impl ModelReference {
    /// A version of the inventory.
    #[must_use]
    pub fn of(identity: ModelIdentity) -> Self {
        let ModelIdentity { id, version, digest } = identity;
        Self { id: id.into(), version: version.into(), digest: Some(digest) }
    }

    /// A model by id and version, which is not in the inventory.
    pub fn new(id: impl Into<Cow<'static, str>>, version: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), version: version.into(), digest: None }
    }
}

impl Metadata {
    /// Metadata of an answer without models or chance.
    #[must_use]
    pub fn plain(context: &RequestContext) -> Self {
        Self {
            timestamp_utc: context.received_at,
            version: CONTRACT_VERSION,
            engine_version: ENGINE_VERSION,
            request_id: context.request_id.clone(),
            plan_id: None,
            seed: None,
            models: Vec::new(),
        }
    }

    /// Metadata of an answer that names its seed and models.
    #[must_use]
    pub fn of(context: &RequestContext, seed: Option<u64>, models: Vec<ModelReference>) -> Self {
        Self { seed, models, ..Self::plain(context) }
    }
}
