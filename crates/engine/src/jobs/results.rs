//! The results of a run, one line of JSON for each item.

use store::{ItemStatus, RunItemRow};

use super::state::state_of;
use crate::dto::run_result::RunResult;
use crate::records::Records;
use crate::refusal::{Refusal, json};
use crate::telling::view::PlanParts;

/// The results of a run as of the moment it was asked for. The plans are read one at a time, while their lines are taken.
#[derive(Debug)]
pub struct RunResults {
    records: Records,
    items: std::vec::IntoIter<RunItemRow>,
    at_work: Option<u32>,
    parts: PlanParts,
}

impl RunResults {
    pub(crate) fn new(records: Records, items: Vec<RunItemRow>, at_work: Option<u32>, parts: PlanParts) -> Self {
        Self { records, items: items.into_iter(), at_work, parts }
    }

    /// The line of the next item, a [`RunResult`] in JSON with its line break; `None` after the last one.
    ///
    /// # Errors
    /// Records that cannot be read, or are not what was recorded.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let plan = match item.plan_id.as_deref().filter(|_| item.status == ItemStatus::Finished) {
            Some(id) => self.records.store().plan(id).await.map_err(|error| Refusal::of_store(&error))?,
            None => None,
        };
        let answer = plan.as_ref().map(|plan| self.parts.cut(plan.record.response.bytes())).transpose()?;
        let mut line = json(&RunResult::new(state_of(&item, self.at_work)?, answer.as_deref()))?;
        line.push(b'\n');
        Ok(Some(line))
    }
}
