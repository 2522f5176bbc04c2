//! Records of tenants beside those of the service: apart, and each with its own end of the chain, and as large as they may be.

use std::time::Duration;

use governance::{Content, PlanRecord, Tenant};
use store::{NewPlan, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, noise, plan};

both!(
    records_of_tenants_are_apart_and_wait_for_nobody,
    records_of_a_tenant_are_begun_once_and_missed_when_they_are_not_there,
    records_at_their_quota_are_read_and_erased_from,
);

async fn records_of_tenants_are_apart_and_wait_for_nobody(place: Place) {
    let service = place.open().await;
    let location = |name: &str| place.location.of_tenant(&Tenant::new(name).unwrap());
    let acme = Store::open(&location("acme"), &StoreOptions::default()).await.unwrap();
    let umbrella = Store::open(&location("umbrella"), &StoreOptions::default()).await.unwrap();
    keep(&service, 0..1).await;
    keep(&acme, 1..3).await;
    keep(&umbrella, 3..6).await;
    for (store, own) in [(&service, 0..1), (&acme, 1..3), (&umbrella, 3..6)] {
        for number in 0..6 {
            let found = store.plan(&format!("plan-{number}")).await.unwrap();
            assert_eq!(found.is_some(), own.contains(&number), "plan {number} of {own:?}");
        }
        let report = store.verify(None).await.unwrap();
        assert_eq!((report.entries, report.first_break), (own.end - own.start, None));
    }
    // Each works on its runs.
    let roles = [service.work_role(None).await, acme.work_role(None).await, umbrella.work_role(None).await];
    assert!(roles.iter().all(|role| role.as_ref().is_ok_and(Option::is_some)));
    assert!(acme.work_role(None).await.unwrap().is_none());
    // A copy is of one tenant.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.db");
    acme.backup(&file).await.unwrap();
    let copy = Store::open_existing(&store::Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.verify(None).await.unwrap().plans, 2);
    for store in [service, acme, umbrella, copy] {
        store.close().await;
    }
}

async fn records_of_a_tenant_are_begun_once_and_missed_when_they_are_not_there(place: Place) {
    let service = place.open().await;
    let location = place.location.of_tenant(&Tenant::new("acme").unwrap());
    let there = StoreOptions { make: false, ..StoreOptions::default() };
    let missed = Store::open(&location, &there).await;
    assert!(matches!(missed, Err(StoreError::Missing { .. } | StoreError::Blank)), "{missed:?}");
    Store::open(&location, &StoreOptions::default()).await.unwrap().close().await;
    let acme = Store::open(&location, &there).await.unwrap();
    keep(&acme, 0..2).await;
    acme.close().await;
    let acme = Store::open_existing(&location, &StoreOptions::default()).await.unwrap();
    assert_eq!(acme.verify(None).await.unwrap().plans, 2);
    acme.close().await;
    service.close().await;
}

async fn records_at_their_quota_are_read_and_erased_from(place: Place) {
    // A machine that is busy with other tests must not be the reason.
    let patient = Duration::from_secs(60);
    let limited = StoreOptions { most_bytes: Some(4 << 20), write_timeout: patient, ..StoreOptions::default() };
    let store = Store::open(&place.location, &limited).await.unwrap();
    let mut kept = 0;
    let refused = loop {
        let response = Content::new(noise(kept, 8_192));
        let record = PlanRecord { response, ..plan(kept).record };
        match store.keep(NewPlan { record, ..plan(kept) }).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Quota { bytes } if bytes == 4 << 20), "{refused}");
    // A quarter of a MiB each, and what the tables take when they are empty.
    assert!((8..=16).contains(&kept), "{kept}");
    assert_eq!(store.verify(None).await.unwrap().plans, kept);
    store.ping().await.unwrap();
    let erased = store.prune("2026-02-01".to_owned(), 0, "2026-02-02".to_owned(), "prune".to_owned()).await.unwrap();
    assert_eq!(erased, 4);
    if place.is_postgres() {
        // The server gives the room back when it vacuums, and keeps the rows that a transaction of another test may still see.
        let mut vacuums = 0;
        loop {
            place.tamper("VACUUM FULL plans").await.unwrap();
            match store.keep(plan(99)).await {
                Err(StoreError::Quota { .. }) if vacuums < 100 => vacuums += 1,
                kept => break assert!(kept.is_ok(), "{kept:?}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    keep(&store, [100]).await;
    store.close().await;
}
