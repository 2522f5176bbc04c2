//! Champions: each move is in the chain under its digest, of two moves one wins, and no edit stays unseen.

use governance::BreakReason::{ChampionDigest, ChampionMissing, ChampionUnrecorded};
use governance::{Actor, BreakReason, ChampionMove, ChampionMoveKind, Content, Digest};
use store::{ChampionMoved, Location, NewChampionMove, Store, StoreError, StoreOptions, StoredChampionMove};

use crate::place::Place;
use crate::{both, keep};

both!(
    each_move_follows_the_one_before_and_is_in_the_chain,
    of_two_moves_of_one_purpose_one_wins,
    every_edit_of_a_move_is_found,
    a_move_is_never_changed,
    a_backup_has_the_moves,
);

fn a_move(purpose: &str, number: u64, previous: Digest) -> NewChampionMove {
    NewChampionMove {
        record: ChampionMove {
            purpose: purpose.to_owned(),
            number,
            moved_at: format!("2026-01-02T03:04:05.{number:06}Z"),
            request_id: format!("request-{number}"),
            engine_version: "0.1.0".to_owned(),
            pointer: Content::new(vec![number as u8, 255]),
            evidence: Content::new(b"{}".to_vec()),
        },
        kind: if number % 2 == 1 { ChampionMoveKind::Promoted } else { ChampionMoveKind::Demoted },
        previous,
        actor: Actor::from_static("desk:lee"),
    }
}

async fn moved(store: &Store, new: NewChampionMove) -> StoredChampionMove {
    match store.move_champion(new).await.unwrap() {
        ChampionMoved::New(stored) => *stored,
        other => panic!("it is not stored: {other:?}"),
    }
}

async fn each_move_follows_the_one_before_and_is_in_the_chain(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    assert_eq!(store.champion_moves().await.unwrap(), []);
    let first = moved(&store, a_move("covariance", 1, Digest::ZERO)).await;
    let other = moved(&store, a_move("simulation", 1, Digest::ZERO)).await;
    let second = moved(&store, a_move("covariance", 2, first.digest)).await;
    assert_eq!([first.sequence, other.sequence, second.sequence], [2, 3, 4]);
    for previous in [Digest::ZERO, first.digest, other.digest] {
        let stale = store.move_champion(a_move("covariance", 3, previous)).await.unwrap();
        assert_eq!(stale, ChampionMoved::Stale);
    }
    assert_eq!(store.champion_moves().await.unwrap(), [first.clone(), other, second.clone()]);
    let entries = store.entries(1, 3).await.unwrap();
    assert_eq!((entries[0].kind.as_str(), entries[2].kind.as_str()), ("model_promoted", "model_demoted"));
    assert_eq!(
        (entries[2].champion_of.as_deref(), entries[2].champion_digest),
        (Some("covariance"), Some(second.digest))
    );
    assert_eq!(entries[2].actor, "desk:lee");
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.champion_moves, report.first_break), (4, 3, None));
}

async fn of_two_moves_of_one_purpose_one_wins(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let mut latest = Digest::ZERO;
    for round in 1..9 {
        let (left, right) = tokio::join!(
            one.move_champion(a_move("covariance", round, latest)),
            other.move_champion(a_move("covariance", round, latest))
        );
        let (winner, loser) = match (left.unwrap(), right.unwrap()) {
            (ChampionMoved::New(winner), loser) | (loser, ChampionMoved::New(winner)) => (*winner, loser),
            neither => panic!("nobody won: {neither:?}"),
        };
        assert_eq!((loser, winner.record.number), (ChampionMoved::Stale, round));
        latest = winner.digest;
    }
    assert_eq!(one.verify(None).await.unwrap().entries, 8);
}

async fn every_edit_of_a_move_is_found(place: Place) {
    let empty = if place.is_postgres() { "decode('', 'hex')" } else { "x''" };
    let edits: Vec<(String, BreakReason)> = vec![
        ("UPDATE champion_moves SET purpose = 'costs' WHERE sequence = 2".to_owned(), ChampionUnrecorded),
        ("UPDATE champion_moves SET number = 7 WHERE sequence = 2".to_owned(), ChampionDigest),
        ("UPDATE champion_moves SET moved_at = '' WHERE sequence = 2".to_owned(), ChampionDigest),
        ("UPDATE champion_moves SET request_id = '' WHERE sequence = 2".to_owned(), ChampionDigest),
        ("UPDATE champion_moves SET engine_version = '' WHERE sequence = 2".to_owned(), ChampionDigest),
        (format!("UPDATE champion_moves SET pointer = {empty} WHERE sequence = 2"), ChampionDigest),
        (format!("UPDATE champion_moves SET evidence = {empty} WHERE sequence = 2"), ChampionDigest),
        ("DELETE FROM champion_moves WHERE sequence = 2".to_owned(), ChampionMissing),
        (
            "INSERT INTO champion_moves SELECT 3, 'costs', 1, moved_at, request_id, engine_version, digest, pointer, evidence \
             FROM champion_moves WHERE sequence = 2"
                .to_owned(),
            ChampionUnrecorded,
        ),
        ("UPDATE audit_entries SET champion_of = 'costs' WHERE sequence = 2".to_owned(), BreakReason::Hash),
    ];
    let store = place.open().await;
    moved(&store, a_move("covariance", 1, Digest::ZERO)).await;
    moved(&store, a_move("covariance", 2, store.champion_moves().await.unwrap()[0].digest)).await;
    let kept =
        "CREATE TABLE kept AS SELECT * FROM champion_moves; CREATE TABLE kept_entries AS SELECT * FROM audit_entries;";
    place.force(kept).await;
    for (statements, reason) in edits {
        place.force(&statements).await;
        let found = store.verify(None).await.unwrap().first_break.expect(&statements);
        assert_eq!(found.reason, reason, "{statements}: {found}");
        assert!(found.champion_of.is_some(), "{statements}");
        let read = store.champion_moves().await;
        assert!(matches!(read, Err(StoreError::Tampered { .. })), "{statements}: {read:?}");
        let restore = "DELETE FROM champion_moves; INSERT INTO champion_moves SELECT * FROM kept; \
             DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept_entries;";
        place.force(restore).await;
        // The records are whole again; that their triggers are gone is still told.
        let left = store.verify(None).await.unwrap().first_break;
        assert_eq!(left.map(|left| left.reason), Some(BreakReason::Unguarded), "after {statements}");
    }
}

async fn a_move_is_never_changed(place: Place) {
    let store = place.open().await;
    moved(&store, a_move("covariance", 1, Digest::ZERO)).await;
    for statement in [
        "UPDATE champion_moves SET number = 2",
        "DELETE FROM champion_moves",
        "INSERT INTO champion_moves SELECT * FROM champion_moves",
    ] {
        assert!(place.tamper(statement).await.is_err(), "{statement}");
    }
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
}

async fn a_backup_has_the_moves(place: Place) {
    let store = place.open().await;
    let first = moved(&store, a_move("covariance", 1, Digest::ZERO)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.champion_moves().await.unwrap(), [first]);
    let report = copy.verify(None).await.unwrap();
    assert_eq!((report.champion_moves, report.first_break), (1, None));
}
