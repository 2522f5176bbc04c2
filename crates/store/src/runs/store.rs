//! The operations of a store on runs.

use governance::Actor;

use super::events::{self, EventWriter, RunEvents};
use super::role::WorkRole;
use super::write::{CancelOrder, RunOrder};
use super::{Accepted, ItemEnd, ItemOutcome, NewRun, RunItemRow, RunPage, RunRow, RunSort, RunWork, read};
use crate::error::StoreError;
use crate::shared::{self, SharedText};
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Accepts a run. When this returns [`Accepted::New`], the run, its items and its key are on the disk.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn accept(&self, run: NewRun) -> Result<Accepted, StoreError> {
        let _room = self.room(run.request_bytes() + run.response.len())?;
        self.ask(|reply| Job::Run(RunOrder::Accept { run: Box::new(run), reply, _room })).await
    }

    /// The answer that was given when a run was accepted; `None` for an unknown run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn accepted_as(&self, run_id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (this, run_id) = (self.clone(), run_id.to_owned());
        self.on_runtime(async move { read::response(this.readers(), &run_id).await }).await
    }

    /// A run with its items in order; `None` for an unknown run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run(&self, run_id: &str) -> Result<Option<(RunRow, Vec<RunItemRow>)>, StoreError> {
        let (this, run_id) = (self.clone(), run_id.to_owned());
        self.on_runtime(async move { read::run(this.readers(), &run_id).await }).await
    }

    /// Up to `limit` runs of a sort, newest first; `before` is [`RunPage::next`] of the previous page.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs(&self, sort: RunSort, before: Option<u64>, limit: u32) -> Result<RunPage, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::page(this.readers(), sort, before, limit).await }).await
    }

    /// Up to `limit` events of a run after event number `after`, in order; `None` for an unknown run.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run_events(&self, run_id: &str, after: u32, limit: u32) -> Result<Option<RunEvents>, StoreError> {
        let (this, run_id) = (self.clone(), run_id.to_owned());
        self.on_runtime(async move { events::after(this.readers(), &run_id, after, limit).await }).await
    }

    /// The first open item of the run that was accepted first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_work(&self) -> Result<Option<RunWork>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::next_work(this.readers()).await }).await
    }

    /// The texts that the items of a run refer to, by name; none for an unknown run.
    ///
    /// # Errors
    /// When the database cannot be read, or a text was changed.
    pub async fn run_texts(&self, run_id: &str) -> Result<Vec<(String, SharedText)>, StoreError> {
        let (this, run_id) = (self.clone(), run_id.to_owned());
        self.on_runtime(async move { shared::of_run(this.readers(), &run_id).await }).await
    }

    /// Records that a run has begun.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn begin_run(&self, run_id: &str, write_event: EventWriter) -> Result<(), StoreError> {
        let run_id = run_id.to_owned();
        self.ask(|reply| Job::Run(RunOrder::Begin { run_id, write_event, reply })).await
    }

    /// Ends an item without a plan; [`Store::keep`] ends one with a plan. `false` when it had already ended.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn end_item(&self, item: ItemEnd, outcome: ItemOutcome) -> Result<bool, StoreError> {
        self.ask(|reply| Job::Run(RunOrder::End { item, outcome, reply })).await
    }

    /// Keeps from where an open item goes on after a restart, in the place of what was kept before; nothing is kept of an
    /// item that has ended.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn keep_checkpoint(&self, run_id: &str, position: u32, state: Vec<u8>) -> Result<(), StoreError> {
        let (room, run_id) = (self.room(state.len())?, run_id.to_owned());
        self.ask(|reply| Job::Run(RunOrder::Checkpoint { run_id, position, state, reply, _room: room })).await
    }

    /// What [`Store::keep_checkpoint`] kept last of an item; `None` when its run has ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn checkpoint(&self, run_id: &str, position: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let (this, run_id) = (self.clone(), run_id.to_owned());
        self.on_runtime(async move { read::checkpoint(this.readers(), &run_id, position).await }).await
    }

    /// Cancels the open items of a run, except the one being processed. `false` for an unknown run; a run that has
    /// ended does not change.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn cancel_run(
        &self,
        actor: &Actor,
        run_id: &str,
        spare: Option<u32>,
        at: String,
        write_event: EventWriter,
    ) -> Result<bool, StoreError> {
        let (actor, run_id) = (actor.clone(), run_id.to_owned());
        self.ask(|reply| Job::Run(RunOrder::Cancel(CancelOrder { actor, run_id, spare, at, write_event }, reply))).await
    }

    /// Ends cancelled runs whose last item was being processed when its process ended. Call it after taking the role.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn close_cancelled_runs(&self, at: String, write_event: EventWriter) -> Result<(), StoreError> {
        self.ask(|reply| Job::Run(RunOrder::CloseCancelled { at, write_event, reply })).await
    }

    /// Takes or keeps the role of working on runs; `None` while another process has it.
    ///
    /// # Errors
    /// When the lock cannot be attempted.
    pub async fn work_role(&self, held: Option<WorkRole>) -> Result<Option<WorkRole>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move {
            if let Some(mut role) = held
                && role.is_held().await
            {
                return Ok(Some(role));
            }
            WorkRole::take(this.target()).await
        })
        .await
    }
}
