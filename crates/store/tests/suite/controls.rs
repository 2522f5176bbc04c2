//! Records of control: versions of the policy, halts and states of plans.

use governance::BreakReason::{ControlDigest, ControlMissing, ControlUnrecorded};
use governance::{Actor, BreakReason, Content, ControlDeed, ControlRecord, Digest};
use store::{ControlKept, Location, NewControlRecord, PlanQuery, Store, StoreError, StoreOptions, StoredControl};

use crate::place::Place;
use crate::{both, keep};

both!(
    each_record_follows_the_one_before_and_is_in_the_chain,
    deeds_of_plans_are_read_across_plans,
    plans_are_listed_by_their_latest_decision,
    a_fence_makes_stale_what_others_were_counted_before,
    of_two_records_of_one_topic_one_wins,
    every_edit_of_a_record_is_found,
    a_record_is_never_changed,
    a_backup_has_the_records,
    keys_are_records_of_control,
);

fn a_record(topic: &str, number: u64, previous: Digest) -> NewControlRecord {
    NewControlRecord {
        record: ControlRecord {
            topic: topic.to_owned(),
            number,
            deed: if number % 2 == 1 { ControlDeed::Halted } else { ControlDeed::Resumed },
            recorded_at: format!("2026-01-02T03:04:05.{number:06}Z"),
            request_id: format!("request-{number}"),
            engine_version: "0.1.0".to_owned(),
            document: Content::new(vec![number as u8, 255]),
        },
        previous,
        plan: topic.strip_prefix("plan:").map(|id| (id.to_owned(), Digest::of_bytes(id.as_bytes()))),
        actor: Actor::from_static("desk:lee"),
        fence: None,
    }
}

async fn kept(store: &Store, new: NewControlRecord) -> StoredControl {
    match store.keep_control(new).await.unwrap() {
        ControlKept::New(stored) => *stored,
        other => panic!("it is not stored: {other:?}"),
    }
}

async fn each_record_follows_the_one_before_and_is_in_the_chain(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    assert_eq!(store.control_records("halts").await.unwrap(), []);
    let first = kept(&store, a_record("halts", 1, Digest::ZERO)).await;
    let other = kept(&store, a_record("plan:p", 1, Digest::ZERO)).await;
    let second = kept(&store, a_record("halts", 2, first.digest)).await;
    assert_eq!([first.sequence, other.sequence, second.sequence], [2, 3, 4]);
    for previous in [Digest::ZERO, first.digest, other.digest] {
        let stale = store.keep_control(a_record("halts", 3, previous)).await.unwrap();
        assert_eq!(stale, ControlKept::Stale);
    }
    assert_eq!(store.control_records("halts").await.unwrap(), [first, second.clone()]);
    assert_eq!(store.control_records("plan:p").await.unwrap()[0].actor, "desk:lee");
    let entries = store.entries(1, 3).await.unwrap();
    assert_eq!((entries[0].kind.as_str(), entries[2].kind.as_str()), ("halted", "resumed"));
    assert_eq!(entries[1].plan_id.as_deref(), Some("p"));
    assert_eq!((entries[2].control_of.as_deref(), entries[2].control_digest), (Some("halts"), Some(second.digest)));
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.control_records, report.first_break), (4, 3, None));
}

async fn deeds_of_plans_are_read_across_plans(place: Place) {
    let store = place.open().await;
    let first = kept(&store, a_record("plan:p", 1, Digest::ZERO)).await;
    let second = kept(&store, a_record("plan:p", 2, first.digest)).await;
    let other = kept(&store, a_record("plan:q", 3, Digest::ZERO)).await;
    let of_halts = kept(&store, a_record("halts", 1, Digest::ZERO)).await;
    let of_any_topic = store.control_deeds(ControlDeed::Halted).await.unwrap();
    assert_eq!(of_any_topic, [first.clone(), other.clone(), of_halts]);
    assert_eq!(store.control_deeds(ControlDeed::TrialsCounted).await.unwrap(), []);
    let states = store.plan_states().await.unwrap();
    assert_eq!(states, [("p".to_owned(), ControlDeed::Resumed), ("q".to_owned(), ControlDeed::Halted)]);
    let since = |time: &'static str| store.plan_deeds(ControlDeed::Halted, time);
    assert_eq!(since("2026-01-02T03:04:05.000001Z").await.unwrap(), [first, other.clone()]);
    assert_eq!(since("2026-01-02T03:04:05.000002Z").await.unwrap(), [other]);
    assert_eq!(store.plan_deeds(ControlDeed::Resumed, "").await.unwrap(), [second]);
    assert_eq!(store.plan_deeds(ControlDeed::Approved, "").await.unwrap(), []);
    place.force("DELETE FROM control_records WHERE sequence = 3").await;
    for read in [store.plan_deeds(ControlDeed::Halted, "").await, store.control_deeds(ControlDeed::Halted).await] {
        assert!(matches!(read, Err(StoreError::Tampered { .. })), "{read:?}");
    }
}

async fn plans_are_listed_by_their_latest_decision(place: Place) {
    let store = place.open().await;
    keep(&store, 0..5).await;
    let decided = async |plan: &str, number, previous, deed| {
        let mut new = a_record(&format!("plan:{plan}"), number, previous);
        new.record.deed = deed;
        kept(&store, new).await.digest
    };
    let first = decided("plan-1", 1, Digest::ZERO, ControlDeed::Approved).await;
    decided("plan-2", 1, Digest::ZERO, ControlDeed::Approved).await;
    decided("plan-1", 2, first, ControlDeed::Rejected).await;
    // What is about no plan of the list, or about no plan, moves none of them.
    decided("plan-9", 1, Digest::ZERO, ControlDeed::Approved).await;
    kept(&store, a_record("halts", 1, Digest::ZERO)).await;
    let listed = async |store: &Store, deed, before| {
        let query = PlanQuery { deed: Some(deed), before, limit: 2, ..PlanQuery::default() };
        let rows = store.plans(query).await.unwrap();
        assert!(rows.iter().all(|row| row.deed == deed));
        rows.into_iter().map(|row| row.plan_id).collect::<Vec<_>>()
    };
    let check = async |store: &Store| {
        assert_eq!(listed(store, Some(ControlDeed::Approved), None).await, ["plan-2"]);
        assert_eq!(listed(store, Some(ControlDeed::Rejected), None).await, ["plan-1"]);
        assert!(listed(store, Some(ControlDeed::Executing), None).await.is_empty());
        assert_eq!(listed(store, None, None).await, ["plan-4", "plan-3"]);
        assert_eq!(listed(store, None, Some(4)).await, ["plan-0"]);
    };
    check(&store).await;
    store.close().await;
    // Records of before have no such index: it is made of their trail.
    place.tamper(&place.before_lists()).await.unwrap();
    let store = place.open().await;
    check(&store).await;
    // An erased plan goes from the lists.
    store.erase(Some("2026-01-02T03:00:02".to_owned()), 0, "2026-02-03".to_owned(), "tidy".to_owned()).await.unwrap();
    assert!(listed(&store, Some(ControlDeed::Rejected), None).await.is_empty());
    assert_eq!(listed(&store, Some(ControlDeed::Approved), None).await, ["plan-2"]);
    store.close().await;
}

async fn a_fence_makes_stale_what_others_were_counted_before(place: Place) {
    let store = place.open().await;
    assert_eq!(store.last_sequence().await.unwrap(), 0);
    let deed = |topic: &str, deed, fence| {
        let mut new = a_record(topic, 1, Digest::ZERO);
        (new.record.deed, new.fence) = (deed, fence);
        new
    };
    for approved in [ControlDeed::Approved, ControlDeed::Executing] {
        let topic = |plan: &str| format!("plan:{plan}-{}", approved.as_str());
        let fence = Some(store.last_sequence().await.unwrap());
        // What no window counts leaves the fence whole, and what it counts does not.
        kept(&store, deed(&topic("rejected"), ControlDeed::Rejected, None)).await;
        let first = kept(&store, deed(&topic("first"), approved, fence)).await;
        assert_eq!(store.last_sequence().await.unwrap(), first.sequence);
        let second = store.keep_control(deed(&topic("second"), approved, fence)).await.unwrap();
        assert_eq!(second, ControlKept::Stale);
        kept(&store, deed(&topic("second"), approved, Some(first.sequence))).await;
    }
}

async fn of_two_records_of_one_topic_one_wins(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let mut latest = Digest::ZERO;
    for round in 1..9 {
        let (left, right) = tokio::join!(
            one.keep_control(a_record("policy", round, latest)),
            other.keep_control(a_record("policy", round, latest))
        );
        let (winner, loser) = match (left.unwrap(), right.unwrap()) {
            (ControlKept::New(winner), loser) | (loser, ControlKept::New(winner)) => (*winner, loser),
            neither => panic!("nobody won: {neither:?}"),
        };
        assert_eq!((loser, winner.record.number), (ControlKept::Stale, round));
        latest = winner.digest;
    }
    assert_eq!(one.verify(None).await.unwrap().entries, 8);
}

async fn every_edit_of_a_record_is_found(place: Place) {
    let empty = if place.is_postgres() { "decode('', 'hex')" } else { "x''" };
    let edits: Vec<(String, BreakReason)> = vec![
        ("UPDATE control_records SET topic = 'policy' WHERE sequence = 2".to_owned(), ControlUnrecorded),
        ("UPDATE control_records SET number = 7 WHERE sequence = 2".to_owned(), ControlDigest),
        ("UPDATE control_records SET deed = 'halted' WHERE sequence = 2".to_owned(), ControlDigest),
        ("UPDATE control_records SET deed = '' WHERE sequence = 2".to_owned(), BreakReason::Unreadable),
        ("UPDATE control_records SET recorded_at = '' WHERE sequence = 2".to_owned(), ControlDigest),
        ("UPDATE control_records SET request_id = '' WHERE sequence = 2".to_owned(), ControlDigest),
        ("UPDATE control_records SET engine_version = '' WHERE sequence = 2".to_owned(), ControlDigest),
        (format!("UPDATE control_records SET document = {empty} WHERE sequence = 2"), ControlDigest),
        ("DELETE FROM control_records WHERE sequence = 2".to_owned(), ControlMissing),
        ("UPDATE audit_entries SET control_of = 'policy' WHERE sequence = 2".to_owned(), BreakReason::Hash),
    ];
    let store = place.open().await;
    let first = kept(&store, a_record("halts", 1, Digest::ZERO)).await;
    kept(&store, a_record("halts", 2, first.digest)).await;
    place
        .force("CREATE TABLE kept AS SELECT * FROM control_records; CREATE TABLE kept_entries AS SELECT * FROM audit_entries;")
        .await;
    for (statements, reason) in edits {
        place.force(&statements).await;
        let found = store.verify(None).await.unwrap().first_break.expect(&statements);
        assert_eq!(found.reason, reason, "{statements}: {found}");
        assert!(found.control_of.is_some(), "{statements}");
        let read = store.control_records("halts").await;
        assert!(matches!(read, Err(StoreError::Tampered { .. })), "{statements}: {read:?}");
        let restore = "DELETE FROM control_records; INSERT INTO control_records SELECT * FROM kept; \
             DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept_entries;";
        place.force(restore).await;
        // The records are whole again; that their triggers are gone is still told.
        let left = store.verify(None).await.unwrap().first_break;
        assert_eq!(left.map(|left| left.reason), Some(BreakReason::Unguarded), "after {statements}");
    }
}

async fn a_record_is_never_changed(place: Place) {
    let store = place.open().await;
    kept(&store, a_record("halts", 1, Digest::ZERO)).await;
    for statement in [
        "UPDATE control_records SET number = 2",
        "DELETE FROM control_records",
        "INSERT INTO control_records SELECT * FROM control_records",
    ] {
        assert!(place.tamper(statement).await.is_err(), "{statement}");
    }
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
}

async fn a_backup_has_the_records(place: Place) {
    let store = place.open().await;
    let first = kept(&store, a_record("policy", 1, Digest::ZERO)).await;
    let mut fills = a_record("fills:p", 1, Digest::ZERO);
    fills.record.deed = ControlDeed::FillsRecorded;
    let fills = kept(&store, fills).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.control_records("policy").await.unwrap(), [first]);
    assert_eq!(copy.control_records("fills:p").await.unwrap(), [fills]);
    assert_eq!(copy.plan_states().await.unwrap(), [], "a report of fills is no step of a plan");
    let report = copy.verify(None).await.unwrap();
    assert_eq!((report.control_records, report.first_break), (2, None));
}

async fn keys_are_records_of_control(place: Place) {
    let store = place.open().await;
    let mut made = a_record("keys", 1, Digest::ZERO);
    made.record.deed = ControlDeed::KeyCreated;
    let made = kept(&store, made).await;
    let mut revoked = a_record("keys", 2, made.digest);
    revoked.record.deed = ControlDeed::KeyRevoked;
    let revoked = kept(&store, revoked).await;
    assert_eq!(store.control_records("keys").await.unwrap(), [made, revoked]);
    let kinds: Vec<String> = store.entries(0, 10).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["key_created", "key_revoked"]);
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.control_records, report.first_break), (2, None));
    // Taking a revocation back beside the trail is found by whoever reads the keys.
    place.force("DELETE FROM control_records WHERE sequence = 2").await;
    assert!(matches!(store.control_records("keys").await, Err(StoreError::Tampered { .. })));
}
