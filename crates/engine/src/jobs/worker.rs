//! The thread that works on runs.

use std::io;
use std::thread::{JoinHandle, available_parallelism};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use store::{
    ItemEnd, ItemOutcome, NewPlan, RunItemKind, RunStatus, RunWork, Store, StoreError, StoredChampionMove,
    StoredControl, WorkRole,
};
use stress::Stop;
use tokio::time::{sleep, timeout};

use super::checkpoint::Checkpoints;
use super::event::write_event;
use super::item::{Done, Shared, Standing, context_of, problem, reference_of, work_on};
use super::progress::Progress;
use super::queue::{AtWork, Inner, Runs};
use crate::control::halts::Halts;
use crate::control::policy::KeptPolicies;
use crate::inventory::{Inventory, Standings, allocator, fitted_costs, trained, transformer};
use crate::refusal::{Refusal, json};
use crate::trainings::keep::keep;

/// How soon it notices that it should stop.
const TICK: Duration = Duration::from_millis(250);
/// Ticks without work after which the store is asked again: another process may have accepted a run, or have ended.
const IDLE_TICKS: u32 = 8;
/// How often to try to keep the result of an item before the item gets a problem instead.
const ATTEMPTS: u32 = 10;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How old what the worker knows of halts may be: half of the time in which a run honours one.
const HALT_AGE: Duration = Duration::from_millis(50);

/// What the worker found to do.
enum Turn {
    Worked,
    Idle,
}

struct Worker {
    runs: Runs,
    role: Option<WorkRole>,
    /// What the items of the run that was worked on last share, by its id.
    shared: (String, Shared),
    /// The halts in force, and for which run and when they were read.
    halts: (Option<(String, Duration)>, Halts),
    /// Half of the cores: requests that wait for an answer come before batches.
    pool: ThreadPool,
}

/// Starts the thread.
pub(super) fn start(runs: Runs) -> io::Result<JoinHandle<()>> {
    let threads = available_parallelism().map_or(1, usize::from).div_ceil(2);
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("runs-{i}")).build();
    let pool = pool.map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let worker = Worker { runs, role: None, shared: Default::default(), halts: Default::default(), pool };
    std::thread::Builder::new().name("runs".to_owned()).spawn(move || runtime.block_on(worker.work()))
}

/// What people chose, as it is kept: which models lead, the cost models among them, and the control policy.
struct KeptChoices {
    moves: Vec<StoredChampionMove>,
    costs: Vec<StoredControl>,
    trained: Vec<StoredControl>,
    transformers: Vec<StoredControl>,
    allocators: Vec<StoredControl>,
    policies: KeptPolicies,
}

/// Trained versions are read where something may name them.
async fn kept_choices(
    store: &Store,
    moves: Vec<StoredChampionMove>,
    work: &RunWork,
) -> Result<KeptChoices, StoreError> {
    let costs = store.control_records(fitted_costs::TOPIC).await?;
    let trained = match names_trained(work) || trained::are_in(&moves) {
        true => store.control_records(trained::TOPIC).await?,
        false => Vec::new(),
    };
    let (transformers, allocators) = match work.kind {
        RunItemKind::Training => {
            (store.control_records(transformer::TOPIC).await?, store.control_records(allocator::TOPIC).await?)
        }
        RunItemKind::Portfolio if names(work, allocator::ID_PREFIX) => {
            (Vec::new(), store.control_records(allocator::TOPIC).await?)
        }
        RunItemKind::Portfolio | RunItemKind::Simulation | RunItemKind::Backtest => (Vec::new(), Vec::new()),
    };
    let reference = match work.kind {
        RunItemKind::Portfolio => reference_of(&work.request),
        RunItemKind::Simulation | RunItemKind::Backtest | RunItemKind::Training => None,
    };
    Ok(KeptChoices {
        moves,
        costs,
        trained,
        transformers,
        allocators,
        policies: KeptPolicies::read(store, reference).await?,
    })
}

/// Whether an item trains, or its request may name a trained version.
fn names_trained(work: &RunWork) -> bool {
    work.kind == RunItemKind::Training || names(work, trained::ID_PREFIX)
}

/// Whether a request may name a version whose id begins like this.
fn names(work: &RunWork, prefix: &str) -> bool {
    work.request.windows(prefix.len()).any(|part| part == prefix.as_bytes())
}

fn standing_at(choices: KeptChoices, time: &str) -> Result<Standing, Refusal> {
    let KeptChoices { moves, costs, trained, transformers, allocators, policies } = choices;
    let (costs, mut trained) = (fitted_costs::registered(&costs)?, trained::registered(&trained)?);
    trained.extend(transformer::registered(&transformers)?);
    trained.extend(allocator::registered(&allocators)?);
    let models = Standings::of(Inventory::of_engine()?, costs, trained, moves)?.at(time);
    Ok(Standing { models, policy: policies.at(time)? })
}

impl Worker {
    async fn work(mut self) {
        let mut failures = 0;
        while !self.is_stopping() {
            match self.turn().await {
                Ok(Turn::Worked) => failures = 0,
                Ok(Turn::Idle) => {
                    failures = 0;
                    self.idle().await;
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(cause = %error, "work on runs is put off");
                    // Taken again, it closes what was left open.
                    self.role = None;
                    self.pause(failures).await;
                    failures += 1;
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.runs.0.draining.has_begun()
    }

    /// Does one item.
    async fn turn(&mut self) -> Result<Turn, StoreError> {
        let store = self.runs.store();
        let had_role = self.role.is_some();
        self.role = store.work_role(self.role.take()).await?;
        if self.role.is_none() {
            return Ok(Turn::Idle);
        }
        if !had_role {
            store.close_cancelled_runs(self.runs.now(), write_event).await?;
        }
        let Some(work) = store.next_work().await? else { return Ok(Turn::Idle) };
        if work.status == RunStatus::Queued {
            store.begin_run(&work.run_id, write_event).await?;
            self.runs.changed();
        }
        let stop = match work.kind {
            RunItemKind::Simulation | RunItemKind::Backtest | RunItemKind::Training => Stop::new(),
            RunItemKind::Portfolio => Stop::never(),
        };
        let progress = Progress::new(stop);
        self.runs.set_at_work(Some(AtWork {
            run_id: work.run_id.clone(),
            position: work.position,
            can_end: work.kind != RunItemKind::Portfolio,
            progress: progress.clone(),
        }));
        if self.shared.0 != work.run_id {
            let texts = store.run_texts(&work.run_id).await?.into_iter().collect();
            self.shared = (work.run_id.clone(), Shared::of(texts));
        }
        let Inner { records, write_refusal, .. } = self.runs.0.as_ref();
        let (surroundings, write_refusal) = (records.surroundings().clone(), *write_refusal);
        let read = match store.champion_moves().await {
            Ok(moves) => kept_choices(store, moves, &work).await,
            Err(error) => Err(error),
        };
        let standing = match read {
            Ok(kept) => standing_at(kept, &work.created_at),
            Err(error @ StoreError::Tampered { .. }) => Err(Refusal::of_store(&error)),
            Err(error) => return Err(error),
        };
        self.look_for_halts(&work).await?;
        let halted = match work.kind {
            RunItemKind::Portfolio => self.halts.1.refuse(work.actor.as_str(), None),
            RunItemKind::Simulation | RunItemKind::Backtest | RunItemKind::Training => Ok(()),
        };
        let checkpoints = match work.kind {
            RunItemKind::Training => Checkpoints::of(self.runs.store(), &work, &self.runs.0.draining).await?,
            RunItemKind::Portfolio | RunItemKind::Simulation | RunItemKind::Backtest => Checkpoints::none(),
        };
        let done = match halted {
            Ok(()) => self.pool.install(|| {
                let around = (&progress, &checkpoints);
                work_on(&work, &self.shared.1, &standing, &surroundings, write_refusal, around)
            }),
            Err(halted) => problem(&work, halted, write_refusal),
        };
        if matches!(done, Done::PutOff) {
            self.runs.set_at_work(None);
            return Ok(Turn::Worked);
        }
        // What was made while somebody halted it is not kept.
        self.look_for_halts(&work).await?;
        let reference = match &done {
            Done::Plan(record, _) => record.labels.reference.clone(),
            _ => None,
        };
        let done = match (self.halts.1.refuse(work.actor.as_str(), reference.as_deref()), done) {
            (Err(halted), Done::Plan(..)) => problem(&work, halted, write_refusal),
            (_, done) => done,
        };
        let kept = self.keep(&work, done).await;
        self.runs.set_at_work(None);
        self.runs.changed();
        kept.map(|()| Turn::Worked)
    }

    /// Reads the halts in force, unless they were read for this run a moment ago.
    async fn look_for_halts(&mut self, work: &RunWork) -> Result<(), StoreError> {
        let now = self.runs.0.records.surroundings().elapsed();
        let is_fresh = |read: &(String, Duration)| read.0 == work.run_id && now.saturating_sub(read.1) < HALT_AGE;
        if !self.halts.0.as_ref().is_some_and(is_fresh) {
            let halts = Halts::read(self.runs.store()).await?;
            self.halts = (Some((work.run_id.clone(), now)), halts);
        }
        Ok(())
    }

    /// Keeps the result of an item. If the store refuses, it tries again a few times before the item gets a problem.
    async fn keep(&self, work: &RunWork, done: Done) -> Result<(), StoreError> {
        for attempt in 0..ATTEMPTS {
            match self.end(work, done.clone()).await {
                Err(error) if matches!(error, StoreError::Closed) || self.is_stopping() => return Err(error),
                Err(error) => {
                    tracing::warn!(cause = %error, run_id = work.run_id, position = work.position, "an item is not kept yet");
                    self.pause(attempt).await;
                }
                Ok(()) => return Ok(()),
            }
        }
        tracing::error!(run_id = work.run_id, position = work.position, "an item cannot be kept");
        self.end(work, problem(work, Refusal::StorageUnavailable, self.runs.0.write_refusal)).await
    }

    async fn end(&self, work: &RunWork, done: Done) -> Result<(), StoreError> {
        let store = self.runs.store();
        let (run_id, ended_at) = (work.run_id.clone(), self.runs.now());
        // The version is kept before its item ends: a kill in between trains again, finds the version, and ends the item.
        let done = match done {
            Done::Model(made) => match keep(store, &work.actor, &context_of(work), &made).await {
                Ok(response) => Done::Answer(json(&response).unwrap_or_default()),
                Err(refusal) => problem(work, refusal, self.runs.0.write_refusal),
            },
            done => done,
        };
        let item = ItemEnd { run_id, position: work.position, ended_at, write_event };
        // An item that had ended before was cancelled, or its first try was kept after all.
        match done {
            Done::Plan(record, passages) => {
                let plan =
                    NewPlan { record: *record, actor: work.actor.clone(), claim: None, item: Some(item), passages };
                store.keep(plan).await.map(drop)
            }
            // Made an answer above, or left for the next start.
            Done::Model(_) | Done::PutOff => Ok(()),
            Done::Answer(bytes) => store.end_item(item, ItemOutcome::Finished(bytes)).await.map(drop),
            Done::Problem(bytes) => store.end_item(item, ItemOutcome::Failed(bytes)).await.map(drop),
        }
    }

    /// Waits until a run is accepted here, or for a while.
    async fn idle(&self) {
        for _ in 0..IDLE_TICKS {
            if self.is_stopping() || timeout(TICK, self.runs.0.accepted.notified()).await.is_ok() {
                return;
            }
        }
    }

    /// Waits longer after every failure, and not at all when it should stop.
    async fn pause(&self, failures: u32) {
        let pause = (Duration::from_millis(100) * 2_u32.pow(failures.min(6))).min(LONGEST_PAUSE);
        let mut waited = Duration::ZERO;
        while waited < pause && !self.is_stopping() {
            sleep(TICK.min(pause - waited)).await;
            waited += TICK;
        }
    }
}
