//! Use cases called as any door calls them: bytes and an actor in, an outcome or a refusal out, and who asked in the store.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::compute::Compute;
use engine::context::RequestContext;
use engine::draining::Draining;
use engine::jobs::Runs;
use engine::keys::IdempotencyKey;
use engine::records::{RecordSettings, Records};
use engine::refusal::Refusal;
use engine::surroundings::Surroundings;
use engine::{Engine, agent_runs, audit, plans, questions, runs, stored};
use governance::Actor;
use uuid::Uuid;

const DESK: Actor = Actor::from_static("desk:lee");
const BODY: &[u8] = br#"{"portfolio_value": 1000, "assets": [
    {"asset": "A", "target_weight": 0.5, "current_weight": 0.7},
    {"asset": "B", "target_weight": 0.5, "current_weight": 0.3}]}"#;

/// A clock that stands still, and ids of chance.
#[derive(Debug)]
struct Still;

impl Surroundings for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn new_secret(&self) -> io::Result<[u8; 32]> {
        Ok([7; 32])
    }
}

/// An engine with records in a folder of its own, which goes with it.
struct House {
    engine: Engine,
    folder: PathBuf,
}

impl House {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("engine-{}", Uuid::new_v4()));
        let settings =
            RecordSettings { data_dir: folder.clone(), database_url: None, key_file: None, retention_days: None };
        let records = Records::open(&settings, Arc::new(Still)).await.expect("a fresh folder can be opened");
        Self { engine: Engine::new(records, Arc::new(Compute::new(1, 1))), folder }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Nothing depends on it: the folder is in the system's own place for what may go.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn context() -> RequestContext {
    RequestContext { request_id: "request-1".to_owned(), received_at: DateTime::UNIX_EPOCH }
}

fn key() -> engine::keys::KeyOfRequest {
    IdempotencyKey::new("once").map(Some)
}

#[tokio::test]
async fn a_plan_is_kept_under_the_name_of_who_asked_for_it() {
    let house = House::open().await;
    let engine = &house.engine;
    let made = plans::create(engine, &DESK, &context(), BODY, key()).await.unwrap();
    assert!(!made.is_replay);
    let entries = audit::list(engine, 0, 10).await.unwrap().items;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].actor.as_str(), entries[0].request_id.as_str()), ("desk:lee", "request-1"));
    let plan = stored::find(engine, &made.record.plan_id).await.unwrap();
    assert_eq!(plan.record, made.record);
    // The same key and body: the same plan, and nothing new in the trail.
    let again = plans::create(engine, &DESK, &context(), BODY, key()).await.unwrap();
    assert!(again.is_replay);
    assert_eq!(again.record, made.record);
    assert_eq!(audit::list(engine, 0, 10).await.unwrap().items.len(), 1);
    // The key stands for a plan, not for the record of its run.
    let other = agent_runs::create(engine, &DESK, &context(), BODY, key()).await;
    assert_eq!(other.unwrap_err(), Refusal::KeyReused);
}

#[tokio::test]
async fn a_batch_remembers_who_asked_and_who_cancelled() {
    let house = House::open().await;
    let engine = &house.engine;
    let draining = Draining::default();
    // Nothing is processed while the service stops, so the run stays as it is.
    draining.begin();
    let queue = Runs::start(engine.records(), &draining, |_, _, _| Vec::new()).unwrap();
    let body = format!("{{\"portfolios\": [{}]}}", std::str::from_utf8(BODY).unwrap());
    let accepted = runs::accept(engine, &queue, &DESK, &context(), body.as_bytes(), Ok(None)).await.unwrap();
    let boss = Actor::new("desk:boss").unwrap();
    runs::cancel(engine, &queue, &boss, &context(), &accepted.run_id).await.unwrap();
    let (row, _) = engine.records().store().run(&accepted.run_id).await.unwrap().unwrap();
    assert_eq!((row.actor.as_str(), row.cancelled_by.as_deref()), ("desk:lee", Some("desk:boss")));
}

#[tokio::test]
async fn a_refusal_names_its_faults_by_pointer() {
    let house = House::open().await;
    let engine = &house.engine;
    let faulty = br#"{"portfolio_value": -1, "assets": []}"#;
    for outcome in [
        plans::create(engine, &DESK, &context(), faulty, Ok(None)).await.map(drop),
        plans::insights(engine, &context(), faulty).await.map(drop),
        questions::forecast(engine, &context(), b"{\"assets\": []}").await.map(drop),
    ] {
        let Err(Refusal::Invalid(faults)) = outcome else { panic!("it is refused for its body") };
        assert!(faults.iter().any(|fault| fault.pointer == "/assets"), "{faults:?}");
    }
    assert!(matches!(stored::find(engine, "nobody").await, Err(Refusal::PlanNotFound)));
    let followed = stored::find(engine, "two words").await;
    assert!(matches!(followed, Err(Refusal::PlanNotFound)));
    assert!(audit::list(engine, 0, 10).await.unwrap().items.is_empty(), "nothing is kept of a refusal");
}
