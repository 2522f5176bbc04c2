//! The record of a run on the wire.

use pipeline::{Verdict, WaitOutlook};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::dto::orders::OrderEntry;
use crate::dto::quality::DataQuality;
use crate::dto::records::ModelVersion;
use crate::dto::stage::{StageRecord, StageTrace};

/// The record of one run: what each agent did, and what followed. Equal requests give equal records apart from `metadata`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRunResponse<'a> {
    /// The order of the agents in one line.
    #[schema(example = json!(pipeline::orchestration()))]
    pub orchestration: String,
    /// The supervisor's verdict.
    #[schema(value_type = Verdict)]
    pub verdict: &'a RawValue,
    /// What each agent did, in order.
    #[schema(value_type = Vec<StageRecord>)]
    pub stages: &'a RawValue,
    /// The quality of the data.
    #[schema(value_type = DataQuality)]
    pub data_quality: &'a RawValue,
    /// The orders, sells before the buys they pay for. A Hold gives no order.
    #[schema(value_type = Vec<OrderEntry>)]
    pub orders: &'a RawValue,
    /// The expected effect of waiting a week.
    #[schema(value_type = WaitOutlook)]
    pub outlook: &'a RawValue,
    /// Models it was made with: forecaster, covariance estimator, law of the simulation's shocks, parts of the cost.
    #[schema(value_type = Vec<ModelVersion>)]
    pub models: &'a RawValue,
    /// When, by which version and for which request this was made; the plan's id, digests and durations.
    pub metadata: AgentRunMetadata<'a>,
}

/// Metadata of a run of the agents, including `plan_id`: the plan's id also identifies the run. Durations and the id
/// differ between equal requests; digests do not.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRunMetadata<'a> {
    /// As in the plan's answer.
    #[serde(flatten)]
    #[schema(value_type = Metadata)]
    pub answer: Map<String, Value>,
    /// SHA-256 of the request's bytes as they were sent, from which the first agent starts; `sha256sum` of the same
    /// file prints it.
    #[schema(value_type = String, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", min_length = 64, max_length = 64)]
    pub request_digest: String,
    /// SHA-256 after the last agent: it commits to the request and to every step.
    #[schema(value_type = String, example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", min_length = 64, max_length = 64)]
    pub result_digest: String,
    /// Digests and duration of each step.
    #[schema(value_type = Vec<StageTrace>)]
    pub stages: &'a RawValue,
}

/// One finished step, as the event `stage` of a stream carries it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageEvent<'a> {
    /// What the agent did.
    pub stage: StageRecord,
    /// When, by which version and for which request, as far as it concerns this step.
    pub metadata: StageEventMetadata<'a>,
}

/// Metadata of one step's event.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageEventMetadata<'a> {
    /// Id of the plan the run makes; plan and run can be read by it once the event `run` has been sent. Absent for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f", nullable = false)]
    pub plan_id: Option<&'a str>,
    /// Digests and duration of the step.
    pub trace: StageTrace,
}
