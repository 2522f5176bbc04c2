//! `POST /api/regimes`.

use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{close, list, names, number, text};
use crate::support::market::stocks;
use crate::support::post;

const ROUTE: &str = "/api/regimes";

#[track_caller]
fn ask(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn numbers(answer: &Value, pointer: &str) -> Vec<f64> {
    list(answer, pointer).iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The golden case of ten years of the index: hmmlearn's numbers, from returns in percent.
#[test]
fn ten_years_of_the_index_have_the_golden_states() {
    let percent: Vec<f64> = stocks().returns("SP500_INDEX").iter().map(|r| 100.0 * r).collect();
    let answer = ask(&json!({"returns": percent, "states": 2, "seed": 1}));
    assert!(number(&answer, "/log_likelihood") > -2985.7276564612744 - 1e-3);
    assert!((number(&answer, "/bic") - 6026.268292247291).abs() < 2e-3);
    for (pointer, golden) in [
        ("/means", [0.10985989630180991, -0.06136381439617594]),
        ("/variances", [0.2623833238947993, 1.876829496003595]),
        ("/transition/0", [0.968861068613858, 0.031138931386142002]),
        ("/transition/1", [0.05419437933835355, 0.9458056206616465]),
        ("/smoothed_last", [0.9714421899756218, 0.028557810024218665]),
    ] {
        for (found, golden) in numbers(&answer, pointer).iter().zip(golden) {
            assert!((found - golden).abs() < 0.002, "{pointer}: {found} {golden}");
        }
    }
    assert_eq!(answer["names"], json!(["bull", "bear"]));
    assert_eq!(list(&answer, "/filtered").len(), percent.len());
    assert_eq!(list(&answer, "/path").len(), percent.len());
    assert_eq!(answer["filtered"][percent.len() - 1], answer["smoothed_last"], "on the last day they are the same");
    assert!(number(&answer, "/restarts") >= 10.0 && answer["converged"] == true && answer["degenerate"] == false);
    close("duration", number(&answer, "/expected_durations/0"), 1.0 / 0.031138931, 0.01);

    // The coming period is one step of the chain away.
    let (last, step) =
        (numbers(&answer, "/smoothed_last"), [numbers(&answer, "/transition/0"), numbers(&answer, "/transition/1")]);
    let rough = last[0] * step[0][1] + last[1] * step[1][1];
    close("predicted", number(&answer, "/predicted/1"), rough, 1e-12);

    // Figures are in the unit of the returns.
    assert_eq!(names(&answer, "/warnings", "code"), ["implausible_input"], "percentages are told");
    let fractions: Vec<f64> = percent.iter().map(|r| r / 100.0).collect();
    let same = ask(&json!({"returns": fractions, "seed": 1}));
    assert!(list(&same, "/warnings").is_empty());
    close("variance", 1e4 * number(&same, "/variances/1"), number(&answer, "/variances/1"), 1e-3);
    let shift = percent.len() as f64 * 100_f64.ln();
    assert!((number(&same, "/log_likelihood") - shift - number(&answer, "/log_likelihood")).abs() < 1e-3);
}

fn weather() -> Vec<f64> {
    let size = |t: i32| if (60..100).contains(&t) { 0.02 } else { 0.003 };
    (0..160).map(|t| size(t) * (f64::from(t * 37 % 11) - 5.0) / 5.0).collect()
}

#[test]
fn answers_repeat_and_know_their_seed() {
    let body = json!({"returns": weather(), "states": 3, "seed": 9, "sticky": 5.0});
    let (first, again) = (ask(&body), ask(&body));
    for member in ["means", "variances", "filtered", "path", "log_likelihood", "restarts_agreeing"] {
        assert_eq!(first[member], again[member], "{member}");
    }
    assert_eq!(first["metadata"]["seed"], 9);
    assert_eq!(text(&first, "/metadata/models/0/id"), "gaussian_hmm");
    let variances = numbers(&first, "/variances");
    assert!(variances.windows(2).all(|pair| pair[0] <= pair[1]));
}

#[test]
fn states_are_matched_to_those_of_an_earlier_fit() {
    let before = ask(&json!({"returns": &weather()[..150]}));
    assert!(before.get("matching").is_none());
    let with = |means: Value, variances: Value| {
        ask(&json!({"returns": weather(), "previous": {"means": means, "variances": variances}}))
    };
    let same = with(before["means"].clone(), before["variances"].clone());
    assert_eq!(same["matching"]["next"], json!([0, 1]));
    assert_eq!(same["matching"]["jumps"], json!([]));
    assert!(numbers(&same["matching"], "/distances").iter().all(|distance| *distance < 0.1));
    for member in ["means", "filtered", "log_likelihood"] {
        assert_eq!(same[member], ask(&json!({"returns": weather()}))[member], "the match changes no figure: {member}");
    }
    // Hellinger distance of two normal laws of one width whose means are two standard deviations apart: √(1 − e^(−4/8)).
    let [means, variances] = ["/means", "/variances"].map(|list| numbers(&same, list));
    let moved = with(json!([means[0], means[1] - 2.0 * variances[1].sqrt()]), json!(variances));
    assert_eq!(moved["matching"]["next"], json!([0, 1]));
    assert!(names(&moved["matching"], "/jumps", "kind").contains(&"moved"), "{}", moved["matching"]);
    let expected = (1.0 - (-0.5_f64).exp()).sqrt();
    assert!((number(&moved["matching"], "/distances/1") - expected).abs() < 1e-9);
    assert!(number(&moved["matching"], "/distances/0") < 1e-6);
    // The states of a market that was wild and is calm: the nearest law of each has the other position.
    let wide = with(json!([means[1], means[0]]), json!([variances[1], variances[1] * 4.0]));
    assert_eq!(wide["matching"]["next"], json!([1, 0]));
    assert!(names(&wide["matching"], "/jumps", "kind").contains(&"reordered"));
}

#[test]
fn a_duration_beyond_the_history_is_null_with_a_reason() {
    // The rough days come once and at the end: nothing tells when they end.
    let size = |t: i32| if t < 100 { 0.003 } else { 0.02 };
    let returns: Vec<f64> = (0..160).map(|t| size(t) * (f64::from(t * 37 % 11) - 5.0) / 5.0).collect();
    let answer = ask(&json!({"returns": returns}));
    assert!(answer["expected_durations"][1].is_null());
    assert!(names(&answer, "/unavailable", "pointer").contains(&"/expected_durations/1"));
    assert_eq!(names(&answer, "/unavailable", "reason")[0], "longer_than_history");
}

#[test]
fn bad_questions_are_pointed_at() {
    let whole = json!({"returns": weather()});
    let with = |pointer: &str, value: Value| changed(whole.clone(), pointer, value);
    for (body, pointers) in [
        (json!({}), vec!["/returns"]),
        (json!({"returns": []}), vec!["/returns"]),
        (json!({"returns": [0.01, -0.02, 0.01, 0.03, 0.01, 0.02]}), vec!["/returns"]),
        (json!({"returns": vec![0.01; 50]}), vec!["/returns"]),
        (json!({"returns": vec![0.01; 20_001]}), vec!["/returns"]),
        (json!({"returns": weather()[..20], "states": 4}), vec!["/returns"]),
        (with("/returns/3", json!(null)), vec!["/returns/3"]),
        (with("/returns/3", json!(1e6)), vec!["/returns/3"]),
        (with("/states", json!(1)), vec!["/states"]),
        (with("/states", json!(5)), vec!["/states"]),
        (with("/states", json!(2.5)), vec!["/states"]),
        (with("/sticky", json!(-1.0)), vec!["/sticky"]),
        (with("/previous", json!({"means": [0.0], "variances": [0.1, 0.2]})), vec!["/previous/means"]),
        (with("/previous", json!({"means": [0.0, 0.0], "variances": [0.2, 0.1]})), vec!["/previous/variances/1"]),
        (with("/previous", json!({"means": [0.0, 0.0], "variances": [0.0, 0.1]})), vec!["/previous/variances/0"]),
        (with("/previous", json!({"means": [0.0, 1e5], "variances": [0.1, 0.1]})), vec!["/previous/means/1"]),
        (with("/seed", json!(-1)), vec!["/seed"]),
        (with("/regimes", json!(2)), vec!["/regimes"]),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers), "{body}");
    }
}
