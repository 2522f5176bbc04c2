//! Studies: the service counts the trials that are run under a name, as a client meets it.

use std::net::SocketAddr;
use std::time::Duration;

use governance::Digest;
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::cli::command;
use crate::contract::conforms;
use crate::support::bodies::{Noise, changed};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const BACKTESTS: &str = "/api/backtests";
const STUDIES: &str = "/api/studies";
const SHARPE: &str = "/api/evaluate/sharpe";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let headers = [&[("Content-Type", "application/json")], headers].concat();
    Connection::open(address).request("POST", path, &headers, body.to_string().as_bytes())
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

/// Three policies on noise, the last two at a cost.
fn three(study: &str, cost: f64) -> Value {
    let series = |seed| Noise::new(seed).returns(120, 0.0003, 0.01);
    json!({"study": study, "returns": {"Stocks": series(1), "Bonds": series(2)}, "policies": [
        {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]},
        {"name": "monthly", "kind": "fixed_weights", "weights": [0.6, 0.4], "transaction_cost_bps": cost},
        {"name": "band", "kind": "band", "weights": [0.6, 0.4], "transaction_cost_bps": cost},
    ]})
}

fn replayed(address: SocketAddr, body: &Value) -> Value {
    let reply = send(address, BACKTESTS, &[], body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", BACKTESTS);
    reply.json()
}

/// What an answer says of its study: version, trials and those that were new, and the trials of the answer and of a verdict.
fn counts(answer: &Value) -> [f64; 5] {
    ["/study/version", "/study/trials", "/study/new_trials", "/trials", "/comparisons/0/trials"]
        .map(|pointer| number(answer, pointer))
}

#[test]
fn each_different_trial_counts_once_and_the_verdicts_allow_for_all_of_them() {
    let address = alone();
    let first = replayed(address, &three("fund-7", 10.0));
    assert_eq!((text(&first, "/study/name"), counts(&first)), ("fund-7", [1.0, 3.0, 3.0, 3.0, 2.0]));
    // The same again, whatever it is called, is no new trial.
    let again = replayed(address, &changed(three("fund-7", 10.0), "/policies/2/name", json!("another name")));
    assert_eq!(counts(&again), [1.0, 3.0, 0.0, 3.0, 2.0]);
    // Two of these three are new at another cost.
    let second = replayed(address, &three("fund-7", 20.0));
    assert_eq!(counts(&second), [2.0, 5.0, 2.0, 5.0, 4.0]);
    // Tries elsewhere come on top.
    let more = replayed(address, &changed(three("fund-7", 20.0), "/earlier_trials", json!(95)));
    assert_eq!(counts(&more), [2.0, 5.0, 0.0, 100.0, 99.0]);
    // Another study, and a request without one, know nothing of it; but for the counts the results are the same.
    assert_eq!(counts(&replayed(address, &three("fund-8", 10.0))), [1.0, 3.0, 3.0, 3.0, 2.0]);
    let mut bare = three("", 10.0);
    bare.as_object_mut().unwrap().remove("study");
    let plain = replayed(address, &bare);
    assert_eq!((plain.get("study"), number(&plain, "/trials")), (None, 3.0));
    assert_eq!((&plain["policies"], &plain["comparisons"]), (&first["policies"], &first["comparisons"]));

    // The digest is that of the trials that the study has at that version.
    for answer in [&first, &second] {
        let version = number(answer, "/study/version");
        let read = get(address, &format!("{STUDIES}/fund-7?version={version}"));
        assert_eq!(read.status, 200, "{}", read.text());
        conforms(&read, "get", "/api/studies/{study}");
        let read = read.json();
        let versions = list(&read, "/versions");
        let mut trials: Vec<Digest> = versions
            .iter()
            .flat_map(|version| list(version, "/trials"))
            .map(|trial| trial.as_str().unwrap().parse().unwrap())
            .collect();
        trials.sort();
        let fields: Vec<&[u8]> = trials.iter().map(|trial| &trial.as_bytes()[..]).collect();
        let digest = Digest::of_fields("smart-portfolio-rebalancer/study/1", &fields).to_string();
        assert_eq!((text(&read, "/digest"), text(answer, "/study/digest")), (digest.as_str(), digest.as_str()));
        assert_eq!(
            (trials.len() as f64, number(&read, "/trials")),
            (number(answer, "/study/trials"), trials.len() as f64)
        );
        assert_eq!((versions.len() as f64, text(&versions[0], "/actor")), (version, "api"));
    }
    let trail = get(address, "/api/audit?limit=200");
    conforms(&trail, "get", "/api/audit");
    assert_eq!(names(&trail.json(), "/items", "kind"), ["trials_counted"; 3]);
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], json!(true));
}

#[test]
fn studies_are_listed_those_that_were_extended_last_first_and_survive_a_restart() {
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    for name in ["a", "b", "c"] {
        replayed(address, &three(name, 10.0));
    }
    replayed(address, &three("a", 20.0));
    draining.begin();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let page = get(address, &format!("{STUDIES}?limit=2"));
    conforms(&page, "get", STUDIES);
    let page = page.json();
    assert_eq!((names(&page, "/items", "name"), number(&page, "/items/0/trials")), (vec!["a", "c"], 5.0));
    let rest = get(address, &format!("{STUDIES}?limit=2&cursor={}", text(&page, "/next_cursor"))).json();
    assert_eq!((names(&rest, "/items", "name"), &rest["next_cursor"]), (vec!["b"], &Value::Null));
    assert_eq!(counts(&replayed(address, &three("b", 20.0)))[..3], [2.0, 5.0, 2.0]);
    for (path, problem_name) in [("/none", 404), ("/b?version=3", 404), ("/b?version=x", 400), ("/b?versions=1", 400)] {
        assert_eq!(get(address, &format!("{STUDIES}{path}")).status, problem_name, "{path}");
    }
    problem(&get(address, &format!("{STUDIES}/none")), 404, "study-not-found");
}

#[test]
fn a_queued_backtest_keeps_what_was_counted_when_it_was_accepted() {
    let address = alone();
    let accepted = send(address, BACKTESTS, &[("Prefer", "respond-async")], &three("queue", 10.0));
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let later = replayed(address, &three("queue", 20.0));
    assert_eq!(counts(&later), [2.0, 5.0, 2.0, 5.0, 4.0]);
    let place = accepted.header("location").unwrap().to_owned();
    let mut state = get(address, &place).json();
    for _ in 0..500 {
        if !state["result"].is_null() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        state = get(address, &place).json();
    }
    assert_eq!(counts(&state["result"]), [1.0, 3.0, 3.0, 3.0, 2.0]);
    conforms(&get(address, &place), "get", "/api/backtests/{backtest_id}");
    assert_eq!(get(address, &format!("{place}/report")).status, 200);
}

#[test]
fn a_sharpe_ratio_is_judged_with_the_trials_of_its_study() {
    let address = alone();
    replayed(address, &three("fund-7", 10.0));
    replayed(address, &three("fund-7", 20.0));
    let record = json!({"mean": 0.036, "sd": 0.079, "skewness": -2.4, "kurtosis": 10.2, "observations": 24, "trial_variance": 0.1});
    let with = |member: &str, value: Value| {
        let reply = send(address, SHARPE, &[], &changed(record.clone(), member, value));
        assert_eq!(reply.status, 200, "{}", reply.text());
        conforms(&reply, "post", SHARPE);
        reply.json()
    };
    let (mut judged, stated) = (with("/study", json!("fund-7")), with("/trials", json!(5)));
    assert_eq!(
        ["/study/version", "/study/trials", "/study/new_trials"].map(|pointer| number(&judged, pointer)),
        [2.0, 5.0, 0.0]
    );
    judged.as_object_mut().unwrap().remove("study");
    for member in ["deflated", "judgement", "psr", "expected_maximum_sharpe_per_period"] {
        assert_eq!(judged[member], stated[member], "{member}");
    }
    let refused = |body: Value| {
        text(&problem(&send(address, SHARPE, &[], &body), 400, "invalid-request"), "/errors/0/pointer").to_owned()
    };
    assert_eq!(refused(changed(record.clone(), "/study", json!("fund-9"))), "/study");
    assert_eq!(refused(changed(changed(record.clone(), "/study", json!("fund-7")), "/trials", json!(3))), "/trials");
    assert_eq!(refused(record), "/trials");
}

#[test]
fn trials_that_are_sent_at_once_are_all_counted() {
    let address = alone();
    let threads: Vec<_> = (0..8)
        .map(|i| std::thread::spawn(move || send(address, BACKTESTS, &[], &three("busy", 10.0 + f64::from(i))).status))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 200);
    }
    // Buy and hold is one of them, whatever the others cost.
    assert_eq!(number(&get(address, &format!("{STUDIES}/busy")).json(), "/trials"), 17.0);
}

#[test]
fn a_name_that_is_none_is_refused_and_so_is_a_study_where_there_are_no_records() {
    let address = alone();
    for name in ["", " ", "a b", "../a", "-a", "ä", &"x".repeat(101)] {
        let told = problem(&send(address, BACKTESTS, &[], &three(name, 10.0)), 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/pointer"), "/study", "{name}");
    }
    // What cannot be replayed as a whole is no trial.
    let broken = changed(three("broken", 10.0), "/policies/1/weights", json!([0.6]));
    problem(&send(address, BACKTESTS, &[], &broken), 400, "invalid-request");
    assert_eq!(get(address, STUDIES).json()["items"], json!([]));
    let folder = server::data_dir();
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("study.json");
    std::fs::write(&file, three("fund-7", 10.0).to_string()).unwrap();
    let output = command(&["backtest", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("/study"), "{said}");
}
