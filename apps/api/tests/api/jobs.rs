//! Runs: accepted as a whole or not at all, computed item by item, watched, cancelled, and gone on with after a restart.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use engine::decode::decode;
use engine::dto::jobs::RunBatchRequest;
use engine::jobs::{AdmittedRun, RUN_LIMITS, admit, write_event};
use engine::records::{RecordSettings, Records};
use governance::Actor;
use rebalancer::machine::Machine;
use rebalancer::startup::Settings;
use serde_json::{Value, json};
use store::{Accepted, NewRun};

use crate::support::bodies::{changed, scenarios, small, with};
use crate::support::json::{list, names, number, text};
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const RUNS: &str = "/api/runs";

/// A server of this test's own.
fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn ask(address: SocketAddr, method: &str, path: &str) -> Reply {
    Connection::open(address).request(method, path, &[], b"")
}

fn post(address: SocketAddr, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Connection::open(address).request("POST", RUNS, &[&[JSON], headers].concat(), body)
}

/// Path of a run that must be accepted.
#[track_caller]
fn submit(address: SocketAddr, body: &Value) -> String {
    let reply = post(address, &[], body.to_string().as_bytes());
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.header("location").unwrap().to_owned()
}

/// The run once `fits` holds of it.
#[track_caller]
fn until(address: SocketAddr, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let reply = ask(address, "GET", path);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let run = reply.json();
        if fits(&run) {
            return run;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{run}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn ended(address: SocketAddr, path: &str) -> Value {
    until(address, path, |run| run["metadata"]["finished_at"].is_string())
}

/// Events as they were sent, without signs of life.
fn told(reply: &Reply) -> Vec<String> {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")), "{}", reply.text());
    let text = reply.text();
    text.split_terminator("\n\n").filter(|event| !event.starts_with(':')).map(str::to_owned).collect()
}

/// Events as name, id and data.
fn events(reply: &Reply) -> Vec<(String, u32, Value)> {
    let told = told(reply).into_iter();
    let told = told.map(|event| {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        (field("event: ").to_owned(), field("id: ").parse().unwrap(), serde_json::from_str(field("data: ")).unwrap())
    });
    told.collect()
}

fn simulation(paths: u64) -> Value {
    json!({"weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.04, 0.01], [0.01, 0.02]], "paths": paths})
}

/// A simulation that takes about a second.
fn long() -> Value {
    let mut body = simulation(150_000);
    body["horizon_days"] = json!(500);
    body["path_statistics"] = json!(true);
    body
}

#[test]
fn a_batch_becomes_stored_plans_and_kept_answers() {
    let address = alone();
    // Bodies with blanks and an order of their own.
    let portfolios = [serde_json::to_string_pretty(&small()).unwrap(), scenarios()[0].to_string()];
    let simulation = simulation(2000).to_string();
    let body = format!("{{\"simulations\": [{simulation}],\n \"portfolios\":[ {} ]}}", portfolios.join(" , "));
    let reply = post(address, &[], body.as_bytes());
    let accepted = reply.json();
    let path = format!("{RUNS}/{}", text(&accepted, "/run_id"));
    assert_eq!((reply.status, reply.header("location")), (202, Some(path.as_str())));
    assert_eq!(text(&accepted, "/status"), "queued");
    assert_eq!(accepted["progress"], json!({"total": 3, "finished": 0, "failed": 0, "cancelled": 0}));
    assert_eq!(names(&accepted, "/items", "status"), ["queued"; 3]);
    assert!(accepted["metadata"]["finished_at"].is_null());

    let run = ended(address, &path);
    assert_eq!((text(&run, "/status"), run["progress"]["finished"].as_u64()), ("finished", Some(3)));
    assert_eq!(names(&run, "/items", "kind"), ["portfolio", "portfolio", "simulation"]);
    assert_eq!(names(&run, "/items", "status"), ["finished"; 3]);
    assert_eq!(run["metadata"]["created_at"], accepted["metadata"]["created_at"]);
    for (i, sent) in portfolios.iter().enumerate() {
        let id = text(&run, &format!("/items/{i}/plan_id")).to_owned();
        let stored = ask(address, "GET", &format!("/api/plans/{id}?include=all"));
        assert!(stored.text().contains(sent.as_str()), "the portfolio as it was sent");
        let direct = Connection::open(address).post("/api/rebalance", sent.as_bytes());
        assert!(stored.text().contains(&direct.timeless()), "the plan the single route makes");
        let plan = stored.json();
        assert_eq!(plan["request_id"], accepted["metadata"]["request_id"]);
        assert_eq!(text(&plan, "/response/metadata/plan_id"), id);
        let replay = Connection::open(address).post(&format!("/api/plans/{id}/replay"), b"").json();
        assert_eq!(replay["replay"]["identical"], true, "{replay}");
        let verified = ask(address, "GET", &format!("/api/plans/{id}/verify")).json();
        assert_eq!(verified["valid"], true, "{verified}");
    }
    let direct = Connection::open(address).post("/api/stress/monte-carlo", simulation.as_bytes());
    let without_metadata = |mut answer: Value| {
        assert!(answer.as_object_mut().unwrap().remove("metadata").is_some());
        answer
    };
    assert_eq!(without_metadata(run["items"][2]["result"].clone()), without_metadata(direct.json()));
    let trail = ask(address, "GET", "/api/audit/verify").json();
    assert_eq!((&trail["valid"], &trail["plans"]), (&json!(true), &json!(4)));
    let made = ask(address, "GET", &format!("/api/plans?request_id={}", text(&accepted, "/metadata/request_id")));
    assert_eq!(list(&made.json(), "/items").len(), 2);
    let actors = ask(address, "GET", "/api/audit").json();
    assert_eq!(names(&actors, "/items", "actor"), ["api"; 4]);
}

#[test]
fn one_fault_refuses_the_batch_and_is_pointed_at() {
    let address = alone();
    let batch =
        |portfolios: Vec<Value>, simulations: Vec<Value>| json!({"portfolios": portfolios, "simulations": simulations});
    let good = || vec![small(), small(), small()];
    let with_bad = |pointer: &str, value: Value| batch([good(), vec![with(pointer, value)]].concat(), vec![]);
    let mut duplicate = small();
    duplicate["assets"][1]["asset"] = json!("ETF");
    for (body, pointer) in [
        (json!({}), ""),
        (json!({"portfolios": [], "simulations": null}), ""),
        (json!({"portfolios": {}}), "/portfolios"),
        (json!({"portfolio": [small()]}), "/portfolio"),
        (batch(vec![small(), json!([1])], vec![]), "/portfolios/1"),
        (with_bad("/assets/0/price", json!(0)), "/portfolios/3/assets/0/price"),
        (with_bad("/assets/1/price", json!("95")), "/portfolios/3/assets/1/price"),
        (with_bad("/drift_treshold", json!(0.1)), "/portfolios/3/drift_treshold"),
        (with_bad("/assets", json!([])), "/portfolios/3/assets"),
        (with_bad("/assets/0/historical_returns/7", json!(-2)), "/portfolios/3/assets/0/historical_returns/7"),
        (
            batch(
                vec![changed(with("/weight_policy", json!("strict")), "/assets/0/target_weight", json!(0.9))],
                vec![],
            ),
            "/portfolios/0/assets",
        ),
        (batch(vec![duplicate], vec![]), "/portfolios/0/assets/1/asset"),
        (
            batch(vec![changed(with("/currency", json!("JPY")), "/portfolio_value", json!(0.5))], vec![]),
            "/portfolios/0/portfolio_value",
        ),
        (batch(vec![], vec![simulation(10_000_001)]), "/simulations/0/paths"),
        (batch(good(), vec![simulation(10), changed(simulation(10), "/mu", json!([0.1]))]), "/simulations/1/mu"),
        (batch(vec![], vec![json!({"weights": [1]})]), "/simulations/0/mu"),
        (batch(vec![], vec![simulation(10); 1001]), "/simulations"),
        (batch(vec![small(); 500], vec![simulation(10); 501]), "/simulations"),
    ] {
        let reply = post(address, &[], body.to_string().as_bytes());
        assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")), "{pointer}");
        assert_eq!(text(&reply.json(), "/errors/0/pointer"), pointer, "{}", reply.text());
    }
    let mut many = batch(vec![with("/assets/0/price", json!(0)); 80], vec![]);
    many["portfolios"][0] = small();
    let reply = post(address, &[], many.to_string().as_bytes()).json();
    assert_eq!(list(&reply, "/errors").len(), 50);
    assert_eq!(text(&reply, "/errors/0/pointer"), "/portfolios/1/assets/0/price");
    assert_eq!(post(address, &[], b"[]").status, 400);
    assert_eq!(ask(address, "GET", "/api/plans").json()["items"], json!([]), "nothing was half accepted");
}

#[test]
fn what_only_the_run_finds_is_a_problem_of_its_item() {
    let address = alone();
    // One history and one without: the optimal method needs both, or none.
    let unsupported = changed(with("/method", json!("optimal")), "/assets/0/historical_returns", json!([]));
    let no_law = changed(simulation(10), "/sigma", json!([[0.04, 0.09], [0.09, 0.02]]));
    let body = json!({"portfolios": [small(), unsupported], "simulations": [no_law, simulation(10)]});
    let run = ended(address, &submit(address, &body));
    assert_eq!(names(&run, "/items", "status"), ["finished", "failed", "failed", "finished"]);
    assert_eq!(run["progress"], json!({"total": 4, "finished": 4, "failed": 2, "cancelled": 0}));
    assert_eq!(text(&run, "/status"), "finished");
    for (item, pointer) in [(1, "/portfolios/1/method"), (2, "/simulations/0/sigma")] {
        let item = &run["items"][item];
        let problem = &item["problem"];
        assert_eq!((text(problem, "/type"), number(problem, "/status")), ("/problems/invalid-request", 400.0));
        assert_eq!(text(problem, "/errors/0/pointer"), pointer);
        assert_eq!(text(problem, "/instance"), format!("{RUNS}/{}", text(&run, "/run_id")));
        assert!(item["plan_id"].is_null() && item["result"].is_null(), "{item}");
    }
    assert!(run["items"][0]["problem"].is_null() && run["items"][3]["result"].is_object());
}

#[test]
fn a_key_gives_the_first_run_also_after_a_restart() {
    let folder = server::data_dir();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let body = json!({"portfolios": [small()]}).to_string();
    let first = post(address, &[("Idempotency-Key", "\"run-1\"")], body.as_bytes());
    assert_eq!((first.status, first.header("idempotent-replayed")), (202, None));
    ended(address, first.header("location").unwrap());
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    for address in [address, restarted] {
        let again = post(address, &[("Idempotency-Key", "run-1")], body.as_bytes());
        assert_eq!((again.status, again.header("idempotent-replayed")), (202, Some("true")));
        assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
        let other = post(address, &[("Idempotency-Key", "run-1")], format!("{body} ").as_bytes());
        assert_eq!((other.status, text(&other.json(), "/type")), (422, "/problems/idempotency-key-reused"));
        // The key of a run is none of a plan.
        let headers = [JSON, ("Idempotency-Key", "run-1")];
        let plan =
            Connection::open(address).request("POST", "/api/rebalance", &headers, small().to_string().as_bytes());
        assert_eq!(plan.status, 422);
    }
    // A refusal does not use its key up.
    assert_eq!(post(address, &[("Idempotency-Key", "run-2")], b"{}").status, 400);
    assert_eq!(post(address, &[("Idempotency-Key", "run-2")], body.as_bytes()).status, 202);
    assert_eq!(post(address, &[("Idempotency-Key", "")], body.as_bytes()).status, 400);
}

#[test]
fn many_sends_of_one_key_at_once_make_one_run() {
    let address = alone();
    let body = json!({"portfolios": vec![small(); 40]}).to_string();
    let sends: Vec<_> = (0..8)
        .map(|_| {
            let body = body.clone();
            thread::spawn(move || {
                loop {
                    let reply = post(address, &[("Idempotency-Key", "one")], body.as_bytes());
                    match reply.status {
                        202 => return reply.body,
                        409 => thread::sleep(Duration::from_millis(20)),
                        other => panic!("{other}: {}", reply.text()),
                    }
                }
            })
        })
        .collect();
    let answers: Vec<_> = sends.into_iter().map(|send| send.join().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let run: Value = serde_json::from_slice(&answers[0]).unwrap();
    ended(address, &format!("{RUNS}/{}", text(&run, "/run_id")));
    assert_eq!(number(&ask(address, "GET", "/api/audit/verify").json(), "/plans"), 40.0);
}

#[test]
fn a_run_can_be_watched_and_the_watching_resumed() {
    let address = alone();
    let no_law = changed(simulation(10), "/sigma", json!([[0.04, 0.09], [0.09, 0.02]]));
    let body = json!({"portfolios": vec![small(); 120], "simulations": [no_law, long(), simulation(10)]});
    let path = submit(address, &body);
    let watch = |last: Option<&str>| {
        let headers: Vec<(&str, &str)> = last.iter().map(|id| ("Last-Event-ID", *id)).collect();
        events(&Connection::open(address).request("GET", &format!("{path}/events"), &headers, b""))
    };
    // While it is worked on: the answer ends with the run.
    let told = watch(None);
    assert_eq!(told.iter().map(|(_, id, _)| *id).collect::<Vec<_>>(), (1..=125).collect::<Vec<_>>());
    for (name, _, event) in &told {
        assert_eq!(text(event, "/kind"), name);
        assert_eq!(format!("{RUNS}/{}", text(event, "/run_id")), path);
    }
    let (name, _, first) = &told[0];
    assert_eq!((name.as_str(), text(first, "/status")), ("progress", "running"));
    assert_eq!(first["progress"], json!({"total": 123, "finished": 0, "failed": 0, "cancelled": 0}));
    for (name, id, event) in &told[1..124] {
        let ended = id - 1;
        assert_eq!((name.as_str(), number(event, "/progress/finished")), ("item", f64::from(ended)));
        assert_eq!(text(event, "/status"), "running", "as of its moment, also with the last item");
        let failed = u32::from(ended > 120);
        assert_eq!(number(event, "/progress/failed"), f64::from(failed), "{event}");
        assert_eq!(event["item"]["index"], json!(if ended > 120 { ended - 121 } else { ended - 1 }), "in order");
        assert!(event["item"]["result"].is_null());
    }
    assert_eq!(text(&told[121].2, "/item/problem/errors/0/pointer"), "/simulations/0/sigma");
    let (name, _, last) = &told[124];
    assert_eq!((name.as_str(), text(last, "/status")), ("done", "finished"));
    assert!(last["item"].is_null());
    let run = ask(address, "GET", &path).json();
    assert_eq!(last["progress"], run["progress"]);
    assert_eq!(told[6].2["item"]["plan_id"], run["items"][5]["plan_id"]);

    let ids = |last: &str| watch(Some(last)).into_iter().map(|(_, id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids("122"), [123, 124, 125]);
    assert_eq!(ids("124"), [125]);
    assert_eq!(ids("nonsense").len(), 125);
    for seen in ["125", "126"] {
        let rest = Connection::open(address).request("GET", &format!("{path}/events"), &[("Last-Event-ID", seen)], b"");
        assert_eq!((rest.status, rest.body.as_slice()), (204, &b""[..]), "nothing follows the last event");
    }
    let head = Connection::open(address).request("HEAD", &format!("{path}/events"), &[], b"");
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
}

#[test]
fn an_event_has_the_same_bytes_whenever_it_is_read() {
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let no_law = changed(simulation(10), "/sigma", json!([[0.04, 0.09], [0.09, 0.02]]));
    let body = json!({"portfolios": vec![small(); 3], "simulations": [long(), no_law, simulation(10)]});
    // Behind a run that takes a while, so that the watching begins before the run does.
    submit(address, &json!({"simulations": [long()]}));
    let path = submit(address, &body);
    let events = format!("{path}/events");
    let live = told(&ask(address, "GET", &events));
    let statuses: Vec<_> = live.iter().map(|event| event.contains("\"status\":\"finished\",\"progress\"")).collect();
    assert_eq!(statuses, [vec![false; 7], vec![true]].concat(), "{live:#?}");
    for _ in 0..2 {
        assert_eq!(told(&ask(address, "GET", &events)), live);
    }
    draining.begin();
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    assert_eq!(told(&ask(restarted, "GET", &events)), live);
    for seen in 1..live.len() {
        let header = [("Last-Event-ID", &*seen.to_string())];
        let rest = Connection::open(restarted).request("GET", &events, &header, b"");
        assert_eq!(told(&rest), live[seen..], "exactly the rest after {seen}");
    }
}

#[test]
fn runs_are_listed_in_pages_newest_first() {
    let address = alone();
    let body = json!({"portfolios": [small()], "simulations": [simulation(10)]});
    let mut made: Vec<String> = (0..5).map(|_| submit(address, &body)).collect();
    made.iter().for_each(|path| drop(ended(address, path)));
    made.reverse();
    let mut listed = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let reply = ask(address, "GET", &format!("{RUNS}{query}"));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let page = reply.json();
        listed.extend(list(&page, "/items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let paths: Vec<String> = listed.iter().map(|run| format!("{RUNS}/{}", text(run, "/run_id"))).collect();
    assert_eq!(paths, made);
    for (run, path) in listed.iter().zip(&made) {
        let whole = ask(address, "GET", path).json();
        for member in ["status", "progress"] {
            assert_eq!(run[member], whole[member]);
        }
        for member in ["created_at", "finished_at"] {
            assert_eq!(run[member], whole["metadata"][member]);
        }
    }
    // A page that is exactly full is the last one.
    assert!(ask(address, "GET", &format!("{RUNS}?limit=5")).json()["next_cursor"].is_null());
    assert_eq!(list(&ask(address, "GET", RUNS).json(), "/items").len(), 5);
}

#[test]
fn the_results_of_a_run_are_lines_of_json() {
    let address = alone();
    let no_law = changed(simulation(10), "/sigma", json!([[0.04, 0.09], [0.09, 0.02]]));
    let path =
        submit(address, &json!({"portfolios": [small(), scenarios()[0]], "simulations": [no_law, simulation(10)]}));
    let run = ended(address, &path);
    let reply = ask(address, "GET", &format!("{path}/results?include=all"));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/jsonl")));
    let answer = reply.text();
    assert!(answer.ends_with('\n'));
    let lines: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let headers = [("Accept", "text/plain, application/jsonl;q=0.5")];
    let plain = Connection::open(address).request("GET", &format!("{path}/results?include=all"), &headers, b"");
    assert_eq!((plain.status, plain.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(plain.text(), answer);
    for (line, item) in lines.iter().zip(list(&run, "/items")) {
        for member in ["kind", "index", "status", "plan_id", "result", "problem"] {
            assert_eq!(line[member], item[member], "{member}");
        }
        match item["plan_id"].as_str() {
            Some(id) => {
                let stored = ask(address, "GET", &format!("/api/plans/{id}?include=all")).json();
                assert_eq!(line["plan"], stored["response"]);
            }
            None => assert!(line["plan"].is_null()),
        }
    }
    let queued = submit(address, &json!({"simulations": [long(), simulation(10)]}));
    let lines = ask(address, "GET", &format!("{queued}/results")).text();
    assert!(lines.lines().last().unwrap().contains("\"status\":\"queued\""), "{lines}");
}

#[test]
fn a_cancelled_run_stops_the_simulation_at_work() {
    let address = alone();
    let path = submit(address, &json!({"simulations": [long(), long(), simulation(10)]}));
    until(address, &path, |run| run["items"][0]["status"] == "running" && run["status"] == "running");
    let watching = {
        let path = format!("{path}/events");
        thread::spawn(move || events(&ask(address, "GET", &path)))
    };
    let cancelled = ask(address, "DELETE", &path);
    assert_eq!((cancelled.status, text(&cancelled.json(), "/status")), (200, "cancelled"));
    let run = ended(address, &path);
    assert_eq!(names(&run, "/items", "status"), ["cancelled", "cancelled", "cancelled"]);
    assert_eq!(run["progress"], json!({"total": 3, "finished": 0, "failed": 0, "cancelled": 3}));
    assert!(run["items"][0]["result"].is_null());
    let told = watching.join().unwrap();
    let kinds: Vec<_> = told.iter().map(|(name, _, event)| (name.as_str(), text(event, "/status"))).collect();
    assert_eq!(kinds, [("progress", "running"), ("done", "cancelled")]);
    let again = ask(address, "DELETE", &path).json();
    assert_eq!((&again["items"], &again["status"]), (&run["items"], &json!("cancelled")));
    assert_eq!(again["metadata"]["finished_at"], run["metadata"]["finished_at"]);
    // A run that has ended stays as it is.
    let path = submit(address, &json!({"simulations": [simulation(10)]}));
    ended(address, &path);
    assert_eq!(text(&ask(address, "DELETE", &path).json(), "/status"), "finished");
}

#[test]
fn what_is_not_there_or_not_understood_is_a_problem() {
    let address = alone();
    let path = submit(address, &json!({"simulations": [simulation(10)]}));
    for (method, path, status) in [
        ("GET", format!("{RUNS}/unknown"), 404),
        ("GET", format!("{RUNS}/unknown/events"), 404),
        ("DELETE", format!("{RUNS}/unknown"), 404),
        ("DELETE", RUNS.to_owned(), 405),
        ("GET", format!("{RUNS}/unknown/results"), 404),
        ("GET", format!("{path}/results?x=1"), 400),
        ("GET", format!("{RUNS}?status=queued"), 400),
        ("GET", format!("{RUNS}?cursor=0"), 400),
        ("POST", path.clone(), 405),
        ("DELETE", format!("{path}/events"), 405),
        ("GET", format!("{path}?x=1"), 400),
        ("DELETE", format!("{path}?x=1"), 400),
        ("GET", format!("{path}/events?x=1"), 400),
    ] {
        let reply = Connection::open(address).request(method, &path, &[JSON], b"");
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some("application/problem+json")),
            "{method} {path}"
        );
        if status == 404 {
            let problem = reply.json();
            assert_eq!(text(&problem, "/type"), "/problems/run-not-found");
            assert_eq!(text(&problem, "/detail"), "No stored run has this id.", "{method} {path}");
        }
    }
}

#[test]
fn a_full_queue_is_said_so_and_has_room_again() {
    let address = alone();
    let first = submit(address, &json!({"simulations": vec![long(); 100]}));
    let small = json!({"simulations": [simulation(10)]});
    let more: Vec<String> = (1..RUN_LIMITS.runs).map(|_| submit(address, &small)).collect();
    let refused = post(address, &[], small.to_string().as_bytes());
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(text(&refused.json(), "/type"), "/problems/busy");
    assert_eq!(text(&ask(address, "GET", &more[0]).json(), "/status"), "queued");
    assert_eq!(ask(address, "DELETE", &more[0]).status, 200);
    submit(address, &small);
    assert_eq!(ask(address, "DELETE", &first).status, 200);
    ended(address, more.last().unwrap());
}

#[test]
fn a_run_takes_no_place_of_those_who_wait() {
    let address = server::start(Settings { workers: 1, queue: 0 });
    let path = submit(address, &json!({"simulations": [long(), long()]}));
    until(address, &path, |run| run["status"] == "running");
    // Work for the only place there is.
    let body = with("/monte_carlo", json!({"paths": 20_000, "horizon_days": 250}));
    let plan = Connection::open(address).post("/api/rebalance", body.to_string().as_bytes());
    assert_eq!(plan.status, 200);
    let health = Instant::now();
    assert_eq!(ask(address, "GET", "/api/health").status, 200);
    assert!(health.elapsed() < Duration::from_secs(1));
    ask(address, "DELETE", &path);
}

/// What a process leaves that was killed after it accepted a run and had ended `done` of its items.
fn left_behind(folder: PathBuf, body: &Value) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = RecordSettings {
        data_dir: folder,
        database_url: None,
        key_file: None,
        reserve_mib: 0,
        tenant: None,
        tenant_bytes: None,
        public_key: None,
        new_key: false,
        new_records: false,
        retention_days: None,
    };
    runtime.block_on(async {
        let records = Records::open(&settings, Arc::new(Machine)).await.unwrap();
        let bytes = body.to_string();
        let batch = decode::<RunBatchRequest>(bytes.as_bytes()).unwrap();
        let AdmittedRun { items, texts } = admit(batch, bytes.as_bytes(), &records).unwrap();
        let run = NewRun {
            run_id: "run-of-before".to_owned(),
            created_at: "2026-01-02T03:04:05.678901Z".to_owned(),
            request_id: "request-of-before".to_owned(),
            actor: Actor::from_static("api"),
            response: b"{}".to_vec(),
            claim: None,
            limits: RUN_LIMITS,
            items,
            texts,
        };
        let store = records.store();
        assert_eq!(store.accept(run).await.unwrap(), Accepted::New);
        store.begin_run("run-of-before", write_event).await.unwrap();
        store.close().await;
    });
    format!("{RUNS}/run-of-before")
}

#[test]
fn a_run_goes_on_after_a_restart() {
    let folder = server::data_dir();
    let path = left_behind(folder.clone(), &json!({"portfolios": vec![small(); 5], "simulations": [simulation(10)]}));
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let run = ended(address, &path);
    assert_eq!(names(&run, "/items", "status"), ["finished"; 6]);
    assert_eq!(text(&run, "/metadata/created_at"), "2026-01-02T03:04:05.678901Z");
    let plan = ask(address, "GET", &format!("/api/plans/{}?include=all", text(&run, "/items/0/plan_id"))).json();
    assert_eq!(text(&plan, "/created_at"), "2026-01-02T03:04:05.678901Z", "made as of the request");
    assert_eq!(text(&plan, "/response/metadata/request_id"), "request-of-before");
    assert_eq!(number(&ask(address, "GET", "/api/audit/verify").json(), "/plans"), 5.0);
}

#[test]
fn a_service_about_to_stop_ends_its_events_and_begins_nothing() {
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let path = submit(address, &json!({"simulations": [long(), long(), long()]}));
    until(address, &path, |run| run["status"] == "running");
    draining.begin();
    let begun = Instant::now();
    let told = events(&ask(address, "GET", &format!("{path}/events")));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(told.len() < 5 && told.iter().all(|(name, ..)| name != "done"), "{told:?}");
    // What was accepted stays for the next process.
    let accepted = submit(address, &json!({"simulations": [simulation(10)]}));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(text(&ask(address, "GET", &accepted).json(), "/status"), "queued");
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    for path in [path, accepted] {
        assert_eq!(text(&ended(restarted, &path), "/status"), "finished");
    }
}
