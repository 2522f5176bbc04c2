//! Results of challengers on the inputs of plans: shadow runs, stored with each plan and erased with it.
//!
//! A run is a function of its plan and of the version of the challenger, so it needs no audit entry: to check a run,
//! repeat it. The mark states up to which plan challengers have run. It is advanced in the transaction that stores the
//! runs, and plans are committed in the order of their sequences, so a killed process skips no plan.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Content, Digest};

/// A plan on which the challengers have yet to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowTask {
    /// The plan.
    pub plan_id: String,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
}

/// The result of one challenger on the inputs of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowRun {
    /// Id of the challenger.
    pub challenger: String,
    /// Digest of its version.
    pub model_digest: Digest,
    /// The result, in JSON.
    pub document: Content,
}

impl ShadowRun {
    /// SHA-256 of the run and of the plan that it belongs to.
    pub(crate) fn digest(&self, plan_digest: Digest) -> Digest {
        Digest::of_fields(
            "smart-portfolio-rebalancer/shadow-run/1",
            &[plan_digest.as_bytes(), self.challenger.as_bytes(), self.model_digest.as_bytes(), self.document.bytes()],
        )
    }
}

/// The runs of one plan, to be stored.
#[derive(Debug, Clone)]
pub struct NewShadowRuns {
    /// The plan.
    pub task: ShadowTask,
    /// One run for each challenger; empty if no challenger ran.
    pub runs: Vec<ShadowRun>,
}

/// A stored run with its plan; its bytes were compared with its digest when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredShadowRun {
    /// The plan.
    pub plan_id: String,
    /// Sequence of the audit entry that recorded the plan.
    pub sequence: u64,
    /// When the request of the plan was received.
    pub plan_created_at: String,
    /// The run.
    pub run: ShadowRun,
}

/// The shadow runs of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowRunsOfPlan {
    /// Whether the challengers have run; before that there are none.
    pub is_done: bool,
    /// The runs, by the ids of the challengers.
    pub runs: Vec<StoredShadowRun>,
}
