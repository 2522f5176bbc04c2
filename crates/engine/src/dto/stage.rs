//! The steps of a run on the wire.

use std::sync::Arc;

use governance::Digest;
use pipeline::{AgentId, LimitCheck, Relaxation, RunRecord, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::warning::PlanWarning;

/// What one agent did: byte for byte the same for the same request.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StageRecord {
    /// Position, from 1.
    #[schema(example = 1, minimum = 1)]
    pub step: usize,
    /// Which agent.
    pub id: AgentId,
    /// Its name.
    #[schema(example = "Market Data Agent")]
    pub agent: &'static str,
    /// What the step was for.
    #[schema(example = "Read the book, align the histories, say what is missing")]
    pub objective: &'static str,
    /// Its result and the reason, in a sentence.
    #[schema(example = "2 assets aligned on 60 common observations; data quality 1.000 with 0 issues.")]
    pub sentence: String,
    /// The highest severity among `checks`; clear without any.
    pub severity: Severity,
    /// Limits this agent compared its figures with.
    #[schema(value_type = Vec<LimitCheck>)]
    pub checks: Arc<[LimitCheck]>,
    /// The relaxations that this agent requested from the supervisor; answered in the last step.
    pub relaxations: Vec<Relaxation>,
    /// What this agent warned of.
    pub warnings: Vec<PlanWarning>,
}

impl From<&pipeline::StageRecord> for StageRecord {
    fn from(stage: &pipeline::StageRecord) -> Self {
        Self {
            step: stage.step(),
            id: stage.id,
            agent: stage.id.name(),
            objective: stage.objective,
            sentence: stage.summary.to_string(),
            severity: stage.severity,
            checks: stage.checks.clone(),
            relaxations: stage.relaxations.clone(),
            warnings: stage.warnings.iter().map(PlanWarning::from).collect(),
        }
    }
}

/// The input and the output of a stage by digest, and its duration. Durations differ from run to run; digests do not.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StageTrace {
    /// Which agent.
    pub id: AgentId,
    /// Digest of its input: SHA-256 of the request's bytes for the first agent, the output digest of the previous agent
    /// for every other.
    #[schema(
        value_type = String,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 64
    )]
    pub input_digest: Digest,
    /// SHA-256 of the request's digest and everything that this agent and those before it added.
    #[schema(
        value_type = String,
        example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        min_length = 64,
        max_length = 64
    )]
    pub output_digest: Digest,
    /// Duration of the stage and its record, microseconds, by the clock given to the run.
    #[schema(example = 412)]
    pub duration_us: u64,
}

impl From<&pipeline::StageTrace> for StageTrace {
    fn from(trace: &pipeline::StageTrace) -> Self {
        Self {
            id: trace.id,
            input_digest: trace.input_digest,
            output_digest: trace.output_digest,
            duration_us: trace.duration_us,
        }
    }
}

/// The record of a run as it is kept.
#[derive(Debug, Serialize)]
pub struct KeptSteps {
    stages: Vec<StageRecord>,
    trace: Vec<StageTrace>,
}

impl From<&RunRecord> for KeptSteps {
    fn from(record: &RunRecord) -> Self {
        Self {
            stages: record.stages.iter().map(StageRecord::from).collect(),
            trace: record.trace.iter().map(StageTrace::from).collect(),
        }
    }
}
