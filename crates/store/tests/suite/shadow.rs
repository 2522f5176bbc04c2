//! Runs in shadow: stored once beside their plan in the order of the plans, never changed, erased with it.

use governance::{Content, Digest};
use store::{Location, NewShadowRuns, ShadowRun, ShadowTask, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, plan};

both!(
    every_plan_is_a_task_once_in_the_order_of_the_plans,
    a_plan_that_was_erased_meanwhile_keeps_no_runs,
    runs_are_never_changed_and_go_with_their_plan,
    an_edit_of_a_run_is_found_when_it_is_read,
    a_backup_has_the_runs_and_the_mark,
    plans_of_before_are_not_for_challengers,
);

fn run(challenger: &str, of_plan: u64) -> ShadowRun {
    ShadowRun {
        challenger: challenger.to_owned(),
        model_digest: Digest::of_bytes(challenger.as_bytes()),
        document: Content::new(format!("{{\"plan\": {of_plan}}}").into_bytes()),
    }
}

fn task(number: u64, sequence: u64) -> ShadowTask {
    ShadowTask { plan_id: format!("plan-{number}"), sequence }
}

fn runs(task: &ShadowTask, number: u64) -> NewShadowRuns {
    NewShadowRuns { task: task.clone(), runs: vec![run("b", number), run("a", number)] }
}

/// Challengers of the plan, where they have run.
async fn of_plan(store: &Store, number: u64) -> Option<Vec<String>> {
    let found = store.shadow_runs_of_plan(&format!("plan-{number}")).await.unwrap().unwrap();
    found.is_done.then(|| found.runs.into_iter().map(|stored| stored.run.challenger).collect())
}

async fn every_plan_is_a_task_once_in_the_order_of_the_plans(place: Place) {
    let (store, other) = (place.open().await, place.open().await);
    keep(&store, 0..3).await;
    assert_eq!(of_plan(&store, 1).await, None);
    for number in 0..3 {
        let next = store.next_shadow_task().await.unwrap().unwrap();
        assert_eq!(next, task(number, number + 1));
        assert!(store.keep_shadow_runs(runs(&next, number)).await.unwrap());
        // Another process that ran them too stores nothing.
        assert!(!other.keep_shadow_runs(runs(&next, 9)).await.unwrap());
    }
    assert_eq!(store.next_shadow_task().await.unwrap(), None);
    assert_eq!(of_plan(&store, 1).await.unwrap(), ["a", "b"]);
    assert_eq!(store.shadow_runs_of_plan("plan-3").await.unwrap(), None);
    let latest = store.shadow_runs("a", 2).await.unwrap();
    let told: Vec<_> = latest.iter().map(|stored| (stored.plan_id.as_str(), stored.sequence)).collect();
    assert_eq!(told, [("plan-2", 3), ("plan-1", 2)]);
    assert_eq!((&latest[0].run, &latest[0].plan_created_at), (&run("a", 2), &plan(2).record.created_at));
    // No entry of the trail and no digest of a plan knows of them.
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (3, 3, None));
}

async fn a_plan_that_was_erased_meanwhile_keeps_no_runs(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    let gone = store.next_shadow_task().await.unwrap().unwrap();
    let now = "2027-01-01T00:00:00.000000Z".to_owned();
    store.erase(Some(now.clone()), -1, now, "housekeeping".to_owned()).await.unwrap();
    assert!(store.keep_shadow_runs(runs(&gone, 0)).await.unwrap());
    assert_eq!(store.shadow_runs("a", 9).await.unwrap(), []);
    // The entry of the erasure was the second; the next plan is the third.
    keep(&store, 1..2).await;
    assert_eq!(store.next_shadow_task().await.unwrap(), Some(task(1, 3)));
}

async fn runs_are_never_changed_and_go_with_their_plan(place: Place) {
    let store = place.open().await;
    keep(&store, 0..2).await;
    for number in 0..2 {
        store.keep_shadow_runs(runs(&task(number, number + 1), number)).await.unwrap();
    }
    for forbidden in [
        "UPDATE shadow_runs SET document = digest",
        "DELETE FROM shadow_runs",
        if place.is_postgres() {
            "TRUNCATE shadow_runs"
        } else {
            "INSERT OR REPLACE INTO shadow_runs SELECT * FROM shadow_runs"
        },
    ] {
        assert!(place.tamper(forbidden).await.is_err(), "{forbidden}");
    }
    let (before, now) = (plan(1).record.created_at, "2027-01-01T00:00:00.000000Z".to_owned());
    assert_eq!(store.erase(Some(before), -1, now, "housekeeping".to_owned()).await.unwrap(), 1);
    let left = store.shadow_runs("a", 9).await.unwrap();
    assert_eq!(left.iter().map(|stored| stored.sequence).collect::<Vec<_>>(), [2]);
}

async fn an_edit_of_a_run_is_found_when_it_is_read(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    store.keep_shadow_runs(runs(&task(0, 1), 0)).await.unwrap();
    place.force("UPDATE shadow_runs SET document = model_digest WHERE challenger = 'a'").await;
    let tampered = StoreError::Tampered { plan_id: "plan-0".to_owned() };
    assert_eq!(store.shadow_runs("a", 9).await.unwrap_err().to_string(), tampered.to_string());
    assert_eq!(store.shadow_runs_of_plan("plan-0").await.unwrap_err().to_string(), tampered.to_string());
    assert_eq!(store.shadow_runs("b", 9).await.unwrap().len(), 1);
}

async fn a_backup_has_the_runs_and_the_mark(place: Place) {
    let store = place.open().await;
    keep(&store, 0..2).await;
    store.keep_shadow_runs(runs(&task(0, 1), 0)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.shadow_runs("a", 9).await.unwrap(), store.shadow_runs("a", 9).await.unwrap());
    assert_eq!(copy.next_shadow_task().await.unwrap(), Some(task(1, 2)));
}

async fn plans_of_before_are_not_for_challengers(place: Place) {
    let store = place.open().await;
    keep(&store, 0..2).await;
    store.close().await;
    // As a program of before this step left it.
    place.tamper(&place.before_lists()).await.unwrap();
    place
        .tamper("DROP TABLE shadow_runs; DROP TABLE shadow_mark; DELETE FROM schema_versions WHERE version >= 15;")
        .await
        .unwrap();
    let store = place.open().await;
    assert_eq!(store.next_shadow_task().await.unwrap(), None);
    keep(&store, 2..3).await;
    assert_eq!(store.next_shadow_task().await.unwrap(), Some(task(2, 3)));
}
