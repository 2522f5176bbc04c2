//! The events of a run as they are stored and reported.

use store::{RunHappening, RunMoment};

use super::state::{bare, progress, state_of};
use crate::dto::run_event::{RunDoneEvent, RunEvent, RunItemEvent, RunProgressEvent};

/// Something that happened to a run, for its followers: the bytes that were stored when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunUpdate {
    /// `progress`, `item` or `done`.
    pub name: &'static str,
    /// Number of the update in its run, from 1: whoever names the last one seen misses none.
    pub id: u32,
    /// A [`RunEvent`] as JSON, without line breaks.
    pub data: Vec<u8>,
}

/// Writes an event: a [`RunEvent`] as JSON, without line breaks. It is called once for each event.
#[must_use]
pub fn write_event(moment: &RunMoment<'_>) -> Vec<u8> {
    let (kind, run_id) = (moment.happening.kind().as_str(), moment.run_id);
    let (status, progress) = (moment.status.into(), progress(&moment.counts));
    let event = match moment.happening {
        RunHappening::Progress => RunEvent::Progress(RunProgressEvent { kind, run_id, status, progress }),
        RunHappening::Item(row) => {
            // A problem that is no JSON is left out: reading the run refuses it, and the item has ended all the same.
            let item = state_of(row, None).unwrap_or_else(|_| bare(row.kind.into(), row.index, row.status.into()));
            RunEvent::Item(Box::new(RunItemEvent { kind, run_id, status, progress, item }))
        }
        RunHappening::Done => RunEvent::Done(RunDoneEvent { kind, run_id, status, progress }),
    };
    serde_json::to_vec(&event).unwrap_or_default()
}
