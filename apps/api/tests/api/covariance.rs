//! `POST /api/risk/covariance`.

use serde_json::{Value, json};

use crate::support::json::{close, list, names, number};
use crate::support::market::stocks;
use crate::support::{post, post_bytes};

const ROUTE: &str = "/api/risk/covariance";

/// Rows of the returns of three stocks.
fn panel(periods: usize) -> Vec<[f64; 3]> {
    let columns = ["AAPL", "JNJ", "XOM"].map(|name| stocks().returns(name));
    (0..periods).map(|t| columns.map(|column| column[t])).collect()
}

#[track_caller]
fn estimate(periods: usize, estimator: &str) -> Value {
    let reply = post(ROUTE, &json!({"returns": panel(periods), "estimator": estimator}));
    assert_eq!(reply.status, 200, "{estimator}: {}", reply.text());
    reply.json()
}

#[test]
fn the_sample_covariance_is_the_textbook_formula() {
    let rows = panel(250);
    let answer = estimate(250, "sample");
    let mean = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>() / 250.0;
    for i in 0..3 {
        for j in 0..3 {
            let products: f64 = rows.iter().map(|row| (row[i] - mean(i)) * (row[j] - mean(j))).sum();
            close("covariance", number(&answer, &format!("/covariance/{i}/{j}")), products / 249.0, 1e-15);
        }
    }
}

#[test]
fn the_estimator_that_answered_is_named() {
    for (name, id) in [("sample", "sample"), ("oas", "oas"), ("ledoit_wolf_identity", "ledoit_wolf_identity")] {
        let answer = estimate(60, name);
        assert_eq!(names(&answer, "/metadata/models", "id"), [id]);
        assert!(answer["metadata"]["models"][0]["digest"].is_string(), "{answer}");
    }
}

#[test]
fn the_recursion_starts_at_the_first_product() {
    let rows = panel(30);
    let answer = estimate(30, "ewma94_recursive");
    for (i, j) in [(0, 0), (0, 1), (2, 1)] {
        let recursion = rows[1..].iter().fold(rows[0][i] * rows[0][j], |s, row| 0.94 * s + 0.06 * row[i] * row[j]);
        close("covariance", number(&answer, &format!("/covariance/{i}/{j}")), recursion, 1e-15);
    }
}

#[test]
fn every_estimator_answers_a_symmetric_matrix_and_shrinkage_is_a_share() {
    for estimator in [
        "sample",
        "ledoit_wolf_identity",
        "ledoit_wolf_constant_correlation",
        "oas",
        "ewma94_zero_mean",
        "ewma94_recursive",
        "overlapping_week",
        "garch_variances",
        "har_variances",
        "regime_weighted",
    ] {
        let answer = estimate(if estimator == "har_variances" { 122 } else { 60 }, estimator);
        assert_eq!(list(&answer, "/covariance").len(), 3);
        for i in 0..3 {
            assert!(number(&answer, &format!("/covariance/{i}/{i}")) > 0.0, "{estimator}");
            for j in 0..i {
                let entry = |i: usize, j: usize| number(&answer, &format!("/covariance/{i}/{j}"));
                assert_eq!(entry(i, j), entry(j, i), "{estimator}");
            }
        }
        let shrinks = estimator.starts_with("ledoit") || estimator.ends_with("variances") || estimator == "oas";
        let shrinkage = answer["shrinkage"].as_f64();
        assert_eq!(shrinkage.is_some(), shrinks, "{estimator}: {}", answer["shrinkage"]);
        assert!(shrinkage.is_none_or(|share| (0.0..=1.0).contains(&share)), "{estimator}");
    }
}

#[test]
fn bad_covariance_requests_are_pointed_at() {
    let cases = [
        (json!({"returns": [[0.1]]}), vec!["/estimator"]),
        (json!({"returns": [[0.1], [0.2]], "estimator": "gerber"}), vec!["/estimator"]),
        (json!({"returns": [], "estimator": "sample"}), vec!["/returns"]),
        (json!({"returns": [[]], "estimator": "sample"}), vec!["/returns"]),
        (json!({"returns": [[0.1, 0.2]], "estimator": "sample"}), vec!["/returns"]),
        (json!({"returns": [[0.1], [0.2], [0.1], [0.0], [0.3]], "estimator": "overlapping_week"}), vec!["/returns"]),
        (json!({"returns": panel(121), "estimator": "har_variances"}), vec!["/returns"]),
        (json!({"returns": panel(29), "estimator": "garch_variances"}), vec!["/returns"]),
        (json!({"returns": panel(6), "estimator": "regime_weighted"}), vec!["/returns"]),
        (json!({"returns": [[0.1, 0.2], [0.1]], "estimator": "oas"}), vec!["/returns/1"]),
        (json!({"returns": [[0.1, 0.2], [0.1, -1.5]], "estimator": "oas"}), vec!["/returns/1/1"]),
        (json!({"returns": [[0.1, "x"], [0.1, null]], "estimator": "oas"}), vec!["/returns/0/1", "/returns/1/1"]),
        (json!({"returns": [0.1, 0.2], "estimator": "sample"}), vec!["/returns/0", "/returns/1"]),
    ];
    for (body, pointers) in cases {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers), "{body}");
    }
    let wide = json!({"returns": [vec![0.0; 1001], vec![0.0; 1001]], "estimator": "sample"});
    assert_eq!(names(&post_bytes(ROUTE, wide.to_string().as_bytes()).json(), "/errors", "pointer"), ["/returns"]);
}
