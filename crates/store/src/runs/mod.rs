//! Batches of work that survive a restart: a run is accepted as a whole and processed item by item, and each item ends
//! once.

pub(crate) mod events;
pub(crate) mod read;
pub(crate) mod role;
mod store;
pub(crate) mod write;

use governance::{Actor, ClientLabels};

use self::events::EventWriter;
use crate::keys::KeyClaim;
use crate::shared::SharedText;

/// A new run to be stored.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub run_id: String,
    /// When its request was received; the format is that of plan times.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// The actor who requested it.
    pub actor: Actor,
    /// The answer to that request, returned again when the request is repeated.
    pub response: Vec<u8>,
    /// Its items, in order.
    pub items: Vec<NewRunItem>,
    /// Texts that its items refer to by name, each stored only once. No two have the same name.
    pub texts: Vec<(String, SharedText)>,
    /// The client's key, if it sent one.
    pub claim: Option<KeyClaim>,
    /// Limits on the waiting work, including this run.
    pub limits: RunLimits,
}

impl NewRun {
    /// Bytes of the request.
    pub(crate) fn request_bytes(&self) -> usize {
        let items: usize = self.items.iter().map(|item| item.request.len()).sum();
        items + self.texts.iter().map(|(_, text)| text.as_str().len()).sum::<usize>()
    }
}

/// One item of a new run.
#[derive(Debug, Clone)]
pub struct NewRunItem {
    /// Its kind.
    pub kind: RunItemKind,
    /// Its position among the items of its kind, from 0.
    pub index: u32,
    /// Id of the plan it will create, if any: assigned in advance, so that a second attempt cannot create a second
    /// plan.
    pub plan_id: Option<String>,
    /// The client's own names for it.
    pub labels: ClientLabels,
    /// Its request.
    pub request: Vec<u8>,
}

/// Limits on the runs that are accepted but have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Number of runs.
    pub runs: u32,
    /// Bytes of their requests; a single run may exceed this.
    pub bytes: u64,
}

/// The outcome of accepting a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// It is stored and will be processed.
    New,
    /// Its key was already used for this request, which was accepted as this run; nothing was stored.
    Earlier {
        /// The run of the key.
        run_id: String,
    },
    /// Its key was already used for another request; nothing was stored.
    OtherRequest,
    /// Too many runs or bytes are waiting; nothing was stored.
    Full,
}

/// The kind of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunItemKind {
    /// A portfolio: it becomes a stored plan.
    Portfolio,
    /// A simulation: its result is stored with the item.
    Simulation,
    /// A policy of a backtest: its result is stored with the item. All items of its run are of this kind.
    Backtest,
    /// The training of a model: what came of it is stored with the item. It is alone in its run.
    Training,
}

impl RunItemKind {
    /// The kind as it is stored: `portfolio`, `simulation`, `backtest`, `training`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Simulation => "simulation",
            Self::Backtest => "backtest",
            Self::Training => "training",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Portfolio, Self::Simulation, Self::Backtest, Self::Training]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// No item has begun.
    Queued,
    /// It is being processed.
    Running,
    /// Every item has ended.
    Finished,
    /// It was cancelled. Without an end time, an item is still being processed.
    Cancelled,
}

impl RunStatus {
    /// The status as it is stored: `queued`, `running`, `finished`, `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(text: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Running, Self::Finished, Self::Cancelled];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

/// The status of an item. The item being processed is known only to the worker, not to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemStatus {
    /// It has not ended.
    Queued,
    /// It succeeded.
    Finished,
    /// It ended with a problem.
    Failed,
    /// Its run was cancelled before it began.
    Cancelled,
}

impl ItemStatus {
    /// The status as it is stored: `queued`, `finished`, `failed`, `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(text: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Finished, Self::Failed, Self::Cancelled];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

/// The end of an item: which item, when, and who writes the events.
#[derive(Debug, Clone)]
pub struct ItemEnd {
    /// Its run.
    pub run_id: String,
    /// Its position in the run, from 0.
    pub position: u32,
    /// When it ended; the format is that of plan times.
    pub ended_at: String,
    /// Writes the event of its end and, with the last item, that of the run's end.
    pub write_event: EventWriter,
}

/// The end of an item that creates no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemOutcome {
    /// It succeeded with this result.
    Finished(Vec<u8>),
    /// It failed with this problem.
    Failed(Vec<u8>),
}

/// The number of items of a run in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// All items.
    pub total: u32,
    /// Items that ended, with or without a problem.
    pub finished: u32,
    /// Items that ended with a problem.
    pub failed: u32,
    /// Items that were cancelled.
    pub cancelled: u32,
}

/// A run without its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub run_id: String,
    /// When its request was received.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// The actor who requested it, as stored.
    pub actor: String,
    /// The actor who cancelled it, as stored; `None` when it was not cancelled.
    pub cancelled_by: Option<String>,
    /// Its status.
    pub status: RunStatus,
    /// When its last item ended; `None` before that.
    pub finished_at: Option<String>,
    /// The counts of its items.
    pub counts: RunCounts,
}

/// The sort of runs in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunSort {
    /// Those of portfolios and simulations, and those that train a model.
    Batches,
    /// Runs that replay policies.
    Backtests,
}

impl RunSort {
    /// The sort of the runs that have items of this kind.
    #[must_use]
    pub fn of(kind: RunItemKind) -> Self {
        match kind {
            RunItemKind::Portfolio | RunItemKind::Simulation | RunItemKind::Training => Self::Batches,
            RunItemKind::Backtest => Self::Backtests,
        }
    }
}

/// A page of runs; the run accepted last comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<RunRow>,
    /// Position of the page's last run in the order of acceptance: the next page is before it. `None` on the last page.
    pub next: Option<u64>,
}

/// An item of a run without its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunItemRow {
    /// Its position in the run, from 0.
    pub position: u32,
    /// Its kind.
    pub kind: RunItemKind,
    /// Its position among the items of its kind, from 0.
    pub index: u32,
    /// Its status.
    pub status: ItemStatus,
    /// Id of the plan it creates, if any; the plan exists once the item is finished.
    pub plan_id: Option<String>,
    /// Its result, if it has one of its own.
    pub result: Option<Vec<u8>>,
    /// Its problem, if it failed.
    pub problem: Option<Vec<u8>>,
    /// The client's own names for it.
    pub labels: ClientLabels,
}

/// The next item to process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunWork {
    /// The run.
    pub run_id: String,
    /// When the run's request was received.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// The actor who requested the run.
    pub actor: Actor,
    /// The status of the run.
    pub status: RunStatus,
    /// The item's position in the run.
    pub position: u32,
    /// Its kind.
    pub kind: RunItemKind,
    /// Its position among the items of its kind.
    pub index: u32,
    /// Id of the plan it creates, if any.
    pub plan_id: Option<String>,
    /// Its request.
    pub request: Vec<u8>,
}
