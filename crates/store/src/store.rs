//! The store: one handle to open, read, write and verify it.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governance::{AuditEntry, ChainTip, Digest, TipSigner};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::connection::{Pool, Target, either};
use crate::error::StoreError;
use crate::held::HeldFile;
use crate::kept_keys::{KEEPS_OUTCOMES, KEEPS_PORTFOLIOS, KEEPS_RUNS};
use crate::keys::{Claim, KeyClaim, RunningKeys};
use crate::location::Location;
use crate::new_plan::{self, Kept, NewPlan, PackedPlan};
use crate::options::StoreOptions;
use crate::quota::Quota;
use crate::read::{PlanQuery, PlanRow, StoredPlan};
use crate::reserve::{Reserve, is_full};
use crate::verify::{ChainReport, Inclusion};
use crate::writer::{ERASE_BATCH, EraseOrder, Job, Means, PRUNE_BATCH, write_on};
use crate::{backup, guards, private, read, schema, signed, verify};

/// Plans and their audit trail. Cheap to clone: all clones share one store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    runtime: Handle,
    target: Target,
    held: HeldFile,
    reserve: Reserve,
    readers: Pool,
    /// A connection for what is small and must not wait behind lists: readiness, the monitor, the keys of clients.
    probes: Pool,
    jobs: Sender<Job>,
    room: Arc<Semaphore>,
    running: Arc<RunningKeys>,
    acknowledged: Arc<Mutex<ChainTip>>,
    /// Lets one verification run at a time, in the order of the requests: each reads everything, and others need the
    /// readers too.
    verifying: Arc<Semaphore>,
    /// Lists that look for words read many rows: together they take half of the reading connections at most.
    lists: Arc<Semaphore>,
    options: StoreOptions,
}

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Serve,
    Inspect,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the records at `location` and creates them if there are none, unless [`StoreOptions::make`] forbids it. Brings the schema up to date, checks the
    /// file, and starts the writer on the current Tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Path`], [`StoreError::Address`], [`StoreError::NewerSchema`],
    /// [`StoreError::Damaged`] or, without [`StoreOptions::make`], [`StoreError::Missing`] or [`StoreError::Blank`].
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open(location: &Location, options: &StoreOptions) -> Result<Self, StoreError> {
        Self::open_as(location, options, Purpose::Serve).await
    }

    /// Opens the records, on a full disk at the cost of the room that was set aside.
    async fn open_as(location: &Location, options: &StoreOptions, purpose: Purpose) -> Result<Self, StoreError> {
        let reserve = Reserve::of(location, options);
        match Self::open_beside(location, options, purpose, &reserve).await {
            Err(error) if is_full(&error) && reserve.give_up() => {
                tracing::error!(cause = %error, "the disk is full: records are read, and nothing is written");
                let mut opened = Self::open_beside(location, options, purpose, &reserve).await;
                // The connection that failed closes on a thread of its own, and until then it is in the way.
                for _ in 0..20 {
                    if !matches!(&opened, Err(error) if is_full(error)) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    opened = Self::open_beside(location, options, purpose, &reserve).await;
                }
                opened
            }
            opened => {
                if let (Ok(_), Err(error)) = (&opened, reserve.set_aside()) {
                    tracing::warn!(cause = %error, "no room is set aside on the disk");
                }
                opened
            }
        }
    }

    async fn open_beside(
        location: &Location,
        options: &StoreOptions,
        purpose: Purpose,
        reserve: &Reserve,
    ) -> Result<Self, StoreError> {
        if let Location::Sqlite(path) = location
            && !options.make
            && !path.is_file()
        {
            return Err(StoreError::Missing { path: path.clone() });
        }
        if let Location::Sqlite(file) = location
            && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            let unusable = |cause| StoreError::Path { path: folder.to_owned(), cause: Arc::new(cause) };
            private::make_folder(folder).map_err(unusable)?;
            // One that exists is not opened: closing it would end the locks that this process has on it. What cannot be made here is
            // what SQLite cannot open, and it says why.
            let _ = private::options().create_new(true).open(file);
        }
        let target = Target::new(location, options)?;
        let is_empty =
            matches!(location, Location::Sqlite(file) if std::fs::metadata(file).is_ok_and(|file| file.len() == 0));
        let first = if is_empty { target.clone().making() } else { target.clone() };
        let mut connection = first.connect().await.map_err(opening)?;
        let held = HeldFile::at(location);
        // From here on a file that is missing was removed, and is not made again.
        let target = target.existing();
        schema::check_integrity(&mut connection).await?;
        match purpose {
            Purpose::Serve => {
                schema::migrate(&mut connection, options.make, options.signer.as_ref()).await?;
                guards::put_back(&mut connection).await.map_err(opening)?;
                schema::settle(&mut connection).await?;
            }
            Purpose::Inspect => schema::check_version(&mut connection).await?,
        }
        let readers = target.readers(options);
        if let (Purpose::Serve, Some(signer)) = (purpose, &options.signer) {
            match signed::check(&readers, signer).await {
                Err(StoreError::Unsigned { .. }) if options.new_key => {
                    signed::sign_again(&mut connection, signer).await.map_err(opening)?;
                }
                checked => checked?,
            }
        }
        let tip = verify::tip(&readers).await?;
        let acknowledged = Arc::new(Mutex::new(tip));
        let (jobs, inbox) = mpsc::channel(options.queue.max(1));
        let probes = target.readers(&StoreOptions { readers: 1, ..options.clone() });
        let means = Means {
            target: target.clone(),
            held: held.clone(),
            reserve: reserve.clone(),
            quota: Quota(options.most_bytes),
            acknowledged: acknowledged.clone(),
            is_own: Arc::default(),
            signer: options.signer.clone().map(Arc::new),
        };
        tokio::spawn(write_on(means, connection, inbox));
        Ok(Self(Arc::new(Inner {
            runtime: Handle::current(),
            target,
            held,
            reserve: reserve.clone(),
            readers,
            probes,
            jobs,
            room: Arc::new(Semaphore::new(kibibytes(options.queue_mib))),
            running: Arc::default(),
            acknowledged,
            verifying: Arc::new(Semaphore::new(1)),
            lists: Arc::new(Semaphore::new((options.readers as usize / 2).max(1))),
            options: options.clone(),
        })))
    }

    /// Opens existing records to read and verify them; the schema is not brought up to date.
    ///
    /// # Errors
    /// [`StoreError::Missing`] or [`StoreError::OlderSchema`], or as [`Store::open`].
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open_existing(location: &Location, options: &StoreOptions) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite(file) if !file.is_file() => Err(StoreError::Missing { path: file.clone() }),
            _ => Self::open_as(location, options, Purpose::Inspect).await,
        }
    }

    /// Stores a plan. When this returns [`Kept::New`], the plan, its audit entry and its key are on the disk.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Overloaded`] or [`StoreError::Closed`].
    pub async fn keep(&self, plan: NewPlan) -> Result<Kept, StoreError> {
        let _room = self.room(new_plan::size(&plan))?;
        let unpacked = |error| StoreError::Unavailable(Arc::new(sqlx::Error::Encode(Box::new(error))));
        let plan = Box::new(PackedPlan::new(plan).await.map_err(unpacked)?);
        self.ask(|reply| Job::Keep { plan, reply, _room }).await
    }

    /// Reserves part of the space for plans that wait to be written.
    pub(crate) fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, StoreError> {
        let permits = (bytes / 1024 + 1).min(kibibytes(self.0.options.queue_mib));
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        self.0.room.clone().try_acquire_many_owned(permits).map_err(|_| StoreError::Overloaded)
    }

    /// Sends a request to the writer, and waits for its answer up to the timeout of the options.
    pub(crate) async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.jobs.try_send(job(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        match tokio::time::timeout(self.0.options.write_timeout, answer).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(self.unanswered())),
            Err(_) => Err(StoreError::Overloaded),
        }
    }

    /// Why a job that the writer took has no answer.
    fn unanswered(&self) -> StoreError {
        if self.0.jobs.is_closed() { StoreError::Closed } else { StoreError::Interrupted }
    }

    /// The state of an actor's key for the request with which it was sent.
    ///
    /// # Errors
    /// When the database cannot be read, or the plan of the key was changed.
    pub async fn claim(&self, claim: KeyClaim) -> Result<Claim, StoreError> {
        let held = match self.0.running.hold(claim.clone()) {
            Ok(held) => held,
            Err(other) => return Ok(if other == claim.fingerprint { Claim::Running } else { Claim::OtherRequest }),
        };
        let this = self.clone();
        let (actor, key) = (claim.actor.clone(), claim.key.clone());
        let found = self.on_runtime(async move { read::key(&this.0.readers, &actor, &key).await }).await?;
        match found {
            Some((fingerprint, subject, plan_id, kept_at)) if !claim.outlived(kept_at) => {
                if fingerprint != claim.fingerprint.as_bytes() {
                    return Ok(Claim::OtherRequest);
                }
                if subject == KEEPS_RUNS {
                    return Ok(Claim::Accepted { run_id: plan_id });
                }
                if subject == KEEPS_OUTCOMES {
                    return Ok(Claim::Recorded { outcome_id: plan_id });
                }
                if subject == KEEPS_PORTFOLIOS {
                    return Ok(Claim::Saved { portfolio_id: plan_id });
                }
                match self.plan(&plan_id).await? {
                    Some(plan) => Ok(Claim::Answered(Box::new(plan))),
                    // No other answer may be returned as the first one.
                    None => Err(StoreError::Tampered { plan_id }),
                }
            }
            _ => Ok(Claim::Fresh(held)),
        }
    }

    /// A stored plan.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when its digest is not the one stored with it.
    pub async fn plan(&self, plan_id: &str) -> Result<Option<StoredPlan>, StoreError> {
        let (this, plan_id) = (self.clone(), plan_id.to_owned());
        self.on_runtime(async move { read::plan(&this.0.readers, &plan_id).await }).await
    }

    /// A page of plans, newest first.
    ///
    /// # Errors
    /// When the database cannot be read, or other lists take too long ([`StoreError::Overloaded`]).
    pub async fn plans(&self, query: PlanQuery) -> Result<Vec<PlanRow>, StoreError> {
        let this = self.clone();
        let turn = tokio::time::timeout(self.0.options.write_timeout, self.0.lists.clone().acquire_owned()).await;
        let _turn = turn.map_err(|_| StoreError::Overloaded)?.map_err(|_| StoreError::Closed)?;
        self.on_runtime(async move { read::plans(&this.0.readers, &query).await }).await
    }

    /// Audit entries after a sequence, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn entries(&self, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::entries(&this.0.readers, after, limit).await }).await
    }

    /// Reads everything stored and compares it: each entry with the previous one, each plan, outcome and version of a book with its
    /// digest and its entry, and the chain with `head` (an earlier end of it) and with the last end that this store
    /// acknowledged.
    ///
    /// One verification runs at a time. Another one waits up to [`StoreOptions::verify_timeout`].
    ///
    /// # Errors
    /// When the database cannot be read, or the wait is too long ([`StoreError::VerificationBusy`]). A broken chain is
    /// not an error: see [`ChainReport::first_break`].
    pub async fn verify(&self, head: Option<ChainTip>) -> Result<ChainReport, StoreError> {
        let alone = self.turn_to_verify().await?;
        let acknowledged = self.acknowledged();
        let this = self.clone();
        let seen: Vec<ChainTip> = head.into_iter().chain([acknowledged]).collect();
        self.on_runtime(async move {
            let _alone = alone;
            let options = &this.0.options;
            let verifier = options.verifier.as_ref().or_else(|| options.signer.as_ref().map(TipSigner::verifier));
            verify::verify(&this.0.readers, &seen, verifier).await
        })
        .await
    }

    async fn turn_to_verify(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let patience = self.0.options.verify_timeout;
        match tokio::time::timeout(patience, self.0.verifying.clone().acquire_owned()).await {
            Ok(turn) => turn.map_err(|_| StoreError::Closed),
            Err(_) => Err(StoreError::VerificationBusy { waited: patience }),
        }
    }

    /// The end of the chain, and the root of the Merkle tree over its entries.
    ///
    /// # Errors
    /// When the database cannot be read, or contains less than this store acknowledged ([`StoreError::Damaged`]).
    pub async fn head(&self) -> Result<(ChainTip, Digest), StoreError> {
        let acknowledged = self.acknowledged().sequence;
        let this = self.clone();
        let trunk = self.on_runtime(async move { verify::head(&this.0.readers).await }).await?;
        let (tip, root) = (trunk.tip, trunk.root());
        if tip.sequence < acknowledged {
            return Err(StoreError::Damaged { finding: "the audit trail was cut".to_owned() });
        }
        Ok((tip, root))
    }

    /// Proof that a plan was recorded; `None` for an unknown plan.
    ///
    /// # Errors
    /// When the database cannot be read, or its trail has gaps.
    pub async fn inclusion(&self, plan_id: &str) -> Result<Option<Inclusion>, StoreError> {
        let (this, plan_id) = (self.clone(), plan_id.to_owned());
        self.on_runtime(async move { verify::inclusion(&this.0.readers, &plan_id).await }).await
    }

    /// Erases up to 256 plans created before a time, each with an audit entry that keeps its digest; keys kept before
    /// `keys_before` (seconds since 1970 UTC); and up to 16 runs that ended before that time. Returns the number of
    /// plans and runs erased.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn erase(
        &self,
        plans_before: Option<String>,
        keys_before: i64,
        created_at: String,
        request_id: String,
    ) -> Result<u64, StoreError> {
        self.erase_most(EraseOrder { plans_before, keys_before, created_at, request_id, most: ERASE_BATCH }).await
    }

    /// As [`Store::erase`] for very few plans, whose room is given back to the disk at once: on a full disk there is not enough for more.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn prune(
        &self,
        plans_before: String,
        keys_before: i64,
        created_at: String,
        request_id: String,
    ) -> Result<u64, StoreError> {
        let order =
            EraseOrder { plans_before: Some(plans_before), keys_before, created_at, request_id, most: PRUNE_BATCH };
        let erased = self.erase_most(order).await?;
        if erased > 0 {
            self.shrink(false).await?;
        }
        Ok(erased)
    }

    async fn erase_most(&self, order: EraseOrder) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.jobs.send(Job::Erase { order, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    /// Gives the pages of what was erased back to the disk. A SQLite file of a program that did not prepare for that is only made smaller
    /// when it is rewritten, which needs as much room again for a while; PostgreSQL does this by itself.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn shrink(&self, rewrite: bool) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.jobs.send(Job::Shrink { rewrite, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    /// Checks that the store can be used: there is a writer, the database is the one that was opened, and it answers a query. Lists and
    /// verifications do not delay it.
    ///
    /// # Errors
    /// [`StoreError::Closed`], [`StoreError::Replaced`], [`StoreError::Full`], or a database that does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        if self.0.jobs.is_closed() {
            return Err(StoreError::Closed);
        }
        let this = self.clone();
        self.on_runtime(async move {
            this.0.held.check()?;
            this.0.reserve.check()?;
            read::ping(&this.0.probes).await
        })
        .await
    }

    /// Runs that have not ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn open_runs(&self) -> Result<u64, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::open_runs(&this.0.probes).await }).await
    }

    /// Copies everything, as of one moment, into a new SQLite file; the store stays in use.
    ///
    /// # Errors
    /// [`StoreError::Path`] when the file exists or cannot be written; otherwise when the database cannot be read.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let (this, file) = (self.clone(), file.to_owned());
        self.on_runtime(async move {
            let inner = &this.0;
            backup::backup(&inner.target, &inner.readers, &file, &inner.options).await
        })
        .await
    }

    /// Writes the plans that still wait, then closes all connections.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.jobs.send(Job::Stop { done }).await.is_ok() {
            let _ = closed.await;
        }
        for pool in [&self.0.readers, &self.0.probes] {
            either!(Pool, pool, pool => pool.close().await);
        }
    }

    /// The end of the chain that was acknowledged last.
    pub(crate) fn acknowledged(&self) -> ChainTip {
        *self.0.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn readers(&self) -> &Pool {
        &self.0.readers
    }

    pub(crate) fn probes(&self) -> &Pool {
        &self.0.probes
    }

    pub(crate) fn signer(&self) -> Option<&TipSigner> {
        self.0.options.signer.as_ref()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.0.target
    }

    /// Runs database work on the runtime of its connections, whichever runtime calls.
    pub(crate) async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.runtime.spawn(work).await.unwrap_or(Err(StoreError::Closed))
    }
}

fn opening(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(error) if schema::is_damage(error.code().as_deref()) => {
            StoreError::Damaged { finding: error.message().to_owned() }
        }
        error => StoreError::Open(Arc::new(error)),
    }
}

fn kibibytes(mib: u32) -> usize {
    (mib.max(1) as usize) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_verification_whose_turn_does_not_come_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("plans.db"));
        let waited = Duration::from_millis(20);
        let options = StoreOptions { verify_timeout: waited, ..StoreOptions::default() };
        let store = Store::open(&location, &options).await.unwrap();
        let under_way = store.turn_to_verify().await.unwrap();
        let refused = store.verify(None).await.unwrap_err();
        assert!(matches!(refused, StoreError::VerificationBusy { waited: stated } if stated == waited), "{refused}");
        drop(under_way);
        assert_eq!(store.verify(None).await.unwrap().first_break, None);
        store.close().await;
    }

    #[tokio::test]
    async fn a_fault_of_the_writer_interrupts_one_job_and_the_next_are_done() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("plans.db"));
        let store = Store::open(&location, &StoreOptions::default()).await.unwrap();
        for _ in 0..2 {
            let interrupted = store.ask(|reply| Job::Panic { reply }).await;
            assert!(matches!(interrupted, Err(StoreError::Interrupted)), "{interrupted:?}");
            store.ping().await.unwrap();
            // A write, through the connection that the next writer opens.
            assert_eq!(store.erase(None, 0, String::new(), String::new()).await.unwrap(), 0);
        }
        store.close().await;
        assert!(matches!(store.ping().await, Err(StoreError::Closed)));
        assert!(matches!(store.ask(|reply| Job::Panic { reply }).await, Err(StoreError::Closed)));
    }
}
