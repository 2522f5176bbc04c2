//! The operations of a store on control records.

use governance::ControlDeed;

use super::write::ControlOrder;
use super::{ControlKept, NewControlRecord, StoredControl, read};
use crate::error::StoreError;
use crate::signed;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Stores a control record. When this returns [`ControlKept::New`], the record and its audit entry are on the disk.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn keep_control(&self, new: NewControlRecord) -> Result<ControlKept, StoreError> {
        let _room = self.room(new.record.document.bytes().len())?;
        self.ask(|reply| Job::Control(ControlOrder { new: Box::new(new), reply, _room })).await
    }

    /// The records of a topic, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Tampered`], with the topic, when a record is missing or its digest is not the one in its entry.
    pub async fn control_records(&self, topic: &str) -> Result<Vec<StoredControl>, StoreError> {
        let (this, topic) = (self.clone(), topic.to_owned());
        self.on_runtime(async move { read::control_records(this.readers(), &topic).await }).await
    }

    /// As [`Store::control_records`], by the connection that no list keeps waiting: for what every request waits for. Nothing is answered while somebody
    /// without the key has appended to the trail, for it may be one of these records.
    ///
    /// # Errors
    /// As [`Store::control_records`], or [`StoreError::Unsigned`].
    pub async fn control_records_ahead(&self, topic: &str) -> Result<Vec<StoredControl>, StoreError> {
        let (this, topic) = (self.clone(), topic.to_owned());
        self.on_runtime(async move {
            let records = read::control_records(this.probes(), &topic).await?;
            match this.signer() {
                Some(signer) => signed::check(this.probes(), signer).await.map(|()| records),
                None => Ok(records),
            }
        })
        .await
    }

    /// Actions of one kind on plans that were recorded at `since` (RFC 3339, UTC, to the microsecond) or later, oldest
    /// first.
    ///
    /// # Errors
    /// As [`Store::control_records`].
    pub async fn plan_deeds(&self, deed: ControlDeed, since: &str) -> Result<Vec<StoredControl>, StoreError> {
        let (this, since) = (self.clone(), since.to_owned());
        self.on_runtime(async move { read::plan_deeds(this.readers(), deed, &since).await }).await
    }

    /// Records of one kind on any topic, oldest first.
    ///
    /// # Errors
    /// As [`Store::control_records`].
    pub async fn control_deeds(&self, deed: ControlDeed) -> Result<Vec<StoredControl>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::control_deeds(this.readers(), deed).await }).await
    }

    /// Sequence of the last entry of the audit trail, 0 before the first: the fence of a record that counts what was
    /// recorded up to this entry.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn last_sequence(&self) -> Result<u64, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::last_sequence(this.readers()).await }).await
    }

    /// The latest action on every plan that has one, by the plan's id. It is read from the trail alone; a plan's own
    /// [records](Store::control_records) are checked against it when the plan is read.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn plan_states(&self) -> Result<Vec<(String, ControlDeed)>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::plan_states(this.readers()).await }).await
    }
}
