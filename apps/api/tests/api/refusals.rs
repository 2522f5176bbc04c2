//! What is not a valid request is refused with a problem document that points at every fault, and with nothing else.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::bodies::{changed, small, with, without};
use crate::support::json::{list, names, text};
use crate::support::problem::problem;
use crate::support::{post, post_bytes};

const PLAN: &str = "/api/rebalance";

/// Refuses `body` and names exactly these places.
#[track_caller]
fn refuses(body: &[u8], pointers: &[&str]) -> Value {
    let problem = problem(&post_bytes(PLAN, body), 400, "invalid-request");
    let mut found = names(&problem, "/errors", "pointer");
    let mut want = pointers.to_vec();
    found.sort_unstable();
    want.sort_unstable();
    let shown = String::from_utf8_lossy(&body[..body.len().min(300)]);
    assert_eq!(found, want, "{shown}\n{}", problem["errors"]);
    assert_eq!(text(&problem, "/instance"), PLAN);
    problem
}

#[track_caller]
fn accepts(body: &Value) {
    let reply = post(PLAN, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// A body as text with one piece replaced, for what [`Value`] cannot hold.
fn spelt(from: &str, to: &str) -> String {
    let text = r#"{"portfolio_value": 1000, "drift_threshold": 0.02, "monte_carlo": {"paths": 10}, "assets": [
        {"asset": "A", "target_weight": 1, "current_weight": 1, "historical_returns": [0.01, -0.02],
         "holdings": [{"holding": "H", "holding_weight": 1}]}]}"#;
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

#[test]
fn wrong_types_are_named_where_they_stand() {
    let scalars = [
        "portfolio_value",
        "drift_threshold",
        "turnover_limit",
        "transaction_cost_bps",
        "risk_free_rate",
        "tracking_error_budget",
    ];
    for member in scalars {
        let pointer = format!("/{member}");
        for wrong in [json!("1"), json!(true), json!([1]), json!({"value": 1}), json!("")] {
            refuses(with(&pointer, wrong).to_string().as_bytes(), &[&pointer]);
        }
    }
    for (pointer, wrong) in [
        ("/portfolio_value", Value::Null),
        ("/name", json!(7)),
        ("/currency", json!(840)),
        ("/weight_policy", json!("normalise")),
        ("/weight_policy", json!(1)),
        ("/liquidate", json!("true")),
        ("/liquidate", json!(1)),
        ("/forecast_model", json!("ensemble_v9")),
        ("/benchmark_returns", json!("0.1")),
        ("/benchmark_returns", json!({"0": 0.1})),
        ("/monte_carlo", json!(7)),
        ("/monte_carlo/paths", json!("1000")),
        ("/monte_carlo/paths", json!(true)),
        ("/monte_carlo/paths", json!(-1)),
        ("/monte_carlo/seed", json!(1.5)),
        ("/assets", json!("ETF")),
        ("/assets", json!({"0": {}})),
        ("/assets", json!(null)),
        ("/assets/0", json!("ETF")),
        ("/assets/0", json!(null)),
        ("/assets/0/asset", json!(7)),
        ("/assets/0/asset", json!(null)),
        ("/assets/0/asset", json!(["ETF"])),
        ("/assets/1/target_weight", json!("0.4")),
        ("/assets/1/current_weight", json!(true)),
        ("/assets/1/price", json!("50")),
        ("/assets/1/market_return", json!("x")),
        ("/assets/1/historical_returns", json!("0.1 0.2")),
        ("/assets/1/historical_returns", json!(0.1)),
        ("/assets/1/historical_returns/3", json!("0.1")),
        ("/assets/1/historical_returns/3", json!(true)),
        ("/assets/1/historical_returns/3", json!(null)),
        ("/assets/1/historical_returns/3", json!([0.1])),
        ("/assets/0/holdings", json!("H")),
        ("/assets/0/holdings", json!({"holding": "H"})),
    ] {
        let mut body = small();
        body["monte_carlo"] = json!({"paths": 100});
        refuses(changed(body, pointer, wrong).to_string().as_bytes(), &[pointer]);
    }
}

#[test]
fn an_array_is_no_object_at_any_level() {
    // Readers that fill structs in order would take these.
    refuses(b"[1000, [[\"A\", 1, 1]]]", &[""]);
    refuses(b"[]", &[""]);
    refuses(with("/assets/0", json!(["ETF", 0.6, 0.66])).to_string().as_bytes(), &["/assets/0"]);
    refuses(with("/monte_carlo", json!([100, 30, 42])).to_string().as_bytes(), &["/monte_carlo"]);
    refuses(with("/monte_carlo", json!([])).to_string().as_bytes(), &["/monte_carlo"]);
    refuses(with("/assets/0/holdings", json!([["H", 1.0, 10.0]])).to_string().as_bytes(), &["/assets/0/holdings/0"]);
}

#[test]
fn missing_members_are_named_as_required() {
    for pointer in
        ["/portfolio_value", "/assets", "/assets/0/asset", "/assets/1/target_weight", "/assets/0/current_weight"]
    {
        let problem = refuses(without(pointer).to_string().as_bytes(), &[pointer]);
        assert_eq!(text(&problem, "/errors/0/code"), "required");
    }
    refuses(b"{}", &["/assets", "/portfolio_value"]);
    let holding = with("/assets/0/holdings", json!([{"last_price": 1}]));
    refuses(holding.to_string().as_bytes(), &["/assets/0/holdings/0/holding", "/assets/0/holdings/0/holding_weight"]);
}

#[test]
fn unknown_members_are_refused_and_a_title_is_none() {
    for (pointer, at) in [
        ("/drift_treshold", "/drift_treshold"),
        ("/assets/1/Price", "/assets/1/Price"),
        ("/a~1b~0c", "/a~1b~0c"),
        ("/", "/"),
    ] {
        let mut body = small();
        let member = pointer.rsplit_once('/').unwrap().1.replace("~1", "/").replace("~0", "~");
        let parent = pointer.rsplit_once('/').unwrap().0;
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(member, json!(1));
        let problem = refuses(body.to_string().as_bytes(), &[at]);
        assert_eq!(text(&problem, "/errors/0/code"), "unknown_member");
    }
    let body = with("/monte_carlo", json!({"path": 10}));
    refuses(body.to_string().as_bytes(), &["/monte_carlo/path"]);
    let body = with("/assets/0/holdings", json!([{"holding": "H", "holding_weight": 1, "price": 3}]));
    refuses(body.to_string().as_bytes(), &["/assets/0/holdings/0/price"]);
    accepts(&changed(with("/name", json!("A title")), "/description", json!("and a description")));
}

#[test]
fn several_faults_are_listed_at_once_in_the_order_of_their_places() {
    let body = json!({
        "portfolio_value": -5, "drift_threshold": 0.7, "surprise": 1, "monte_carlo": {"paths": -3},
        "assets": [
            {"asset": " ", "target_weight": -1, "current_weight": 1},
            {"asset": "B", "target_weight": "x", "current_weight": 1, "historical_returns": [0, "y"]},
            {"asset": "C", "current_weight": 1},
        ],
    });
    let problem = refuses(
        body.to_string().as_bytes(),
        &[
            "/assets/0/asset",
            "/assets/0/target_weight",
            "/assets/1/target_weight",
            "/assets/1/historical_returns/1",
            "/assets/2/target_weight",
            "/portfolio_value",
            "/drift_threshold",
            "/monte_carlo/paths",
            "/surprise",
        ],
    );
    let pointers = names(&problem, "/errors", "pointer");
    assert_eq!(
        pointers[..3],
        ["/drift_threshold", "/portfolio_value", "/surprise"],
        "the document's own members first"
    );
    assert!(pointers[3..].is_sorted(), "{pointers:?}");
    assert!(text(&problem, "/error").starts_with("drift_threshold: "), "{}", problem["error"]);

    let ranges = changed(
        changed(with("/portfolio_value", json!(0)), "/assets/0/price", json!(0)),
        "/assets/1/asset",
        json!("ETF"),
    );
    refuses(ranges.to_string().as_bytes(), &["/portfolio_value", "/assets/0/price", "/assets/1/asset"]);
}

#[test]
fn the_sentence_of_the_first_clients_names_the_first_field() {
    let problem = refuses(without("/assets/1/target_weight").to_string().as_bytes(), &["/assets/1/target_weight"]);
    assert_eq!(text(&problem, "/error"), "assets[1].target_weight: is required");
}

#[test]
fn duplicate_members_are_refused_at_every_level() {
    for (from, to, pointer) in [
        (r#""drift_threshold": 0.02"#, r#""drift_threshold": 0.02, "drift_threshold": 0.02"#, "/drift_threshold"),
        (r#""paths": 10"#, r#""paths": 10, "paths": 10"#, "/monte_carlo/paths"),
        (r#""asset": "A""#, r#""asset": "A", "asset": "A""#, "/assets/0/asset"),
        (r#""asset": "A""#, r#""asset": "A", "\u0061sset": "B""#, "/assets/0/asset"),
        (r#""holding": "H""#, r#""holding": "H", "holding": "H""#, "/assets/0/holdings/0/holding"),
        (r#""portfolio_value": 1000"#, r#""portfolio_value": 1000, "portfolio_value": null"#, "/portfolio_value"),
    ] {
        let problem = problem(&post_bytes(PLAN, spelt(from, to).as_bytes()), 400, "invalid-request");
        let duplicates = list(&problem, "/errors").iter().filter(|fault| fault["code"] == "duplicate_member");
        let places: Vec<&str> = duplicates.map(|fault| text(fault, "/pointer")).collect();
        assert_eq!(places, [pointer], "{to}");
    }
}

#[test]
fn numbers_that_json_does_not_have_are_refused_where_they_stand() {
    let places = [
        (r#""portfolio_value": 1000"#, r#""portfolio_value": "#, "/portfolio_value"),
        ("0.02,", "", "/drift_threshold"),
        ("-0.02]", "", "/assets/0/historical_returns/1"),
    ];
    let tail_of =
        |from: &str| if from.ends_with([']', ',']) { from[from.len() - 1..].to_owned() } else { String::new() };
    for number in ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1.", ".5", "+1", "01", "1e", "- 1", "nan"] {
        for (from, head, pointer) in places {
            let body = spelt(from, &format!("{head}{number}{}", tail_of(from)));
            let problem = refuses(body.as_bytes(), &[pointer]);
            assert_eq!(text(&problem, "/errors/0/code"), "syntax", "{number}");
        }
    }
    // These begin with a number: what is wrong is that the list or object goes on with something else.
    for (from, to, pointer) in [
        (r#""portfolio_value": 1000"#, r#""portfolio_value": 0x10"#, ""),
        ("-0.02]", "-0.02f]", "/assets/0/historical_returns"),
        ("-0.02]", "1_000]", "/assets/0/historical_returns"),
        (r#"{"paths": 10}"#, r#"{"paths": 10%}"#, "/monte_carlo"),
    ] {
        refuses(spelt(from, to).as_bytes(), &[pointer]);
    }
}

#[test]
fn text_that_is_not_unicode_is_refused() {
    for lone in [r"\ud800", r"\udc00", r"x\ud83d", r"\ud800\ud800", r"\u12"] {
        refuses(spelt(r#""asset": "A""#, &format!(r#""asset": "{lone}""#)).as_bytes(), &["/assets/0/asset"]);
    }
    let mut bytes = spelt(r#""asset": "A""#, r#""asset": "@@""#).into_bytes();
    for bad in [[0xFF, 0xFE], [0xC0, 0xAF], [0xED, 0xA0]] {
        let at = bytes.windows(2).position(|pair| pair == b"@@").unwrap();
        bytes.splice(at..at + 2, bad);
        refuses(&bytes, &["/assets/0/asset"]);
        bytes.splice(at..at + 2, *b"@@");
    }
    refuses(spelt(r#""asset": "A""#, "\"asset\": \"a\u{1}b\"").as_bytes(), &["/assets/0/asset"]);
    refuses(spelt(r#""asset": "A""#, "\"asset\": \"a\nb\"").as_bytes(), &["/assets/0/asset"]);
    accepts(&with("/assets/0/asset", json!("\u{1F4B0} pair")));
}

#[test]
fn what_is_not_one_json_object_is_refused() {
    let valid = small().to_string();
    let utf16: Vec<u8> = valid.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"   ".to_vec(),
        b"null".to_vec(),
        b"true".to_vec(),
        b"0".to_vec(),
        b"\"\"".to_vec(),
        b"\"{}\"".to_vec(),
        b"[]".to_vec(),
        b"{".to_vec(),
        b"}".to_vec(),
        b"{'a': 1}".to_vec(),
        b"{a: 1}".to_vec(),
        b"\0".to_vec(),
        b"\xFF\xFE".to_vec(),
        [b"\xEF\xBB\xBF", valid.as_bytes()].concat(),
        [valid.as_bytes(), b"x"].concat(),
        [valid.as_bytes(), b"{}"].concat(),
        [valid.as_bytes(), b"\0"].concat(),
        [valid.as_bytes(), valid.as_bytes()].concat(),
        format!("// a comment\n{valid}").into_bytes(),
        utf16,
    ];
    for case in cases {
        refuses(&case, &[""]);
    }
    for (from, to) in [
        (r#"{"paths": 10}"#, r#"{"paths": 10,}"#),
        ("[0.01, ", "[0.01,, "),
        (r#""holding_weight": 1}]"#, r#""holding_weight": 1},]"#),
    ] {
        problem(&post_bytes(PLAN, spelt(from, to).as_bytes()), 400, "invalid-request");
    }
    let half = &valid.as_bytes()[..valid.len() / 2];
    problem(&post_bytes(PLAN, half), 400, "invalid-request");
    assert_eq!(post_bytes(PLAN, format!(" \r\n\t{valid}\n ").as_bytes()).status, 200, "white space is no fault");
}

#[test]
fn names_are_not_blank_and_have_at_most_255_characters_after_trimming() {
    for pointer in ["/assets/0/asset", "/assets/0/holdings/0/holding"] {
        let body = |name: &str| {
            let holdings = json!([{"holding": "H", "holding_weight": 1}]);
            changed(with("/assets/0/holdings", holdings), pointer, json!(name))
        };
        for blank in ["", " ", "\t\n", "\u{3000}"] {
            refuses(body(blank).to_string().as_bytes(), &[pointer]);
        }
        accepts(&body(&"ß".repeat(255)));
        accepts(&body(&format!("  {}  ", "🪙".repeat(255))));
        refuses(body(&"ß".repeat(256)).to_string().as_bytes(), &[pointer]);
        refuses(body(&"n".repeat(100_000)).to_string().as_bytes(), &[pointer]);
    }
}

#[test]
fn repeated_names_are_all_pointed_at() {
    let entry = |name: &str| json!({"asset": name, "target_weight": 1, "current_weight": 1});
    let body = json!({"portfolio_value": 1, "assets": [entry("A"), entry("B"), entry(" A"), entry("B\t"), entry("A")]});
    refuses(body.to_string().as_bytes(), &["/assets/2/asset", "/assets/3/asset", "/assets/4/asset"]);
}

#[test]
fn ranges_include_their_limits_and_nothing_beyond() {
    let cases: [(&str, &[f64], &[f64]); 15] = [
        ("/portfolio_value", &[0.01, 1e12], &[0.0, -1.0, 0.009_999, 1.000_001e12, 1e300]),
        ("/drift_threshold", &[0.0, 0.5], &[-1e-9, 0.500_000_1]),
        ("/turnover_limit", &[1e-9, 2.0], &[0.0, -0.1, 2.000_000_1]),
        ("/transaction_cost_bps", &[0.0, 500.0, 1000.0], &[-1e-9, 1000.1]),
        ("/risk_free_rate", &[-0.5, 0.0, 1.0], &[-0.500_1, 1.000_1]),
        ("/tracking_error_budget", &[0.0, 0.2], &[-1e-9, 0.200_1]),
        ("/monte_carlo/paths", &[0.0, 20_000.0], &[1_000_001.0]),
        ("/monte_carlo/horizon_days", &[1.0, 2520.0], &[0.0, 2521.0]),
        ("/monte_carlo/seed", &[0.0, 9_007_199_254_740_991.0], &[9_007_199_254_740_992.0]),
        ("/assets/0/target_weight", &[0.0, 1e12], &[-1e-9, 1.1e12]),
        ("/assets/0/current_weight", &[0.0, 1e12], &[-1e-9, 1.1e12]),
        ("/assets/0/price", &[1e-8, 1e9], &[0.0, -1.0, 9e-9, 1.1e9]),
        ("/assets/0/market_return", &[-1.0, 100.0], &[-1.000_1, 100.1]),
        ("/assets/0/historical_returns/5", &[-1.0, 100.0], &[-1.000_1, 100.1, 1e300]),
        ("/assets/0/transaction_cost_bps", &[0.0, 1000.0], &[-1e-9, 1000.1]),
    ];
    for (pointer, inside, outside) in cases {
        let body = |value: f64| changed(with("/monte_carlo", json!({"paths": 100})), pointer, whole(value));
        for &value in inside {
            let reply = post(PLAN, &body(value));
            assert_eq!(reply.status, 200, "{pointer} = {value}: {}", reply.text());
        }
        for &value in outside {
            refuses(body(value).to_string().as_bytes(), &[pointer]);
        }
    }
}

/// Whole numbers as JSON integers, as a client would write a count.
fn whole(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e16 { json!(value as i64) } else { json!(value) }
}

#[test]
fn ranges_of_holdings_include_their_limits_and_nothing_beyond() {
    let body = |member: &str, value: f64| {
        let holdings = json!([{"holding": "H", "holding_weight": 1, "last_price": 1}]);
        changed(with("/assets/0/holdings", holdings), &format!("/assets/0/holdings/0/{member}"), json!(value))
    };
    for (member, inside, outside) in
        [("holding_weight", [0.0, 1e6], [-1e-9, 1.1e6]), ("last_price", [1e-8, 1e9], [0.0, 1.1e9])]
    {
        for value in inside {
            accepts(&body(member, value));
        }
        for value in outside {
            refuses(body(member, value).to_string().as_bytes(), &[&format!("/assets/0/holdings/0/{member}")]);
        }
    }
}

fn many_assets(count: usize, returns: usize) -> Value {
    let history: Vec<f64> = vec![0.001; returns];
    let entry = |i: usize| json!({"asset": i.to_string(), "target_weight": 1, "current_weight": 1, "price": 1, "historical_returns": history});
    json!({"portfolio_value": 1000, "monte_carlo": {"paths": 0}, "assets": (0..count).map(entry).collect::<Vec<_>>()})
}

#[test]
fn more_than_two_thousand_assets_are_one_fault() {
    accepts(&many_assets(2000, 0));
    let body = many_assets(2001, 0);
    refuses(body.to_string().as_bytes(), &["/assets"]);
    refuses(changed(body, "/assets/2000/asset", json!("0")).to_string().as_bytes(), &["/assets"]);
    refuses(with("/assets", json!([])).to_string().as_bytes(), &["/assets"]);
}

#[test]
fn more_than_a_hundred_thousand_returns_are_one_fault() {
    accepts(&many_assets(1000, 100));
    let mut body = many_assets(1000, 100);
    body["assets"][999]["historical_returns"].as_array_mut().unwrap().push(json!(0.001));
    refuses(body.to_string().as_bytes(), &["/assets"]);
    let benchmark = changed(many_assets(1000, 100), "/benchmark_returns", json!([0.001]));
    refuses(benchmark.to_string().as_bytes(), &["/assets"]);
}

#[test]
fn more_than_a_thousand_holdings_are_one_fault() {
    let holdings = |count: usize| {
        let entry = |i: usize| json!({"holding": i.to_string(), "holding_weight": 0.001});
        with("/assets/0/holdings", json!((0..count).map(entry).collect::<Vec<_>>()))
    };
    accepts(&holdings(1000));
    refuses(holdings(1001).to_string().as_bytes(), &["/assets/0/holdings"]);
}

#[test]
fn weights_that_the_policy_does_not_allow_are_refused_at_the_assets() {
    let body = |policy: &str, target: [f64; 2], current: [f64; 2]| {
        let mut body = with("/weight_policy", json!(policy));
        for i in 0..2 {
            body["assets"][i]["target_weight"] = json!(target[i]);
            body["assets"][i]["current_weight"] = json!(current[i]);
        }
        body
    };
    let half = [0.5, 0.5];
    for (policy, target, current) in [
        ("normalize", [0.0, 0.0], half),
        ("cash_remainder", [0.0, 0.0], half),
        ("cash_remainder", [0.7, 0.4], half),
        ("cash_remainder", half, [0.7, 0.300_01]),
        ("strict", [0.5, 0.499], half),
        ("strict", half, [0.5, 0.500_01]),
    ] {
        let problem = refuses(body(policy, target, current).to_string().as_bytes(), &["/assets"]);
        assert_eq!(text(&problem, "/errors/0/code"), "weights", "{policy} {target:?} {current:?}");
    }
    accepts(&body("cash_remainder", [0.5, 0.2], [0.1, 0.2]));
    accepts(&body("cash_remainder", half, [0.7, 0.300_000_5]));
    accepts(&body("strict", half, [0.5, 0.500_000_5]));
    accepts(&body("strict", half, [0.0, 0.0]));
    let both = changed(with("/liquidate", json!(true)), "/assets/0/target_weight", json!(0.1));
    refuses(both.to_string().as_bytes(), &["/assets"]);
}

#[test]
fn deep_nesting_is_refused_without_using_the_stack() {
    for depth in [127, 128, 129, 200, 1000, 100_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let started = Instant::now();
            let nested = format!("{}{}{}", open.repeat(depth), if open == "[" { "" } else { "1" }, close.repeat(depth));
            for body in [nested.clone(), format!(r#"{{"assets": {nested}, "portfolio_value": 1}}"#), open.repeat(depth)]
            {
                problem(&post_bytes(PLAN, body.as_bytes()), 400, "invalid-request");
            }
            assert!(started.elapsed() < Duration::from_secs(5), "{depth} of {open}");
        }
    }
}

#[test]
fn at_most_fifty_faults_are_listed() {
    let mut body = many_assets(200, 0);
    for i in 0..200 {
        body["assets"][i]["price"] = json!(-1);
    }
    let problem = problem(&post(PLAN, &body), 400, "invalid-request");
    let want: Vec<String> = (0..50).map(|i| format!("/assets/{i}/price")).collect();
    assert_eq!(names(&problem, "/errors", "pointer"), want);

    let types = with("/assets/0/historical_returns", json!(vec!["x"; 1000]));
    let unknown: String = (0..1000).map(|i| format!("\"u{i}\":1,")).collect();
    let unknown = format!("{{{unknown}\"portfolio_value\":1}}");
    for body in [types.to_string(), unknown, with("/assets", json!(vec![json!([]); 1000])).to_string()] {
        let reply = post_bytes(PLAN, body.as_bytes());
        assert_eq!(list(&reply.json(), "/errors").len(), 50);
    }
}

#[test]
fn a_refusal_repeats_itself_byte_for_byte() {
    let mut body = many_assets(40, 0);
    for i in 0..40 {
        for member in ["price", "target_weight", "current_weight", "transaction_cost_bps"] {
            body["assets"][i][member] = json!(-1);
        }
    }
    body["drift_threshold"] = json!(7);
    body["turnover_limit"] = json!(7);
    body["portfolio_value"] = json!(-1);
    let first = post(PLAN, &body).timeless();
    for _ in 0..20 {
        assert_eq!(post(PLAN, &body).timeless(), first);
    }
}

#[test]
fn long_and_strange_texts_of_the_client_are_not_repeated_at_length() {
    let long = "x".repeat(1_000_000);
    for body in [
        format!(r#"{{"{long}": 1}}"#),
        spelt(r#""asset": "A""#, &format!(r#""asset": "A", "{long}": 1"#)),
        spelt(r#"{"paths": 10}"#, &format!(r#""{long}""#)),
        spelt(r#""drift_threshold": 0.02"#, &format!(r#""weight_policy": "{long}""#)),
        spelt(r#""drift_threshold": 0.02"#, &format!(r#""currency": "{long}""#)),
        spelt(r#""drift_threshold": 0.02"#, &format!(r#""{long}": nope"#)),
        format!(r#"{{"{long}": 1, "{long}": 2}}"#),
    ] {
        let reply = post_bytes(PLAN, body.as_bytes());
        assert_eq!(reply.status, 400);
        assert!(reply.body.len() < 10_000, "{} bytes answer {}", reply.body.len(), &body[..40]);
    }
}

#[test]
fn every_route_with_a_body_refuses_in_the_same_shape() {
    let document: Value = serde_json::from_str(rebalancer::openapi::document_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    // A write to one thing is asked for its version first.
    let has_body = |path: &str, item: &Value| item["post"].get("requestBody").is_some() && !path.contains('{');
    let routes: Vec<&String> = paths.iter().filter(|(path, item)| has_body(path, item)).map(|(path, _)| path).collect();
    assert!(routes.len() >= 6);
    for route in &routes {
        // A refit without a member reads all orders.
        let is_question = |body: &&str| *body != "{}" || *route != "/api/models/cost/refit";
        for body in ["", "[]", "null", "{", "{}", r#"{"surprise": 1}"#, "1e400"].into_iter().filter(is_question) {
            let reply = post_bytes(route, body.as_bytes());
            let problem = problem(&reply, 400, "invalid-request");
            assert_eq!(text(&problem, "/instance"), *route);
            assert!(!list(&problem, "/errors").is_empty(), "{route} {body}");
        }
    }
}

#[test]
fn entries_are_counted_from_one_in_words_and_from_zero_in_pointers() {
    let body = with("/assets/1/asset", json!("ETF"));
    let fault = &post(PLAN, &body).json()["errors"][0];
    assert_eq!(text(fault, "/pointer"), "/assets/1/asset");
    assert_eq!(text(fault, "/detail"), "repeats the name of entry 1");
    let body = json!({"weights": [0.5, 0.5], "mu": [0, 0], "sigma": [[0.04, 0.0], [0.0, -0.01]]});
    let fault = &post("/api/stress/monte-carlo", &body).json()["errors"][0];
    assert_eq!((text(fault, "/pointer"), text(fault, "/detail")), ("/sigma/1/1", "the variance of asset 2 is -0.01"));
    let short = with("/method", json!("optimal"));
    let short = changed(short, "/assets/1/historical_returns", json!([]));
    let fault = &post(PLAN, &short).json()["errors"][0];
    assert!(text(fault, "/detail").contains("asset 2 has none"), "{fault}");
}
