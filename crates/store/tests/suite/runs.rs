//! Runs: accepted once, processed in order, each item ended once, cancelled, erased.

use governance::{Actor, ClientLabels, Digest, PlanRecord};
use store::{
    Accepted, Claim, ItemEnd, ItemOutcome, ItemStatus, Kept, KeyClaim, Location, NewPlan, NewRun, NewRunItem,
    RunEventKind, RunHappening, RunItemKind, RunLimits, RunMoment, RunSort, RunStatus, Store, StoreOptions,
};

use crate::place::Place;
use crate::{both, labels, plan};

both!(
    a_run_is_worked_off_in_order_and_read_back,
    an_item_ends_once_and_its_plan_is_one,
    a_plan_that_is_not_kept_leaves_its_item_open,
    what_is_cancelled_ends_and_stays,
    a_key_stands_for_its_run_also_for_another_process,
    the_queue_is_bounded,
    runs_are_listed_in_pages_newest_first,
    an_event_cannot_be_changed,
    one_store_at_a_time_has_the_role,
    runs_that_ended_are_erased_with_their_keys,
    a_backup_has_its_runs,
    what_an_item_goes_on_from_is_the_latest_and_goes_with_its_run,
);

const AT: &str = "2026-01-02T03:05:00.000000Z";
const LEE: Actor = Actor::from_static("lee");
const WIDE: RunLimits = RunLimits { runs: 100, bytes: 1 << 20 };

/// A run of two portfolios, whose plans are those of `plan(10 × number)` and the next, and a simulation.
pub(crate) fn run(number: u64) -> NewRun {
    let item = |kind, index, plan_id: Option<u64>| NewRunItem {
        kind,
        index,
        plan_id: plan_id.map(|id| format!("plan-{id}")),
        labels: labels(plan_id),
        request: format!("{{\"item\": {index}}}").into_bytes(),
    };
    NewRun {
        run_id: format!("run-{number}"),
        created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
        request_id: format!("request-{number}"),
        actor: Actor::from_static("desk"),
        response: format!("answer-{number}").into_bytes(),
        items: vec![
            item(RunItemKind::Portfolio, 0, Some(10 * number)),
            item(RunItemKind::Portfolio, 1, Some(10 * number + 1)),
            item(RunItemKind::Simulation, 0, None),
        ],
        texts: Vec::new(),
        claim: None,
        limits: WIDE,
    }
}

pub(crate) fn end(run: u64, position: u32) -> ItemEnd {
    ItemEnd { run_id: format!("run-{run}"), position, ended_at: AT.to_owned(), write_event: tell }
}

/// The state of a run at an event, such as `running 1/3 item 0 Finished`.
pub(crate) fn tell(moment: &RunMoment<'_>) -> Vec<u8> {
    let happened = match moment.happening {
        RunHappening::Item(item) => {
            assert_eq!(item.labels.is_empty(), item.kind == RunItemKind::Simulation);
            format!("item {} {:?}", item.position, item.status)
        }
        other => other.kind().as_str().to_owned(),
    };
    let counts = &moment.counts;
    assert_eq!(counts.total, 3);
    format!("{} {}-{}-{} {happened}", moment.status.as_str(), counts.finished, counts.failed, counts.cancelled)
        .into_bytes()
}

/// The events of a run after one, with their numbers, and whether the run has ended with them.
async fn told(store: &Store, run_id: &str, after: u32) -> (Vec<String>, bool) {
    let told = store.run_events(run_id, after, 100).await.unwrap().unwrap();
    let numbers: Vec<u32> = told.events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (after + 1..).take(numbers.len()).collect::<Vec<_>>());
    (told.events.into_iter().map(|event| String::from_utf8(event.data).unwrap()).collect(), told.is_end)
}

/// The plan that ends an item of `run(number)`.
pub(crate) fn planned(number: u64, position: u32) -> NewPlan {
    NewPlan { item: Some(end(number, position)), ..plan(10 * number + u64::from(position)) }
}

fn claim(body: &[u8], now: i64) -> KeyClaim {
    KeyClaim { actor: LEE, key: "k".to_owned(), fingerprint: Digest::of_bytes(body), now, lifetime: 86_400 }
}

async fn statuses(store: &Store, run_id: &str) -> (RunStatus, Option<String>, Vec<ItemStatus>) {
    let (run, items) = store.run(run_id).await.unwrap().unwrap();
    (run.status, run.finished_at, items.iter().map(|item| item.status).collect())
}

async fn a_run_is_worked_off_in_order_and_read_back(place: Place) {
    use ItemStatus::{Failed, Finished, Queued};
    let store = place.open().await;
    assert_eq!(store.next_work().await.unwrap(), None);
    assert!(store.run("run-1").await.unwrap().is_none() && store.accepted_as("run-1").await.unwrap().is_none());
    for number in [2, 1] {
        assert_eq!(store.accept(run(number)).await.unwrap(), Accepted::New);
    }
    assert_eq!(store.accepted_as("run-1").await.unwrap().unwrap(), b"answer-1");
    let (_, items) = store.run("run-2").await.unwrap().unwrap();
    let kept: Vec<ClientLabels> = items.into_iter().map(|item| item.labels).collect();
    assert_eq!(kept, [labels(Some(20)), labels(Some(21)), labels(None)]);
    // The run accepted first comes first, whatever its id.
    let work = store.next_work().await.unwrap().unwrap();
    assert_eq!((work.run_id.as_str(), work.position, work.status), ("run-2", 0, RunStatus::Queued));
    assert_eq!(work.actor.as_str(), "desk", "who asked for the run");
    assert_eq!((work.plan_id.as_deref(), work.request.as_slice()), (Some("plan-20"), &b"{\"item\": 0}"[..]));
    store.begin_run("run-2", tell).await.unwrap();
    assert!(matches!(store.keep(planned(2, 0)).await.unwrap(), Kept::New { .. }));
    store.close().await;

    let store = place.open().await;
    assert_eq!(store.next_work().await.unwrap().unwrap().position, 1);
    assert!(store.end_item(end(2, 1), ItemOutcome::Failed(b"why".to_vec())).await.unwrap());
    assert_eq!(statuses(&store, "run-2").await, (RunStatus::Running, None, vec![Finished, Failed, Queued]));
    let work = store.next_work().await.unwrap().unwrap();
    assert_eq!((work.kind, work.index, work.plan_id), (RunItemKind::Simulation, 0, None));
    assert!(store.end_item(end(2, 2), ItemOutcome::Finished(b"so".to_vec())).await.unwrap());
    let ended = (RunStatus::Finished, Some(AT.to_owned()), vec![Finished, Failed, Finished]);
    assert_eq!(statuses(&store, "run-2").await, ended);
    let (row, items) = store.run("run-2").await.unwrap().unwrap();
    assert_eq!((row.counts.total, row.counts.finished, row.counts.failed, row.counts.cancelled), (3, 3, 1, 0));
    assert_eq!((items[1].problem.as_deref(), items[2].result.as_deref()), (Some(&b"why"[..]), Some(&b"so"[..])));
    let whole = [
        "running 0-0-0 progress",
        "running 1-0-0 item 0 Finished",
        "running 2-1-0 item 1 Failed",
        "running 3-1-0 item 2 Finished",
        "finished 3-1-0 done",
    ];
    let (events, is_end) = told(&store, "run-2", 0).await;
    assert_eq!((events, is_end), (whole.map(str::to_owned).to_vec(), true), "each as of its moment");
    assert_eq!(told(&store, "run-2", 3).await, (whole[3..].iter().map(|event| (*event).to_owned()).collect(), true));
    assert_eq!(told(&store, "run-2", 5).await, (Vec::new(), true));
    let page = store.run_events("run-2", 1, 2).await.unwrap().unwrap();
    assert_eq!((page.events.len(), page.events[0].kind, page.is_end), (2, RunEventKind::Item, false));
    assert_eq!(told(&store, "run-1", 0).await, (Vec::new(), false), "it has not begun");
    assert!(store.run_events("unknown", 0, 1).await.unwrap().is_none());
    assert_eq!(store.next_work().await.unwrap().unwrap().run_id, "run-1");
}

async fn an_item_ends_once_and_its_plan_is_one(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    a.accept(run(1)).await.unwrap();
    assert!(matches!(a.keep(planned(1, 0)).await.unwrap(), Kept::New { sequence: 1, .. }));
    // Another process that did the same work, and a second attempt of the first one.
    for store in [&b, &a] {
        assert_eq!(store.keep(planned(1, 0)).await.unwrap(), Kept::ItemEnded);
        assert!(!store.end_item(end(1, 0), ItemOutcome::Failed(Vec::new())).await.unwrap());
    }
    // All at once, among other plans: one of them is stored, and none of the others is lost.
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let store = if number % 2 == 0 { a.clone() } else { b.clone() };
            let plan = if number < 10 { planned(1, 1) } else { plan(100 + number) };
            tokio::spawn(async move { store.keep(plan).await.unwrap() })
        })
        .collect();
    let mut kept = Vec::new();
    for task in tasks {
        kept.push(task.await.unwrap());
    }
    let new = |kept: &[Kept]| kept.iter().filter(|kept| matches!(kept, Kept::New { .. })).count();
    assert_eq!((new(&kept[..10]), new(&kept[10..])), (1, 10));
    let report = a.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.first_break), (12, 12, None));
}

async fn a_plan_that_is_not_kept_leaves_its_item_open(place: Place) {
    let store = place.open().await;
    store.accept(run(1)).await.unwrap();
    store.keep(plan(10)).await.unwrap();
    // A plan with this id already exists: the whole transaction fails.
    assert!(store.keep(planned(1, 0)).await.is_err());
    assert_eq!(store.next_work().await.unwrap().unwrap().position, 0);
    let other = PlanRecord { plan_id: "plan-of-its-own".to_owned(), ..planned(1, 0).record };
    assert!(matches!(store.keep(NewPlan { record: other, ..planned(1, 0) }).await.unwrap(), Kept::New { .. }));
    assert_eq!(store.next_work().await.unwrap().unwrap().position, 1);
}

async fn what_is_cancelled_ends_and_stays(place: Place) {
    use ItemStatus::{Cancelled, Finished, Queued};
    let store = place.open().await;
    for number in 1..=3 {
        store.accept(run(number)).await.unwrap();
    }
    assert!(!store.cancel_run(&LEE, "unknown", None, AT.to_owned(), tell).await.unwrap());
    // No item is being processed.
    assert!(store.cancel_run(&LEE, "run-1", None, AT.to_owned(), tell).await.unwrap());
    let cancelled = (RunStatus::Cancelled, Some(AT.to_owned()), vec![Cancelled; 3]);
    assert_eq!(statuses(&store, "run-1").await, cancelled);
    assert_eq!(store.keep(planned(1, 0)).await.unwrap(), Kept::ItemEnded);
    let (of_desk, _) = store.run("run-1").await.unwrap().unwrap();
    assert_eq!((of_desk.actor.as_str(), of_desk.cancelled_by.as_deref()), ("desk", Some("lee")));
    // The item being processed ends as usual.
    assert!(store.cancel_run(&LEE, "run-2", Some(1), AT.to_owned(), tell).await.unwrap());
    assert!(store.cancel_run(&LEE, "run-2", None, AT.to_owned(), tell).await.unwrap(), "again changes nothing");
    assert_eq!(statuses(&store, "run-2").await, (RunStatus::Cancelled, None, vec![Cancelled, Queued, Cancelled]));
    assert_eq!(store.next_work().await.unwrap().unwrap().run_id, "run-3", "nobody begins it");
    assert!(matches!(store.keep(planned(2, 1)).await.unwrap(), Kept::New { .. }));
    let ended = (RunStatus::Cancelled, Some(AT.to_owned()), vec![Cancelled, Finished, Cancelled]);
    assert_eq!(statuses(&store, "run-2").await, ended);
    // The process ended while the item was being processed.
    store.cancel_run(&LEE, "run-3", Some(0), AT.to_owned(), tell).await.unwrap();
    store.close_cancelled_runs(AT.to_owned(), tell).await.unwrap();
    assert_eq!(statuses(&store, "run-3").await, cancelled);
    let events = |events: &[&str]| (events.iter().map(|event| (*event).to_owned()).collect::<Vec<_>>(), true);
    assert_eq!(told(&store, "run-1", 0).await, events(&["cancelled 0-0-3 done"]));
    let of_second = ["cancelled 0-0-2 progress", "cancelled 1-0-2 item 1 Finished", "cancelled 1-0-2 done"];
    assert_eq!(told(&store, "run-2", 0).await, events(&of_second));
    assert_eq!(told(&store, "run-3", 0).await, events(&["cancelled 0-0-2 progress", "cancelled 0-0-3 done"]));
    assert_eq!(store.next_work().await.unwrap(), None);
}

async fn a_key_stands_for_its_run_also_for_another_process(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    let keyed = |number: u64, body: &[u8]| NewRun { claim: Some(claim(body, 0)), ..run(number) };
    assert_eq!(a.accept(keyed(1, b"body")).await.unwrap(), Accepted::New);
    assert_eq!(b.accept(keyed(2, b"body")).await.unwrap(), Accepted::Earlier { run_id: "run-1".to_owned() });
    assert_eq!(b.accept(keyed(3, b"other")).await.unwrap(), Accepted::OtherRequest);
    assert!(matches!(b.claim(claim(b"body", 5)).await.unwrap(), Claim::Accepted { run_id } if run_id == "run-1"));
    assert!(matches!(b.claim(claim(b"other", 5)).await.unwrap(), Claim::OtherRequest));
    // A key of a run cannot be used for a plan, and the other way round.
    assert_eq!(a.keep(NewPlan { claim: Some(claim(b"body", 0)), ..plan(1) }).await.unwrap(), Kept::OtherRequest);
    assert!(b.run("run-2").await.unwrap().is_none());
    let late = NewRun { claim: Some(claim(b"other", 86_401)), ..run(4) };
    assert_eq!(a.accept(late).await.unwrap(), Accepted::New, "it ran out");
}

async fn runs_are_listed_in_pages_newest_first(place: Place) {
    let store = place.open().await;
    assert!(store.runs(RunSort::Batches, None, 2).await.unwrap().runs.is_empty());
    for number in [3, 1, 2] {
        store.accept(run(number)).await.unwrap();
    }
    store.end_item(end(1, 0), ItemOutcome::Failed(b"why".to_vec())).await.unwrap();
    let first = store.runs(RunSort::Batches, None, 2).await.unwrap();
    assert_eq!(first.runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["run-2", "run-1"]);
    assert_eq!(first.runs[1], store.run("run-1").await.unwrap().unwrap().0, "with its counts");
    let last = store.runs(RunSort::Batches, first.next, 2).await.unwrap();
    assert_eq!((last.runs[0].run_id.as_str(), last.runs.len(), last.next), ("run-3", 1, None));
    assert_eq!(store.runs(RunSort::Batches, None, 3).await.unwrap().next, None, "a full page can be the last");
    assert!(store.runs(RunSort::Backtests, None, 3).await.unwrap().runs.is_empty());

    let mut backtest = run(4);
    for (index, item) in (0..).zip(&mut backtest.items) {
        *item = NewRunItem { kind: RunItemKind::Backtest, index, plan_id: None, ..item.clone() };
    }
    store.accept(backtest).await.unwrap();
    let batches = store.runs(RunSort::Batches, None, 1).await.unwrap();
    assert_eq!((batches.runs[0].run_id.as_str(), batches.next.is_some()), ("run-2", true));
    let backtests = store.runs(RunSort::Backtests, None, 1).await.unwrap();
    assert_eq!((backtests.runs[0].run_id.as_str(), backtests.runs[0].counts.total, backtests.next), ("run-4", 3, None));
}

async fn an_event_cannot_be_changed(place: Place) {
    let store = place.open().await;
    store.accept(run(1)).await.unwrap();
    store.begin_run("run-1", tell).await.unwrap();
    assert!(place.tamper("UPDATE run_events SET kind = 'done'").await.is_err());
    assert_eq!(told(&store, "run-1", 0).await.0, ["running 0-0-0 progress"]);
}

async fn the_queue_is_bounded(place: Place) {
    let store = place.open().await;
    let limited = |number: u64, runs: u32, bytes: u64| NewRun { limits: RunLimits { runs, bytes }, ..run(number) };
    assert_eq!(store.accept(limited(1, 2, 1)).await.unwrap(), Accepted::New, "a single run may be larger");
    assert_eq!(store.accept(limited(2, 2, 65)).await.unwrap(), Accepted::Full);
    assert_eq!(store.accept(limited(2, 2, 66)).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(limited(3, 2, 1000)).await.unwrap(), Accepted::Full);
    let keyed = NewRun { claim: Some(claim(b"body", 0)), ..limited(3, 2, 1000) };
    assert_eq!(store.accept(keyed.clone()).await.unwrap(), Accepted::Full);
    store.cancel_run(&LEE, "run-1", None, AT.to_owned(), tell).await.unwrap();
    assert_eq!(store.accept(keyed).await.unwrap(), Accepted::New, "a refusal did not use its key up");
}

async fn one_store_at_a_time_has_the_role(place: Place) {
    let (a, b) = (place.open().await, place.open().await);
    let role = a.work_role(None).await.unwrap();
    assert!(role.is_some());
    assert!(b.work_role(None).await.unwrap().is_none());
    let role = a.work_role(role).await.unwrap();
    assert!(role.is_some(), "who has it keeps it");
    drop(role);
    for _ in 0..100 {
        if b.work_role(None).await.unwrap().is_some() {
            return;
        }
        // PostgreSQL has to notice that the session ended.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the role was not given back");
}

async fn runs_that_ended_are_erased_with_their_keys(place: Place) {
    let store = place.open().await;
    store.accept(NewRun { claim: Some(claim(b"body", 0)), ..run(1) }).await.unwrap();
    store.accept(run(2)).await.unwrap();
    store.cancel_run(&LEE, "run-1", None, AT.to_owned(), tell).await.unwrap();
    let erase = |before: &str| {
        let (store, before) = (store.clone(), before.to_owned());
        async move { store.erase(Some(before), 0, AT.to_owned(), "housekeeping".to_owned()).await.unwrap() }
    };
    assert_eq!(erase(AT).await, 0);
    assert_eq!(erase("2026-01-03T00:00:00.000000Z").await, 1);
    assert!(store.run("run-1").await.unwrap().is_none());
    assert!(store.run("run-2").await.unwrap().is_some(), "it has not ended");
    assert!(matches!(store.claim(claim(b"other", 5)).await.unwrap(), Claim::Fresh(_)));
    assert_eq!(store.verify(None).await.unwrap().entries, 0);
}

async fn a_backup_has_its_runs(place: Place) {
    let store = place.open().await;
    store.accept(NewRun { claim: Some(claim(b"body", 0)), ..run(1) }).await.unwrap();
    store.keep(planned(1, 0)).await.unwrap();
    store.end_item(end(1, 1), ItemOutcome::Failed(b"why".to_vec())).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.run("run-1").await.unwrap(), store.run("run-1").await.unwrap());
    assert_eq!(copy.next_work().await.unwrap(), store.next_work().await.unwrap());
    assert_eq!(copy.run_events("run-1", 0, 9).await.unwrap(), store.run_events("run-1", 0, 9).await.unwrap());
    assert!(matches!(copy.claim(claim(b"body", 1)).await.unwrap(), Claim::Accepted { run_id } if run_id == "run-1"));
    assert_eq!(copy.accepted_as("run-1").await.unwrap().unwrap(), b"answer-1");
}

async fn what_an_item_goes_on_from_is_the_latest_and_goes_with_its_run(place: Place) {
    let store = place.open().await;
    for number in [1, 2] {
        assert_eq!(store.accept(run(number)).await.unwrap(), Accepted::New);
    }
    let kept = async |number: u64| store.checkpoint(&format!("run-{number}"), 2).await.unwrap();
    assert_eq!(kept(1).await, None);
    for state in [b"first".to_vec(), vec![7; 3_000_000], b"latest".to_vec()] {
        store.keep_checkpoint("run-1", 2, state).await.unwrap();
    }
    store.keep_checkpoint("run-2", 2, b"other".to_vec()).await.unwrap();
    assert_eq!(kept(1).await.as_deref(), Some(&b"latest"[..]));
    // Another process goes on from it.
    store.close().await;
    let store = place.open().await;
    let kept = async |number: u64| store.checkpoint(&format!("run-{number}"), 2).await.unwrap();
    assert_eq!(kept(1).await.as_deref(), Some(&b"latest"[..]));
    store.cancel_run(&LEE, "run-1", None, AT.to_owned(), tell).await.unwrap();
    assert_eq!((kept(1).await, kept(2).await.as_deref()), (None, Some(&b"other"[..])));
    // Nothing is kept of what has ended, or of what there is not.
    for run_id in ["run-1", "run-9"] {
        store.keep_checkpoint(run_id, 2, b"late".to_vec()).await.unwrap();
        assert_eq!(store.checkpoint(run_id, 2).await.unwrap(), None);
    }
    for position in 0..3 {
        assert!(store.end_item(end(2, position), ItemOutcome::Finished(b"{}".to_vec())).await.unwrap());
    }
    assert_eq!(kept(2).await, None);
}
