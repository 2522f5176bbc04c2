//! Records of an earlier program are migrated.

use std::fs;

use governance::{Actor, Digest};
use store::{Claim, KeyClaim, Location, RunStatus};

use crate::both;
use crate::place::Place;

both!(keys_go_to_whoever_asked_for_what_they_stand_for, a_run_of_before_is_read_and_has_no_events);

/// The migration steps up to the schema before events were stored and keys had owners.
macro_rules! steps {
    ($dialect:literal) => {
        [
            include_str!(concat!("../../migrations/", $dialect, "/0001_plans_and_audit.sql")),
            include_str!(concat!("../../migrations/", $dialect, "/0002_runs.sql")),
            include_str!(concat!("../../migrations/", $dialect, "/0003_run_actors.sql")),
        ]
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
