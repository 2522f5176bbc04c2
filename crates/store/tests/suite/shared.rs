//! Texts that the items of a run share: kept once, put back into each plan, under its digest, and gone with the last that has them.

use governance::{BreakReason, Content, PlanRecord};
use store::{Accepted, Kept, NewPlan, NewRun, SharedDocument, SharedText, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::runs::{planned, run};
use crate::{both, keep};

both!(
    a_plan_is_read_whole_and_its_texts_are_kept_once,
    a_changed_text_changes_the_plans_that_have_it,
    texts_go_with_the_last_that_has_them,
    a_backup_has_its_texts,
);

fn texts() -> Vec<(String, SharedText)> {
    [("Öl", "[0.01,-0.02]"), ("spy", "[1:2:é]")].map(|(name, text)| (name.to_owned(), SharedText::new(text))).into()
}

/// A run whose items share texts, and that is not bound to have events.
fn sharing(number: u64) -> NewRun {
    NewRun { texts: texts(), ..run(number) }
}

/// The plan of an item of `sharing(number)`, with both texts in its request, the first one twice.
fn of_item(number: u64, position: u32) -> NewPlan {
    let texts = texts();
    let mut request = SharedDocument::default();
    request.push(&format!("{{\"item\": {position}, \"a\": "));
    request.push_shared(&texts[0].1);
    request.push(", \"b\": ");
    request.push_shared(&texts[1].1);
    request.push_shared(&texts[0].1);
    request.push("}");
    let (request, passages) = request.into_parts();
    let plan = planned(number, position);
    NewPlan { record: PlanRecord { request: Content::new(request), ..plan.record }, passages, ..plan }
}

/// A store with a run and the plans of its two portfolios.
async fn worked(place: &Place) -> Store {
    let store = place.open().await;
    assert_eq!(store.accept(sharing(1)).await.unwrap(), Accepted::New);
    for position in [0, 1] {
        assert!(matches!(store.keep(of_item(1, position)).await.unwrap(), Kept::New { .. }));
    }
    store
}

async fn a_plan_is_read_whole_and_its_texts_are_kept_once(place: Place) {
    let store = worked(&place).await;
    // Another run with the same texts, and plans without any.
    assert_eq!(store.accept(sharing(2)).await.unwrap(), Accepted::New);
    keep(&store, [50, 51]).await;
    for position in [0, 1] {
        let plan = store.plan(&format!("plan-{}", 10 + position)).await.unwrap().unwrap();
        let whole = format!("{{\"item\": {position}, \"a\": [0.01,-0.02], \"b\": [1:2:é][0.01,-0.02]}}");
        assert_eq!(String::from_utf8(plan.record.request.bytes().to_vec()).unwrap(), whole);
    }
    assert_eq!(store.run_texts("run-2").await.unwrap(), {
        let mut sorted = texts();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted
    });
    assert!(store.run_texts("unknown").await.unwrap().is_empty());
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.plans, report.first_break), (4, None));
    store.close().await;
    // There is one row for each text: a third one with the same digest contradicts its key.
    let again = "INSERT INTO shared_texts SELECT digest, 'other' FROM shared_texts";
    place.tamper(again).await.unwrap_err();
    for change in [
        "UPDATE shared_texts SET text = 'x'",
        "DELETE FROM shared_texts",
        "UPDATE plan_texts SET starts_at = 0",
        "DELETE FROM plan_texts",
    ] {
        place.tamper(change).await.unwrap_err();
    }
}

async fn a_changed_text_changes_the_plans_that_have_it(place: Place) {
    let store = worked(&place).await;
    keep(&store, [50]).await;
    place.force("UPDATE shared_texts SET text = '[0.02,-0.02]' WHERE text = '[0.01,-0.02]'").await;
    let found = store.plan("plan-10").await;
    assert!(matches!(found, Err(StoreError::Tampered { .. })), "{found:?}");
    assert!(store.plan("plan-50").await.unwrap().is_some());
    assert!(matches!(store.run_texts("run-1").await, Err(StoreError::Damaged { .. })));
    let first_break = store.verify(None).await.unwrap().first_break.unwrap();
    assert_eq!((first_break.sequence, first_break.reason), (1, BreakReason::PlanDigest));
}

async fn texts_go_with_the_last_that_has_them(place: Place) {
    let store = worked(&place).await;
    let erase = |before: &str| store.erase(Some(before.to_owned()), 0, "2026-02-01".to_owned(), "tidy".to_owned());
    // The run is still open: it holds the texts of plans that are gone.
    assert_eq!(erase("2026-01-03").await.unwrap(), 2);
    assert_eq!(store.run_texts("run-1").await.unwrap().len(), 2);
    store
        .cancel_run(&governance::Actor::from_static("lee"), "run-1", None, "2026-01-02".to_owned(), |_| Vec::new())
        .await
        .unwrap();
    assert_eq!(erase("2026-01-03").await.unwrap(), 1);
    assert!(store.verify(None).await.unwrap().first_break.is_none());
    store.close().await;
    // Nothing is left that these could contradict.
    let rows = "INSERT INTO shared_texts SELECT hash, 'new' FROM audit_entries WHERE sequence = 1";
    place.tamper(rows).await.unwrap();
    let left = "CREATE TABLE one_row AS SELECT COUNT(*) AS n FROM shared_texts; \
                CREATE TABLE checked (n BIGINT CHECK (n = 1)); INSERT INTO checked SELECT n FROM one_row";
    place.tamper(left).await.unwrap();
}

async fn a_backup_has_its_texts(place: Place) {
    let store = worked(&place).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open(&store::Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert!(copy.verify(None).await.unwrap().first_break.is_none());
    assert_eq!(copy.plan("plan-11").await.unwrap(), store.plan("plan-11").await.unwrap());
    assert_eq!(copy.run_texts("run-1").await.unwrap(), store.run_texts("run-1").await.unwrap());
}
