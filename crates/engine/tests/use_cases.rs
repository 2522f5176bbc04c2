//! Use cases called as any door calls them: bytes and an actor in, an outcome or a refusal out, and who asked in the store.

#[path = "use_cases/backtest_days.rs"]
mod backtest_days;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::agent_runs::{AgentRunEvent, WatchedRun};
use engine::compute::Compute;
use engine::context::{RequestContext, WITHOUT_KEY};
use engine::draining::Draining;
use engine::dto::records::ModelVersion;
use engine::jobs::Runs;
use engine::keys::IdempotencyKey;
use engine::records::{RecordSettings, Records, RecordsError};
use engine::refusal::Refusal;
use engine::surroundings::Surroundings;
use engine::{Engine, agent_runs, audit, champions, named_books, plans, questions, runs, stored};
use governance::Actor;
use pipeline::ModelRole;
use store::PortfolioBasis;
use uuid::Uuid;

const DESK: Actor = Actor::from_static("desk:lee");
const BODY: &[u8] = br#"{"portfolio_value": 1000, "assets": [
    {"asset": "A", "target_weight": 0.5, "current_weight": 0.7},
    {"asset": "B", "target_weight": 0.5, "current_weight": 0.3}]}"#;

/// A clock that stands still, and ids and secrets of chance.
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
        let halves = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
        Ok(std::array::from_fn(|i| halves[i / 16][i % 16]))
    }
}

/// An engine with records in a folder of its own, which goes with it.
struct House {
    engine: Engine,
    folder: PathBuf,
}

impl House {
    async fn open() -> Self {
        Self::open_in(Arc::new(Still)).await
    }

    async fn open_in(surroundings: Arc<dyn Surroundings>) -> Self {
        let folder = std::env::temp_dir().join(format!("engine-{}", Uuid::new_v4()));
        let records = Records::open(&settings(&folder), surroundings).await.expect("a fresh folder can be opened");
        Self { engine: Engine::new(records, Arc::new(Compute::new(1, 1))), folder }
    }
}

fn settings(folder: &Path) -> RecordSettings {
    RecordSettings {
        data_dir: folder.to_owned(),
        database_url: None,
        key_file: None,
        reserve_mib: 0,
        tenant: None,
        tenant_bytes: None,
        public_key: None,
        new_key: false,
        new_records: false,
        retention_days: None,
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
    let models: Vec<ModelVersion> = serde_json::from_str(&plan.record.models).unwrap();
    let roles: Vec<&str> = models.iter().filter_map(|model| model.role).map(ModelRole::as_str).collect();
    assert_eq!(roles, ["forecast", "covariance", "shocks", "cost"]);
    assert!(models.iter().all(|model| model.digest.is_some()));
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
async fn one_key_text_of_two_actors_is_two_keys() {
    let house = House::open().await;
    let engine = &house.engine;
    let other = Actor::from_static("desk:kim");
    let body = [BODY, b" "].concat();
    let of_lee = plans::create(engine, &DESK, &context(), BODY, key()).await.unwrap();
    // Another body under the same text is a mistake of one actor, and no matter of another.
    assert_eq!(plans::create(engine, &DESK, &context(), &body, key()).await.unwrap_err(), Refusal::KeyReused);
    let of_kim = plans::create(engine, &other, &context(), &body, key()).await.unwrap();
    assert!(!of_kim.is_replay && of_kim.record.plan_id != of_lee.record.plan_id);
    for (actor, sent, first) in [(&DESK, BODY, &of_lee), (&other, body.as_slice(), &of_kim)] {
        let again = plans::create(engine, actor, &context(), sent, key()).await.unwrap();
        assert!(again.is_replay && again.record == first.record);
    }
    // The same holds of the keys of batches.
    let draining = Draining::default();
    draining.begin();
    let queue = Runs::start(engine.records(), &draining, |_, _, _| Vec::new()).unwrap();
    let batch = format!("{{\"portfolios\": [{}]}}", std::str::from_utf8(BODY).unwrap());
    let once = || IdempotencyKey::new("batch").map(Some);
    let mut ids = Vec::new();
    for actor in [&DESK, &other, &DESK, &other] {
        ids.push(runs::accept(engine, &queue, actor, &context(), batch.as_bytes(), once()).await.unwrap().run_id);
    }
    assert!(ids[0] != ids[1] && ids[..2] == ids[2..]);
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
async fn the_plans_of_a_batch_are_kept_under_the_name_of_who_sent_it() {
    let house = House::open().await;
    let engine = &house.engine;
    let draining = Draining::default();
    let queue = Runs::start(engine.records(), &draining, |_, _, _| Vec::new()).unwrap();
    let item = std::str::from_utf8(BODY).unwrap();
    let body = format!("{{\"portfolios\": [{item}, {item}]}}");
    let accepted = runs::accept(engine, &queue, &DESK, &context(), body.as_bytes(), Ok(None)).await.unwrap();
    let mut followed =
        runs::follow(engine, &queue, store::RunSort::Batches, accepted.run_id, 0).await.unwrap().unwrap();
    while followed.next().await.is_some() {}
    draining.begin();
    let entries = audit::list(engine, 0, 10).await.unwrap().items;
    let actors: Vec<&str> = entries.iter().map(|entry| entry.actor.as_str()).collect();
    assert_eq!(actors, ["desk:lee"; 2]);
}

#[tokio::test]
async fn a_refusal_names_its_faults_by_pointer() {
    let house = House::open().await;
    let engine = &house.engine;
    let faulty = br#"{"portfolio_value": -1, "assets": []}"#;
    for outcome in [
        plans::create(engine, &DESK, &context(), faulty, Ok(None)).await.map(drop),
        plans::insights(engine, &DESK, &context(), faulty).await.map(drop),
        questions::forecast(engine, &context(), b"{\"assets\": []}").await.map(drop),
    ] {
        let Err(Refusal::Invalid(faults)) = outcome else { panic!("it is refused for its body") };
        assert!(faults.iter().any(|fault| fault.pointer.as_deref() == Some("/assets")), "{faults:?}");
    }
    assert!(matches!(stored::find(engine, "nobody").await, Err(Refusal::PlanNotFound)));
    let followed = stored::find(engine, "two words").await;
    assert!(matches!(followed, Err(Refusal::PlanNotFound)));
    assert!(audit::list(engine, 0, 10).await.unwrap().items.is_empty(), "nothing is kept of a refusal");
}

#[tokio::test]
async fn a_signing_key_is_made_once_and_read_again() {
    let house = House::open().await;
    let made = house.engine.records().public_key();
    let again = Records::open(&settings(&house.folder), Arc::new(Still)).await.unwrap();
    assert_eq!(again.public_key(), made);
    let key = house.folder.join("audit.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&key, "not a key").unwrap();
    let refused = Records::open(&settings(&house.folder), Arc::new(Still)).await;
    assert!(matches!(refused, Err(RecordsError::Key { .. })));
}

#[tokio::test]
async fn a_key_without_its_records_begins_none() {
    let house = House::open().await;
    house.engine.records().store().close().await;
    let database = house.folder.join("rebalancer.db");
    std::fs::rename(&database, house.folder.join("elsewhere.db")).unwrap();
    let opened = |new_records| {
        let settings = RecordSettings { new_records, ..settings(&house.folder) };
        async move { Records::open(&settings, Arc::new(Still)).await }
    };
    assert!(matches!(opened(false).await, Err(RecordsError::Lost { .. })));
    assert!(!database.exists(), "nothing is made");
    std::fs::write(&database, "").unwrap();
    let refused = opened(false).await.unwrap_err();
    assert!(
        matches!(&refused, RecordsError::Lost { .. }) && refused.to_string().contains("--new-records"),
        "{refused}"
    );
    opened(true).await.unwrap().store().close().await;
    // Records that hold nothing yet are records.
    opened(false).await.unwrap().store().close().await;
}

/// Surroundings in which every run fails before its first step.
#[derive(Debug)]
struct Stuck;

impl Surroundings for Stuck {
    fn now(&self) -> DateTime<Utc> {
        Still.now()
    }

    fn elapsed(&self) -> Duration {
        panic!("the clock is stuck")
    }

    fn new_id(&self) -> Uuid {
        Still.new_id()
    }

    fn new_secret(&self) -> io::Result<[u8; 32]> {
        Still.new_secret()
    }
}

#[tokio::test]
async fn a_watched_run_that_fails_before_its_first_step_is_refused() {
    let house = House::open_in(Arc::new(Stuck)).await;
    let watched = agent_runs::create_watched(&house.engine, &DESK, &context(), BODY, Ok(None)).await;
    assert_eq!(watched.unwrap_err(), Refusal::Internal);
    let house = House::open().await;
    let watched = agent_runs::create_watched(&house.engine, &DESK, &context(), BODY, Ok(None)).await;
    let WatchedRun::UnderWay(mut events) = watched.unwrap() else { panic!("it was not made before") };
    assert!(matches!(events.next().await, Some(AgentRunEvent::Stage { step: 1, .. })));
}

#[tokio::test]
async fn a_book_is_kept_as_sent_and_of_two_writes_on_one_version_one_is_stored() {
    let house = House::open().await;
    let (engine, context, desk) = (&house.engine, context(), DESK);
    let body = [br#"{"name": "Growth", "request": "#.as_slice(), BODY, b"}"].concat();
    let saved = named_books::create(engine, &desk, &context, &body, Ok(None)).await.unwrap();
    let first = saved.version;
    assert_eq!((first.record.request.bytes(), first.record.version), (BODY, 1));
    let book = first.record.portfolio_id.clone();
    let basis = || PortfolioBasis::OneOf(vec![first.digest]);
    let write = || named_books::replace(engine, &desk, &context, &book, basis(), &body);
    let (one, other) = (write().await.unwrap(), write().await);
    assert_eq!((one.record.version, other), (2, Err(Refusal::StaleVersion)));
    assert_eq!(named_books::find(engine, &book, None).await, Ok(one.clone()));
    let entry = audit::list(engine, 1, 1).await.unwrap().items.remove(0);
    assert_eq!((entry.actor.as_str(), entry.portfolio_digest), ("desk:lee", Some(one.digest)));

    let unnamed = [br#"{"name": "", "request": "#.as_slice(), BODY, b"}"].concat();
    let Err(Refusal::Invalid(faults)) = named_books::create(engine, &desk, &context, &unnamed, Ok(None)).await else {
        panic!("a book has a name")
    };
    assert_eq!(faults[0].pointer.as_deref(), Some("/name"));
    named_books::close(engine, &desk, &context, &book, PortfolioBasis::AnyVersion).await.unwrap();
    assert_eq!(named_books::find(engine, &book, None).await, Err(Refusal::PortfolioNotFound));
    assert_eq!(named_books::find(engine, &book, Some(1)).await, Ok(first.clone()));
    assert!(audit::verify(engine, &context).await.unwrap().valid);
}

#[tokio::test]
async fn who_asks_for_a_promotion_with_a_key_does_not_approve_it() {
    let house = House::open().await;
    let pointers = async |actor: &Actor, approver: &str| -> Vec<String> {
        let body = format!(r#"{{"reason": "better", "approved_by": "{approver}"}}"#);
        let basis = PortfolioBasis::AnyVersion;
        let promoted =
            champions::promote(&house.engine, actor, &context(), "ensemble_v2", basis, body.as_bytes()).await;
        let Err(Refusal::Invalid(faults)) = promoted else { panic!("nothing was measured") };
        faults.into_iter().filter_map(|fault| fault.pointer).collect()
    };
    let own = "/approved_by".to_owned();
    assert!(pointers(&DESK, " Desk:Lee ").await.contains(&own));
    assert!(!pointers(&DESK, "Kim Lee").await.contains(&own));
    // Without a key everybody is one actor, and nothing follows from its name.
    assert!(!pointers(&WITHOUT_KEY, "api").await.contains(&own));
}
