//! The record of a run on the wire.

use pipeline::{ContentDigest, DataQuality, PlannedOrder, StageRecord, StageTrace, Verdict, WaitOutlook};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// The record of one run of the six agents: what each of them did, and what followed. Equal requests give equal records
/// apart from `metadata`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunResponse {
    /// The order of the agents in one line.
    #[schema(example = "Supervisor -> Data -> Forecast -> Risk -> Optimizer -> Execution -> Supervisor Approval")]
    pub orchestration: String,
    /// The supervisor's verdict.
    pub verdict: Verdict,
    /// What each agent did, in order.
    #[schema(min_items = 6, max_items = 6)]
    pub stages: Vec<StageRecord>,
    /// How good the data is.
    pub data_quality: DataQuality,
    /// The orders, sells before the buys they pay for. Hold is no order.
    pub orders: Vec<PlannedOrder>,
    /// What waiting a week is expected to do.
    pub outlook: WaitOutlook,
    /// When, by which version and for which request this was made; the run's id, digests and durations.
    pub metadata: RunMetadata,
}

/// Metadata of a run. Durations differ between equal requests, and so does the id; digests do not.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunMetadata {
    /// As in every answer.
    #[serde(flatten)]
    pub answer: Metadata,
    /// Id under which the record can be read again while it is kept: the last 256 runs, in the memory of this process.
    #[schema(example = "7c9e6679f5a34b2c8d1e0f3a4b5c6d7e")]
    pub run_id: String,
    /// SHA-256 of the request as it was admitted, with every default filled in: where the first agent starts.
    #[schema(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", min_length = 64, max_length = 64)]
    pub request_digest: ContentDigest,
    /// SHA-256 after the last agent: it commits to the request and to every step.
    #[schema(value_type = String, example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", min_length = 64, max_length = 64)]
    pub result_digest: ContentDigest,
    /// Digests and duration of each step.
    #[schema(min_items = 6, max_items = 6)]
    pub stages: Vec<StageTrace>,
}

/// One finished step, as the event `stage` of a stream carries it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageEvent<'a> {
    /// What the agent did.
    pub stage: &'a StageRecord,
    /// When, by which version and for which request, as far as it concerns this step.
    pub metadata: StageEventMetadata<'a>,
}

/// Metadata of one step's event.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageEventMetadata<'a> {
    /// Id of the run; its record can be read once the event `run` has been sent.
    #[schema(example = "7c9e6679f5a34b2c8d1e0f3a4b5c6d7e")]
    pub run_id: &'a str,
    /// Digests and duration of the step.
    pub trace: &'a StageTrace,
}
