//! A queued backtest: its progress and its result.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dto::backtest::{BacktestComparison, BacktestPolicyResult, PolicyBacktestResponse};
use crate::dto::jobs::{RunItemStatusName, RunProgress, RunStateMetadata, RunStatusName, RunSummary, problem_of_item};
use crate::dto::metadata::Metadata;
use crate::dto::study::CountedStudy;
use crate::dto::warning::PlanWarning;

/// The name under which a run keeps the request of a backtest, once for all of its policies.
pub(crate) const BACKTEST: &str = "backtest";
/// The name under which it keeps what was counted of the backtest's study when it was accepted.
pub(crate) const STUDY: &str = "study";

/// A policy of a queued backtest.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestPolicyState<'a> {
    /// Its position in `policies` of the request, from 0.
    #[schema(example = 1, minimum = 0, maximum = 99)]
    pub index: u32,
    /// Its status.
    pub status: RunItemStatusName,
    /// Share of its days that have been replayed, from 0 to 1; absent unless it is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.25, minimum = 0.0, maximum = 1.0)]
    pub share_done: Option<f64>,
    /// Why it failed; its pointers start at the top of the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem_of_item)]
    pub problem: Option<&'a RawValue>,
}

/// A queued backtest: its progress and its result.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestState<'a> {
    /// The backtest's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub backtest_id: &'a str,
    /// Its status.
    pub status: RunStatusName,
    /// How many of its policies have each status.
    pub progress: RunProgress,
    /// Its policies, in the order they were sent.
    #[schema(min_items = 1, max_items = 100)]
    pub policies: Vec<BacktestPolicyState<'a>>,
    /// The result; null until every policy has ended, and where one failed or was cancelled.
    #[schema(required, value_type = Option<PolicyBacktestResponse>)]
    pub result: Option<AssembledBacktest<'a>>,
    /// When, by which version and for which request this was answered; when the backtest was accepted and ended.
    pub metadata: RunStateMetadata<'a>,
}

/// A [`PolicyBacktestResponse`] assembled from the stored parts of its policies.
#[derive(Debug, Serialize)]
pub struct AssembledBacktest<'a> {
    pub(crate) first_day: usize,
    pub(crate) policies: Vec<&'a RawValue>,
    pub(crate) comparisons: Vec<&'a RawValue>,
    pub(crate) trials: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) study: Option<&'a RawValue>,
    pub(crate) digest: String,
    pub(crate) warnings: Vec<&'a RawValue>,
    pub(crate) metadata: Metadata,
}

/// The stored part of one policy of a queued backtest.
#[derive(Debug, Serialize)]
pub struct BacktestPart {
    /// The day of the first decision, from 0.
    pub first_day: usize,
    /// Number of different trials in the whole backtest.
    pub trials: usize,
    /// The study that was counted; `None` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<CountedStudy>,
    /// SHA-256 of the history.
    pub history: String,
    /// The run of the policy.
    pub policy: BacktestPolicyResult,
    /// The policy compared with the first; `None` for the first.
    pub comparison: Option<BacktestComparison>,
    /// What was assumed of the whole backtest.
    pub assumed: Vec<PlanWarning>,
    /// Figures that are missing for this policy.
    pub missing: Vec<PlanWarning>,
}

/// A [`BacktestPart`] as it is read back, its texts as they were written.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredPart<'a> {
    pub(crate) first_day: usize,
    pub(crate) trials: usize,
    #[serde(borrow, default)]
    pub(crate) study: Option<&'a RawValue>,
    pub(crate) history: String,
    #[serde(borrow)]
    pub(crate) policy: &'a RawValue,
    #[serde(borrow)]
    pub(crate) comparison: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) assumed: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) missing: Vec<&'a RawValue>,
}

/// The digest of a policy's run.
#[derive(Debug, Deserialize)]
pub(crate) struct RunDigest {
    pub(crate) digest: String,
}

/// A queued backtest in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestSummary {
    /// The backtest's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub backtest_id: String,
    /// Its status.
    pub status: RunStatusName,
    /// How many of its policies have each status.
    pub progress: RunProgress,
    /// When its request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: String,
    /// When its last policy ended, UTC; null before.
    #[schema(required, example = "2026-01-02T03:04:15.678901Z", format = "date-time")]
    pub finished_at: Option<String>,
    /// Id of its request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: String,
}

impl From<RunSummary> for BacktestSummary {
    fn from(run: RunSummary) -> Self {
        let RunSummary { run_id: backtest_id, status, progress, created_at, finished_at, request_id } = run;
        Self { backtest_id, status, progress, created_at, finished_at, request_id }
    }
}

/// A page of queued backtests, most recently accepted first.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestList {
    /// The backtests.
    #[schema(max_items = 200)]
    pub items: Vec<BacktestSummary>,
    /// Where the next page starts; null on the last one.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
