//! Groups with bands of their own, and why an asset in its own band trades.

use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{close, list, names, number};
use crate::support::problem::problem;
use crate::support::{plan, post};

/// Three equity funds, each 2 points above its target, and four bond funds, each 1.5 below: all inside their own bands of 3. Equity is 6 above.
fn book() -> Value {
    let asset = |name: &str, class: &str, held: f64, target: f64| json!({"asset": name, "asset_class": class, "sleeve": "core", "current_weight": held, "target_weight": target, "price": 10});
    json!({
        "portfolio_value": 1_000_000,
        "transaction_cost_bps": 0,
        "band": {"floor": 0.03, "cap": 0.03},
        "groups": [{"asset_class": "equity", "band": {"relative": 0.25, "cap": 0.05}}],
        "assets": [
            asset("E1", "equity", 0.22, 0.2), asset("E2", "equity", 0.22, 0.2), asset("E3", " equity ", 0.22, 0.2),
            asset("B1", "bond", 0.085, 0.1), asset("B2", "bond", 0.085, 0.1), asset("B3", "bond", 0.085, 0.1),
            asset("B4", "bond", 0.085, 0.1),
        ],
    })
}

#[test]
fn a_group_outside_its_band_trades_although_its_assets_are_inside_theirs() {
    let answer = plan(&book());
    let group = &answer["groups"][0];
    assert_eq!((&group["name"], &group["is_breached"]), (&json!("equity"), &json!(true)));
    for (member, value) in [
        ("current_weight", 0.66),
        ("target_weight", 0.6),
        ("drift", 0.06),
        ("band_half_width", 0.05),
        ("weight_after", 0.6),
    ] {
        close(member, number(group, &format!("/{member}")), value, 1e-9);
    }
    assert_eq!(
        names(&answer, "/trades", "reason")[..4],
        ["group_breach", "group_breach", "group_breach", "absorption"]
    );
    for trade in &list(&answer, "/trades")[..3] {
        close("sold", number(trade, "/signed_trade_value"), -20_000.0, 0.011);
    }
    assert_eq!(answer["weights"][0]["sleeve"], "core");
    assert_eq!(answer["orders"][0]["sleeve"], "core");
}

#[test]
fn a_group_stops_at_the_edge_of_its_band() {
    let answer = plan(&changed(book(), "/destination", json!(1)));
    close("at the edge", number(&answer, "/groups/0/weight_after"), 0.65, 1e-6);
    assert!(number(&answer, "/groups/0/weight_after") <= 0.65 + 1e-12);
    // Each keeps five sixths of its drift.
    close("sold", number(&answer, "/trades/0/signed_trade_value"), -10_000.0 / 3.0, 0.05);
}

#[test]
fn without_the_group_nothing_trades_and_the_answer_names_none() {
    let mut body = book();
    body.as_object_mut().unwrap().remove("groups");
    let answer = plan(&body);
    assert!(names(&answer, "/trades", "action").iter().all(|action| *action == "Hold"));
    assert!(answer.get("groups").is_none() && answer.get("trigger").is_none());
}

#[test]
fn a_member_that_may_not_trade_leaves_its_part_to_the_others() {
    let mut body = changed(book(), "/assets/0/role", json!("frozen"));
    body["destination"] = json!(1);
    let answer = plan(&body);
    // Of 6 points 5 may stay: 2 stay in the frozen fund, 1.5 in each of the others.
    close("at the edge", number(&answer, "/groups/0/weight_after"), 0.65, 1e-6);
    close("sold", number(&answer, "/trades/1/signed_trade_value"), -5_000.0, 0.05);
}

#[test]
fn a_group_that_cannot_be_is_refused_at_its_member() {
    let refused = |group: Value| {
        let reply =
            problem(&post("/api/rebalance", &changed(book(), "/groups", json!([group]))), 400, "invalid-request");
        (reply["errors"][0]["pointer"].clone(), reply["errors"][0]["code"].clone())
    };
    let band = json!({"floor": 0.05, "cap": 0.05});
    assert_eq!(refused(json!({"band": band})), (json!("/groups/0/asset_class"), json!("required")));
    assert_eq!(refused(json!({"asset_class": "gold", "band": band})), (json!("/groups/0/asset_class"), json!("value")));
    let both = json!({"asset_class": "bond", "sleeve": "core", "band": band});
    assert_eq!(refused(both), (json!("/groups/0/sleeve"), json!("value")));
    assert_eq!(refused(json!({"sleeve": "core", "band": {"cap": 0.1}})), (json!("/groups/0/band"), json!("value")));
    let negative = json!({"sleeve": "core", "band": {"floor": -0.1}});
    assert_eq!(refused(negative), (json!("/groups/0/band/floor"), json!("range")));
}

#[test]
fn an_asset_in_its_band_says_why_it_trades() {
    let mut body = book();
    body.as_object_mut().unwrap().remove("groups");
    (body["scope"], body["assets"][0]["current_weight"]) = (json!("whole"), json!(0.24));
    body["assets"][6]["current_weight"] = json!(0.065);
    let reasons =
        |body: &Value| names(&plan(body), "/trades", "reason").into_iter().map(str::to_owned).collect::<Vec<_>>();
    let whole = reasons(&body);
    assert_eq!(
        (whole[0].as_str(), whole[1].as_str(), whole[6].as_str()),
        ("drift_breach", "whole_book", "drift_breach")
    );
    body["posture"] = json!("worksheet");
    for asset in [1, 3] {
        body["assets"][asset]["selected"] = json!(true);
    }
    let picked = reasons(&body);
    assert_eq!((picked[1].as_str(), picked[3].as_str()), ("selected", "selected"));
    assert_eq!((picked[0].as_str(), picked[2].as_str()), ("not_picked", "within_band"));
}
