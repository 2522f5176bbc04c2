//! Outcomes: recorded in the chain, never changed, counted by a rule, erased with their plans.

use governance::BreakReason::{OutcomeDigest, OutcomeMissing, OutcomeUnrecorded};
use governance::{Actor, BreakReason, Content, Digest, OutcomeRecord};
use store::{Claim, KeyClaim, Location, NewOutcome, OutcomeKept, OutcomeQuery, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, plan};

both!(
    the_latest_date_counts_and_of_one_date_the_last_record,
    a_key_records_one_outcome,
    every_edit_of_an_outcome_is_found,
    an_outcome_is_never_changed_and_goes_with_its_plan,
    an_outcome_of_no_plan_is_not_recorded,
    a_backup_has_the_outcomes,
);

/// An outcome of a plan with its own bytes.
fn outcome(number: u64, of_plan: u64, as_of: &str) -> NewOutcome {
    let record = OutcomeRecord {
        outcome_id: format!("outcome-{number}"),
        plan_id: format!("plan-{of_plan}"),
        plan_digest: plan(of_plan).record.digest(),
        as_of: as_of.to_owned(),
        created_at: format!("2026-03-01T00:00:00.{number:06}Z"),
        request_id: format!("report-{number}"),
        engine_version: "0.1.0".to_owned(),
        request: Content::new(format!("request {number}").into_bytes()),
        response: Content::new(format!("response {number}").into_bytes()),
    };
    NewOutcome { record, actor: Actor::from_static("api"), claim: None }
}

async fn record(store: &Store, outcome: NewOutcome) {
    assert!(matches!(store.record_outcome(outcome).await.unwrap(), OutcomeKept::New { .. }));
}

fn all() -> OutcomeQuery {
    OutcomeQuery { limit: 100, ..OutcomeQuery::default() }
}

/// The answers of the outcomes that count.
async fn counted(store: &Store, query: OutcomeQuery) -> Vec<String> {
    let counted = store.counted_outcomes(query).await.unwrap();
    counted.outcomes.into_iter().map(|outcome| String::from_utf8(outcome.response).unwrap()).collect()
}

async fn the_latest_date_counts_and_of_one_date_the_last_record(place: Place) {
    let store = place.open().await;
    keep(&store, 4..7).await;
    for (number, of_plan, as_of) in
        [(1, 4, "2026-02-27"), (2, 5, "2026-01-30"), (3, 4, "2026-01-30"), (4, 5, "2026-02-27"), (5, 5, "2026-02-27")]
    {
        record(&store, outcome(number, of_plan, as_of)).await;
    }
    assert_eq!(counted(&store, all()).await, ["response 1", "response 5"]);
    let of_plan = store.counted_outcome("plan-5").await.unwrap();
    assert_eq!(of_plan, Some(outcome(5, 5, "2026-02-27").record));
    assert_eq!(store.counted_outcome("plan-6").await.unwrap(), None);
    let january = OutcomeQuery { until: Some("2026-01-31".to_owned()), ..all() };
    assert_eq!(counted(&store, january.clone()).await, ["response 2", "response 3"], "as it was at that date");
    let of_nothing = OutcomeQuery { since: Some("2026-01-31".to_owned()), ..january };
    assert!(counted(&store, of_nothing).await.is_empty());
    let of_reference = OutcomeQuery { client_reference: Some("order-5".to_owned()), ..all() };
    assert_eq!(counted(&store, of_reference.clone()).await, ["response 5"]);
    assert_eq!(counted(&store, OutcomeQuery { limit: 1, ..all() }).await, ["response 1"]);
    let mut backwards = counted(&store, OutcomeQuery { latest: true, ..all() }).await;
    assert_eq!(counted(&store, OutcomeQuery { latest: true, limit: 1, ..all() }).await, backwards[..1]);
    backwards.reverse();
    assert_eq!(counted(&store, all()).await, backwards);

    let found = store.counted_outcomes(all()).await.unwrap();
    assert_eq!(found.plans, 3);
    assert_eq!((found.tip, found.root), store.head().await.unwrap());
    assert_eq!(store.counted_outcomes(of_reference).await.unwrap().plans, 1);
    let entry = store.entries(found.outcomes[1].sequence - 1, 1).await.unwrap().remove(0);
    assert_eq!((entry.kind.as_str(), entry.outcome_digest), ("outcome_recorded", Some(found.outcomes[1].digest)));
    assert_eq!((entry.plan_id.as_deref(), entry.plan_digest), (Some("plan-5"), Some(plan(5).record.digest())));
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.outcomes, report.first_break), (8, 3, 5, None));
}

fn claim(body: &[u8]) -> KeyClaim {
    let (actor, fingerprint) = (Actor::from_static("lee"), Digest::of_bytes(body));
    KeyClaim { actor, key: "k".to_owned(), fingerprint, now: 0, lifetime: 86_400 }
}

async fn a_key_records_one_outcome(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    let keyed = |number, body: &[u8]| NewOutcome { claim: Some(claim(body)), ..outcome(number, 0, "2026-01-30") };
    record(&store, keyed(1, b"body")).await;
    let earlier = OutcomeKept::Earlier { outcome_id: "outcome-1".to_owned() };
    assert_eq!(store.record_outcome(keyed(2, b"body")).await.unwrap(), earlier);
    assert_eq!(store.record_outcome(keyed(3, b"other")).await.unwrap(), OutcomeKept::OtherRequest);
    let Claim::Recorded { outcome_id } = store.claim(claim(b"body")).await.unwrap() else { panic!("it is kept") };
    assert_eq!(store.outcome(&outcome_id).await.unwrap(), Some(keyed(1, b"body").record));
    assert_eq!(store.outcome("outcome-2").await.unwrap(), None);
    assert_eq!(store.verify(None).await.unwrap().entries, 2);
}

async fn first_break(place: &Place) -> Option<(u64, BreakReason)> {
    let store = place.open().await;
    let broken = store.verify(None).await.unwrap().first_break;
    store.close().await;
    broken.map(|broken| (broken.sequence, broken.reason))
}

async fn every_edit_of_an_outcome_is_found(place: Place) {
    let store = place.open().await;
    keep(&store, 0..2).await;
    for number in 1..4 {
        record(&store, outcome(number, 0, "2026-01-30")).await;
    }
    store.close().await;
    assert_eq!(first_break(&place).await, None);
    let bytes =
        |text: &str| if place.is_postgres() { format!("'{text}'::bytea") } else { format!("CAST('{text}' AS BLOB)") };
    let digest = if place.is_postgres() { "decode(repeat('ab', 32), 'hex')" } else { "zeroblob(32)" };
    place.force("CREATE TABLE untouched AS SELECT * FROM outcomes").await;
    for (change, reason) in [
        ("outcome_id = 'x'", OutcomeDigest),
        ("plan_id = 'plan-1'", OutcomeUnrecorded),
        ("as_of = '2026-01-31'", OutcomeDigest),
        ("created_at = '2026-03-01'", OutcomeDigest),
        ("request_id = 'x'", OutcomeDigest),
        ("engine_version = '0.1.1'", OutcomeDigest),
        (&format!("plan_digest = {digest}"), OutcomeDigest),
        (&format!("digest = {digest}"), OutcomeDigest),
        (&format!("request = {}", bytes("x")), OutcomeDigest),
        (&format!("response = {}", bytes("x")), OutcomeDigest),
    ] {
        place.force(&format!("UPDATE outcomes SET {change} WHERE sequence = 4")).await;
        assert_eq!(first_break(&place).await, Some((4, reason)), "{change}");
        place.force("DELETE FROM outcomes; INSERT INTO outcomes SELECT * FROM untouched").await;
    }
    place.force(&format!("UPDATE outcomes SET response = {} WHERE sequence = 5", bytes("x"))).await;
    let store = place.open().await;
    assert!(matches!(store.counted_outcomes(all()).await, Err(StoreError::Tampered { .. })), "it is not scored");
    assert!(matches!(store.outcome("outcome-3").await, Err(StoreError::Tampered { .. })));
    store.close().await;
    place.force("DELETE FROM outcomes WHERE sequence = 3").await;
    assert_eq!(first_break(&place).await, Some((3, OutcomeMissing)));
    place.force("UPDATE outcomes SET sequence = 2 WHERE sequence = 4").await;
    assert_eq!(first_break(&place).await, Some((2, OutcomeUnrecorded)));
}

async fn an_outcome_is_never_changed_and_goes_with_its_plan(place: Place) {
    let store = place.open().await;
    keep(&store, 0..2).await;
    record(&store, NewOutcome { claim: Some(claim(b"body")), ..outcome(1, 0, "2026-01-30") }).await;
    record(&store, outcome(2, 1, "2026-01-30")).await;
    for forbidden in [
        "UPDATE outcomes SET as_of = '2026-01-31'",
        "DELETE FROM outcomes",
        if place.is_postgres() {
            "TRUNCATE outcomes"
        } else {
            "INSERT OR REPLACE INTO outcomes SELECT * FROM outcomes"
        },
    ] {
        assert!(place.tamper(forbidden).await.is_err(), "{forbidden}");
    }
    let (before, now) = (plan(1).record.created_at, "2027-01-01T00:00:00.000000Z".to_owned());
    assert_eq!(store.erase(Some(before), -1, now, "housekeeping".to_owned()).await.unwrap(), 1);
    assert_eq!(counted(&store, all()).await, ["response 2"]);
    assert!(matches!(store.claim(claim(b"other")).await.unwrap(), Claim::Fresh(_)), "its key went with it");
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.outcomes, report.first_break), (5, 1, 1, None));
}

async fn an_outcome_of_no_plan_is_not_recorded(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    assert_eq!(store.record_outcome(outcome(1, 7, "2026-01-30")).await.unwrap(), OutcomeKept::NoPlan);
    let mut other_plan = outcome(1, 0, "2026-01-30");
    other_plan.record.plan_digest = Digest::of_bytes(b"another plan of this id");
    assert_eq!(store.record_outcome(other_plan).await.unwrap(), OutcomeKept::NoPlan);
    assert_eq!(store.verify(None).await.unwrap().entries, 1);
}

async fn a_backup_has_the_outcomes(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    record(&store, outcome(1, 0, "2026-01-30")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(counted(&copy, all()).await, ["response 1"]);
    let report = copy.verify(None).await.unwrap();
    assert_eq!((report.outcomes, report.first_break), (1, None));
}
