//! Lets a history happen to the service, and holds what comes out against the oracle.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use engine::records::Records;
use engine::surroundings::Surroundings as _;
use governance::{HeadKey, TipSigner};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{Location, Store, StoreOptions};
use tokio::task::JoinHandle;

use crate::chance::Chance;
use crate::disk::{Disk, Fault};
use crate::history::{Ask, History, Look, Loss, Start, Step};
use crate::oracle::{Entry, Oracle, Outcome, Row, Situation, request_id};
use crate::service::{Answer, Service, World};
use crate::sqlite::{Mount, mount};

/// Nothing that is waited for takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happened, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) requests: u64,
    pub(crate) acknowledged: u64,
    pub(crate) kills: u64,
    pub(crate) power_losses: u64,
    pub(crate) restarts: u64,
    pub(crate) faults: u64,
    pub(crate) refused: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.requests += other.requests;
        self.acknowledged += other.acknowledged;
        self.kills += other.kills;
        self.power_losses += other.power_losses;
        self.restarts += other.restarts;
        self.faults += other.faults;
        self.refused += other.refused;
    }
}

/// A history that happened.
#[derive(Debug)]
pub(crate) struct Happened {
    pub(crate) tally: Tally,
    /// Of everything that was observed.
    pub(crate) digest: u64,
}

/// Lets the history of a seed happen.
pub(crate) async fn run(service: &Service, name: &str, seed: u64) -> Result<Happened, String> {
    let History { steps, bodies, retention_days, mut rest } = History::new(seed);
    let world = Arc::new(World::new(rest.fork()));
    let disk = Arc::new(Disk::default());
    let mut run = Run {
        service,
        name: name.to_owned(),
        mount: mount(format!("{name}-0.db"), disk.clone()),
        disk,
        records: None,
        world,
        oracle: Oracle::new(bodies.clone()),
        bodies,
        retention_days,
        chance: rest,
        fault: None,
        processes: 0,
        tally: Tally::default(),
        digest: DefaultHasher::new(),
    };
    let mut outcome = run.start(&Start::default()).await;
    for (number, step) in steps.iter().enumerate() {
        if outcome.is_err() {
            break;
        }
        run.tally.steps += 1;
        outcome = run.step(step).await.map_err(|wrong| format!("step {number}: {wrong}"));
    }
    if outcome.is_ok() {
        outcome = run.end().await.map_err(|wrong| format!("at the end: {wrong}"));
    }
    service.use_nothing();
    // A violation leaves a process behind: it must not write into the next history.
    run.disk.die();
    outcome?;
    run.tally.acknowledged = run.oracle.acknowledged;
    Ok(Happened { tally: run.tally, digest: run.digest.finish() })
}

struct Run<'a> {
    service: &'a Service,
    name: String,
    mount: Mount,
    disk: Arc<Disk>,
    records: Option<Records>,
    world: Arc<World>,
    oracle: Oracle,
    bodies: Vec<Vec<u8>>,
    retention_days: Option<u32>,
    chance: Chance,
    fault: Option<Fault>,
    processes: u64,
    tally: Tally,
    digest: DefaultHasher,
}

/// A request under way: its answer, and whether the process was alive when it came.
struct UnderWay {
    number: usize,
    ask: Ask,
    task: JoinHandle<(Answer, bool)>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Ask(ask) => {
                let asked = self.send(*ask);
                self.settle(vec![asked], false, true).await
            }
            Step::Crowd { first, then, late } => {
                let under_way = self.crowd(*first, then, late).await?;
                self.release(&under_way).await?;
                self.settle(under_way, true, true).await
            }
            Step::Crash { loss, after, asks, start } => {
                self.disk.die_after(*after);
                let under_way = match asks.as_slice() {
                    [] => Vec::new(),
                    [ask] => vec![self.send(*ask)],
                    then => {
                        let first = Ask { body: 1, key: None, hangs_up: false };
                        self.crowd(first, then, &[]).await?
                    }
                };
                if asks.len() > 1 {
                    self.release(&under_way).await?;
                }
                self.settle(under_way, asks.len() > 1, false).await?;
                self.crash(*loss);
                self.start(start).await
            }
            Step::Restart { start } => {
                self.stop().await?;
                self.tally.restarts += 1;
                self.start(start).await
            }
            Step::CrashInStop { loss, after, start } => {
                self.disk.die_after(*after);
                self.stop().await?;
                self.crash(*loss);
                self.start(start).await
            }
            Step::Break { fault, after } => {
                self.tally.faults += 1;
                self.fault = Some(*fault);
                self.disk.break_with(*fault, *after);
                Ok(())
            }
            Step::Heal => {
                self.heal();
                Ok(())
            }
            Step::Jump(seconds) => {
                self.world.jump(*seconds);
                Ok(())
            }
            Step::Look(look) => self.look(*look).await,
            Step::Tidy => {
                self.oracle.tidied(self.world.now(), self.retention_days);
                let records = self.records.clone().ok_or("there is no process")?;
                let tidied = within("housekeeping", records.tidy(self.retention_days)).await?;
                tidied.is_ok().hash(&mut self.digest);
                match tidied {
                    Err(error) if self.fault.is_none() => Err(format!("housekeeping: {error}")),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Sends a request for a plan; it goes on by itself.
    fn send(&mut self, ask: Ask) -> UnderWay {
        self.tally.requests += 1;
        let number = self.oracle.sent(ask, self.world.now());
        let answering = self.service.ask(&self.bodies[ask.body], &request_id(number), ask.key);
        let disk = self.disk.clone();
        let task = rt::spawn(async move {
            let answer = answering.await;
            (answer, !disk.is_dead())
        });
        UnderWay { number, ask, task }
    }

    /// Sends `first` and holds its transaction up, then sends the others, so that the next transaction has them all; then
    /// the impatient hang up, and the late ones come.
    async fn crowd(&mut self, first: Ask, then: &[Ask], late: &[Ask]) -> Result<Vec<UnderWay>, String> {
        self.disk.close_gate();
        let disk = self.disk.clone();
        let mut under_way = vec![self.send(first)];
        until("the first transaction", || disk.is_writer_held() || under_way[0].task.is_finished()).await?;
        for wave in [then, late] {
            let (world, drawn, sent) = (self.world.clone(), self.world.drawn(), under_way.len());
            under_way.extend(wave.iter().map(|&ask| self.send(ask)));
            // Each is answered, or has drawn the id of its plan and waits to be written.
            until("all to wait", || {
                let new = &under_way[sent..];
                let waiting = (world.drawn() - drawn) as usize;
                disk.is_dead() || new.iter().filter(|sent| sent.task.is_finished()).count() + waiting >= new.len()
            })
            .await?;
            for impatient in under_way.iter().filter(|sent| sent.ask.hangs_up) {
                impatient.task.abort();
            }
            // Those who hang up give their keys back.
            tokio::task::yield_now().await;
        }
        Ok(under_way)
    }

    /// Lets a crowd go on: the first transaction is answered, or dies, before the one with all the others begins, so that no
    /// answer races with a death in the next transaction.
    async fn release(&self, under_way: &[UnderWay]) -> Outcome {
        self.disk.let_one_through();
        if let Some(first) = under_way.first() {
            let disk = self.disk.clone();
            until("the first answer", || first.task.is_finished() || disk.is_dead()).await?;
        }
        self.disk.open_gate();
        Ok(())
    }

    /// Waits for the answers and holds each against the oracle. What a dead process answered, nobody heard.
    async fn settle(&mut self, under_way: Vec<UnderWay>, crowded: bool, survives: bool) -> Outcome {
        let troubled = self.fault.is_some() || !survives;
        for UnderWay { number, ask, task } in under_way {
            let (answer, in_time) = match within("an answer", task).await? {
                Ok(answered) => answered,
                Err(error) if error.is_cancelled() && ask.hangs_up => continue,
                Err(error) => return Err(format!("{ask:?}: {error}")),
            };
            if survives {
                (number, answer.status, &answer.body[..]).hash(&mut self.digest);
            }
            if in_time {
                self.tally.refused += u64::from(answer.status == 503);
                self.oracle.answered(number, &answer, Situation { troubled, crowded })?;
            }
        }
        Ok(())
    }

    fn heal(&mut self) {
        self.fault = None;
        self.disk.heal();
    }

    /// The process ends as if it had never been asked.
    fn crash(&mut self, loss: Loss) {
        self.disk.die();
        self.service.use_nothing();
        self.records = None;
        self.fault = None;
        self.processes += 1;
        let disk = match loss {
            Loss::Process => {
                self.tally.kills += 1;
                self.disk.after_kill()
            }
            Loss::Power => {
                self.tally.power_losses += 1;
                self.disk.after_power_loss(&mut self.chance.fork())
            }
        };
        self.disk = Arc::new(disk);
        self.mount = mount(format!("{}-{}.db", self.name, self.processes), self.disk.clone());
    }

    /// The process ends because it was asked to.
    async fn stop(&mut self) -> Outcome {
        self.service.use_nothing();
        let records = self.records.take().ok_or("there is no process")?;
        within("the end of the process", records.store().close()).await?;
        drop(records);
        let disk = self.disk.clone();
        until("all files to be closed", || disk.open_handles() == 0).await
    }

    /// A process starts, and finds what it has to.
    async fn start(&mut self, start: &Start) -> Outcome {
        for &(loss, after) in &start.ends {
            self.disk.die_after(after);
            if let Ok(store) = self.open().await {
                // Dead before its files are closed: how far a thread would get with that is not the seed's to say.
                self.disk.die();
                drop(store);
            }
            self.crash(loss);
        }
        let store = match self.open().await {
            Err(error) if self.fault.is_some() => {
                let disk = self.disk.clone();
                until("all files to be closed", || disk.open_handles() == 0).await?;
                self.heal();
                self.open().await.map_err(|again| format!("{error}, and once it is healed {again}"))?
            }
            opened => opened?,
        };
        let records = Records::new(store, signing_key()?, self.world.clone());
        self.service.use_records(records.clone());
        self.records = Some(records);
        self.inspect().await
    }

    async fn open(&self) -> Result<Store, String> {
        // One reader, so that questions asked together are answered in their order.
        let signer = Some(TipSigner::new(Arc::new(signing_key()?), None));
        let options = StoreOptions { readers: 1, signer, ..StoreOptions::default() };
        let location = Location::Sqlite(PathBuf::from(&self.mount.0));
        let opened = within("the start of a process", Store::open(&location, &options)).await?;
        opened.map_err(|error| match std::error::Error::source(&error) {
            Some(cause) => format!("a process cannot start: {error}: {cause}"),
            None => format!("a process cannot start: {error}"),
        })
    }

    /// Reads the whole trail and the list of plans, and those plans that are new.
    async fn inspect(&mut self) -> Outcome {
        self.look(Look::Verify).await?;
        let limit = 1 + self.chance.below(30);
        let entries: Vec<Entry> = self.pages("/api/audit", 200).await?;
        let rows: Vec<Row> = self.pages("/api/plans", limit).await?;
        for entry in &entries {
            entry.hash.hash(&mut self.digest);
        }
        for plan_id in self.oracle.found(&entries, &rows)? {
            let answer = self.found(&format!("/api/plans/{plan_id}?include=all")).await?;
            self.oracle.read(&plan_id, &answer)?;
        }
        Ok(())
    }

    async fn look(&mut self, look: Look) -> Outcome {
        match look {
            Look::Plan(pick) => match self.pick(pick) {
                None => Ok(()),
                Some(plan_id) => {
                    let answer = self.found(&format!("/api/plans/{plan_id}?include=all")).await?;
                    self.oracle.read(&plan_id, &answer)
                }
            },
            Look::Proof(pick) => match self.pick(pick) {
                None => Ok(()),
                Some(plan_id) => self.found(&format!("/api/plans/{plan_id}/proof")).await.map(drop),
            },
            Look::List => self.found("/api/plans?limit=5").await.map(drop),
            Look::Verify => {
                let answer: Value = parse(&self.found("/api/audit/verify").await?)?;
                if answer["valid"] == true { Ok(()) } else { Err(format!("the trail does not hold: {answer}")) }
            }
            Look::Head => {
                let answer: Value = parse(&self.found("/api/audit/head").await?)?;
                let head = &answer["head"];
                let (sequence, hash) = (head["entries"].as_u64(), head["hash"].as_str());
                let (Some(sequence), Some(hash)) = (sequence, hash) else { return Err(format!("{answer} is no head")) };
                self.oracle.head(sequence, hash)
            }
        }
    }

    fn pick(&self, pick: u64) -> Option<String> {
        let mut certain = self.oracle.certain();
        let count = certain.len().max(1) as u64;
        (!certain.is_empty()).then(|| certain.swap_remove((pick % count) as usize).0)
    }

    /// Stops in order, starts again, reads everything that was ever acknowledged, and makes a plan of each body again.
    async fn end(&mut self) -> Outcome {
        self.heal();
        self.stop().await?;
        self.start(&Start::default()).await?;
        let mut made_again = BTreeSet::new();
        for (plan_id, body) in self.oracle.certain() {
            let answer = self.found(&format!("/api/plans/{plan_id}?include=all")).await?;
            self.oracle.read(&plan_id, &answer)?;
            // Plans of one body are one computation.
            if !made_again.insert(body) {
                continue;
            }
            let verified: Value = parse(&self.found(&format!("/api/plans/{plan_id}/verify")).await?)?;
            if verified["valid"] != true {
                return Err(format!("{plan_id} does not hold: {verified}"));
            }
            let replayed: Value = parse(&self.done(&format!("/api/plans/{plan_id}/replay")).await?)?;
            if replayed["replay"]["identical"] != true {
                return Err(format!("{plan_id} comes out otherwise: {replayed}"));
            }
        }
        self.stop().await
    }

    async fn pages<T: DeserializeOwned>(&mut self, path: &str, limit: u64) -> Result<Vec<T>, String> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<T> = parse(&self.found(&format!("{path}?limit={limit}{cursor}")).await?)?;
            items.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Reads what must be readable, whatever is wrong with writing.
    async fn found(&mut self, path: &str) -> Result<Answer, String> {
        let answer = within(path, self.service.get(path)).await?;
        self.seen(path, answer)
    }

    async fn done(&mut self, path: &str) -> Result<Answer, String> {
        let answer = within(path, self.service.post(path)).await?;
        self.seen(path, answer)
    }

    fn seen(&mut self, path: &str, answer: Answer) -> Result<Answer, String> {
        self.tally.requests += 1;
        (path, answer.status, &answer.body[..]).hash(&mut self.digest);
        if answer.status == 200 {
            return Ok(answer);
        }
        Err(format!("{path} is answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
    }
}

fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, String> {
    serde_json::from_slice(&answer.body).map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&answer.body)))
}

async fn within<T>(what: &str, work: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, work).await.map_err(|_| format!("{what} does not come"))
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) -> Outcome {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_micros(20)).await;
        }
    };
    within(what, waiting).await
}

fn signing_key() -> Result<HeadKey, String> {
    HeadKey::from_secret_hex(&"5e".repeat(32)).map_err(|error| error.to_string())
}
