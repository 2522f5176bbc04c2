//! The operations of a store on the results of challengers.

use super::write::ShadowOrder;
use super::{NewShadowRuns, ShadowRunsOfPlan, ShadowTask, StoredShadowRun, read};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// The first stored plan on which the challengers have yet to run.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn next_shadow_task(&self) -> Result<Option<ShadowTask>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::next_task(this.readers()).await }).await
    }

    /// Stores the runs of a plan and advances the mark past it, in one transaction. `false`, and nothing is stored, if
    /// the mark was already past it: another process ran the challengers. For a plan that was erased in the meantime
    /// only the mark is advanced.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn keep_shadow_runs(&self, new: NewShadowRuns) -> Result<bool, StoreError> {
        let _room = self.room(new.runs.iter().map(|run| run.document.bytes().len()).sum())?;
        self.ask(|reply| Job::Shadow(ShadowOrder { new, reply, _room })).await
    }

    /// Up to `limit` runs of a challenger, those of the latest plans first.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when the digest of one is not the one stored with it.
    pub async fn shadow_runs(&self, challenger: &str, limit: u32) -> Result<Vec<StoredShadowRun>, StoreError> {
        let (this, challenger) = (self.clone(), challenger.to_owned());
        self.on_runtime(async move { read::of_challenger(this.readers(), &challenger, limit).await }).await
    }

    /// The shadow runs of a plan; `None` for an unknown plan.
    ///
    /// # Errors
    /// As [`Store::shadow_runs`].
    pub async fn shadow_runs_of_plan(&self, plan_id: &str) -> Result<Option<ShadowRunsOfPlan>, StoreError> {
        let (this, plan_id) = (self.clone(), plan_id.to_owned());
        self.on_runtime(async move { read::of_plan(this.readers(), &plan_id).await }).await
    }
}
