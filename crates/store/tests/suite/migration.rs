//! Records of an earlier program are migrated.

use std::fs;

use governance::{Actor, ChainTip, Digest, EntryDraft, EntryKind};
use store::{Claim, KeyClaim, Location, PortfolioBasis, PortfolioKept, RunStatus};

use crate::both;
use crate::place::Place;
use crate::portfolios::version;

both!(
    keys_go_to_whoever_asked_for_what_they_stand_for,
    a_run_of_before_is_read_and_has_no_events,
    a_trail_of_before_books_holds_and_takes_books,
    items_of_before_backtests_keep_their_labels,
);

/// The migration steps up to the schema before events were stored and keys had owners.
macro_rules! steps {
    ($dialect:literal) => {
        steps!($dialect, "0001_plans_and_audit", "0002_runs", "0003_run_actors")
    };
    ($dialect:literal, $($step:literal),+) => {
        [$(include_str!(concat!("../../migrations/", $dialect, "/", $step, ".sql"))),+]
    };
}

/// The steps from that schema to the one before books were stored.
macro_rules! steps_to_10 {
    ($dialect:literal) => {
        steps!(
            $dialect,
            "0004_run_events",
            "0005_keys_of_actors",
            "0006_labels",
            "0007_shared_texts",
            "0008_webhooks",
            "0009_outcomes",
            "0010_headlines"
        )
    };
}

/// Records of that schema: a run of `kim` and a plan of `lee`, each with a key, and a key whose plan is gone.
async fn write_schema_3(place: &Place) {
    let (steps, hash) = match &place.location {
        Location::Sqlite(file) => {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::File::create(file).unwrap();
            (steps!("sqlite"), "zeroblob(32)")
        }
        Location::Postgres(_) => (steps!("postgres"), "decode(repeat('00', 32), 'hex')"),
    };
    let version = "CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY); \
         INSERT INTO schema_versions (version) VALUES (1), (2), (3);";
    let rows = format!(
        "INSERT INTO audit_entries VALUES (1, '2026-01-02', 'lee', 'request-1', 'plan_created', 'plan-1', {hash}, {hash}, {hash}); \
         INSERT INTO runs (run_id, place, created_at, request_id, status, finished_at, bytes, response, actor) \
         VALUES ('run-1', 1, '2026-01-02', 'request-2', 'finished', '2026-01-03', 2, {hash}, 'kim'); \
         INSERT INTO run_items (run_id, position, kind, kind_index, status, ended, request) \
         VALUES ('run-1', 0, 'simulation', 0, 'finished', 1, {hash}); \
         INSERT INTO idempotency_keys (key, fingerprint, subject_id, kept_at, subject) \
         VALUES ('a', {hash}, 'plan-1', 0, 'plan'), ('b', {hash}, 'run-1', 0, 'run'), ('c', {hash}, 'gone', 0, 'plan');"
    );
    for statements in steps.into_iter().chain([version, &rows]) {
        place.tamper(statements).await.unwrap();
    }
}

async fn keys_go_to_whoever_asked_for_what_they_stand_for(place: Place) {
    write_schema_3(&place).await;
    let store = place.open().await;
    for (key, owner) in [("a", "lee"), ("b", "kim"), ("c", "api")] {
        for actor in ["lee", "kim", "api"] {
            let fingerprint = Digest::of_bytes(b"another request");
            let actor = Actor::new(actor).unwrap();
            let claim = KeyClaim { actor: actor.clone(), key: key.to_owned(), fingerprint, now: 1, lifetime: 86_400 };
            let is_theirs = matches!(store.claim(claim).await.unwrap(), Claim::OtherRequest);
            assert_eq!(is_theirs, actor.as_str() == owner, "{key} of {actor:?}");
        }
    }
}

async fn a_run_of_before_is_read_and_has_no_events(place: Place) {
    write_schema_3(&place).await;
    let store = place.open().await;
    let (run, items) = store.run("run-1").await.unwrap().unwrap();
    assert_eq!((run.status, run.counts.finished, items.len()), (RunStatus::Finished, 1, 1));
    let told = store.run_events("run-1", 0, 10).await.unwrap().unwrap();
    assert!(told.events.is_empty() && told.is_end);
}

/// Records of the schema before books were stored.
async fn write_schema_10(place: &Place, rows: &str) {
    let (first, then) = match &place.location {
        Location::Sqlite(file) => {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::File::create(file).unwrap();
            (steps!("sqlite"), steps_to_10!("sqlite"))
        }
        Location::Postgres(_) => (steps!("postgres"), steps_to_10!("postgres")),
    };
    let versions = "CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY); INSERT INTO schema_versions (version) \
         VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10);";
    for statements in first.into_iter().chain(then).chain([versions, rows]) {
        place.tamper(statements).await.unwrap();
    }
}

async fn items_of_before_backtests_keep_their_labels(place: Place) {
    let empty = if place.is_postgres() { "decode('', 'hex')" } else { "x''" };
    let rows = format!(
        "INSERT INTO runs (run_id, place, created_at, request_id, status, bytes, response, actor) \
         VALUES ('run-1', 1, '2026-01-02', 'request-2', 'queued', 2, {empty}, 'kim'); \
         INSERT INTO run_items (run_id, position, kind, kind_index, status, plan_id, request) \
         VALUES ('run-1', 0, 'portfolio', 0, 'queued', 'plan-1', {empty}), ('run-1', 1, 'simulation', 0, 'queued', NULL, {empty}); \
         INSERT INTO run_item_labels (run_id, position, reference) VALUES ('run-1', 0, 'A 1');"
    );
    write_schema_10(&place, &rows).await;
    let store = place.open().await;
    let (_, items) = store.run("run-1").await.unwrap().unwrap();
    let labels: Vec<Option<&str>> = items.iter().map(|item| item.labels.reference.as_deref()).collect();
    assert_eq!((labels, items[0].plan_id.as_deref()), (vec![Some("A 1"), None], Some("plan-1")));
    assert_eq!(store.next_work().await.unwrap().map(|work| work.position), Some(0));
    // Items and labels still go with their run.
    place.tamper("DELETE FROM runs").await.unwrap();
    assert!(store.run("run-1").await.unwrap().is_none());
}

async fn a_trail_of_before_books_holds_and_takes_books(place: Place) {
    let draft = EntryDraft {
        created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
        actor: Actor::from_static("retention"),
        request_id: "request-1".to_owned(),
        kind: EntryKind::PlanErased,
        plan_id: Some("plan-1".to_owned()),
        plan_digest: Some(Digest::of_bytes(b"a plan that is gone")),
        outcome_digest: None,
        portfolio: None,
        champion: None,
        control: None,
    };
    let entry = draft.follow(&ChainTip::START);
    let bytes = |digest: Digest| {
        if place.is_postgres() { format!("decode('{digest}', 'hex')") } else { format!("x'{digest}'") }
    };
    let rows = format!(
        "INSERT INTO audit_entries VALUES (1, '{}', 'retention', 'request-1', 'plan_erased', 'plan-1', {}, {}, {}, NULL); \
         INSERT INTO idempotency_keys (actor, key, fingerprint, subject, subject_id, kept_at) \
         VALUES ('lee', 'a', {}, 'outcome', 'outcome-1', 0);",
        entry.created_at,
        bytes(entry.plan_digest.unwrap()),
        bytes(entry.previous_hash),
        bytes(entry.hash),
        bytes(Digest::of_bytes(b"body")),
    );
    write_schema_10(&place, &rows).await;
    let store = place.open().await;
    assert_eq!(store.verify(None).await.unwrap().first_break, None, "entries keep the hashes they had");
    let claim = KeyClaim {
        actor: Actor::from_static("lee"),
        key: "a".to_owned(),
        fingerprint: Digest::of_bytes(b"body"),
        now: 1,
        lifetime: 86_400,
    };
    assert!(matches!(store.claim(claim).await.unwrap(), Claim::Recorded { outcome_id } if outcome_id == "outcome-1"));
    let saved = store.save_portfolio(version("book-1", 1, PortfolioBasis::Nothing)).await.unwrap();
    assert!(matches!(saved, PortfolioKept::New(stored) if stored.sequence == 2 && stored.record.version == 1));
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
}
