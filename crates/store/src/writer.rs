//! One task writes: plans that arrive while a commit waits for the disk go into the next transaction together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governance::{Actor, AuditEntry, ChainTip, Digest, EntryDraft, EntryKind, PlanHeadline, PlanRecord, TipSigner};
use sqlx::{Connection as _, QueryBuilder};
use tokio::sync::mpsc::Receiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::timeout;

use crate::champions::ChampionMoved;
use crate::champions::write::{ChampionOrder, move_champion};
use crate::connection::{Connection, Target};
use crate::controls::ControlKept;
use crate::controls::write::{ControlOrder, keep_control};
use crate::error::StoreError;
use crate::held::{HeldFile, inside};
use crate::kept_keys::{FORGET_KEY, KEEPS_PLANS, KEY, KeyTuple};
use crate::keys::KeyClaim;
use crate::new_plan::{Kept, PackedPlan};
use crate::outcomes::OutcomeKept;
use crate::outcomes::write::{OutcomeOrder, record_outcome};
use crate::portfolios::write::{PortfolioOrder, close_portfolio, save_portfolio};
use crate::portfolios::{ClosePortfolio, ClosedPortfolio, NewPortfolioVersion, PortfolioKept};
use crate::quota::Quota;
use crate::reserve::Reserve;
use crate::runs::write::{RunOrder, end_item};
use crate::shadow::write::{ShadowOrder, keep_shadow_runs};
use crate::shared::{FORGET_TEXTS, SharedText, insert_plan_texts};
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, TRUNK};
use crate::transaction::{in_transaction, insert_entries, trunk_of};
use crate::webhooks::write::WebhookOrder;

/// Maximum number of plans in one transaction.
const BATCH_PLANS: usize = 256;
/// Maximum number of bytes in one transaction, unless a single plan is larger.
const BATCH_BYTES: usize = 16 << 20;
/// Maximum number of plans erased in one transaction, so that new ones need not wait long.
pub(crate) const ERASE_BATCH: i64 = 256;
/// Maximum number of plans erased in one transaction on a disk that may be full: their pages are written once more, to the log of writes.
pub(crate) const PRUNE_BATCH: i64 = 4;
/// Timeout of a transaction on PostgreSQL.
const REMOTE_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for closing a connection that failed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The actor that erases plans at the end of their retention.
const RETENTION: Actor = Actor::from_static("retention");
/// Maximum number of runs erased in one transaction; each may have many items.
const ERASE_RUNS: i64 = 16;

/// A plan, the channel for its answer, and its part of the reserved space.
type Waiting = (Box<PackedPlan>, oneshot::Sender<Result<Kept, StoreError>>, OwnedSemaphorePermit);

/// A request to the writer.
pub(crate) enum Job {
    Keep {
        plan: Box<PackedPlan>,
        reply: oneshot::Sender<Result<Kept, StoreError>>,
        _room: OwnedSemaphorePermit,
    },
    Erase {
        order: EraseOrder,
        reply: oneshot::Sender<Result<u64, StoreError>>,
    },
    Shrink {
        rewrite: bool,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    Run(RunOrder),
    Webhook(WebhookOrder),
    Outcome(OutcomeOrder),
    Portfolio(PortfolioOrder),
    Champion(ChampionOrder),
    Control(ControlOrder),
    Shadow(ShadowOrder),
    Stop {
        done: oneshot::Sender<()>,
    },
    #[cfg(test)]
    Panic {
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// Erases plans created before a time, and expired keys.
#[derive(Debug, Clone)]
pub(crate) struct EraseOrder {
    pub(crate) plans_before: Option<String>,
    pub(crate) keys_before: i64,
    pub(crate) created_at: String,
    pub(crate) request_id: String,
    /// At most so many plans.
    pub(crate) most: i64,
}

const FORGET_OUTCOMES: &str =
    "DELETE FROM idempotency_keys WHERE subject_id IN (SELECT outcome_id FROM outcomes WHERE plan_id = $1)";
const FORGET_SUBJECT: &str = "DELETE FROM idempotency_keys WHERE subject_id = $1";

pub(crate) struct Writer {
    means: Means,
    pub(crate) connection: Option<Connection>,
}

/// What every writer of a store writes with.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) target: Target,
    pub(crate) held: HeldFile,
    pub(crate) reserve: Reserve,
    pub(crate) quota: Quota,
    /// The end of the chain that was acknowledged last.
    pub(crate) acknowledged: Arc<Mutex<ChainTip>>,
    /// Whether a commit of this store made it.
    pub(crate) is_own: Arc<AtomicBool>,
    /// Who signs the next one.
    pub(crate) signer: Option<Arc<TipSigner>>,
}

/// Writes until the store is closed. A job that panics ends its writer, and the next one begins with a connection of its own: the jobs
/// that wait are not lost, and the one at work is answered [`StoreError::Interrupted`].
pub(crate) async fn write_on(means: Means, connection: Connection, jobs: Receiver<Job>) {
    let jobs = Arc::new(tokio::sync::Mutex::new(jobs));
    let mut connection = Some(connection);
    loop {
        let writer = Writer { means: means.clone(), connection: connection.take() };
        match tokio::spawn(writer.run(jobs.clone())).await {
            Err(error) if error.is_panic() => {
                tracing::error!("the writer stopped at a fault of its own, and begins again");
            }
            _ => return,
        }
    }
}

impl Writer {
    async fn run(mut self, jobs: Arc<tokio::sync::Mutex<Receiver<Job>>>) {
        let mut jobs = jobs.lock().await;
        let mut carried = None;
        loop {
            let job = match carried.take() {
                Some(job) => job,
                None => match jobs.recv().await {
                    Some(job) => job,
                    None => break,
                },
            };
            match job {
                Job::Keep { plan, reply, _room } => {
                    let mut bytes = plan.stored_bytes();
                    let mut batch = vec![(plan, reply, _room)];
                    while batch.len() < BATCH_PLANS && bytes < BATCH_BYTES {
                        match jobs.try_recv() {
                            Ok(Job::Keep { plan, reply, _room }) => {
                                bytes += plan.stored_bytes();
                                batch.push((plan, reply, _room));
                            }
                            Ok(other) => {
                                carried = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    // A plan need not be stored if nobody waits for its answer any more.
                    batch.retain(|(_, reply, _)| !reply.is_closed());
                    self.keep(batch).await;
                }
                Job::Erase { order, reply } => {
                    let erased = self.erase(&order).await;
                    let _ = reply.send(erased);
                }
                Job::Shrink { rewrite, reply } => {
                    let shrunk = self.shrink(rewrite).await;
                    let _ = reply.send(shrunk);
                }
                Job::Run(order) => self.run_order(order).await,
                Job::Webhook(order) => self.webhook_order(order).await,
                Job::Outcome(order) => self.outcome_order(order).await,
                Job::Portfolio(order) => self.portfolio_order(order).await,
                Job::Champion(order) => self.champion_order(order).await,
                Job::Control(order) => self.control_order(order).await,
                Job::Shadow(order) => self.shadow_order(order).await,
                #[cfg(test)]
                Job::Panic { reply: _reply } => panic!("a fault of the writer"),
                Job::Stop { done } => {
                    self.close().await;
                    let _ = done.send(());
                    break;
                }
            }
        }
    }

    async fn keep(&mut self, batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        let plans: Vec<&PackedPlan> = batch.iter().map(|(plan, ..)| plan.as_ref()).collect();
        match self.commit(&plans).await {
            Ok(kept) => {
                for ((_, reply, _), kept) in batch.into_iter().zip(kept) {
                    let _ = reply.send(Ok(kept));
                }
            }
            Err(error) => {
                for (_, reply, _) in batch {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }

    async fn commit(&mut self, plans: &[&PackedPlan]) -> Result<Vec<Kept>, StoreError> {
        let mut connection = self.connected().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, append(&mut connection, plans, &terms.seen)).await;
        let (kept, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(kept)
    }

    /// Records an outcome, unless its client was already refused.
    async fn outcome_order(&mut self, order: OutcomeOrder) {
        if !order.reply.is_closed() {
            let recorded = self.record(&order).await;
            let _gone = order.reply.send(recorded);
        }
    }

    async fn record(&mut self, order: &OutcomeOrder) -> Result<OutcomeKept, StoreError> {
        let mut connection = self.connected().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, record_outcome(&mut connection, &order.outcome, &terms.seen)).await;
        let (kept, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(kept)
    }

    /// Carries out a write to a named book, unless its client was already refused.
    async fn portfolio_order(&mut self, order: PortfolioOrder) {
        match order {
            PortfolioOrder::Save { version, reply, _room } if !reply.is_closed() => {
                let _gone = reply.send(self.save_book(&version).await);
            }
            PortfolioOrder::Close { closing, reply } if !reply.is_closed() => {
                let _gone = reply.send(self.close_book(&closing).await);
            }
            _ => {}
        }
    }

    /// Moves a champion, unless its client was already refused.
    async fn champion_order(&mut self, order: ChampionOrder) {
        if !order.reply.is_closed() {
            let moved = self.champion(&order).await;
            let _gone = order.reply.send(moved);
        }
    }

    async fn champion(&mut self, order: &ChampionOrder) -> Result<ChampionMoved, StoreError> {
        let mut connection = self.connected_beyond_quota().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, move_champion(&mut connection, &order.new, &terms.seen)).await;
        let (moved, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(moved)
    }

    /// Stores a control record, unless its client was already refused.
    async fn control_order(&mut self, order: ControlOrder) {
        if !order.reply.is_closed() {
            let kept = self.control(&order).await;
            let _gone = order.reply.send(kept);
        }
    }

    async fn control(&mut self, order: &ControlOrder) -> Result<ControlKept, StoreError> {
        let mut connection = self.connected_beyond_quota().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, keep_control(&mut connection, &order.new, &terms.seen)).await;
        let (kept, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(kept)
    }

    /// Stores the results of challengers on a plan, unless their sender is gone.
    async fn shadow_order(&mut self, order: ShadowOrder) {
        if !order.reply.is_closed() {
            let kept = self.shadow(&order).await;
            let _gone = order.reply.send(kept);
        }
    }

    async fn shadow(&mut self, order: &ShadowOrder) -> Result<bool, StoreError> {
        let mut connection = self.connected().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, keep_shadow_runs(&mut connection, &order.new)).await;
        let (is_new, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(is_new)
    }

    async fn save_book(&mut self, version: &NewPortfolioVersion) -> Result<PortfolioKept, StoreError> {
        let mut connection = self.connected().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, save_portfolio(&mut connection, version, &terms.seen)).await;
        let (kept, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(kept)
    }

    async fn close_book(&mut self, closing: &ClosePortfolio) -> Result<ClosedPortfolio, StoreError> {
        let mut connection = self.connected_beyond_quota().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, close_portfolio(&mut connection, closing, &terms.seen)).await;
        let (closed, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(closed)
    }

    async fn erase(&mut self, order: &EraseOrder) -> Result<u64, StoreError> {
        let mut connection = self.connected_on_a_full_disk().await?;
        let terms = self.terms(&connection);
        let done = in_time(&terms, erase(&mut connection, order, &terms.seen)).await;
        let (erased, tip) = self.put_back(connection, done).await?;
        self.acknowledge(tip);
        Ok(erased)
    }

    async fn shrink(&mut self, rewrite: bool) -> Result<(), StoreError> {
        let mut connection = self.connected_on_a_full_disk().await?;
        let done = shrink(&mut connection, rewrite).await;
        Ok(self.put_back(connection, done).await?)
    }

    /// Remembers the end of the chain after a commit, if the commit appended to it.
    fn acknowledge(&self, tip: Option<ChainTip>) {
        if let Some(tip) = tip {
            *self.means.acknowledged.lock().unwrap_or_else(PoisonError::into_inner) = tip;
            self.means.is_own.store(true, Ordering::Relaxed);
        }
    }

    /// Keeps a connection for the next transaction, unless this one failed.
    async fn put_back<T>(&mut self, connection: Connection, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(error) = &done {
            log(error);
            abandon(connection).await;
        } else {
            self.connection = Some(connection);
        }
        done
    }

    /// What holds of the next transaction on a connection.
    pub(crate) fn terms(&self, connection: &Connection) -> Terms {
        let limit = match connection {
            Connection::Sqlite(_) => None,
            Connection::Postgres(_) => Some(REMOTE_TIMEOUT),
        };
        let seen = Seen {
            tip: *self.means.acknowledged.lock().unwrap_or_else(PoisonError::into_inner),
            is_own: self.means.is_own.load(Ordering::Relaxed),
            signer: self.means.signer.clone(),
        };
        Terms { limit, held: self.means.held.clone(), seen }
    }

    /// A connection to the database that was opened, and to no other, for what takes room.
    pub(crate) async fn connected(&mut self) -> Result<Connection, StoreError> {
        let mut connection = self.connected_beyond_quota().await?;
        match self.means.quota.check(&mut connection).await {
            Ok(()) => Ok(connection),
            Err(error) => {
                self.connection = Some(connection);
                Err(error)
            }
        }
    }

    /// As [`Writer::connected`], for what is decided about records: a quota must stop no halt, and no key from being revoked.
    pub(crate) async fn connected_beyond_quota(&mut self) -> Result<Connection, StoreError> {
        self.means.reserve.check()?;
        self.connected_on_a_full_disk().await
    }

    /// As [`Writer::connected`], for what makes room.
    async fn connected_on_a_full_disk(&mut self) -> Result<Connection, StoreError> {
        self.means.held.check().inspect_err(|error| tracing::error!(cause = %error, "nothing is written"))?;
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Ok(self.means.target.connect().await.inspect_err(log)?),
        }
    }

    async fn close(self) {
        match self.connection {
            Some(Connection::Sqlite(connection)) => drop(connection.close().await),
            Some(Connection::Postgres(connection)) => drop(connection.close().await),
            None => {}
        }
    }
}

/// What holds of one transaction.
pub(crate) struct Terms {
    /// Its timeout. A file answers or fails; a server that has vanished from the network does neither for as long as its packets are
    /// retransmitted.
    limit: Option<Duration>,
    held: HeldFile,
    /// The end of the chain that was acknowledged last, which the database has to continue.
    pub(crate) seen: Seen,
}

/// The result of `work`, or an error when it takes too long, in which case its connection is abandoned, or when the file was replaced
/// meanwhile.
pub(crate) async fn in_time<T>(
    terms: &Terms,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let done = match terms.limit {
        None => work.await,
        Some(limit) => timeout(limit, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)),
    };
    let done = done?;
    terms.held.check().map_err(inside)?;
    Ok(done)
}

/// Closes a connection in an unknown state. The next one is opened only after this one's thread has finished with the
/// file.
pub(crate) async fn abandon(connection: Connection) {
    if let Connection::Sqlite(connection) = connection {
        let _closed_or_stuck = timeout(CLOSE_TIMEOUT, connection.close()).await;
    }
}

fn log(error: &sqlx::Error) {
    tracing::error!(cause = %error, "the database refused a write");
}

/// Answers; `false` for an error.
pub(crate) fn told<T>(result: Result<T, sqlx::Error>, reply: oneshot::Sender<Result<T, StoreError>>) -> bool {
    let done = result.is_ok();
    let _gone = reply.send(result.inspect_err(log).map_err(StoreError::from));
    done
}

/// Stores plans, their entries and their keys in one transaction.
async fn append(
    connection: &mut Connection,
    plans: &[&PackedPlan],
    seen: &Seen,
) -> Result<(Vec<Kept>, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
        let mut tip = trunk.tip;
        let mut kept = Vec::with_capacity(plans.len());
        let mut rows: Vec<(&PackedPlan, AuditEntry)> = Vec::with_capacity(plans.len());
        // Two plans with one key in one transaction: the first one is stored.
        let mut earlier: HashMap<(&str, &str), (Digest, &str)> = HashMap::new();
        for &packed in plans {
            let plan = &packed.plan;
            if let Some(claim) = &plan.claim {
                let (actor, key) = (claim.actor.as_str(), claim.key.as_str());
                let found: Option<KeyTuple> =
                    sqlx::query_as(KEY).bind(actor).bind(key).fetch_optional(&mut *tx).await?;
                match found {
                    Some((.., kept_at)) if claim.outlived(kept_at) => {
                        sqlx::query(FORGET_KEY).bind(actor).bind(key).execute(&mut *tx).await?;
                    }
                    Some((fingerprint, subject, plan_id, _)) => {
                        let same = fingerprint == claim.fingerprint.as_bytes() && subject == KEEPS_PLANS;
                        kept.push(if same { Kept::Earlier { plan_id } } else { Kept::OtherRequest });
                        continue;
                    }
                    None => {}
                }
                if let Some(&(fingerprint, plan_id)) = earlier.get(&(actor, key)) {
                    let same = fingerprint == claim.fingerprint;
                    let plan_id = plan_id.to_owned();
                    kept.push(if same { Kept::Earlier { plan_id } } else { Kept::OtherRequest });
                    continue;
                }
                earlier.insert((actor, key), (claim.fingerprint, &plan.record.plan_id));
            }
            // The item's end and the plan are one commit, so an item creates its plan once, whoever tries again.
            if let Some(item) = &plan.item
                && !end_item!(tx, item, "finished", None::<&[u8]>, None::<&[u8]>)
            {
                kept.push(Kept::ItemEnded);
                continue;
            }
            let digest = plan.record.digest();
            let draft = EntryDraft {
                created_at: plan.record.created_at.clone(),
                actor: plan.actor.clone(),
                request_id: plan.record.request_id.clone(),
                kind: EntryKind::PlanCreated,
                plan_id: Some(plan.record.plan_id.clone()),
                plan_digest: Some(digest),
                outcome_digest: None,
                portfolio: None,
                champion: None,
                control: None,
            };
            let entry = draft.follow(&tip);
            tip = entry.tip();
            kept.push(Kept::New { sequence: entry.sequence, digest });
            rows.push((packed, entry));
        }
        if !rows.is_empty() {
            let entries = rows.iter().map(|(_, entry)| entry);
            insert_entries!(tx, &mut trunk, entries, rows.len());
            let mut insert = QueryBuilder::new(
                "INSERT INTO plans (plan_id, sequence, created_at, request_id, engine_version, models, seed, digest, \
                 request, response, run) ",
            );
            insert.push_values(&rows, |mut row, (packed, entry)| {
                let record = &packed.plan.record;
                row.push_bind(&record.plan_id)
                    .push_bind(entry.sequence.cast_signed())
                    .push_bind(&record.created_at)
                    .push_bind(&record.request_id)
                    .push_bind(&record.engine_version)
                    .push_bind(&record.models)
                    .push_bind(record.seed.cast_signed())
                    .push_bind(entry.plan_digest.map(|digest| digest.as_bytes().to_vec()))
                    .push_bind(packed.request.as_slice())
                    .push_bind(packed.response.as_slice())
                    .push_bind(packed.run.as_slice());
            });
            insert.build().persistent(rows.len() == 1).execute(&mut *tx).await?;
            let placed: Vec<(u64, &(usize, SharedText))> = rows
                .iter()
                .flat_map(|(packed, entry)| packed.passages.iter().map(|passage| (entry.sequence, passage)))
                .collect();
            insert_plan_texts!(tx, placed);
        }
        let labelled: Vec<(&PlanRecord, u64)> = rows
            .iter()
            .map(|(packed, entry)| (&packed.plan.record, entry.sequence))
            .filter(|(record, _)| !record.labels.is_empty())
            .collect();
        if !labelled.is_empty() {
            let mut insert = QueryBuilder::new("INSERT INTO plan_labels (sequence, reference, metadata) ");
            insert.push_values(&labelled, |mut row, (record, sequence)| {
                row.push_bind(sequence.cast_signed())
                    .push_bind(record.labels.reference.as_deref())
                    .push_bind(record.labels.metadata.as_deref());
            });
            insert.build().persistent(labelled.len() == 1).execute(&mut *tx).await?;
        }
        let headed: Vec<(&PlanHeadline, u64)> = rows
            .iter()
            .filter_map(|(packed, entry)| packed.plan.record.headline.as_ref().map(|headline| (headline, entry.sequence)))
            .collect();
        if !headed.is_empty() {
            let mut insert = QueryBuilder::new("INSERT INTO plan_headlines (sequence, shown, words) ");
            insert.push_values(&headed, |mut row, (headline, sequence)| {
                row.push_bind(sequence.cast_signed()).push_bind(&headline.shown).push_bind(&headline.words);
            });
            insert.build().persistent(headed.len() == 1).execute(&mut *tx).await?;
        }
        let claims: Vec<(&KeyClaim, &str)> = rows
            .iter()
            .filter_map(|(packed, _)| {
                let plan = &packed.plan;
                plan.claim.as_ref().map(|claim| (claim, plan.record.plan_id.as_str()))
            })
            .collect();
        if !claims.is_empty() {
            let mut insert = QueryBuilder::new(
                "INSERT INTO idempotency_keys (actor, key, fingerprint, subject, subject_id, kept_at) ",
            );
            insert.push_values(&claims, |mut row, (claim, plan_id)| {
                row.push_bind(claim.actor.as_str())
                    .push_bind(&claim.key)
                    .push_bind(claim.fingerprint.as_bytes().to_vec())
                    .push_bind(KEEPS_PLANS)
                    .push_bind(*plan_id)
                    .push_bind(claim.now);
            });
            insert.build().persistent(claims.len() == 1).execute(&mut *tx).await?;
        }
        Ok((kept, (!rows.is_empty()).then_some(tip)))
    })
}

/// Records that plans are erased, then erases them, their outcomes and their keys; finished runs are erased with their items.
async fn erase(
    connection: &mut Connection,
    order: &EraseOrder,
    seen: &Seen,
) -> Result<(u64, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        sqlx::query("DELETE FROM idempotency_keys WHERE kept_at < $1")
            .bind(order.keys_before)
            .execute(&mut *tx)
            .await?;
        let old: Vec<(String, Vec<u8>)> = match &order.plans_before {
            None => Vec::new(),
            Some(before) => {
                sqlx::query_as("SELECT plan_id, digest FROM plans WHERE created_at < $1 ORDER BY created_at, sequence LIMIT $2")
                    .bind(before)
                    .bind(order.most)
                    .fetch_all(&mut *tx)
                    .await?
            }
        };
        let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
        let mut tip = trunk.tip;
        let mut entries = Vec::with_capacity(old.len());
        for (plan_id, digest) in &old {
            let digest = Digest::try_from(digest.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let draft = EntryDraft {
                created_at: order.created_at.clone(),
                actor: RETENTION,
                request_id: order.request_id.clone(),
                kind: EntryKind::PlanErased,
                plan_id: Some(plan_id.clone()),
                plan_digest: Some(digest),
                outcome_digest: None,
                portfolio: None,
                champion: None,
                control: None,
            };
            let entry = draft.follow(&tip);
            tip = entry.tip();
            entries.push(entry);
        }
        if !entries.is_empty() {
            insert_entries!(tx, &mut trunk, entries.iter(), entries.len());
            for (plan_id, _) in &old {
                sqlx::query(FORGET_OUTCOMES).bind(plan_id).execute(&mut *tx).await?;
                sqlx::query("DELETE FROM plans WHERE plan_id = $1").bind(plan_id).execute(&mut *tx).await?;
                sqlx::query(FORGET_SUBJECT).bind(plan_id).execute(&mut *tx).await?;
            }
        }
        let runs: Vec<(String,)> = match &order.plans_before {
            None => Vec::new(),
            Some(before) => {
                sqlx::query_as("SELECT run_id FROM runs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2")
                    .bind(before)
                    .bind(ERASE_RUNS)
                    .fetch_all(&mut *tx)
                    .await?
            }
        };
        for (run_id,) in &runs {
            sqlx::query("DELETE FROM runs WHERE run_id = $1").bind(run_id).execute(&mut *tx).await?;
            sqlx::query(FORGET_SUBJECT).bind(run_id).execute(&mut *tx).await?;
        }
        if !(old.is_empty() && runs.is_empty()) {
            sqlx::query(FORGET_TEXTS).execute(&mut *tx).await?;
        }
        Ok(((old.len() + runs.len()) as u64, (!old.is_empty()).then_some(tip)))
    })
}

/// More pages than one erasing leaves, and few enough that others need not wait long.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(8192); PRAGMA wal_checkpoint(TRUNCATE)";

/// Gives free pages back to the disk, and the log of what was written.
async fn shrink(connection: &mut Connection, rewrite: bool) -> Result<(), sqlx::Error> {
    let Connection::Sqlite(connection) = connection else { return Ok(()) };
    if rewrite {
        sqlx::raw_sql("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").execute(&mut *connection).await?;
    }
    sqlx::raw_sql(GIVE_BACK).execute(connection).await.map(drop)
}
