//! `regime_band_widening` of `POST /api/rebalance`.

use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed, small};
use crate::support::json::{close, list, names, number, text};
use crate::support::{get, plan, post, post_bytes};

/// The book of the other tests with calm and rough stretches of 60 days by turns.
fn book() -> Value {
    let series = |seed| -> Vec<f64> {
        let noise = Noise::new(seed).returns(300, 0.0005, 0.02);
        noise.iter().enumerate().map(|(t, r)| if (t / 60) % 2 == 0 { 0.3 * r } else { 1.5 * r }).collect()
    };
    let one = changed(small(), "/assets/0/historical_returns", json!(series(5)));
    changed(one, "/assets/1/historical_returns", json!(series(6)))
}

#[test]
fn bands_widen_by_the_doubt_that_the_answer_states() {
    let wide = changed(book(), "/regime_band_widening", json!(4));
    let reply = post("/api/rebalance", &wide);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", "/api/rebalance");
    let answer = reply.json();
    let told = &answer["regime_band"];
    let (factor, uncertainty) = (number(told, "/factor"), number(told, "/uncertainty"));
    close("factor", factor, 1.0 + 3.0 * uncertainty, 1e-12);
    let entropy: f64 = list(told, "/probabilities").iter().map(|p| p.as_f64().unwrap()).map(|p| -p * p.ln()).sum();
    close("entropy", uncertainty, entropy / 2.0_f64.ln(), 1e-9);
    assert!(uncertainty > 0.0, "{told}");
    close("band", number(&answer, "/drift_threshold"), 0.02 * factor, 1e-12);
    for weight in list(&answer, "/weights") {
        close("band", number(weight, "/band_half_width"), 0.02 * factor, 1e-11);
    }
    // The plan names the model that widened its bands, as the inventory and a question about regimes do.
    let model = |answer: &Value| {
        let models = list(answer, "/metadata/models");
        models.iter().find(|model| model["id"] == "gaussian_hmm").cloned().unwrap_or_default()
    };
    let entry = get("/api/models/gaussian_hmm").json();
    assert_eq!(model(&answer)["digest"], entry["digest"], "{answer}");
    assert_eq!((text(&entry, "/purpose"), text(&entry, "/kind")), ("regimes", "model"));
    let asked = post("/api/regimes", &json!({"returns": book()["assets"][0]["historical_returns"]})).json();
    assert_eq!(model(&asked), model(&answer));
    // It is made again as it was, and without the member nothing of it is there.
    let path = format!("/api/plans/{}/replay", text(&answer, "/metadata/plan_id"));
    assert_eq!(post_bytes(&path, b"").json()["replay"]["identical"], true);
    let plain = plan(&book());
    assert!(plain.get("regime_band").is_none() && model(&plain).is_null());
    close("band", number(&plain, "/drift_threshold"), 0.02, 0.0);
}

#[test]
fn a_book_without_regimes_is_refused() {
    let pointer = |body: &Value| {
        let reply = post("/api/rebalance", body);
        assert_eq!(reply.status, 400, "{}", reply.text());
        names(&reply.json(), "/errors", "pointer").join(" ")
    };
    assert_eq!(pointer(&changed(small(), "/regime_band_widening", json!(2))), "/regime_band_widening");
    let optimal = changed(changed(book(), "/method", json!("optimal")), "/regime_band_widening", json!(2));
    assert_eq!(pointer(&optimal), "/regime_band_widening");
    let silent = changed(changed(book(), "/assets/1/historical_returns", json!([])), "/regime_band_widening", json!(2));
    assert_eq!(pointer(&silent), "/assets/1/historical_returns");
    assert_eq!(pointer(&changed(book(), "/regime_band_widening", json!(0.9))), "/regime_band_widening");
}
