//! `POST /api/models/explain`.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{close, list, names, number, text};
use crate::support::post;

const ROUTE: &str = "/api/models/explain";

#[track_caller]
fn explain(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// A tree of two splits, whose values can be computed by hand.
pub(crate) fn example() -> Value {
    let text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\n\
        feature_names=momentum volatility\nfeature_infos=[-1:1] [0:1]\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\n\
        threshold=0 0.2\ndecision_type=2 10\nleft_child=-1 -2\nright_child=1 -3\nleaf_value=-0.01 0.03 0.01\n\
        leaf_weight=10 30 20\nleaf_count=50 30 20\ninternal_count=100 50\n\nend of trees\n";
    json!({"lightgbm_text": text, "rows": [[0.4, 0.1], [0.4, null]]})
}

fn with_text(from: &str, to: &str) -> Value {
    let body = example();
    let text = text(&body, "/lightgbm_text");
    assert!(text.contains(from));
    let other = text.replace(from, to);
    changed(body, "/lightgbm_text", json!(other))
}

#[test]
fn a_model_on_real_prices_has_the_values_of_lightgbm() {
    let file = include_bytes!("../../../../crates/trees/tests/golden/lightgbm_shap.json.gz");
    let mut text = String::new();
    GzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let inputs = &golden["inputs"];
    let answer = explain(&json!({"lightgbm_text": inputs["model_text"], "rows": inputs["X"]}));
    assert_eq!(answer["feature_names"], inputs["features"]);
    let expected = &golden["expected"];
    close("expected value", number(&answer, "/expected_value"), number(expected, "/expected_value"), 1e-9);
    for row in 0..60 {
        let at = format!("/predictions/{row}");
        close(&at, number(&answer, &at), number(expected, &format!("/prediction/{row}")), 1e-9);
        for feature in 0..7 {
            let at = format!("/shap/{row}/{feature}");
            close(&at, number(&answer, &at), number(expected, &at), 1e-9);
        }
    }
    assert!(number(&answer, "/additivity_error") < 1e-15);
    assert_eq!(answer["transformed_predictions"], answer["predictions"]);
    assert_eq!(text_of(&answer), ("prediction", "data_count", "regression"));
    assert_eq!(number(&answer, "/trees"), 25.0);
}

fn text_of(answer: &Value) -> (&str, &str, &str) {
    (text(answer, "/shap_scale"), text(answer, "/expectation"), text(answer, "/objective"))
}

#[test]
fn an_answer_can_be_computed_by_hand() {
    let answer = explain(&example());
    close("expected value", number(&answer, "/expected_value"), 0.006, 1e-15);
    for (pointer, value) in [("/shap/0/0", 0.018), ("/shap/0/1", 0.006), ("/shap/1/0", 0.018), ("/shap/1/1", 0.006)] {
        close(pointer, number(&answer, pointer), value, 1e-15);
    }
    assert!(list(&answer, "/warnings").is_empty());
    assert_eq!(text(&answer, "/metadata/models/0/id"), "lightgbm_text");
    assert_eq!(text(&answer, "/metadata/models/0/version").len(), 64);

    // Weighed by second derivatives, the left side has a sixth instead of a half.
    let other = explain(&changed(example(), "/expectation", json!("hessian_weight")));
    close(
        "expected value",
        number(&other, "/expected_value"),
        (-0.01 * 10.0 + 0.03 * 30.0 + 0.01 * 20.0) / 60.0,
        1e-15,
    );
    assert_eq!(text_of(&other), ("prediction", "hessian_weight", "regression"));
}

#[test]
fn raw_scores_and_what_the_objective_makes_of_them_are_apart() {
    let binary = explain(&with_text("objective=regression", "objective=binary sigmoid:1"));
    close("raw", number(&binary, "/predictions/0"), 0.03, 1e-17);
    close("probability", number(&binary, "/transformed_predictions/0"), 1.0 / (1.0 + (-0.03_f64).exp()), 1e-15);
    let sum = number(&binary, "/expected_value") + number(&binary, "/shap/0/0") + number(&binary, "/shap/0/1");
    close("sum", sum, 0.03, 1e-15);
    assert_eq!(text_of(&binary), ("raw_score", "data_count", "binary sigmoid:1"));

    let ranking = explain(&with_text("objective=regression", "objective=lambdarank"));
    assert!(ranking["transformed_predictions"].is_null());
    assert_eq!(names(&ranking, "/warnings", "code"), ["figure_unavailable"]);
    assert_eq!(names(&ranking, "/warnings", "pointer"), ["/transformed_predictions"]);
}

#[test]
fn a_number_far_from_the_training_is_doubted() {
    let answer = explain(&changed(example(), "/rows", json!([[40.0, 0.1], [1.5, 0.1]])));
    assert_eq!(names(&answer, "/warnings", "code"), ["implausible_input"]);
    assert_eq!(names(&answer, "/warnings", "pointer"), ["/rows/0/0"]);
}

#[test]
fn bad_models_and_rows_are_pointed_at() {
    let rows = |rows: Value| changed(example(), "/rows", rows);
    let good = json!([0.1, 0.2]);
    for (body, pointers, word) in [
        (json!({"rows": [[0.1]]}), vec!["/lightgbm_text"], "must be sent"),
        (changed(example(), "/trained_model", json!("boosted_trees_1")), vec!["/trained_model"], "one model"),
        (json!({"trained_model": "boosted_trees_999", "rows": [[0.1]]}), vec!["/trained_model"], "no version"),
        (json!({"lightgbm_text": "tree"}), vec!["/rows"], "required"),
        (rows(json!([])), vec!["/rows"], "at least 1"),
        (rows(json!([good, good, good, [0.1], good, [1, 2, 3]])), vec!["/rows/3", "/rows/5"], "has 1 numbers"),
        (rows(json!([good, [0.1, "0.2"]])), vec!["/rows/1/1"], ""),
        (rows(json!([vec![0.1; 200_001]])), vec!["/rows"], "200001"),
        (with_text("tree\n", "leaf\n"), vec!["/lightgbm_text"], "begin"),
        (with_text("num_cat=0", "num_cat=1"), vec!["/lightgbm_text"], "categorical splits"),
        (with_text("num_class=1", "num_class=3"), vec!["/lightgbm_text"], "multiclass"),
        (with_text("right_child=1", "right_child=0"), vec!["/lightgbm_text"], "no tree"),
        (with_text("end of trees", ""), vec!["/lightgbm_text"], "cut off"),
        (with_text("leaf_count=50", "leaf_count=51"), vec!["/lightgbm_text"], "counts 100"),
        (
            changed(with_text("leaf_weight=10 30 20\n", ""), "/expectation", json!("hessian_weight")),
            vec!["/lightgbm_text"],
            "no cover",
        ),
        (changed(example(), "/expectation", json!("mean")), vec!["/expectation"], ""),
    ] {
        let reply = post(ROUTE, &body);
        let problem = reply.json();
        assert_eq!((reply.status, names(&problem, "/errors", "pointer")), (400, pointers), "{word}: {problem}");
        assert!(text(&problem, "/errors/0/detail").contains(word), "{word}: {problem}");
    }
}

#[test]
fn more_work_than_an_answer_may_take_is_refused() {
    // A way of 128 features, of which each row asks for every one, in many trees.
    let n = 128;
    let list = |word: &dyn Fn(usize) -> String, count: usize| (0..count).map(word).collect::<Vec<_>>().join(" ");
    let right = list(&|i| if i + 1 == n { format!("-{}", n + 1) } else { (i + 1).to_string() }, n);
    let tree = format!(
        "num_leaves={}\nnum_cat=0\nsplit_feature={}\nthreshold={zeros}\ndecision_type={}\nleft_child={}\nright_child={right}\n\
         leaf_value={}\nleaf_count={}\ninternal_count={}\n",
        n + 1,
        list(&|i| i.to_string(), n),
        list(&|_| "2".to_owned(), n),
        list(&|i| format!("-{}", i + 1), n),
        list(&|_| "1".to_owned(), n + 1),
        list(&|_| "1".to_owned(), n + 1),
        list(&|i| (n + 1 - i).to_string(), n),
        zeros = list(&|_| "0".to_owned(), n),
    );
    let mut model = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=127\nfeature_names={}\n\n",
        list(&|i| format!("f{i}"), n)
    );
    for number in 0..1000 {
        model += &format!("Tree={number}\n{tree}\n");
    }
    model += "end of trees\n";
    let reply = post(ROUTE, &json!({"lightgbm_text": model, "rows": vec![vec![0.5; n]; 1500]}));
    let problem = reply.json();
    assert_eq!((reply.status, names(&problem, "/errors", "pointer")), (400, vec!["/rows"]), "{problem}");
    assert!(text(&problem, "/errors/0/detail").contains("at most"), "{problem}");
}
