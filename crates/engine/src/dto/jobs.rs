//! Runs on the wire: batches of portfolios and simulations that are processed after they are accepted.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use store::{ItemStatus, RunItemKind, RunStatus};
use utoipa::ToSchema;
use utoipa::openapi::{Ref, RefOr, Schema};
use validator::Validate;

use crate::decode::{Document, optional_objects};
use crate::dto::histories::RunHistories;
use crate::dto::labels::ClientMetadata;
use crate::dto::metadata::Metadata;
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use crate::dto::training::ModelTrainingResponse;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Portfolios and simulations in one run, together.
pub const MAX_RUN_ITEMS: usize = 1_000;

/// A batch of portfolios and simulations, processed one after the other.
///
/// At least one item and at most 1,000 in all. Each is checked as its own route checks it, and a single fault refuses
/// the batch.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"histories": {
    "SPY": [0.004, -0.003, 0.001, 0.002, -0.001], "AGG": [0.001, 0.0, -0.002, 0.001, 0.0005]
}, "portfolios": [{
    "portfolio_value": 100_000.0,
    "assets": [
        {"asset": "ETF", "target_weight": 0.6, "current_weight": 0.66, "price": 95.0, "history": "SPY"},
        {"asset": "Bonds", "target_weight": 0.4, "current_weight": 0.34, "price": 102.0, "history": "AGG"}
    ]
}], "simulations": [{"weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "horizon_days": 252, "paths": 10_000, "seed": 42}]}))]
pub struct RunBatchRequest {
    /// Daily returns by name, sent once for all portfolios of the run: `history` of an asset and `benchmark_history` of
    /// a portfolio name an entry. At most 2,000, each with the rules of `historical_returns`; a portfolio may still use
    /// 100,000 returns in all. An entry that no portfolio names is checked but not stored: a client may send the
    /// histories of its whole universe with every run.
    #[schema(value_type = Option<RunHistories>)]
    #[serde(default, deserialize_with = "histories")]
    pub histories: RunHistories,
    /// Portfolios, each as `POST /api/rebalance` takes it, optionally with names of `histories`. Each becomes a stored
    /// plan, whose request contains the returns of the named histories, so that it can be sent alone.
    #[schema(max_items = 1000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub portfolios: Option<Vec<RebalanceRequest>>,
    /// Simulations, each as `POST /api/stress/monte-carlo` takes it. The answers are kept with the run.
    #[schema(max_items = 1000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub simulations: Option<Vec<MonteCarloSimulationRequest>>,
}

/// Histories, none for `null`.
fn histories<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RunHistories, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Has each item of a list checked by `look`, with pointers from the top of the batch.
fn each<T>(list: Option<&Vec<T>>, member: &str, faults: &mut Faults, look: impl Fn(&T, &mut Faults)) {
    for (i, item) in list.into_iter().flatten().enumerate() {
        faults.within(&format!("/{member}/{i}"), |faults| look(item, faults));
    }
}

impl Document for RunBatchRequest {
    fn check_size(&self, faults: &mut Faults) {
        let portfolios = self.portfolios.as_ref().map_or(0, Vec::len);
        let simulations = self.simulations.as_ref().map_or(0, Vec::len);
        if portfolios + simulations == 0 {
            faults.add("", FaultCode::Required, "must have at least one entry in portfolios or simulations");
        } else if portfolios + simulations > MAX_RUN_ITEMS {
            let longer = if portfolios >= simulations { "/portfolios" } else { "/simulations" };
            let detail = format!("a run has at most {MAX_RUN_ITEMS} portfolios and simulations together");
            return faults.add(longer, FaultCode::Limit, detail);
        }
        self.histories.check_size(faults);
        each(self.portfolios.as_ref(), "portfolios", faults, |portfolio, faults| {
            portfolio.check_size_in(Some(&self.histories), faults);
        });
        each(self.simulations.as_ref(), "simulations", faults, Document::check_size);
    }

    fn check(&self, faults: &mut Faults) {
        self.histories.check(faults);
        each(self.portfolios.as_ref(), "portfolios", faults, |portfolio, faults| {
            portfolio.check_in(Some(&self.histories), faults);
        });
        each(self.simulations.as_ref(), "simulations", faults, Document::check);
    }
}

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatusName {
    /// None of it has begun.
    Queued,
    /// It is running.
    Running,
    /// Every item has ended, successfully or with a problem.
    Finished,
    /// It was cancelled; an item that was running then may still end.
    Cancelled,
}

impl From<RunStatus> for RunStatusName {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Running => Self::Running,
            RunStatus::Finished => Self::Finished,
            RunStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// What an item of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunItemKindName {
    /// An entry of `portfolios`.
    Portfolio,
    /// An entry of `simulations`.
    Simulation,
    /// A policy of a backtest; in the events of backtests only.
    Backtest,
    /// The training of a model, which is alone in its run.
    Training,
}

impl From<RunItemKind> for RunItemKindName {
    fn from(kind: RunItemKind) -> Self {
        match kind {
            RunItemKind::Portfolio => Self::Portfolio,
            RunItemKind::Simulation => Self::Simulation,
            RunItemKind::Backtest => Self::Backtest,
            RunItemKind::Training => Self::Training,
        }
    }
}

/// The status of an item of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunItemStatusName {
    /// It has not begun.
    Queued,
    /// It is running in this process.
    Running,
    /// It ended with a plan or a result.
    Finished,
    /// It ended with a problem.
    Failed,
    /// The run was cancelled before it began.
    Cancelled,
}

impl From<ItemStatus> for RunItemStatusName {
    fn from(status: ItemStatus) -> Self {
        match status {
            ItemStatus::Queued => Self::Queued,
            ItemStatus::Finished => Self::Finished,
            ItemStatus::Failed => Self::Failed,
            ItemStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// Number of items of a run by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunProgress {
    /// All items.
    #[schema(example = 12, minimum = 1, maximum = 1000)]
    pub total: u32,
    /// Items that ended, successfully or with a problem.
    #[schema(example = 5, minimum = 0, maximum = 1000)]
    pub finished: u32,
    /// Items that ended with a problem; they count as finished.
    #[schema(example = 1, minimum = 0, maximum = 1000)]
    pub failed: u32,
    /// Items that were cancelled before they began.
    #[schema(example = 0, minimum = 0, maximum = 1000)]
    pub cancelled: u32,
}

/// An item of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunItemState<'a> {
    /// What it is.
    pub kind: RunItemKindName,
    /// Its position in the list in which it was sent, from 0.
    #[schema(example = 3, minimum = 0, maximum = 999)]
    pub index: u32,
    /// Its status.
    pub status: RunItemStatusName,
    /// `client_reference` of a portfolio; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-2026-0107", min_length = 1, max_length = 200, nullable = false)]
    pub client_reference: Option<&'a str>,
    /// `metadata` of a portfolio; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClientMetadata, required = false)]
    pub client_metadata: Option<&'a RawValue>,
    /// Id of the plan a finished portfolio became: `GET /api/plans/{plan_id}` reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: Option<&'a str>,
    /// The answer of a finished simulation. Events do not include it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<MonteCarloSimulationResponse>)]
    pub result: Option<&'a RawValue>,
    /// What a finished training answers. Events do not carry it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ModelTrainingResponse>)]
    pub training: Option<&'a RawValue>,
    /// Share of a training that is done, from 0 to 1; absent unless it is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.25, minimum = 0.0, maximum = 1.0)]
    pub share_done: Option<f64>,
    /// Why the item failed; its pointers start at the top of the run's body. Absent where it did not fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem_of_item)]
    pub problem: Option<&'a RawValue>,
}

/// A reference to the transport's own document for a refusal: an item keeps that document as it was written.
pub(super) fn problem_of_item() -> RefOr<Schema> {
    let mut problem = Ref::from_schema_name("Problem");
    problem.description =
        "Why the item failed; its pointers start at the top of the run's body. Absent where it did not fail."
            .to_owned();
    problem.into()
}

/// A run: its progress, and the results of its items so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunState<'a> {
    /// The run's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub run_id: &'a str,
    /// Its status.
    pub status: RunStatusName,
    /// Number of its items by status.
    pub progress: RunProgress,
    /// The items: portfolios, then simulations, each in the order they were sent; or the training.
    #[schema(min_items = 1, max_items = 1000)]
    pub items: Vec<RunItemState<'a>>,
    /// When, by which version and for which request this was answered; when the run was accepted and ended.
    pub metadata: RunStateMetadata<'a>,
}

/// A run in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunSummary {
    /// The run's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub run_id: String,
    /// Its status.
    pub status: RunStatusName,
    /// Number of its items by status.
    pub progress: RunProgress,
    /// When its request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: String,
    /// When its last item ended, UTC; null before.
    #[schema(required, example = "2026-01-02T03:04:15.678901Z", format = "date-time")]
    pub finished_at: Option<String>,
    /// Id of its request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: String,
}

/// A page of runs, most recently accepted first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunList {
    /// The runs.
    #[schema(max_items = 200)]
    pub items: Vec<RunSummary>,
    /// Where the next page starts; null on the last one.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Metadata of a run's state.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunStateMetadata<'a> {
    /// As in every answer.
    #[serde(flatten)]
    pub answer: Metadata,
    /// When the request that made the run was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: &'a str,
    /// When its last item ended, UTC; null before.
    #[schema(required, example = "2026-01-02T03:04:15.678901Z", format = "date-time")]
    pub finished_at: Option<&'a str>,
}
