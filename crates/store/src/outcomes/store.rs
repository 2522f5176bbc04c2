//! The operations of a store on outcomes.

use governance::OutcomeRecord;

use super::write::OutcomeOrder;
use super::{CountedOutcomes, NewOutcome, OutcomeKept, OutcomeQuery, read};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Records an outcome. When this returns [`OutcomeKept::New`], the outcome, its audit entry and its key are on the disk.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn record_outcome(&self, outcome: NewOutcome) -> Result<OutcomeKept, StoreError> {
        let record = &outcome.record;
        let _room = self.room(record.request.bytes().len() + record.response.bytes().len())?;
        self.ask(|reply| Job::Outcome(OutcomeOrder { outcome: Box::new(outcome), reply, _room })).await
    }

    /// An outcome; `None` for an unknown one.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when its digest is not the one in its entry.
    pub async fn outcome(&self, outcome_id: &str) -> Result<Option<OutcomeRecord>, StoreError> {
        let (this, outcome_id) = (self.clone(), outcome_id.to_owned());
        self.on_runtime(async move { read::outcome(this.readers(), &outcome_id).await }).await
    }

    /// The outcome of a plan that counts: the one with the latest as-of date, and of several with that date the one
    /// recorded last.
    ///
    /// # Errors
    /// As [`Store::outcome`].
    pub async fn counted_outcome(&self, plan_id: &str) -> Result<Option<OutcomeRecord>, StoreError> {
        let (this, plan_id) = (self.clone(), plan_id.to_owned());
        self.on_runtime(async move { read::counted_of_plan(this.readers(), &plan_id).await }).await
    }

    /// The outcomes that count, in the order of their entries: for each plan the one with the latest as-of date, and of several
    /// with that date the one that was recorded last.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when the digest of one is not the one in its entry, [`StoreError::Damaged`] when the chain is shorter
    /// than this store acknowledged.
    pub async fn counted_outcomes(&self, query: OutcomeQuery) -> Result<CountedOutcomes, StoreError> {
        let this = self.clone();
        let acknowledged = self.acknowledged().sequence;
        let counted = self.on_runtime(async move { read::counted(this.readers(), &query).await }).await?;
        if counted.tip.sequence < acknowledged {
            return Err(StoreError::Damaged { finding: "the audit trail was cut".to_owned() });
        }
        Ok(counted)
    }
}
