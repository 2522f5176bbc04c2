//! Storing, reading, listing, keys, retention, backup.

use std::collections::BTreeSet;

use governance::{Actor, Content, Digest, PlanRecord};
use store::{Claim, Kept, KeyClaim, Location, NewPlan, PlanQuery, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, labels, noise, plan};

both!(
    what_was_kept_is_read_back_to_the_byte_also_after_opening_again,
    plans_kept_at_once_share_one_unbroken_chain,
    two_stores_on_one_database_append_to_one_chain,
    lists_are_newest_first_in_pages_and_filtered,
    a_key_stands_for_its_first_answer,
    a_key_used_by_two_processes_at_once_makes_one_plan,
    a_key_used_twice_in_one_transaction_makes_one_plan,
    keys_run_out,
    nothing_is_erased_without_an_entry,
    a_backup_is_a_whole_store,
    a_newer_schema_is_refused,
);

async fn what_was_kept_is_read_back_to_the_byte_also_after_opening_again(place: Place) {
    let store = place.open().await;
    assert_eq!(store.verify(None).await.unwrap().entries, 0);
    keep(&store, 0..3).await;
    store.close().await;
    assert!(matches!(store.keep(plan(9)).await, Err(StoreError::Closed)));

    let store = place.open().await;
    for number in 0..3 {
        let stored = store.plan(&format!("plan-{number}")).await.unwrap().unwrap();
        assert_eq!(stored.record, plan(number).record);
        assert_eq!((stored.sequence, stored.digest), (number + 1, stored.record.digest()));
    }
    assert_eq!(store.plan("plan-3").await.unwrap(), None);
    keep(&store, [3]).await;
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (4, 4, None));
    assert_eq!((report.head, report.root), store.head().await.unwrap());
    store.ping().await.unwrap();
    let response = Content::new(vec![b'x'; 9 << 20]);
    let large = NewPlan { record: PlanRecord { response, ..plan(4).record }, ..plan(4) };
    store.keep(large.clone()).await.unwrap();
    assert_eq!(store.plan("plan-4").await.unwrap().unwrap().record, large.record);
}

async fn plans_kept_at_once_share_one_unbroken_chain(place: Place) {
    let store = place.open().await;
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.keep(plan(number)).await.unwrap() })
        })
        .collect();
    let mut sequences = BTreeSet::new();
    for task in tasks {
        let Kept::New { sequence, .. } = task.await.unwrap() else { panic!("a plan without a key is new") };
        sequences.insert(sequence);
    }
    assert_eq!(sequences, (1..=200).collect());
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (200, 200, None));
}

async fn two_stores_on_one_database_append_to_one_chain(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    let one = tokio::spawn({
        let a = a.clone();
        async move { keep(&a, 0..30).await }
    });
    keep(&b, 100..130).await;
    one.await.unwrap();
    for store in [a, b] {
        let report = store.verify(None).await.unwrap();
        assert_eq!((report.entries, report.first_break), (60, None));
    }
}

async fn lists_are_newest_first_in_pages_and_filtered(place: Place) {
    let store = place.open().await;
    keep(&store, 0..5).await;
    let mut other = plan(5);
    other.record.engine_version = "0.2.0".to_owned();
    store.keep(other).await.unwrap();

    let ids = |query: PlanQuery| {
        let store = store.clone();
        async move {
            let rows =
                store.plans(PlanQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query }).await;
            rows.unwrap().iter().map(|row| row.plan_id.trim_start_matches("plan-").to_owned()).collect::<String>()
        }
    };
    assert_eq!(ids(PlanQuery::default()).await, "543210");
    assert_eq!(ids(PlanQuery { limit: 2, ..PlanQuery::default() }).await, "54");
    assert_eq!(ids(PlanQuery { limit: 2, before: Some(5), ..PlanQuery::default() }).await, "32");
    assert_eq!(ids(PlanQuery { engine_version: Some("0.2.0".to_owned()), ..PlanQuery::default() }).await, "5");
    let reference = |text: &str| PlanQuery { client_reference: Some(text.to_owned()), ..PlanQuery::default() };
    assert_eq!(ids(reference("order-5")).await, "5");
    assert_eq!(ids(reference("Order-5")).await, "");
    assert_eq!(ids(reference("order-")).await, "");
    assert_eq!(ids(PlanQuery { engine_version: Some("0.1.0".to_owned()), ..reference("order-5") }).await, "");
    assert_eq!(ids(PlanQuery { before: Some(6), ..reference("order-5") }).await, "");
    assert_eq!(ids(PlanQuery { request_id: Some("request-1".to_owned()), ..PlanQuery::default() }).await, "1");
    let words = |words: &[&str]| PlanQuery {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        ..PlanQuery::default()
    };
    assert_eq!(ids(words(&["book"])).await, "5321", "plans of earlier builds have no words");
    assert_eq!(ids(words(&["boo", "2"])).await, "2");
    assert_eq!(ids(words(&["%_sure", "über"])).await, "5321");
    assert_eq!(ids(words(&["b%k"])).await, "", "it is no pattern");
    assert_eq!(ids(words(&["!"])).await, "");
    assert_eq!(ids(PlanQuery { before: Some(4), limit: 1, ..words(&["book"]) }).await, "2");
    assert_eq!(ids(PlanQuery { words: vec!["book".to_owned()], ..reference("order-5") }).await, "5");
    let time = |second: u8| Some(format!("2026-01-02T03:00:{second:02}.000000Z"));
    let between = PlanQuery { created_from: time(1), created_before: time(4), ..PlanQuery::default() };
    assert_eq!(ids(between).await, "321");
    let injected = "0.2.0' OR '1'='1".to_owned();
    assert_eq!(ids(PlanQuery { engine_version: Some(injected), ..PlanQuery::default() }).await, "");

    let entries = store.entries(2, 2).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [3, 4]);
    let row = store.plans(PlanQuery { limit: 1, ..PlanQuery::default() }).await.unwrap().remove(0);
    assert_eq!(
        (row.seed, row.sequence, Some(row.digest)),
        (u64::MAX - 5, 6, store.entries(5, 1).await.unwrap()[0].plan_digest)
    );
}

fn claim(key: &str, body: &[u8], now: i64) -> KeyClaim {
    let actor = Actor::from_static("lee");
    KeyClaim { actor, key: key.to_owned(), fingerprint: Digest::of_bytes(body), now, lifetime: 86_400 }
}

async fn a_key_stands_for_its_first_answer(place: Place) {
    let store = place.open().await;
    let Claim::Fresh(held) = store.claim(claim("k", b"body", 0)).await.unwrap() else { panic!("a new key is fresh") };
    assert!(matches!(store.claim(claim("k", b"body", 0)).await.unwrap(), Claim::Running));
    assert!(matches!(store.claim(claim("k", b"other", 0)).await.unwrap(), Claim::OtherRequest));
    store.keep(NewPlan { claim: Some(held.claim().clone()), ..plan(0) }).await.unwrap();
    drop(held);

    for store in [store.clone(), place.open().await] {
        let Claim::Answered(first) = store.claim(claim("k", b"body", 10)).await.unwrap() else { panic!("it is kept") };
        assert_eq!(first.record, plan(0).record);
        assert!(matches!(store.claim(claim("k", b"other", 10)).await.unwrap(), Claim::OtherRequest));
    }
    // A request that fails before its end releases its key.
    let Claim::Fresh(held) = store.claim(claim("k2", b"body", 0)).await.unwrap() else { panic!("a new key is fresh") };
    drop(held);
    assert!(matches!(store.claim(claim("k2", b"changed", 0)).await.unwrap(), Claim::Fresh(_)));
}

async fn a_key_used_by_two_processes_at_once_makes_one_plan(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    // Neither store sees the other's running request: the database decides.
    let mine = |number: u64, body: &[u8]| NewPlan { claim: Some(claim("k", body, 0)), ..plan(number) };
    assert!(matches!(a.keep(mine(1, b"body")).await.unwrap(), Kept::New { .. }));
    assert_eq!(b.keep(mine(2, b"body")).await.unwrap(), Kept::Earlier { plan_id: "plan-1".to_owned() });
    assert_eq!(b.keep(mine(3, b"other")).await.unwrap(), Kept::OtherRequest);
    let report = b.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (1, 1, None));
}

async fn a_key_used_twice_in_one_transaction_makes_one_plan(place: Place) {
    let store = place.open().await;
    let mine = |number: u64, body: &[u8]| NewPlan { claim: Some(claim("k", body, 0)), ..plan(number) };
    // While the writer is busy with many megabytes, the other plans wait and share the next transaction.
    let response = Content::new(vec![b'x'; 12 << 20]);
    let large = NewPlan { record: PlanRecord { response, ..plan(0).record }, ..plan(0) };
    let (_, first, again, other) = tokio::join!(
        store.keep(large),
        store.keep(mine(1, b"body")),
        store.keep(mine(2, b"body")),
        store.keep(mine(3, b"other")),
    );
    assert!(matches!(first.unwrap(), Kept::New { .. }));
    assert_eq!(again.unwrap(), Kept::Earlier { plan_id: "plan-1".to_owned() });
    assert_eq!(other.unwrap(), Kept::OtherRequest);
    assert_eq!(store.verify(None).await.unwrap().plans, 2);
}

async fn keys_run_out(place: Place) {
    let store = place.open().await;
    let keyed = |number: u64, now: i64| NewPlan { claim: Some(claim("k", b"body", now)), ..plan(number) };
    store.keep(keyed(1, 0)).await.unwrap();
    assert!(matches!(store.claim(claim("k", b"other", 86_400)).await.unwrap(), Claim::OtherRequest));
    assert!(matches!(store.claim(claim("k", b"other", 86_401)).await.unwrap(), Claim::Fresh(_)));
    assert!(matches!(store.keep(keyed(2, 86_401)).await.unwrap(), Kept::New { .. }));
    // A clock that goes back does not expire the key.
    assert!(matches!(store.claim(claim("k", b"body", 5)).await.unwrap(), Claim::Answered(_)));
    store.erase(None, 90_000, "2026-01-02T03:04:05.000000Z".to_owned(), "housekeeping".to_owned()).await.unwrap();
    assert!(matches!(store.claim(claim("k", b"body", 5)).await.unwrap(), Claim::Fresh(_)));
}

async fn nothing_is_erased_without_an_entry(place: Place) {
    let store = place.open().await;
    keep(&store, 5..9).await;
    for forbidden in [
        "DELETE FROM plans WHERE plan_id = 'plan-5'",
        "UPDATE plans SET seed = 1",
        "UPDATE plan_labels SET reference = 'x'",
        "DELETE FROM plan_labels",
        if place.is_postgres() {
            "TRUNCATE plan_labels"
        } else {
            "INSERT OR REPLACE INTO plan_labels SELECT * FROM plan_labels"
        },
        "DELETE FROM audit_entries",
        "UPDATE audit_entries SET actor = 'x'",
        if place.is_postgres() { "TRUNCATE plans" } else { "INSERT OR REPLACE INTO plans SELECT * FROM plans" },
        if place.is_postgres() {
            "TRUNCATE audit_entries"
        } else {
            "REPLACE INTO audit_entries SELECT * FROM audit_entries"
        },
    ] {
        assert!(place.tamper(forbidden).await.is_err(), "{forbidden}");
    }
    let before = Some(plan(7).record.created_at);
    let erased = store.erase(before, 0, "2027-01-01T00:00:00.000000Z".to_owned(), "housekeeping".to_owned()).await;
    assert_eq!(erased.unwrap(), 2);
    assert_eq!(store.plan("plan-6").await.unwrap(), None);
    assert!(store.plan("plan-7").await.unwrap().is_some());
    let erased = PlanQuery { client_reference: labels(Some(5)).reference, limit: 9, ..PlanQuery::default() };
    assert!(store.plans(erased).await.unwrap().is_empty(), "its labels went with it");
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (6, 2, None));
    let last = store.entries(5, 1).await.unwrap().remove(0);
    assert_eq!((last.kind.as_str(), last.plan_digest), ("plan_erased", Some(plan(6).record.digest())));
}

/// On SQLite only: the files of a PostgreSQL server are its own.
#[tokio::test]
async fn what_is_erased_is_overwritten_and_files_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::sqlite();
    let Location::Sqlite(file) = &place.location else { panic!("a file") };
    let folder = file.parent().unwrap();
    // What can be compressed would not be found in the file in any case.
    let marked = |number: u64| {
        let response = Content::new(noise(number, 300));
        NewPlan { record: PlanRecord { response, ..plan(number).record }, ..plan(number) }
    };
    let store = place.open().await;
    for number in [5, 6] {
        store.keep(marked(number)).await.unwrap();
    }
    let before = Some(plan(6).record.created_at);
    let erased = store.erase(before, 0, "2027-01-01T00:00:00.000000Z".to_owned(), "housekeeping".to_owned()).await;
    assert_eq!(erased.unwrap(), 1);
    store.backup(&folder.join("copy.db")).await.unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    // The log of writes is taken over into the file when the last connection closes.
    store.close().await;
    let bytes = std::fs::read(file).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(&noise(6, 2)));
    assert!(!holds(&noise(5, 2)), "it is still in the file");
}

/// Plans as the service makes them.
#[tokio::test]
async fn documents_are_compressed_and_read_as_they_were() {
    let place = Place::sqlite();
    let Location::Sqlite(file) = &place.location else { panic!("a file") };
    let request = include_bytes!("../../../../openapi/examples/create_rebalance_plan.request.json");
    let response = include_bytes!("../../../../openapi/examples/create_rebalance_plan.answer.json");
    let store = place.open().await;
    let of = |number: u64| {
        let documents = [request.to_vec(), response.to_vec()].map(Content::new);
        let [request, response] = documents;
        NewPlan { record: PlanRecord { request, response, ..plan(number).record }, ..plan(number) }
    };
    for number in 0..100 {
        store.keep(of(number)).await.unwrap();
    }
    assert_eq!(store.plan("plan-7").await.unwrap().unwrap().record, of(7).record);
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
    store.close().await;
    let (stored, sent) = (file.metadata().unwrap().len(), 100 * (request.len() + response.len()) as u64);
    assert!(stored * 2 < sent, "{stored} bytes for {sent}");
}

async fn a_backup_is_a_whole_store(place: Place) {
    let store = place.open().await;
    keep(&store, 0..20).await;
    store.keep(NewPlan { claim: Some(claim("k", b"body", 0)), ..plan(20) }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let writing = tokio::spawn({
        let store = store.clone();
        async move { keep(&store, 100..140).await }
    });
    store.backup(&file).await.unwrap();
    writing.await.unwrap();
    assert!(matches!(store.backup(&file).await, Err(StoreError::Path { .. })), "nothing is overwritten");

    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    let report = copy.verify(None).await.unwrap();
    assert!(report.entries >= 21 && report.plans == report.entries, "{report:?}");
    assert_eq!(report.first_break, None);
    for number in [7, 15] {
        assert_eq!(copy.plan(&format!("plan-{number}")).await.unwrap().unwrap().record, plan(number).record);
    }
    assert!(matches!(copy.claim(claim("k", b"body", 1)).await.unwrap(), Claim::Answered(_)));
    keep(&copy, [500]).await;
    // The copy is an earlier state of the original, which contains everything in the copy.
    assert_eq!(store.verify(Some(report.head)).await.unwrap().first_break, None);
}

async fn a_newer_schema_is_refused(place: Place) {
    place.open().await.close().await;
    place.tamper("INSERT INTO schema_versions (version) VALUES (99)").await.unwrap();
    let refused = Store::open(&place.location, &StoreOptions::default()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 99, known: 22 }), "{refused}");
}
