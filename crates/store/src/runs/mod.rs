//! Batches of work that outlive the process: a run is accepted as a whole and processed item by item, and each item ends once.

pub(crate) mod events;
pub(crate) mod read;
pub(crate) mod role;
mod store;
pub(crate) mod write;

use governance::{Actor, ClientLabels};

use self::events::EventWriter;
use crate::keys::KeyClaim;
use crate::shared::SharedText;

/// A run that is offered to the store.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub run_id: String,
    /// When its request was received, written as plans' times are.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Who asked for it.
    pub actor: Actor,
    /// The answer to that request, given again when the request is.
    pub response: Vec<u8>,
    /// Its items, in order.
    pub items: Vec<NewRunItem>,
    /// Texts that its items refer to by name, each kept once however many do. No two have one name.
    pub texts: Vec<(String, SharedText)>,
    /// The client's key, if it sent one.
    pub claim: Option<KeyClaim>,
    /// How much may wait, this run included.
    pub limits: RunLimits,
}

impl NewRun {
    /// Bytes of what was asked for.
    pub(crate) fn request_bytes(&self) -> usize {
        let items: usize = self.items.iter().map(|item| item.request.len()).sum();
        items + self.texts.iter().map(|(_, text)| text.as_str().len()).sum::<usize>()
    }
}

/// One item of a new run.
#[derive(Debug, Clone)]
pub struct NewRunItem {
    /// What it is.
    pub kind: RunItemKind,
    /// Its place among those of its kind, from 0.
    pub index: u32,
    /// Id its plan will have, if it makes one: given now, so that a second try cannot make a second plan.
    pub plan_id: Option<String>,
    /// What its client calls it.
    pub labels: ClientLabels,
    /// Its request.
    pub request: Vec<u8>,
}

/// Bounds on the runs that have been accepted and have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Runs.
    pub runs: u32,
    /// Bytes of their requests; a single run may have more.
    pub bytes: u64,
}

/// The outcome of offering a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// It is stored and will be worked on.
    New,
    /// Its key was accepted as this run before; nothing was stored.
    Earlier {
        /// The run that stands for the key.
        run_id: String,
    },
    /// Its key was used for another request before; nothing was stored.
    OtherRequest,
    /// Too many runs or bytes are waiting; nothing was stored.
    Full,
}

/// The kind of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunItemKind {
    /// A portfolio: it becomes a stored plan.
    Portfolio,
    /// A simulation: its answer is kept with the item.
    Simulation,
}

impl RunItemKind {
    /// The kind as it is stored: `portfolio`, `simulation`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Simulation => "simulation",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Portfolio, Self::Simulation].into_iter().find(|kind| kind.as_str() == text)
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
    /// It was cancelled; while it has no end time, an item is still being processed.
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

/// The status of an item. Only the worker knows which one is being processed; the database does not.
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

/// The item that ends, when, and how that is told.
#[derive(Debug, Clone)]
pub struct ItemEnd {
    /// Its run.
    pub run_id: String,
    /// Its place in the run, from 0.
    pub position: u32,
    /// When it ended, written as plans' times are.
    pub ended_at: String,
    /// Writes the events of its end, and of the run's end with the last item.
    pub write_event: EventWriter,
}

/// How an item without a plan ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemOutcome {
    /// With this answer.
    Finished(Vec<u8>),
    /// With this problem.
    Failed(Vec<u8>),
}

/// How many items of a run are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// All of them.
    pub total: u32,
    /// Those that ended, well or not.
    pub finished: u32,
    /// Those that ended with a problem.
    pub failed: u32,
    /// Those that were cancelled.
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
    /// Who asked for it, as it is stored.
    pub actor: String,
    /// Who cancelled it, as it is stored; `None` when it was not cancelled.
    pub cancelled_by: Option<String>,
    /// How far it is.
    pub status: RunStatus,
    /// When its last item ended; `None` before.
    pub finished_at: Option<String>,
    /// How far its items are.
    pub counts: RunCounts,
}

/// A page of runs, those accepted last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<RunRow>,
    /// Place of the last of them in the order in which runs were accepted: the next page is before it. `None` on the last page.
    pub next: Option<u64>,
}

/// An item of a run without its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunItemRow {
    /// Its place in the run, from 0.
    pub position: u32,
    /// What it is.
    pub kind: RunItemKind,
    /// Its place among those of its kind, from 0.
    pub index: u32,
    /// How far it is.
    pub status: ItemStatus,
    /// Id of its plan, if it makes one; there is such a plan once the item is finished.
    pub plan_id: Option<String>,
    /// Its answer, if it has one of its own.
    pub result: Option<Vec<u8>>,
    /// Its problem, if it failed.
    pub problem: Option<Vec<u8>>,
    /// What its client calls it.
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
    /// Who asked for the run.
    pub actor: Actor,
    /// How far the run is.
    pub status: RunStatus,
    /// The item's place in the run.
    pub position: u32,
    /// What it is.
    pub kind: RunItemKind,
    /// Its place among those of its kind.
    pub index: u32,
    /// Id of its plan, if it makes one.
    pub plan_id: Option<String>,
    /// Its request.
    pub request: Vec<u8>,
}
