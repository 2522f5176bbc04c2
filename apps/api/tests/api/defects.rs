//! One test per defect of the first product that shows on the wire. D1 to D8, D20 and D21 are sizing's own and are
//! tested where trades are sized.

use serde_json::{Value, json};

use crate::support::bodies::{Noise, asset, changed, scenarios, small, with, without};
use crate::support::json::{close, column, list, names, number, text, warning_codes};
use crate::support::{get, plan, post, post_bytes};

/// Sixty returns that are all gains between 1 % and 2 %.
fn only_gains() -> Vec<f64> {
    Noise::new(7).returns(60, 0.015, 0.01)
}

fn one_asset(returns: &[f64]) -> Value {
    json!({"portfolio_value": 1000, "assets": [asset("A", 1.0, 1.0, returns)]})
}

/// Assets whose returns are a clear drift, alternating up and down, plus noise.
fn trending(assets: usize, drift: f64, spread: f64) -> Value {
    let entry = |i: usize| {
        let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let returns = Noise::new(100 + i as u64).returns(500, sign * drift, spread);
        asset(&format!("T{i}"), 1.0, 1.0, &returns)
    };
    json!({"portfolio_value": 1_000_000, "assets": (0..assets).map(entry).collect::<Vec<_>>()})
}

#[test]
fn d01_one_overweight_among_twelve_trades_under_the_defaults() {
    let entry = |i: usize| asset(&format!("A{i}"), 1.0 / 12.0, if i == 0 { 0.533_333 } else { 0.466_667 / 11.0 }, &[]);
    let plan = plan(&json!({"portfolio_value": 100_000, "assets": (0..12).map(entry).collect::<Vec<_>>()}));
    assert_eq!(text(&plan, "/trades/0/action"), "Sell");
    close("turnover", number(&plan, "/turnover_used"), 0.2, 1e-6);
}

#[test]
fn d03_the_queue_holds_orders_and_no_holds() {
    for body in [scenarios()[0].clone(), one_asset(&only_gains())] {
        let run = post("/api/multi-agent/tandem-demo", &body).json();
        let trades = plan(&body)["trades"].clone();
        for order in list(&run, "/timeline/4/output/execution_queue") {
            let row = trades.as_array().unwrap().iter().find(|row| row["asset"] == order["asset"]).unwrap();
            assert_ne!(row["action"], "Hold");
            assert_eq!((&row["action"], &row["trade_value"]), (&order["action"], &order["notional"]));
        }
    }
    let still = post("/api/multi-agent/tandem-demo", &one_asset(&only_gains())).json();
    assert_eq!(list(&still, "/timeline/4/output/execution_queue").len(), 0);
}

#[test]
fn d09_risk_comes_from_the_sent_history() {
    let base = plan(&small());
    let rumour = plan(&with("/assets/0/market_return", json!(0.5)));
    assert_eq!(base["risk_metrics"], rumour["risk_metrics"], "one latest return is no history");
    let mut doubled = small();
    for i in 0..2 {
        let returns: Vec<f64> = column_of(&doubled, i).iter().map(|r| 2.0 * r).collect();
        doubled["assets"][i]["historical_returns"] = json!(returns);
    }
    let doubled = plan(&doubled);
    for metric in ["volatility", "var_95", "cvar_95", "expected_annual_return", "tracking_error"] {
        let at = format!("/risk_metrics/{metric}");
        close(metric, number(&doubled, &at), 2.0 * number(&base, &at), 1e-9);
    }
}

fn column_of(body: &Value, asset: usize) -> Vec<f64> {
    list(body, &format!("/assets/{asset}/historical_returns")).iter().map(|r| r.as_f64().unwrap()).collect()
}

#[test]
fn d09_without_a_history_there_is_no_risk_figure() {
    let mut body = small();
    body["assets"][0]["historical_returns"] = json!([]);
    let plan = plan(&body);
    for metric in [
        "volatility",
        "sharpe",
        "max_drawdown",
        "var_95",
        "cvar_95",
        "expected_annual_return",
        "tracking_error",
        "live_drawdown",
    ] {
        assert!(plan["risk_metrics"][metric].is_null(), "{metric}");
        let at = format!("/risk_metrics/{metric}");
        assert!(names(&plan, "/warnings", "pointer").contains(&at.as_str()), "{metric} has no reason");
    }
    assert!(warning_codes(&plan).contains(&"history_missing"));
}

#[test]
fn d10_tracking_error_is_measured_against_the_target_portfolio() {
    let on_target = plan(&changed(
        small(),
        "/assets",
        json!([
            asset("A", 0.6, 0.6, &Noise::new(3).returns(60, 0.0, 0.02)),
            asset("B", 0.4, 0.4, &Noise::new(4).returns(60, 0.0, 0.02)),
        ]),
    ));
    assert_eq!(number(&on_target, "/risk_metrics/tracking_error"), 0.0);
    assert!(number(&on_target, "/risk_metrics/volatility") > 0.05);
    let off_target = plan(&small());
    let error = number(&off_target, "/risk_metrics/tracking_error");
    // Six points of difference between two assets of about 8 % volatility each.
    assert!(error > 0.002 && error < 0.02, "{error}");
    assert!(number(&off_target, "/after_risk_metrics/tracking_error") < error, "the plan moves towards the target");
}

#[test]
fn d11_a_history_of_gains_has_a_negative_value_at_risk() {
    let plan = plan(&one_asset(&only_gains()));
    let mut sorted = only_gains();
    sorted.sort_by(f64::total_cmp);
    close("VaR", number(&plan, "/risk_metrics/var_95"), -sorted[2], 1e-12);
    assert!(number(&plan, "/risk_metrics/cvar_95") < 0.0);
    assert_eq!(number(&plan, "/risk_metrics/max_drawdown"), 0.0);
}

#[test]
fn d12_the_tail_mean_lies_beyond_the_quantile_and_years_are_consistent() {
    let returns = Noise::new(5).returns(250, 0.0004, 0.04);
    let plan = plan(&one_asset(&returns));
    assert!(number(&plan, "/risk_metrics/cvar_95") > number(&plan, "/risk_metrics/var_95") + 1e-4);
    let mean = returns.iter().sum::<f64>() / 250.0;
    close("annual return", number(&plan, "/risk_metrics/expected_annual_return"), 252.0 * mean, 1e-12);
}

#[test]
fn d12_a_small_sample_is_warned_about() {
    for (periods, warned) in [(59, true), (60, false)] {
        let plan = plan(&one_asset(&Noise::new(6).returns(periods, 0.0, 0.02)));
        assert!(plan["risk_metrics"]["var_95"].is_number() && plan["monte_carlo"]["var_95"].is_number());
        assert_eq!(warning_codes(&plan).contains(&"history_short"), warned, "{periods} returns");
    }
}

#[test]
fn d13_the_simulation_states_seed_horizon_and_errors_and_follows_the_history() {
    let ask = |seed: u64, days: u64| {
        plan(&with("/monte_carlo", json!({"seed": seed, "horizon_days": days, "paths": 20_000, "drift": "sample"})))
    };
    let (a, b) = (ask(1, 30), ask(2, 30));
    assert_eq!((number(&a, "/monte_carlo/seed"), number(&a, "/metadata/seed")), (1.0, 1.0));
    let mean = |plan: &Value| number(plan, "/monte_carlo/expected_terminal_value");
    let error = number(&a, "/monte_carlo/standard_errors/expected_terminal_value");
    assert_ne!(mean(&a), mean(&b));
    assert!((mean(&a) - mean(&b)).abs() < 6.0 * error, "two seeds disagree beyond chance");

    // With fixed weights the value at the horizon is lognormal: its mean grows with the mean of the book's own returns.
    let annual = number(&a, "/risk_metrics/expected_annual_return");
    let year = ask(3, 252);
    let slack = 4.0 * number(&year, "/monte_carlo/standard_errors/expected_terminal_value") + 0.01;
    close("mean after a year", mean(&year), annual.exp(), slack);
    assert_eq!(number(&year, "/monte_carlo/horizon_days"), 252.0);
}

#[test]
fn d13_the_probability_of_loss_moves_with_the_drift() {
    let loss = |mean, drift| {
        let body = one_asset(&Noise::new(8).returns(250, mean, 0.03));
        let plan = plan(&changed(body, "/monte_carlo", json!({"drift": drift})));
        assert_eq!(text(&plan, "/monte_carlo/drift/choice"), drift);
        number(&plan, "/monte_carlo/probability_of_loss")
    };
    let (down, up) = (loss(-0.002, "sample"), loss(0.002, "sample"));
    assert!(down > 0.75 && up < 0.25, "{down} {up}");
    // Under names that do not ask the history for its mean, the history does not move the drift.
    for drift in ["zero_excess", "risk_free_plus_premium"] {
        assert!((loss(-0.002, drift) - loss(0.002, drift)).abs() < 0.02, "{drift}");
    }
    let named =
        changed(one_asset(&Noise::new(8).returns(250, 0.002, 0.03)), "/monte_carlo", json!({"drift": "historical"}));
    assert_eq!(text(&plan(&named), "/monte_carlo/drift/choice"), "sample");
    // A year of history moves the posterior by a fifth as much.
    let (down, up) = (loss(-0.002, "posterior"), loss(0.002, "posterior"));
    assert!((0.5..0.7).contains(&down) && (0.3..0.5).contains(&up), "{down} {up}");
}

#[test]
fn d13_assets_that_offset_each_other_leave_no_risk() {
    let returns = Noise::new(9).returns(250, 0.0, 0.04);
    let mirrored: Vec<f64> = returns.iter().map(|r| -r).collect();
    let assets = json!([asset("A", 0.5, 0.5, &returns), asset("B", 0.5, 0.5, &mirrored)]);
    let plan = plan(&json!({"portfolio_value": 1000, "assets": assets}));
    close("VaR of a hedged book", number(&plan, "/monte_carlo/var_95"), 0.0, 1e-9);
}

#[test]
fn d14_confidence_does_not_depend_on_the_unit_of_the_returns() {
    let base = plan(&small());
    let mut scaled = small();
    for i in 0..2 {
        let returns: Vec<f64> = column_of(&scaled, i).iter().map(|r| 10.0 * r).collect();
        scaled["assets"][i]["historical_returns"] = json!(returns);
    }
    let scaled = plan(&scaled);
    let confidence = |plan: &Value| column(plan, "/weights", "forecast_confidence");
    for (a, b) in confidence(&base).into_iter().zip(confidence(&scaled)) {
        close("confidence", b, a, 1e-9);
    }
}

#[test]
fn d14_no_history_is_low_confidence_and_says_so() {
    let plan = plan(&with("/assets/0/historical_returns", Value::Null));
    let (without, with) =
        (number(&plan, "/weights/0/forecast_confidence"), number(&plan, "/weights/1/forecast_confidence"));
    assert!(without <= 0.05 && without <= with, "{without} {with}");
    assert_eq!(number(&plan, "/weights/0/forecast_return"), 0.001, "the market return is the fallback");
    assert!(warning_codes(&plan).contains(&"forecast_fallback"));
    assert_eq!(text(&plan, "/house_view/asset_forecasts/0/basis"), "market_return");
    assert!(!list(&plan, "/house_view/asset_forecasts/0/notes").is_empty());
}

#[test]
fn d15_a_short_average_is_not_pulled_towards_zero() {
    let body = one_asset(&[0.01, 0.010_001, 0.01, 0.010_001, 0.01]);
    let plan = plan(&changed(body, "/forecast_model", json!("ensemble_v2")));
    let forecast = &plan["house_view"]["asset_forecasts"][0];
    close("ewma", number(forecast, "/ewma"), 0.01, 1e-6);
    close("ensemble", number(forecast, "/ensemble"), 0.01, 1e-6);
}

#[test]
fn d15_a_member_without_an_opinion_carries_no_weight_and_says_why() {
    let body = json!({"model": "ensemble_v2", "assets": [{"asset": "A", "historical_returns": [0.01, -0.02, 0.03, 0.0, -0.01]}]});
    let answer = post("/api/forecast", &body).json();
    let forecast = &answer["forecasts"][0];
    let mut weights = 0.0;
    for member in ["momentum", "mean_reversion", "ewma"] {
        assert!(forecast[member]["expected_return"].is_number(), "{member} is always a number");
        let weight = number(&forecast[member], "/weight");
        assert_eq!(forecast[member]["abstained"].is_object(), weight == 0.0, "{member}: {}", forecast[member]);
        weights += weight;
    }
    close("weights of the members", weights, 1.0, 1e-9);
    assert_eq!(number(&forecast["mean_reversion"], "/weight"), 0.0, "five returns show no reversal");
    assert_eq!(text(forecast, "/mean_reversion/abstained/code"), "too_few_observations");
}

#[test]
fn d16_the_page_invents_no_history() {
    assert!(!get("/").text().contains("historical_returns"));
}

#[test]
fn d17_every_bad_field_is_named_and_nothing_is_replaced_by_a_default() {
    let body = json!({
        "portfolio_value": "1e5", "drift_threshold": "wide", "turnover_limit": true, "risk_free_rate": "0.02",
        "assets": [{"asset": 7, "target_weight": "0.5", "current_weight": null, "price": "x", "historical_returns": [0.1, "a", true, null]}],
    });
    let reply = post("/api/rebalance", &body);
    assert_eq!(reply.status, 400);
    let problem = reply.json();
    let pointers = names(&problem, "/errors", "pointer");
    for expected in [
        "/portfolio_value",
        "/drift_threshold",
        "/turnover_limit",
        "/risk_free_rate",
        "/assets/0/asset",
        "/assets/0/target_weight",
        "/assets/0/current_weight",
        "/assets/0/price",
        "/assets/0/historical_returns/1",
        "/assets/0/historical_returns/2",
        "/assets/0/historical_returns/3",
    ] {
        assert!(pointers.contains(&expected), "{expected} is missing: {pointers:?}");
    }
    assert_eq!(pointers.len(), 11, "{pointers:?}");
}

#[test]
fn d17_no_answer_holds_a_number_that_is_not_finite() {
    let extreme = json!({"portfolio_value": 1e12, "assets": [
        asset("A", 1e9, 1e-9, &[100.0, -1.0, 100.0, -0.999_999, 100.0]), asset("B", 1e-9, 1e9, &[-1.0; 5]),
    ]});
    let reply = post("/api/rebalance", &extreme);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    for (table, members) in [
        ("/weights", &["target_weight", "optimized_target_weight", "drift", "weight_after", "forecast_return"][..]),
        ("/trades", &["signed_trade_value", "trade_units", "estimated_cost"]),
        ("/house_view/asset_forecasts", &["momentum", "mean_reversion", "ewma", "ensemble", "confidence"]),
    ] {
        for member in members {
            assert_eq!(column(&answer, table, member).len(), 2, "{table} {member}");
        }
    }
}

#[test]
fn d18_repeated_names_are_refused_also_after_trimming() {
    let reply = post("/api/rebalance", &with("/assets/1/asset", json!(" ETF\n")));
    assert_eq!(reply.status, 400);
    assert_eq!(names(&reply.json(), "/errors", "pointer"), ["/assets/1/asset"]);
    assert_eq!(names(&reply.json(), "/errors", "code"), ["duplicate_name"]);
    assert_eq!(post("/api/rebalance", &with("/assets/1/asset", json!("etf"))).status, 200, "case tells names apart");
}

#[test]
fn d19_normalising_is_never_silent() {
    let thirty_ten =
        json!({"portfolio_value": 1000, "assets": [asset("A", 30.0, 1.0, &[]), asset("B", 10.0, 1.0, &[])]});
    let scaled = plan(&thirty_ten);
    assert_eq!(column(&scaled, "/weights", "target_weight"), [0.75, 0.25]);
    let warning = list(&scaled, "/warnings").iter().find(|w| w["code"] == "weights_normalized").unwrap();
    assert!(text(warning, "/detail").contains("40") && text(warning, "/detail").contains('2'), "{warning}");
    assert!(!warning_codes(&plan(&small())).contains(&"weights_normalized"), "weights that sum to one need no warning");
}

#[test]
fn d19_cash_is_one_word_away() {
    // The first product's own example: one asset at 24 % with a target of 20 %, the rest in cash.
    let body = json!({
        "portfolio_value": 100_000, "weight_policy": "cash_remainder", "assets": [asset("A", 0.20, 0.24, &[])],
    });
    let plan = plan(&body);
    assert_eq!(number(&plan, "/weights/0/drift"), 0.04);
    assert_eq!(text(&plan, "/trades/0/action"), "Sell");
    assert_eq!(number(&plan, "/cash/weight_before"), 0.76);
    assert!(number(&plan, "/cash/weight_after") > 0.79);
    assert_eq!(post("/api/rebalance", &changed(body, "/weight_policy", json!("strict"))).status, 400);
}

#[test]
fn d22_nothing_is_shown_that_was_not_sent() {
    let body = &scenarios()[0];
    let plan = plan(body);
    for drill in plan["asset_drilldown"].as_object().unwrap().values() {
        assert_eq!(drill["holdings"], json!([]));
    }
    let sent = plan_with_holding();
    assert_eq!(list(&sent, "/asset_drilldown/ETF/holdings").len(), 1);
    assert_eq!(list(&sent, "/asset_drilldown/Gold/holdings").len(), 0);
    assert!(warning_codes(&sent).contains(&"holding_weights_sum"));
}

fn plan_with_holding() -> Value {
    plan(&with("/assets/0/holdings", json!([{"holding": "H", "holding_weight": 0.4}])))
}

#[test]
fn d23_the_decision_follows_from_severity_and_the_all_clear_is_no_flag() {
    let calm =
        json!({"portfolio_value": 1000, "assets": [asset("A", 1.0, 1.0, &Noise::new(10).returns(250, 0.0005, 0.004))]});
    let brief = post("/api/ai-copilot/insights", &calm).json();
    assert_eq!(brief["risk_flags"], json!(["Risk posture within configured guardrails"]));
    assert_eq!((&brief["risk_flag_details"], text(&brief, "/decision")), (&json!([]), "APPROVED"));

    // One critical measure is enough, although it is a single flag.
    let wild =
        json!({"portfolio_value": 1000, "assets": [asset("A", 1.0, 1.0, &Noise::new(11).returns(250, 0.0, 0.4))]});
    let brief = post("/api/ai-copilot/insights", &wild).json();
    assert_eq!(text(&brief, "/decision"), "REVIEW_REQUIRED");
    assert!(names(&brief, "/risk_flag_details", "severity").contains(&"critical"));

    // What could not be measured does not pass for safe.
    let blind = json!({"portfolio_value": 1000, "assets": [asset("A", 1.0, 1.0, &[])]});
    let run = post("/api/multi-agent/tandem-demo", &blind).json();
    assert_eq!(text(&run, "/timeline/5/output/decision"), "REVIEW_REQUIRED");
}

#[test]
fn d23_the_steps_report_one_plan() {
    let body = &scenarios()[2];
    let (plan, run) = (plan(body), post("/api/multi-agent/tandem-demo", body).json());
    let brief = post("/api/ai-copilot/insights", body).json();
    assert_eq!(run["timeline"][2]["output"]["risk_metrics"], plan["risk_metrics"]);
    assert_eq!(run["timeline"][3]["output"]["turnover_used"], plan["turnover_used"]);
    let cost = "estimated_total_transaction_cost";
    assert_eq!(run["timeline"][3]["output"][cost], plan[cost]);
    assert_eq!(run["timeline"][5]["output"]["final_narrative"], brief["narrative"]);
    assert_eq!(run["timeline"][5]["output"]["decision"], brief["decision"]);
}

#[test]
fn d24_models_are_named_with_their_versions() {
    let plan = plan(&small());
    let ids = ["ensemble_v3", "ledoit_wolf_constant_correlation", "gbm_monte_carlo", "historical_risk"];
    assert_eq!(names(&plan, "/metadata/models", "id"), ids);
    assert!(text(&plan, "/metadata/models/0/version").split('.').count() == 3);
    let id = text(&plan, "/metadata/plan_id");
    assert_eq!(
        get(&format!("/api/plans/{id}?include=all")).json()["response"],
        plan,
        "an id that is given can be read back"
    );
}

#[test]
fn d25_hostile_names_reach_no_page_and_long_lists_are_refused() {
    let reply = post("/api/rebalance", &with("/assets/0/asset", json!("<img src=x onerror=alert(1)>")));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    for script in get("/").text().split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains("src=\"/"), "the page runs its own files only: <script{tag}>");
    }
    let many: Vec<Value> =
        (0..2001).map(|i| json!({"asset": i.to_string(), "target_weight": 1, "current_weight": 1})).collect();
    assert_eq!(post("/api/rebalance", &json!({"portfolio_value": 1, "assets": many})).status, 400);
}

#[test]
fn d26_an_array_a_string_for_a_list_and_a_missing_weight_are_named_not_crashed_on() {
    let cases = [
        (json!([]), "", "type"),
        (with("/assets/0/historical_returns", json!("0.01,0.02")), "/assets/0/historical_returns", "type"),
        (with("/assets/0/holdings", json!([7])), "/assets/0/holdings/0", "type"),
        (without("/assets/0/target_weight"), "/assets/0/target_weight", "required"),
    ];
    for (body, pointer, code) in cases {
        let reply = post("/api/rebalance", &body);
        assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")));
        let problem = reply.json();
        assert_eq!((text(&problem, "/errors/0/pointer"), text(&problem, "/errors/0/code")), (pointer, code));
    }
    assert_eq!(post_bytes("/api/rebalance", b"{").header("content-type"), Some("application/problem+json"));
}

#[test]
fn a_strong_signal_tilts_within_half_the_band_and_targets_keep_their_sum() {
    let plan = plan(&changed(trending(6, 0.002, 0.02), "/tracking_error_budget", json!(0.01)));
    let targets = column(&plan, "/weights", "target_weight");
    let optimized = column(&plan, "/weights", "optimized_target_weight");
    close("sum of optimised weights", optimized.iter().sum(), targets.iter().sum(), 1e-9);
    for (i, (target, tilted)) in targets.iter().zip(&optimized).enumerate() {
        assert!((tilted - target).abs() <= 0.01 + 1e-9, "asset {i}: {target} to {tilted}");
        assert!(if i.is_multiple_of(2) { tilted > target } else { tilted < target }, "asset {i}: {target} to {tilted}");
    }
    let spent = number(&plan, "/tilt/tracking_error_spent");
    assert!(spent > 0.0 && spent <= number(&plan, "/tilt/tracking_error_budget") + 1e-12, "{spent}");
    assert!(names(&plan, "/trades", "action").iter().all(|action| *action == "Hold"), "a tilt alone does not trade");
}

#[test]
fn the_tracking_error_budget_bounds_the_tilt_and_zero_switches_it_off() {
    let body = trending(6, 0.004, 0.01);
    let small = plan(&changed(body.clone(), "/tracking_error_budget", json!(0.001)));
    let spent = number(&small, "/tilt/tracking_error_spent");
    assert!(spent > 0.0 && spent <= 0.001 + 1e-12, "{spent}");
    assert_eq!(text(&small, "/tilt/limited_by"), "tracking_error");
    let off = plan(&changed(body, "/tracking_error_budget", json!(0)));
    assert_eq!(text(&off, "/tilt/limited_by"), "switched_off");
    assert_eq!(column(&off, "/weights", "optimized_target_weight"), column(&off, "/weights", "target_weight"));
}

#[test]
fn white_noise_gives_next_to_no_tilt() {
    let mut most: f64 = 0.0;
    for seed in 0..10 {
        let entry =
            |i: u64| asset(&format!("N{i}"), 1.0, 1.0, &Noise::new(1000 + 10 * seed + i).returns(250, 0.0, 0.03));
        let plan = plan(&json!({"portfolio_value": 1000, "assets": (0..6).map(entry).collect::<Vec<_>>()}));
        most = most.max(number(&plan, "/tilt/tracking_error_spent"));
    }
    assert!(most < 0.002, "{most} of a budget of 0.01");
}

#[test]
fn the_first_products_formulas_are_selectable_and_named_and_do_not_tilt() {
    let returns = [0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.015];
    let body = json!({
        "portfolio_value": 1000, "forecast_model": "demo_ensemble_v1",
        "assets": [asset("A", 0.5, 0.5, &returns), asset("B", 0.5, 0.5, &[])],
    });
    let plan = plan(&body);
    assert_eq!(names(&plan, "/metadata/models", "id")[0], "demo_ensemble_v1");
    let forecast = &plan["house_view"]["asset_forecasts"][0];
    let short = returns[2..].iter().sum::<f64>() / 5.0;
    let long = returns.iter().sum::<f64>() / 7.0;
    let reversion = long - 0.5 * (short - long);
    let ewma = returns.iter().fold(0.0, |e, r| 0.35 * r + 0.65 * e);
    close("momentum", number(forecast, "/momentum"), short, 1e-12);
    close("mean reversion", number(forecast, "/mean_reversion"), reversion, 1e-12);
    close("ewma", number(forecast, "/ewma"), ewma, 1e-12);
    close("ensemble", number(forecast, "/ensemble"), 0.5 * short + 0.25 * reversion + 0.25 * ewma, 1e-12);
    assert_eq!(column(&plan, "/weights", "optimized_target_weight"), [0.5, 0.5]);
    assert_eq!(number(&plan, "/weights/1/forecast_confidence"), 0.35);
}
