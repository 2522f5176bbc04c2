//! Databases that are locked, damaged or unreachable.

use std::time::{Duration, Instant};

use governance::{Content, PlanRecord};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{Kept, Location, NewPlan, PlanQuery, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, noise, plan};

both!(a_foreign_lock_is_answered_in_time_and_passes, a_database_with_less_than_was_acknowledged_is_not_written_to);

fn impatient() -> StoreOptions {
    StoreOptions { lock_timeout: Duration::from_millis(300), ..StoreOptions::default() }
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
async fn a_foreign_lock_is_answered_in_time_and_passes(place: Place) {
    let store = Store::open(&place.location, &impatient()).await.unwrap();
    keep(&store, 0..3).await;
    let started = Instant::now();
    match &place.location {
        Location::Sqlite(path) => {
            let mut other = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
            let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
            assert!(matches!(store.keep(plan(3)).await, Err(StoreError::Unavailable(_))));
            assert!(store.plan("plan-1").await.unwrap().is_some(), "reading goes on");
            lock.rollback().await.unwrap();
        }
        Location::Postgres(address) => {
            let mut other = PgConnection::connect(address).await.unwrap();
            let mut lock = other.begin().await.unwrap();
            sqlx::raw_sql("LOCK TABLE audit_entries, plans IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
            assert!(matches!(store.keep(plan(3)).await, Err(StoreError::Unavailable(_))));
            assert!(store.plan("plan-1").await.unwrap().is_some(), "reading goes on");
            lock.rollback().await.unwrap();
        }
    }
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(matches!(store.keep(plan(3)).await.unwrap(), Kept::New { sequence: 4, .. }));
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let place = Place::sqlite();
    let Location::Sqlite(path) = &place.location else { panic!("it is SQLite") };
    let store = place.open().await;
    keep(&store, 0..50).await;
    store.close().await;
    let mut bytes = std::fs::read(path).unwrap();
    // Damages the interior of the file, not its header, as a bad disk does.
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(path, &bytes).unwrap();
    let refused = Store::open(&place.location, &StoreOptions::default()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");

    std::fs::write(path, b"this is not a database, but it is long enough to look at: ".repeat(100)).unwrap();
    let refused = Store::open(&place.location, &StoreOptions::default()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below = Location::Sqlite(file.join("rebalancer.db"));
    assert!(matches!(Store::open(&below, &StoreOptions::default()).await, Err(StoreError::Path { .. })));
    let missing = Location::Sqlite(folder.path().join("none.db"));
    assert!(matches!(Store::open_existing(&missing, &StoreOptions::default()).await, Err(StoreError::Missing { .. })));
    let nobody = Location::of_address("postgres://127.0.0.1:1/none").unwrap();
    assert!(matches!(Store::open(&nobody, &StoreOptions::default()).await, Err(StoreError::Open(_))));
}

/// A database that was restored from an older copy while the service runs, as on a server after `dropdb` and `createdb`.
async fn a_database_with_less_than_was_acknowledged_is_not_written_to(place: Place) {
    let store = place.open().await;
    keep(&store, 0..10).await;
    let cut = "DELETE FROM plan_headlines WHERE sequence > 8; DELETE FROM plan_states WHERE sequence > 8; \
               DELETE FROM plans WHERE sequence > 8; DELETE FROM audit_entries WHERE sequence > 8";
    place.force(cut).await;
    for _ in 0..2 {
        let refused = store.keep(plan(20)).await;
        assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    }
    assert!(store.plan("plan-20").await.unwrap().is_none(), "nothing of it is written");
    store.close().await;
    // Who starts again takes the trail as it is: what is missing shows against a head that was kept elsewhere.
    let store = place.open().await;
    assert!(matches!(store.keep(plan(20)).await.unwrap(), Kept::New { sequence: 9, .. }));
    store.close().await;
}

/// Moves the file of a database, and what SQLite keeps beside it, to another name.
fn moved(from: &std::path::Path, to: &std::path::Path) {
    for end in ["", "-wal", "-shm"] {
        let named = |path: &std::path::Path| format!("{}{end}", path.display());
        let _not_there = std::fs::rename(named(from), named(to));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_removed_or_replaced_is_not_written_to() {
    let place = Place::sqlite();
    let Location::Sqlite(path) = &place.location else { panic!("it is SQLite") };
    let store = place.open().await;
    keep(&store, 0..3).await;
    let older = path.with_file_name("older.db");
    store.backup(&older).await.unwrap();
    keep(&store, 3..6).await;
    let away = path.with_file_name("away.db");

    moved(path, &away);
    let refused = store.keep(plan(6)).await;
    assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Replaced)));
    assert!(!path.exists(), "no empty database is made in its place");

    std::fs::copy(&older, path).unwrap();
    let refused = store.keep(plan(6)).await;
    assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Replaced)));

    // The one that was opened is back: writes go on where they were.
    moved(&away, path);
    store.ping().await.unwrap();
    assert!(matches!(store.keep(plan(6)).await.unwrap(), Kept::New { sequence: 7, .. }));
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.plans, report.first_break), (7, None));
    store.close().await;
}

#[tokio::test]
async fn records_are_made_only_where_they_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/rebalancer.db");
    let location = Location::Sqlite(path.clone());
    let keeping = StoreOptions { make: false, ..StoreOptions::default() };
    assert!(matches!(Store::open(&location, &keeping).await, Err(StoreError::Missing { .. })));
    assert!(!folder.path().join("data").exists(), "nothing is made");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(&path, "").unwrap();
    assert!(matches!(Store::open(&location, &keeping).await, Err(StoreError::Blank)));
    let store = Store::open(&location, &StoreOptions::default()).await.unwrap();
    store.close().await;
    Store::open(&location, &keeping).await.unwrap().close().await;
}

/// Every reading connection of the lists is taken, as by scans of many rows; probes have one of their own.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "it measures time")]
async fn a_probe_does_not_wait_for_lists() {
    let place = Place::sqlite();
    let store = place.open().await;
    keep(&store, 0..200).await;
    let query = PlanQuery { words: vec!["no such word".to_owned()], limit: 10, ..PlanQuery::default() };
    let readers = (0..64).map(|_| {
        let (store, query) = (store.clone(), query.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                assert_eq!(store.plans(query.clone()).await.unwrap(), []);
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    let mut probes = 0;
    while readers.iter().any(|reader| !reader.is_finished()) {
        let began = Instant::now();
        store.ping().await.unwrap();
        // Nor does who reads one plan, for which half of the connections are left.
        assert!(store.plan("plan-1").await.unwrap().is_some());
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        probes += 1;
    }
    assert!(probes > 0);
    for reader in readers {
        reader.await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn room_is_set_aside_and_the_room_of_erased_plans_goes_back_to_the_disk() {
    let place = Place::sqlite();
    let Location::Sqlite(path) = &place.location else { panic!("it is SQLite") };
    let options = StoreOptions { reserve_mib: 1, ..StoreOptions::default() };
    let store = Store::open(&place.location, &options).await.unwrap();
    let reserve = std::fs::metadata(path.with_extension("reserve")).unwrap();
    assert_eq!(reserve.len(), 1 << 20);
    for number in 0..50 {
        let response = Content::new(noise(number, 1_600));
        let record = PlanRecord { response, ..plan(number).record };
        store.keep(NewPlan { record, ..plan(number) }).await.unwrap();
    }
    store.close().await;
    let full = std::fs::metadata(path).unwrap().len();
    assert!(full > 50 * 51_200, "{full}");
    let store = Store::open(&place.location, &options).await.unwrap();
    let mut erased = Vec::new();
    loop {
        let (before, at) = ("2026-02-01".to_owned(), "2026-02-02".to_owned());
        match store.prune(before, 0, at, "prune".to_owned()).await.unwrap() {
            0 => break,
            count => erased.push(count),
        }
    }
    // A few at a time: on a full disk there is no room for more.
    assert_eq!((erased.iter().sum::<u64>(), erased.iter().max()), (50, Some(&4)));
    let pruned = std::fs::metadata(path).unwrap().len();
    assert!(pruned < full / 5, "{full} before, {pruned} after");
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.plans, report.entries, report.first_break), (0, 100, None));
    store.close().await;
}
