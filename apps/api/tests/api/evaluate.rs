//! `POST /api/evaluate/sharpe`.

use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{close, list, names, number, text};
use crate::support::market::stocks;
use crate::support::post;

const ROUTE: &str = "/api/evaluate/sharpe";

#[track_caller]
fn judge(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

/// The worked example of the paper of 2025: two years of months.
fn example(autocorrelation: f64) -> Value {
    json!({"mean": 0.036, "sd": 0.079, "skewness": -2.448, "kurtosis": 10.164, "autocorrelation": autocorrelation,
        "observations": 24, "significance": 0.1, "trials": 10, "trial_variance": 0.1,
        "false_discovery": {"alternative_sharpe_per_period": 0.5, "prior": 0.1, "rate": 0.25}})
}

/// What of it is told of false discoveries.
const PRINTED_DISCOVERY: [(f64, [(&str, f64); 6]); 2] = [
    (
        0.0,
        [
            ("power", 0.758),
            ("planned_rate", 0.543),
            ("observed_rate", 0.173),
            ("control/significance", 0.0224),
            ("control/miss", 0.396),
            ("control/critical_sharpe_per_period", 0.410),
        ],
    ),
    (
        0.2,
        [
            ("power", 0.676),
            ("planned_rate", 0.571),
            ("observed_rate", 0.361),
            ("control/significance", 0.0175),
            ("control/miss", 0.527),
            ("control/critical_sharpe_per_period", 0.527),
        ],
    ),
];

#[test]
fn false_discovery_rates_have_the_digits_of_the_paper() {
    for (autocorrelation, figures) in PRINTED_DISCOVERY {
        let answer = judge(&example(autocorrelation));
        for (name, printed) in figures {
            let found = number(&answer, &format!("/false_discovery/{name}"));
            assert!((found - printed).abs() <= 5.001e-4, "{name}: {found} {printed}");
        }
        // The observed ratio of 0.456 lies between the two critical ones.
        assert_eq!(answer["false_discovery"]["control"]["is_discovery"], json!(autocorrelation == 0.0));
    }
    // A quarter of what passes may be false, and no more than a tenth is: every strategy passes.
    let common = judge(&changed(example(0.0), "/false_discovery/prior", json!(0.9)));
    assert!(common["false_discovery"]["control"].is_null() && common["false_discovery"]["power"].is_number());
    assert_eq!(names(&common, "/unavailable", "reason"), ["every_strategy_passes"]);
    let flat = judge(
        &json!({"returns": vec![0.01; 50], "false_discovery": {"alternative_sharpe_per_period": 1.0, "prior": 0.1}}),
    );
    assert!(names(&flat, "/unavailable", "pointer").contains(&"/false_discovery/planned_rate"), "{flat}");
}

#[test]
fn the_example_of_the_paper_has_its_printed_digits() {
    for (autocorrelation, error, psr, length, deflated, single) in
        [(0.0, 0.329, 0.987, 7.909, 0.416, 0.451), (0.2, 0.379, 0.966, 11.863, 0.427, 0.457)]
    {
        let answer = judge(&example(autocorrelation));
        close("ratio", number(&answer, "/sharpe_per_period"), 0.036 / 0.079, 1e-15);
        for (pointer, printed) in [
            ("/standard_error", error),
            ("/psr/form_2025", psr),
            ("/minimum_track_record/form_2025", length),
            ("/deflated/form_2025", deflated),
            ("/deflated/form_2025_single", single),
            ("/expected_maximum_sharpe_per_period", 0.498),
        ] {
            let found = number(&answer, pointer);
            assert!((found - printed).abs() <= 5.001e-4, "{pointer}: {found} {printed}");
        }
        // The older form knows no autocorrelation.
        assert!((number(&answer, "/psr/form_2012_14") - 0.9127).abs() < 5e-5);
        assert_eq!(text(&answer, "/judgement/verdict"), "not distinguishable");
        assert_eq!(text(&answer, "/judgement/basis"), "deflated");
        assert!(list(&answer, "/unavailable").is_empty());
    }
}

#[test]
fn the_deflated_ratio_of_2014_has_its_printed_digits() {
    for (trials, skewness, kurtosis, printed) in
        [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)]
    {
        let answer =
            judge(&json!({"mean": 2.5 / 250_f64.sqrt(), "sd": 1.0, "skewness": skewness, "kurtosis": kurtosis,
            "observations": 1250, "trials": trials, "trial_variance": 0.5 / 250.0}));
        let found = number(&answer, "/deflated/form_2012_14");
        assert!((found - printed).abs() <= 5e-5, "{trials}: {found}");
    }
}

#[test]
fn returns_are_their_moments() {
    let returns = stocks().returns("WMT");
    let of_returns = judge(&json!({"returns": returns, "trials": 1}));
    let mut moments = of_returns["moments"].clone();
    moments["trials"] = json!(1);
    let of_moments = judge(&moments);
    for member in ["sharpe_per_period", "psr", "deflated", "minimum_track_record", "judgement", "moments"] {
        assert_eq!(of_returns[member], of_moments[member], "{member}");
    }
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    close("mean", number(&of_returns, "/moments/mean"), mean, 1e-12);
}

#[test]
fn what_the_input_cannot_support_is_null_with_a_reason() {
    let untried = judge(&json!({"mean": 0.01, "sd": 0.1, "skewness": 0.0, "kurtosis": 3.0, "observations": 240}));
    assert!(untried["deflated"]["form_2025"].is_null());
    assert_eq!(
        names(&untried, "/unavailable", "pointer"),
        [
            "/deflated/form_2012_14",
            "/deflated/form_2025",
            "/deflated/form_2025_single",
            "/expected_maximum_sharpe_per_period",
            "/false_discovery"
        ]
    );
    assert_eq!(names(&untried, "/unavailable", "reason")[..4], ["no_trials"; 4]);
    assert_eq!(names(&untried, "/unavailable", "reason")[4], "no_hypotheses");
    assert!(untried["false_discovery"].is_null());

    let ten = json!({"mean": 0.1, "sd": 0.5, "skewness": 0.0, "kurtosis": 3.0, "observations": 100, "trials": 10});
    let answer = judge(&ten);
    assert_eq!(names(&answer, "/unavailable", "reason")[..4], ["no_trial_variance"; 4]);
    assert_eq!(text(&answer, "/judgement/basis"), "psr_bonferroni");

    let flat = judge(&json!({"returns": vec![0.01; 50]}));
    assert!(flat["judgement"].is_null() && flat["moments"].is_null());
    assert_eq!(names(&flat, "/unavailable", "reason")[0], "no_variation");

    let losing = judge(&changed(ten.clone(), "/mean", json!(-0.2)));
    assert_eq!(text(&losing, "/judgement/verdict"), "worse");
    assert!(names(&losing, "/unavailable", "reason").contains(&"not_above_benchmark"));
}

#[test]
fn bad_questions_are_pointed_at() {
    let whole = json!({"mean": 0.01, "sd": 0.1, "skewness": 0.0, "kurtosis": 3.0, "observations": 24});
    let with = |pointer: &str, value: Value| changed(whole.clone(), pointer, value);
    for (body, pointers) in [
        (json!({}), vec!["/returns"]),
        (json!({"mean": 0.01, "sd": 0.1}), vec!["/kurtosis", "/observations", "/skewness"]),
        (json!({"returns": [0.01, -0.02, 0.01, 0.03], "mean": 0.01}), vec!["/mean"]),
        (json!({"returns": []}), vec!["/returns"]),
        (json!({"returns": [0.01, -1.5, 0.01, 0.03]}), vec!["/returns/1"]),
        (json!({"returns": [0.01, null]}), vec!["/returns/1"]),
        (with("/sd", json!(0.0)), vec!["/sd"]),
        (with("/skewness", json!(-2.0)), vec!["/kurtosis"]),
        (with("/kurtosis", json!(0.2)), vec!["/kurtosis"]),
        (with("/autocorrelation", json!(1.0)), vec!["/autocorrelation"]),
        (with("/observations", json!(1)), vec!["/observations"]),
        (with("/observations", json!(2.5)), vec!["/observations"]),
        (with("/trials", json!(0)), vec!["/trials"]),
        (with("/trial_variance", json!(0.1)), vec!["/trials"]),
        (with("/significance", json!(0.0)), vec!["/significance"]),
        (with("/sharpe", json!(0.1)), vec!["/sharpe"]),
        (
            with("/false_discovery", json!({"alternative_sharpe_per_period": 0.0, "prior": 0.1})),
            vec!["/false_discovery/alternative_sharpe_per_period"],
        ),
        (
            with("/false_discovery", json!({"alternative_sharpe_per_period": 0.5, "prior": 1.0})),
            vec!["/false_discovery/prior"],
        ),
        (with("/false_discovery", json!([0.5, 0.1])), vec!["/false_discovery"]),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers), "{body}");
    }
}

#[test]
fn tries_do_not_make_a_strategy_better() {
    // The example of the 2025 paper; for one try its p-value is 1 - 0.966.
    let asked = |trials: u64, variance: f64| {
        let body = json!({"mean": 0.036, "sd": 0.079, "skewness": -2.448, "kurtosis": 10.164, "autocorrelation": 0.2,
            "observations": 24, "trials": trials, "trial_variance": variance});
        post("/api/evaluate/sharpe", &body).json()
    };
    let one = number(&asked(1, 0.0), "/judgement/p_value");
    close("one try", one, 0.034, 5e-4);
    for (trials, variance) in [(10, 0.0), (10, 0.0001), (10, 0.001), (1000, 0.0), (1000, 0.0001), (2, 0.1)] {
        let answer = asked(trials, variance);
        let p = number(&answer, "/judgement/p_value");
        assert!(p >= one, "{trials} {variance}: {p}");
        let single = 1.0 - number(&answer, "/deflated/form_2025_single");
        assert!(p >= single, "{trials} {variance}: {p} {single}");
    }
}

#[test]
fn returns_that_alternate_are_warned_of() {
    let alternating = json!({"returns": ([0.011, -0.009].repeat(50))});
    let answer = post("/api/evaluate/sharpe", &alternating).json();
    assert_eq!(text(&answer, "/warnings/0/code"), "implausible_input");
    assert_eq!(text(&answer, "/warnings/0/pointer"), "/returns");
    let level = post("/api/evaluate/sharpe", &json!({"returns": ([0.01, -0.01].repeat(50))})).json();
    assert!(level["minimum_track_record"]["form_2025"].is_null());
}
