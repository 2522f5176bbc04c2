//! Webhooks: kept, told of the ends they asked for in the transaction of the end, tried one at a time, and gone with their run.

use governance::Actor;
use store::{DeliveryOutcome, ItemOutcome, NewWebhook, Store, StoreOptions, WebhookEvent};

use crate::both;
use crate::place::Place;
use crate::runs::{end, planned, run, tell};

both!(
    the_end_of_a_run_is_told_to_who_asked_for_it,
    an_attempt_is_made_by_one_process_and_again_when_its_lease_ends,
    a_receiver_has_one_attempt_at_a_time_and_holds_up_no_other,
    webhooks_are_bounded_and_go_with_what_they_wait_for,
    a_backup_has_its_webhooks,
);

const NOW: &str = "2026-01-02T04:00:00.000000Z";
const LEASE: &str = "2026-01-02T04:01:00.000000Z";

fn webhook(number: u64, events: &[WebhookEvent]) -> NewWebhook {
    NewWebhook {
        webhook_id: format!("hook-{number}"),
        created_at: format!("2026-01-02T03:00:0{number}.000000Z"),
        actor: Actor::from_static("lee"),
        url: format!("https://example.com/{number}"),
        events: events.to_vec(),
        secret: format!("secret-{number}"),
    }
}

/// Ends every item of `run(number)`.
async fn finish(store: &Store, number: u64) {
    store.accept(run(number)).await.unwrap();
    for position in [0, 1] {
        store.keep(planned(number, position)).await.unwrap();
    }
    assert!(store.end_item(end(number, 2), ItemOutcome::Finished(b"so".to_vec())).await.unwrap());
}

async fn begin(store: &Store) -> Option<store::DueDelivery> {
    store.begin_delivery(NOW.to_owned(), LEASE.to_owned()).await.unwrap()
}

async fn the_end_of_a_run_is_told_to_who_asked_for_it(place: Place) {
    use WebhookEvent::{RunCancelled, RunFinished};
    let store = place.open().await;
    store.add_webhook(webhook(1, &[RunFinished, RunCancelled]), 9).await.unwrap();
    store.add_webhook(webhook(2, &[RunCancelled]), 9).await.unwrap();
    finish(&store, 1).await;
    store.accept(run(2)).await.unwrap();
    assert!(store.cancel_run(&Actor::from_static("lee"), "run-2", None, NOW.to_owned(), tell).await.unwrap());
    store.close().await;
    // What was committed with the ends is there after a restart.
    let store = place.open().await;
    let waiting: Vec<u32> = store.webhooks().await.unwrap().into_iter().map(|row| row.waiting).collect();
    assert_eq!(waiting, [2, 1]);
    let first = begin(&store).await.unwrap();
    assert_eq!((first.webhook_id.as_str(), first.run_id.as_str(), first.attempt), ("hook-1", "run-1", 1));
    assert_eq!(
        (first.event, first.url.as_str(), first.secret.as_str()),
        (RunFinished, "https://example.com/1", "secret-1")
    );
    assert_eq!(first.data, b"finished 3-0-0 done", "the last event of the run, as it was stored");
    assert!(first.ended_at.as_str() < NOW && !format!("{first:?}").contains("secret-1"));
    store.settle_delivery(&first, NOW.to_owned(), DeliveryOutcome::Delivered).await.unwrap();
    for _ in 0..2 {
        let next = begin(&store).await.unwrap();
        assert_eq!((next.run_id.as_str(), next.event), ("run-2", RunCancelled));
        store.settle_delivery(&next, NOW.to_owned(), DeliveryOutcome::Delivered).await.unwrap();
    }
    assert_eq!(begin(&store).await, None);
    let rows = store.webhooks().await.unwrap();
    assert!(rows.iter().all(|row| row.waiting == 0 && row.last_delivered_at.as_deref() == Some(NOW)));
    assert_eq!(
        (rows[0].events.as_slice(), rows[1].events.as_slice()),
        (&[RunFinished, RunCancelled][..], &[RunCancelled][..])
    );
}

async fn an_attempt_is_made_by_one_process_and_again_when_its_lease_ends(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    a.add_webhook(webhook(1, &[WebhookEvent::RunFinished]), 9).await.unwrap();
    finish(&a, 1).await;
    let first = begin(&a).await.unwrap();
    assert_eq!(begin(&b).await, None, "another process is at it");
    // That process is gone: the attempt counts.
    let again = b.begin_delivery(LEASE.to_owned(), "2026-01-02T04:02:00.000000Z".to_owned()).await.unwrap().unwrap();
    assert_eq!((again.run_id.as_str(), again.attempt), (first.run_id.as_str(), 2));
    let failed =
        |next: Option<&str>| DeliveryOutcome::Failed { reason: "why".to_owned(), next: next.map(str::to_owned) };
    let later = "2026-01-02T05:00:00.000000Z";
    b.settle_delivery(&again, LEASE.to_owned(), failed(Some(later))).await.unwrap();
    let row = a.webhooks().await.unwrap().remove(0);
    assert_eq!((row.waiting, row.last_failure), (1, Some((LEASE.to_owned(), "why".to_owned()))));
    assert_eq!(begin(&a).await, None, "not due yet");
    let last = a.begin_delivery(later.to_owned(), later.to_owned()).await.unwrap().unwrap();
    assert_eq!(last.attempt, 3);
    a.settle_delivery(&last, later.to_owned(), failed(None)).await.unwrap();
    assert_eq!(a.webhooks().await.unwrap()[0].waiting, 0, "given up");
}

async fn a_receiver_has_one_attempt_at_a_time_and_holds_up_no_other(place: Place) {
    let store = place.open().await;
    let finished = [WebhookEvent::RunFinished];
    store.add_webhook(webhook(1, &finished), 9).await.unwrap();
    finish(&store, 1).await;
    finish(&store, 2).await;
    store.add_webhook(webhook(2, &finished), 9).await.unwrap();
    finish(&store, 3).await;
    // Two are due for the first since before the second was there.
    let slow = begin(&store).await.unwrap();
    assert_eq!((slow.webhook_id.as_str(), slow.run_id.as_str()), ("hook-1", "run-1"));
    let other = begin(&store).await.unwrap();
    assert_eq!((other.webhook_id.as_str(), other.run_id.as_str()), ("hook-2", "run-3"));
    assert_eq!(begin(&store).await, None, "both are being called");
    let at = |second: u32| format!("2026-01-02T04:00:{second:02}.000000Z");
    let begin_at = |second| store.begin_delivery(at(second), LEASE.to_owned());
    store.settle_delivery(&other, at(1), DeliveryOutcome::Delivered).await.unwrap();
    finish(&store, 4).await;
    store.settle_delivery(&slow, at(2), DeliveryOutcome::Delivered).await.unwrap();
    // The first still has the longest wait, and it is the turn of the second.
    assert_eq!(begin_at(3).await.unwrap().unwrap().webhook_id, "hook-2");
    let rest = begin_at(3).await.unwrap().unwrap();
    assert_eq!((rest.webhook_id.as_str(), rest.run_id.as_str()), ("hook-1", "run-2"), "the oldest first");
}

async fn webhooks_are_bounded_and_go_with_what_they_wait_for(place: Place) {
    let store = place.open().await;
    let finished = [WebhookEvent::RunFinished];
    assert!(store.add_webhook(webhook(1, &finished), 2).await.unwrap());
    assert!(store.add_webhook(webhook(2, &finished), 2).await.unwrap());
    assert!(!store.add_webhook(webhook(3, &finished), 2).await.unwrap());
    finish(&store, 1).await;
    assert!(store.remove_webhook("hook-1").await.unwrap() && !store.remove_webhook("hook-1").await.unwrap());
    assert_eq!(begin(&store).await.unwrap().webhook_id, "hook-2");
    // A run that is erased has nothing more to tell.
    store.erase(Some("2026-02-01".to_owned()), 0, "2026-02-01".to_owned(), "tidy".to_owned()).await.unwrap();
    assert_eq!(store.webhooks().await.unwrap()[0].waiting, 0);
}

async fn a_backup_has_its_webhooks(place: Place) {
    let store = place.open().await;
    store.add_webhook(webhook(1, &[WebhookEvent::RunFinished]), 9).await.unwrap();
    finish(&store, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open(&store::Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.webhooks().await.unwrap(), store.webhooks().await.unwrap());
    assert_eq!(begin(&copy).await, begin(&store).await);
}
