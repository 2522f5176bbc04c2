//! Databases that are locked, damaged or unreachable.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{Kept, Location, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, plan};

both!(a_foreign_lock_is_answered_in_time_and_passes);

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
