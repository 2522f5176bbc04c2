//! Every kind of tampering with the database, by a person with all rights on it.

use governance::BreakReason::{
    CutTail, Hash, OtherHistory, PlanDigest, PlanMissing, PlanUnrecorded, PreviousHash, Sequence, Unguarded,
};
use governance::merkle::{inclusion_path, leaf_hash, root, verify_inclusion};
use governance::{BreakReason, ChainTip, Digest};
use store::StoreError;

use crate::place::Place;
use crate::{both, keep};

both!(
    an_edit_of_any_column_is_found_where_it_was_made,
    labels_that_were_changed_are_found,
    removed_swapped_and_inserted_rows_are_found,
    a_cut_tail_is_found_by_whoever_saw_the_head,
    a_changed_plan_is_not_served,
    every_plan_has_a_proof,
    a_changed_part_of_the_tree_is_found_and_proves_nothing,
    entries_of_before_get_their_part_of_the_tree,
    verifications_at_once_take_turns,
    a_trigger_that_is_removed_or_changed_is_told_and_put_back,
);

async fn first_break(place: &Place, seen: Option<ChainTip>) -> Option<(u64, BreakReason)> {
    let store = place.open().await;
    let report = store.verify(seen).await.unwrap();
    store.close().await;
    report.first_break.map(|broken| (broken.sequence, broken.reason))
}

/// Stores ten plans, runs `statements`, and returns what a verification finds after a restart.
async fn after(place: &Place, statements: &str) -> Option<(u64, BreakReason)> {
    let store = place.open().await;
    store.close().await;
    place
        .force(
            "DELETE FROM plan_labels; DELETE FROM plan_headlines; DELETE FROM plan_states; DELETE FROM plans; DELETE FROM audit_entries; \
             DELETE FROM idempotency_keys",
        )
        .await;
    let store = place.open().await;
    keep(&store, 0..10).await;
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
    store.close().await;
    place.force(statements).await;
    first_break(place, None).await
}

async fn an_edit_of_any_column_is_found_where_it_was_made(place: Place) {
    let other = if place.is_postgres() { "decode(repeat('ab', 32), 'hex')" } else { "randomblob(32)" };
    let byte = if place.is_postgres() { "'\\x7b'::bytea" } else { "x'7b'" };
    let entries = [
        ("sequence = 4711", Sequence),
        ("recorded_at = '2026-01-02T03:00:04.000001Z'", Hash),
        ("actor = 'mallory'", Hash),
        ("request_id = request_id || 'x'", Hash),
        ("kind = 'plan_erased'", Hash),
        (&format!("subtrees = {other}"), Hash),
        ("plan_id = NULL", Hash),
        ("plan_id = 'plan-6'", Hash),
        ("plan_digest = NULL", Hash),
        (&format!("plan_digest = {other}"), Hash),
        (&format!("previous_hash = {other}"), PreviousHash),
        (&format!("hash = {other}"), Hash),
        (&format!("outcome_digest = {other}"), Hash),
    ];
    for (change, reason) in entries {
        let found = after(&place, &format!("UPDATE audit_entries SET {change} WHERE sequence = 5")).await;
        assert_eq!(found, Some((5, reason)), "audit_entries: {change}");
    }
    let plans = [
        ("plan_id = 'plan-x'", PlanUnrecorded),
        ("sequence = 4711", PlanMissing),
        ("created_at = '2026-01-02T03:00:04.000001Z'", PlanDigest),
        ("request_id = 'x'", PlanDigest),
        ("engine_version = '0.1.1'", PlanDigest),
        ("models = '[]'", PlanDigest),
        ("seed = seed + 1", PlanDigest),
        (&format!("digest = {other}"), PlanDigest),
        (&format!("request = {byte}"), PlanDigest),
        (&format!("response = {byte}"), PlanDigest),
        (&format!("run = {byte}"), PlanDigest),
    ];
    for (change, reason) in plans {
        let found = after(&place, &format!("UPDATE plans SET {change} WHERE sequence = 5")).await;
        assert_eq!(found, Some((5, reason)), "plans: {change}");
    }
}

async fn labels_that_were_changed_are_found(place: Place) {
    for (change, at) in [
        ("UPDATE plan_labels SET reference = 'x'", 6),
        ("UPDATE plan_labels SET metadata = NULL", 6),
        ("DELETE FROM plan_labels", 6),
        ("UPDATE plan_headlines SET shown = '{}' WHERE sequence = 3", 3),
        ("UPDATE plan_headlines SET words = 'another book' WHERE sequence = 3", 3),
        ("DELETE FROM plan_headlines WHERE sequence = 3", 3),
        ("INSERT INTO plan_headlines (sequence, shown, words) VALUES (5, '{}', '')", 5),
        ("INSERT INTO plan_labels (sequence, reference) VALUES (5, 'x')", 5),
    ] {
        assert_eq!(after(&place, change).await, Some((at, BreakReason::PlanDigest)), "{change}");
    }
}

async fn removed_swapped_and_inserted_rows_are_found(place: Place) {
    let cases = [
        ("DELETE FROM audit_entries WHERE sequence = 5", 5),
        ("DELETE FROM audit_entries WHERE sequence = 1", 1),
        ("DELETE FROM plans WHERE sequence = 5", 5),
        ("DELETE FROM plans WHERE sequence = 10", 10),
        ("DELETE FROM plans WHERE sequence = 5; DELETE FROM audit_entries WHERE sequence = 5", 5),
        (
            "UPDATE audit_entries SET sequence = 99 WHERE sequence = 3; UPDATE audit_entries SET sequence = 3 WHERE \
             sequence = 4; UPDATE audit_entries SET sequence = 4 WHERE sequence = 99",
            3,
        ),
        (
            "UPDATE plans SET plan_id = 'x' WHERE sequence = 3; UPDATE plans SET plan_id = 'plan-2' WHERE sequence = 4; \
             UPDATE plans SET plan_id = 'plan-3' WHERE sequence = 3",
            3,
        ),
        (
            "INSERT INTO audit_entries SELECT 11, recorded_at, actor, request_id, kind, plan_id, plan_digest, hash, \
             previous_hash, outcome_digest, portfolio_id, portfolio_digest, champion_of, champion_digest, control_of, control_digest, \
             NULL, NULL FROM audit_entries WHERE sequence = 10",
            11,
        ),
        (
            "INSERT INTO audit_entries SELECT -1, recorded_at, actor, request_id, kind, plan_id, plan_digest, hash, \
             previous_hash, outcome_digest, portfolio_id, portfolio_digest, champion_of, champion_digest, control_of, control_digest, \
             NULL, NULL FROM audit_entries WHERE sequence = 10",
            1,
        ),
        (
            "INSERT INTO plans SELECT 'extra', 11, created_at, request_id, engine_version, models, seed, digest, request, \
             response, run FROM plans WHERE sequence = 10",
            11,
        ),
    ];
    for (statements, at) in cases {
        let found = after(&place, statements).await;
        assert_eq!(found.map(|(sequence, _)| sequence), Some(at), "{statements}: {found:?}");
    }
}

async fn a_trigger_that_is_removed_or_changed_is_told_and_put_back(place: Place) {
    let attacks: [&str; 3] = if place.is_postgres() {
        [
            "ALTER TABLE plans DISABLE TRIGGER plans_no_update",
            "DROP TRIGGER audit_entries_append_only ON audit_entries",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        ]
    } else {
        [
            "DROP TRIGGER plans_no_update",
            "DROP TRIGGER audit_entries_no_delete",
            "DROP TRIGGER audit_entries_no_delete; CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries WHEN 0 BEGIN \
             SELECT RAISE(ABORT, 'append-only'); END",
        ]
    };
    let store = place.open().await;
    keep(&store, 0..3).await;
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
    for attack in attacks {
        place.tamper(attack).await.unwrap();
        let broken = store.verify(None).await.unwrap().first_break.unwrap();
        assert_eq!((broken.sequence, broken.reason), (4, Unguarded), "{attack}");
        // A restart puts it back, and says so in the log; a change is refused again.
        assert_eq!(first_break(&place, None).await, None, "{attack}");
        assert!(place.tamper("DELETE FROM audit_entries").await.is_err(), "{attack}");
    }
    store.close().await;
}

async fn a_cut_tail_is_found_by_whoever_saw_the_head(place: Place) {
    assert_eq!(after(&place, "SELECT 1").await, None);
    let store = place.open().await;
    let (head, _) = store.head().await.unwrap();
    // While the service runs, it remembers what it acknowledged.
    place
        .force(
            "DELETE FROM plan_headlines WHERE sequence > 8; DELETE FROM plan_states WHERE sequence > 8; \
             DELETE FROM plans WHERE sequence > 8; DELETE FROM audit_entries WHERE sequence > 8",
        )
        .await;
    let broken = store.verify(None).await.unwrap().first_break.unwrap();
    assert_eq!((broken.sequence, broken.reason), (9, CutTail));
    store.close().await;

    // After a restart, only a head that was kept elsewhere reveals the cut.
    assert_eq!(first_break(&place, None).await, None);
    assert_eq!(first_break(&place, Some(head)).await, Some((9, CutTail)));
    let store = place.open().await;
    keep(&store, 20..25).await;
    store.close().await;
    assert_eq!(first_break(&place, Some(head)).await, Some((10, OtherHistory)));
}

async fn a_changed_plan_is_not_served(place: Place) {
    after(&place, "UPDATE plans SET seed = 1 WHERE plan_id = 'plan-4'").await;
    let store = place.open().await;
    assert!(matches!(store.plan("plan-4").await, Err(StoreError::Tampered { .. })));
    assert!(store.plan("plan-5").await.unwrap().is_some());
}

async fn every_plan_has_a_proof(place: Place) {
    let store = place.open().await;
    keep(&store, 0..13).await;
    for number in 0..13 {
        let proof = store.inclusion(&format!("plan-{number}")).await.unwrap().unwrap();
        let leaf = leaf_hash(proof.entry.hash.as_bytes());
        assert!(verify_inclusion(leaf, number, 13, &proof.path, proof.root));
        assert_eq!(proof.entry.plan_digest, Some(crate::plan(number).record.digest()));
        assert_eq!((proof.tip, proof.root), store.head().await.unwrap());
    }
    assert!(store.inclusion("plan-13").await.unwrap().is_none());
}

/// Head and proofs are those that all entries give.
async fn assert_tree(store: &store::Store, plans: u64) {
    let entries = store.entries(0, 1_000).await.unwrap();
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry.hash.as_bytes())).collect();
    let (tip, top) = store.head().await.unwrap();
    assert_eq!((tip.sequence, top), (leaves.len() as u64, root(&leaves)));
    for number in 0..plans {
        let proof = store.inclusion(&format!("plan-{number}")).await.unwrap().unwrap();
        assert_eq!(proof.path, inclusion_path(&leaves, number as usize).unwrap(), "{number} of {}", leaves.len());
        assert_eq!((proof.tip, proof.root), (tip, top));
    }
}

async fn a_changed_part_of_the_tree_is_found_and_proves_nothing(place: Place) {
    let store = place.open().await;
    for number in 0..18 {
        keep(&store, [number]).await;
        assert_tree(&store, number + 1).await;
    }
    // Several in one transaction grow the tree as one after the other does.
    let kept: Vec<_> = (18..70)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { keep(&store, [number]).await })
        })
        .collect();
    for kept in kept {
        kept.await.unwrap();
    }
    assert_eq!(store.head().await.unwrap().1, {
        let entries = store.entries(0, 1_000).await.unwrap();
        root(&entries.iter().map(|entry| leaf_hash(entry.hash.as_bytes())).collect::<Vec<_>>())
    });
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
    store.close().await;

    let other = if place.is_postgres() { "decode(repeat('ab', 160), 'hex')" } else { "randomblob(160)" };
    place.force(&format!("UPDATE audit_entries SET subtrees = {other} WHERE sequence = 32")).await;
    assert_eq!(first_break(&place, None).await, Some((32, Hash)));
    place.force("UPDATE audit_entries SET subtrees = NULL WHERE sequence = 16").await;
    assert_eq!(first_break(&place, None).await, Some((16, Hash)));
    let store = place.open().await;
    // Entry 33 is proven by the first 32, whose subtree was changed; entry 20 by the first 16, whose subtree is gone.
    for sequence in [33, 20] {
        let plan = store.entries(sequence - 1, 1).await.unwrap().remove(0).plan_id.unwrap();
        let refused = store.inclusion(&plan).await.unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{sequence}: {refused}");
    }
    store.close().await;
}

async fn entries_of_before_get_their_part_of_the_tree(place: Place) {
    let store = place.open().await;
    keep(&store, 0..13).await;
    let head = store.head().await.unwrap();
    store.close().await;
    place.tamper(&place.before_subtrees()).await.unwrap();
    let store = place.open().await;
    assert_eq!(store.head().await.unwrap(), head);
    assert_tree(&store, 13).await;
    assert_eq!(store.verify(Some(head.0)).await.unwrap().first_break, None);
    assert!(place.tamper("UPDATE audit_entries SET subtrees = NULL").await.is_err(), "the trail is append-only again");
    keep(&store, 13..17).await;
    assert_tree(&store, 17).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy =
        store::Store::open_existing(&store::Location::Sqlite(file), &store::StoreOptions::default()).await.unwrap();
    assert_eq!(copy.head().await.unwrap(), store.head().await.unwrap());
    assert_eq!(copy.verify(None).await.unwrap().first_break, None);
    copy.close().await;
    store.close().await;

    // A trail with a gap is opened as before, and the gap is found.
    place.force(&format!("DELETE FROM audit_entries WHERE sequence = 5; {}", place.before_subtrees())).await;
    assert_eq!(first_break(&place, None).await, Some((5, Sequence)));
}

async fn verifications_at_once_take_turns(place: Place) {
    let store = place.open().await;
    keep(&store, 0..10).await;
    let asked: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let store = store.clone();
                async move { store.verify(None).await }
            })
        })
        .collect();
    for verification in asked {
        let report = verification.await.unwrap().unwrap();
        assert_eq!((report.plans, report.first_break), (10, None));
    }
    store.close().await;
}
