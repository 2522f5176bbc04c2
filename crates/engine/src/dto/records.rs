//! Stored plans and the audit trail on the wire.

use governance::{AuditEntry, ChainBreak, Digest, SignedHead};
use pipeline::{ModelRole, ModelUse, VerdictDecision};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dto::controls::PlanState;
use crate::dto::labels::ClientMetadata;
use crate::dto::metadata::Metadata;
use crate::dto::plan_part::PlanView;
use crate::dto::portfolio::RebalanceRequest;

/// A model as a stored plan names it.
///
/// Plans of earlier builds name only the forecast model, by id and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelVersion {
    /// What it was used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<ModelRole>,
    /// The model's id.
    #[schema(example = "ensemble_v3")]
    pub id: String,
    /// Its version.
    #[schema(example = "2.0.1")]
    pub version: String,
    /// SHA-256 of role, id, version and parameters: models with the same digest give the same numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{64}$", nullable = false, example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Option<Digest>,
}

impl From<&ModelUse> for ModelVersion {
    fn from(model: &ModelUse) -> Self {
        Self {
            role: Some(model.role),
            id: model.id.clone(),
            version: model.version.clone(),
            digest: Some(model.digest()),
        }
    }
}

impl ModelVersion {
    /// Whether both may be the same model: equal in all that both of them state.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let same_role = self.role.zip(other.role).is_none_or(|(one, other)| one == other);
        let same_digest = self.digest.zip(other.digest).is_none_or(|(one, other)| one == other);
        same_role && same_digest && self.id == other.id && self.version == other.version
    }
}

/// A plan in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSummary {
    /// The plan's id.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Sequence of the audit entry that recorded it; the list is ordered by sequence, not by time.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
    /// When its request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: String,
    /// Id of its request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: String,
    /// Version of the engine that made it.
    #[schema(example = "0.1.0")]
    pub engine_version: String,
    /// Models it was made with: forecaster, covariance estimator, law of the simulation's shocks, parts of the cost.
    pub models: Vec<ModelVersion>,
    /// Seed of its simulation.
    #[schema(example = 42, minimum = 0)]
    pub seed: u64,
    /// `title` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Quarterly rebalance", min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    /// Value of the book, major units of `currency`; absent for plans of earlier builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 147_679.94, nullable = false)]
    pub portfolio_value: Option<f64>,
    /// ISO 4217 code of the value; absent where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "USD", nullable = false)]
    pub currency: Option<String>,
    /// Number of orders; absent where the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4, nullable = false)]
    pub orders: Option<usize>,
    /// The supervisor's decision; absent where the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision: Option<VerdictDecision>,
    /// Its state; absent while there is no decision about it, which means `proposed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<PlanState>,
    /// `client_reference` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-2026-0107", min_length = 1, max_length = 200, nullable = false)]
    pub client_reference: Option<String>,
    /// `metadata` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClientMetadata, required = false)]
    pub client_metadata: Option<ClientMetadata>,
    /// SHA-256 over the plan: ids, times, versions, seed, the client's title, reference and metadata, the members shown
    /// in lists, request bytes, response bytes and the agents' record.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
}

/// A page of stored plans, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanList {
    /// The plans.
    #[schema(max_items = 200)]
    pub items: Vec<PlanSummary>,
    /// Where the next page starts; null on the last one. It is valid for the same filters only.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A stored plan: request and answer, byte for byte as they were stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredPlanResponse<'a> {
    /// The plan's id.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: &'a str,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
    /// When its request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: &'a str,
    /// Id of its request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: &'a str,
    /// Version of the engine that made it.
    #[schema(example = "0.1.0")]
    pub engine_version: &'a str,
    /// Models it was made with: forecaster, covariance estimator, law of the simulation's shocks, parts of the cost.
    #[schema(value_type = Vec<ModelVersion>)]
    pub models: &'a RawValue,
    /// Seed of its simulation.
    #[schema(example = 42, minimum = 0)]
    pub seed: u64,
    /// `title` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Quarterly rebalance", min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    /// `client_reference` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-2026-0107", min_length = 1, max_length = 200, nullable = false)]
    pub client_reference: Option<&'a str>,
    /// `metadata` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClientMetadata, required = false)]
    pub client_metadata: Option<&'a RawValue>,
    /// Its state; absent while there is no decision about it, which means `proposed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<PlanState>,
    /// SHA-256 over the plan; its ETag begins with it.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// The request body as it was sent, if `include` requests it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RebalanceRequest, required = false)]
    pub request: Option<&'a RawValue>,
    /// The answer, cut to the parts that `include` names.
    #[schema(value_type = PlanView)]
    pub response: &'a RawValue,
}

/// Versions behind a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplayVersions {
    /// Version of the engine.
    #[schema(example = "0.1.0")]
    pub engine_version: String,
    /// Models that make figures of it; empty when it could not be made again.
    pub models: Vec<ModelVersion>,
}

/// The result of making a plan again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayReport {
    /// The plan's id.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Whether the answer is the same, byte for byte apart from `metadata`, and the agents' records have the same
    /// digests.
    #[schema(example = true)]
    pub identical: bool,
    /// JSON pointer to the first member that differs; null when none does or the plan could not be made.
    #[schema(required, example = "/risk_metrics/volatility")]
    pub first_difference: Option<String>,
    /// JSON pointer to the first member in which the agents' records differ, durations aside: `/trace/2/output_digest` is the
    /// third agent's digest. Null when none does or the plan could not be made.
    #[schema(required, example = "/trace/2/output_digest")]
    pub first_run_difference: Option<String>,
    /// Versions that made the stored plan.
    pub stored: ReplayVersions,
    /// Versions that made it again.
    pub current: ReplayVersions,
    /// Which versions differ from those of the stored plan: `engine_version` and ids of models.
    #[schema(example = json!([]))]
    pub changed: Vec<String>,
    /// The outcome in a sentence.
    #[schema(example = "the same bytes again, apart from metadata and durations")]
    pub detail: String,
}

/// The answer of a replay.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayResponse {
    /// The result of making the plan again.
    pub replay: ReplayReport,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// An invariant of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvariantCheck {
    /// Name of the check.
    #[schema(example = "cash_identity")]
    pub check: &'static str,
    /// Whether it holds.
    #[schema(example = true)]
    pub holds: bool,
    /// What was compared.
    #[schema(example = "cash before 0 less trades and costs -1 is cash after 1")]
    pub detail: String,
}

/// The result of checking a stored plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanVerification {
    /// The plan's id.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Whether every check holds.
    #[schema(example = true)]
    pub valid: bool,
    /// The checks, recomputed from the stored request and answer.
    pub checks: Vec<InvariantCheck>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Proof that a plan was recorded: from its entry up to the root in a signed head (RFC 6962).
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanProof {
    /// The entry that recorded the plan.
    pub entry: AuditEntry,
    /// Position of the entry's leaf, from 0; the leaf is the entry's hash.
    #[schema(example = 16, minimum = 0)]
    pub leaf_index: u64,
    /// Hashes of the neighbours from the leaf up.
    #[schema(value_type = Vec<String>, example = json!(["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]))]
    pub path: Vec<Digest>,
    /// The signed end of the chain that the path leads to.
    pub head: SignedHead,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A page of the audit trail, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// The entries, in order.
    #[schema(max_items = 200)]
    pub items: Vec<AuditEntry>,
    /// Where the next page starts; null when the trail ends here.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Whether everything stored matches what was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditVerification {
    /// Whether every entry follows the one before it and every stored plan, outcome and version of a book has the digest
    /// in its entry.
    #[schema(example = true)]
    pub valid: bool,
    /// Number of valid entries, counted from the first one.
    #[schema(example = 17, minimum = 0)]
    pub entries: u64,
    /// Stored plans that were compared with their digests.
    #[schema(example = 17, minimum = 0)]
    pub plans: u64,
    /// Stored outcomes that were compared with their digests.
    #[schema(example = 12, minimum = 0)]
    pub outcomes: u64,
    /// Stored versions of named books that were compared with their digests.
    #[schema(example = 5, minimum = 0)]
    pub portfolio_versions: u64,
    /// Stored moves of champions that were compared with their digests.
    #[schema(example = 1, minimum = 0)]
    pub champion_moves: u64,
    /// Stored control records that were compared with their digests.
    #[schema(example = 3, minimum = 0)]
    pub control_records: u64,
    /// Hash of the last valid entry; zeros when there is none.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub head: Digest,
    /// Root of the Merkle tree over these entries.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub root: Digest,
    /// The first entry or record that is not valid; null when all are.
    #[schema(required)]
    pub first_break: Option<ChainBreak>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The signed end of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditHead {
    /// Keep it outside the service: it reveals a later truncation or rewrite of the trail.
    pub head: SignedHead,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
