//! What holds of every plan, recomputed here from the request and the printed answer.

use serde_json::{Value, json};

use rebalancer::startup::Settings;

use crate::support::bodies::{Noise, asset, changed, random_book, scenarios, small, with};
use crate::support::book;
use crate::support::json::{close, column, list, names, number, text, warning_codes};
use crate::support::measures::{Figures, portfolio};
use crate::support::{Connection, plan, post, server};

/// The return series of a body's assets.
fn series(body: &Value) -> Vec<Vec<f64>> {
    let floats = |values: &Value| values.as_array().unwrap().iter().map(|r| r.as_f64().unwrap()).collect();
    list(body, "/assets").iter().map(|entry| floats(&entry["historical_returns"])).collect()
}

#[track_caller]
fn figures_agree(plan: &Value, member: &str, want: &Figures) {
    for (metric, value) in want.named() {
        close(&format!("{member}.{metric}"), number(plan, &format!("/{member}/{metric}")), value, 1e-9);
    }
}

/// Risk figures a plan cannot support are null, each with its reason, and the simulation says why it has none.
#[track_caller]
fn has_no_figures(plan: &Value) {
    let reasons: Vec<&str> = list(plan, "/warnings")
        .iter()
        .filter(|warning| warning["code"] == "figure_unavailable")
        .map(|warning| text(warning, "/pointer"))
        .collect();
    for member in ["risk_metrics", "target_risk_metrics", "after_risk_metrics"] {
        for (metric, value) in plan[member].as_object().unwrap() {
            assert!(value.is_null(), "{member}.{metric}: {value}");
            let own = format!("/{member}/{metric}");
            let group = format!("/{member}");
            assert!(reasons.iter().any(|at| *at == own || *at == group), "{own} has no reason: {reasons:?}");
        }
    }
    assert!(reasons.contains(&"/monte_carlo"), "{reasons:?}");
    for figure in ["expected_terminal_value", "probability_of_loss", "worst_5pct_terminal_value", "var_95", "cvar_95"] {
        assert!(plan["monte_carlo"][figure].is_null(), "{figure}");
        assert!(plan["monte_carlo"]["standard_errors"][figure].is_null(), "{figure}");
    }
}

#[test]
fn random_books_keep_every_invariant() {
    for seed in 0..120 {
        // Sizes log-uniform from 1 to about 300.
        let assets = (300_f64.powf(f64::from(seed) / 119.0)) as usize;
        let body = random_book(u64::from(seed as u32), assets, if seed % 3 == 0 { 0 } else { 25 });
        book::check(&body, &plan(&body), 2);
    }
}

#[test]
fn the_scenarios_keep_every_invariant() {
    for body in scenarios() {
        book::check(&body, &plan(&body), 2);
    }
}

#[test]
fn planning_again_from_the_after_weights_proposes_nothing() {
    let mut planned_again = 0;
    for seed in 200..260 {
        let mut body = random_book(seed, 1 + (seed as usize * 7) % 40, 30);
        body["turnover_limit"] = json!(1.0);
        let first = plan(&body);
        if first["turnover_bound"] == true {
            continue;
        }
        body["portfolio_value"] = first["value_after"].clone();
        body["weight_policy"] = json!("cash_remainder");
        for (i, row) in list(&first, "/weights").iter().enumerate() {
            body["assets"][i]["target_weight"] = row["target_weight"].clone();
            body["assets"][i]["current_weight"] = row["weight_after"].clone();
        }
        let second = plan(&body);
        assert!(names(&second, "/trades", "action").iter().all(|action| *action == "Hold"), "seed {seed}: {second}");
        planned_again += 1;
    }
    assert!(planned_again >= 40, "only {planned_again} books were free of the budget");
}

#[test]
fn two_thousand_assets_are_planned_and_printed_weights_sum_to_one() {
    let mut body = random_book(77, 2000, 50);
    (body["drift_threshold"], body["worth_min_bps"]) = (json!(0.0001), json!(-10_000));
    let plan = plan(&body);
    book::check(&body, &plan, 2);
    close("optimised weights", column(&plan, "/weights", "optimized_target_weight").iter().sum(), 1.0, 1e-4);
    assert_eq!(plan["asset_drilldown"].as_object().unwrap().len(), 2000);
    assert!(plan["risk_metrics"]["volatility"].is_number());
    assert!(names(&plan, "/trades", "action").iter().any(|action| *action != "Hold"));
}

#[test]
fn risk_figures_are_the_textbook_formulas_on_the_sent_history() {
    for body in scenarios() {
        let plan = plan(&body);
        let series = series(&body);
        let periods = series[0].len();
        let of = |member: &str| portfolio(&column(&plan, "/weights", member), &series, periods);
        let target = of("target_weight");
        figures_agree(&plan, "risk_metrics", &Figures::of(&of("current_weight"), &target, 0.02));
        figures_agree(&plan, "after_risk_metrics", &Figures::of(&of("weight_after"), &target, 0.02));
        figures_agree(&plan, "target_risk_metrics", &Figures::of(&target, &target, 0.02));
    }
}

#[test]
fn a_whole_number_of_tail_days_is_counted_as_whole() {
    // 5 % of 20, 40 and 100 days are 1, 2 and 5 of them, although the products are not exact in binary.
    for periods in [20, 40, 60, 100, 140] {
        let returns = Noise::new(periods).returns(periods as usize, 0.0, 0.04);
        let body = json!({"portfolio_value": 1000, "risk_free_rate": 0, "assets": [asset("A", 1.0, 1.0, &returns)]});
        let plan = plan(&body);
        let want = Figures::of(&returns, &returns, 0.0);
        close("VaR", number(&plan, "/risk_metrics/var_95"), want.var_95, 1e-12);
        close("CVaR", number(&plan, "/risk_metrics/cvar_95"), want.cvar_95, 1e-12);
        close("Sharpe", number(&plan, "/risk_metrics/sharpe"), want.sharpe, 1e-9);
    }
}

#[test]
fn tracking_error_uses_the_benchmark_that_was_sent() {
    let body = small();
    let series = series(&body);
    for length in [60, 90, 25] {
        let benchmark = Noise::new(55).returns(length, 0.0, 0.02);
        let plan = plan(&changed(body.clone(), "/benchmark_returns", json!(benchmark)));
        let common = length.min(60);
        let tail = &benchmark[length - common..];
        for (member, weights) in [
            ("risk_metrics", "current_weight"),
            ("target_risk_metrics", "target_weight"),
            ("after_risk_metrics", "weight_after"),
        ] {
            let weights = column(&plan, "/weights", weights);
            let want = Figures::of(&portfolio(&weights, &series, common), tail, 0.02).tracking_error;
            close(member, number(&plan, &format!("/{member}/tracking_error")), want, 1e-9);
            let whole = Figures::of(&portfolio(&weights, &series, 60), &[0.0; 60], 0.02).volatility;
            close(member, number(&plan, &format!("/{member}/volatility")), whole, 1e-9);
        }
        assert_eq!(warning_codes(&plan).contains(&"benchmark_aligned"), length < 60, "{length}");
    }
}

#[test]
fn a_shorter_history_is_completed_and_a_single_longer_one_is_cut() {
    let mut body = small();
    let longer = Noise::new(3).returns(100, 0.0, 0.02);
    body["assets"][0]["historical_returns"] = json!(longer);
    let told = |plan: &Value, code: &str| {
        let found = list(plan, "/warnings").iter().find(|w| w["code"] == code);
        found.map(|w| (text(w, "/pointer").to_owned(), text(w, "/detail").to_owned()))
    };
    let both = plan(&body);
    let (pointer, detail) = told(&both, "history_completed").unwrap();
    assert_eq!(pointer, "/assets/1/historical_returns");
    assert!(detail.starts_with("40 periods"), "{detail}");
    assert!(told(&both, "histories_aligned").unwrap().1.contains("100 periods"));
    // All in the asset whose history is whole: its own figures, over the periods of the panel.
    let mut alone = body.clone();
    for (asset, weight) in [(0, 1.0), (1, 1e-9)] {
        alone["assets"][asset]["current_weight"] = json!(weight);
    }
    let alone = plan(&alone);
    let returns = portfolio(&[1.0], std::slice::from_ref(&longer), 100);
    close(
        "volatility",
        number(&alone, "/risk_metrics/volatility"),
        Figures::of(&returns, &returns, 0.02).volatility,
        1e-6,
    );

    // Of three, one is longer: nothing is made up for the two others.
    body["assets"].as_array_mut().unwrap().push(asset("Third", 0.1, 0.1, &Noise::new(4).returns(60, 0.0, 0.01)));
    let three = plan(&body);
    assert_eq!(told(&three, "history_completed"), None);
    let mut series = series(&body);
    series[0] = longer[40..].to_vec();
    let of = |member: &str| portfolio(&column(&three, "/weights", member), &series, 60);
    figures_agree(&three, "risk_metrics", &Figures::of(&of("current_weight"), &of("target_weight"), 0.02));
}

#[test]
fn one_young_asset_neither_softens_the_verdict_nor_moves_the_probability_of_loss() {
    for body in scenarios() {
        let whole = plan(&body);
        for (i, asset) in list(&body, "/assets").iter().enumerate() {
            let returns = series(&body).swap_remove(i);
            let young =
                changed(body.clone(), &format!("/assets/{i}/historical_returns"), json!(returns[returns.len() - 20..]));
            let cut = plan(&young);
            let name = (text(&body, "/name"), text(asset, "/asset"));
            assert_eq!(text(&cut, "/verdict/decision"), "REVIEW_REQUIRED", "{name:?}");
            assert!(
                warning_codes(&cut).contains(&"history_short") && warning_codes(&cut).contains(&"history_completed")
            );
            if number(asset, "/target_weight") <= 0.05 {
                let loss = |plan: &Value| number(plan, "/monte_carlo/probability_of_loss");
                assert!((loss(&cut) - loss(&whole)).abs() < 0.05, "{name:?}: {} to {}", loss(&whole), loss(&cut));
            }
        }
    }
}

#[test]
fn trades_that_the_policy_wants_whatever_they_are_worth_say_what_they_lose() {
    let told = |cost: f64| {
        let plan = plan(&changed(with("/transaction_cost_bps", json!(cost)), "/worth_min_bps", json!(-10_000)));
        let warning = list(&plan, "/warnings").iter().find(|w| w["code"] == "costs_more_than_worth").cloned();
        (number(&plan, "/worth/figures/net_bps"), number(&plan, "/turnover_used"), warning)
    };
    let (net, turnover, warning) = told(0.0);
    assert!(net > 0.0 && turnover > 0.0 && warning.is_none());
    let (net, turnover, warning) = told(100.0);
    assert!(net < 0.0 && turnover > 0.0);
    let warning = warning.unwrap();
    assert_eq!(text(&warning, "/pointer"), "/worth/figures/net_bps");
    assert!(text(&warning, "/detail").contains(&format!("{:.2} bp", -net)), "{warning}");
}

/// The scenario of bonds and shares on its targets, but for 2.1 points more of the 10-year and less of the 2-year Treasury.
fn two_points_of_duration() -> Value {
    let mut body = scenarios().into_iter().find(|body| text(body, "/name").starts_with("Risk-Off")).unwrap();
    let assets = list(&body, "/assets").len();
    for i in 0..assets {
        let off = match text(&body, &format!("/assets/{i}/asset")) {
            "UST10Y_TR" => 0.021,
            "UST2Y_TR" => -0.021,
            _ => 0.0,
        };
        let target = number(&body, &format!("/assets/{i}/target_weight"));
        body = changed(body, &format!("/assets/{i}/current_weight"), json!(target + off));
    }
    body
}

#[test]
fn no_plan_of_negative_worth_is_proposed_unless_the_policy_says_so() {
    let body = two_points_of_duration();
    let held = plan(&body);
    assert!(list(&held, "/orders").is_empty() && !warning_codes(&held).contains(&"costs_more_than_worth"));
    let too_little = names(&held, "/trades", "reason").into_iter().filter(|reason| *reason == "worth_too_little");
    assert_eq!(too_little.count(), 2);
    let made = plan(&changed(body.clone(), "/worth_min_bps", json!(-10_000)));
    assert_eq!(list(&made, "/orders").len(), 2);
    assert!(number(&made, "/worth/figures/net_bps") < 0.0);
    assert!(warning_codes(&made).contains(&"costs_more_than_worth"));
    // Without histories there is no worth, and the bands decide.
    let assets = list(&body, "/assets").len();
    let mut body = body;
    body.as_object_mut().unwrap().remove("dates");
    let unknown =
        (0..assets).fold(body, |body, i| changed(body, &format!("/assets/{i}/historical_returns"), json!([])));
    assert_eq!(list(&plan(&unknown), "/orders").len(), 2);
}

#[test]
fn an_impact_that_is_told_is_counted() {
    let scenario = scenarios().into_iter().find(|body| text(body, "/name").starts_with("Risk-Off")).unwrap();
    let assets = list(&scenario, "/assets").len();
    let body = (0..assets)
        .fold(scenario, |body, i| changed(body, &format!("/assets/{i}/average_daily_volume"), json!(50_000)));
    for method in ["drift", "optimal"] {
        let plan = plan(&changed(body.clone(), "/method", json!(method)));
        let orders = list(&plan, "/orders");
        assert!(orders.len() > 1);
        let sum = |of: &dyn Fn(&Value) -> f64| orders.iter().map(of).sum::<f64>() / number(&plan, "/portfolio_value");
        let booked = sum(&|order| number(order, "/estimated_cost"));
        let impact = sum(&|order| number(order, "/trade_value") * 1e-4 * number(order, "/impact_bps"));
        let cost = 1e-4 * number(&plan, "/worth/figures/cost_bps");
        assert!(impact > 1e-5 && (cost - booked - impact).abs() < 1e-3 * impact, "{method}: {cost} {booked} {impact}");
        let free = changed(body.clone(), "/costs", json!({"impact": 0}));
        let free = self::plan(&changed(free, "/method", json!(method)));
        assert!(number(&free, "/worth/figures/cost_bps") < 1e4 * (cost - 0.5 * impact), "{method}");
    }
}

#[test]
fn turnover_that_costs_more_than_it_removes_is_left_and_the_plan_says_so() {
    let scenario = scenarios().into_iter().find(|body| text(body, "/name").starts_with("Risk-Off")).unwrap();
    let dear = list(&scenario, "/assets").iter().position(|asset| asset["asset"] == "UST10Y_TR").unwrap();
    let body = changed(scenario, &format!("/assets/{dear}/transaction_cost_bps"), json!(900));
    let within = |limit: f64, least: Value| {
        plan(&changed(changed(body.clone(), "/turnover_limit", json!(limit)), "/worth_min_bps", least))
    };
    let stopped = within(0.15, json!(0));
    let used = number(&stopped, "/turnover_used");
    assert!(used < 0.14 && stopped["turnover_bound"] == json!(false), "{used}");
    let warning = list(&stopped, "/warnings").iter().find(|w| w["code"] == "turnover_unspent").expect("it says so");
    assert_eq!(text(warning, "/pointer"), "/turnover_limit");
    let percent = format!("{:.2} %", 100.0 * used);
    assert!(
        text(warning, "/detail").starts_with(&format!("the trades use {percent} of the turnover limit of 15.00 %"))
    );
    assert_eq!(text(&list(&stopped, "/trades")[dear], "/reason"), "worth_too_little");
    assert!(list(&stopped, "/verdict/relaxations").is_empty(), "nobody asks for more turnover");
    // No limit that is used in full is worth more, and that of the request 2 bp less.
    let net = |plan: &Value| number(plan, "/worth/figures/net_bps");
    for limit in [0.06, 0.09, 0.11, 0.12, 0.125, 0.13, 0.14, 0.15, 0.2] {
        let whole = within(limit, json!(-10_000));
        assert!(!warning_codes(&whole).contains(&"turnover_unspent"));
        assert!(net(&whole) < net(&stopped) + 0.01, "{limit}: {} above {}", net(&whole), net(&stopped));
        assert!(limit != 0.15 || net(&whole) < net(&stopped) - 2.0);
    }
    // A smaller limit that is above what is used changes nothing.
    assert!((net(&within(0.13, json!(0))) - net(&stopped)).abs() < 0.01);
}

#[test]
fn a_plan_worth_less_than_asked_for_trades_nothing_and_says_why() {
    let ask = |least: f64| plan(&changed(with("/transaction_cost_bps", json!(100)), "/worth_min_bps", json!(least)));
    let held = ask(0.0);
    assert_eq!((number(&held, "/turnover_used"), list(&held, "/orders").len()), (0.0, 0));
    assert_eq!(names(&held, "/trades", "reason"), ["worth_too_little"; 2]);
    assert!(!warning_codes(&held).contains(&"costs_more_than_worth"));
    let traded = ask(-10_000.0);
    assert!(number(&traded, "/turnover_used") > 0.0 && warning_codes(&traded).contains(&"costs_more_than_worth"));
    let optimal = changed(with("/method", json!("optimal")), "/worth_min_bps", json!(0));
    let refused = post("/api/rebalance", &optimal);
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/worth_min_bps"));
}

#[test]
fn one_common_observation_supports_no_figure() {
    let plan = plan(&with("/assets/1/historical_returns", json!([0.01])));
    has_no_figures(&plan);
    assert!(warning_codes(&plan).contains(&"histories_aligned"));
    assert!(warning_codes(&plan).contains(&"history_short"));
    assert!(number(&plan, "/turnover_used") > 0.0, "trades need no history");
}

#[test]
fn two_common_observations_are_computed_with_a_warning() {
    let plan = plan(&with("/assets/1/historical_returns", json!([0.01, -0.02])));
    assert!(plan["risk_metrics"]["volatility"].is_number() && plan["monte_carlo"]["var_95"].is_number());
    assert!(warning_codes(&plan).contains(&"history_short"));
}

#[test]
fn no_history_means_no_figures_with_reasons_and_warnings_for_each_asset() {
    let assets = json!([
        {"asset": "A", "target_weight": 0.6, "current_weight": 0.7, "market_return": 0.004},
        {"asset": "B", "target_weight": 0.4, "current_weight": 0.3, "historical_returns": []},
    ]);
    let body = json!({"portfolio_value": 10_000, "tracking_error_budget": 0.01, "assets": assets});
    let plan = plan(&body);
    book::check(&body, &plan, 2);
    has_no_figures(&plan);
    for i in 0..2 {
        for (code, pointer) in [
            ("price_defaulted", format!("/assets/{i}/price")),
            ("history_missing", format!("/assets/{i}/historical_returns")),
            ("forecast_fallback", format!("/assets/{i}")),
        ] {
            let found = list(&plan, "/warnings").iter().any(|w| w["code"] == code && w["pointer"] == pointer.as_str());
            assert!(found, "{code} at {pointer}: {}", plan["warnings"]);
        }
    }
    let forecasts = column(&plan, "/weights", "forecast_return");
    assert_eq!(forecasts[0], 0.004);
    close("what cash earns", forecasts[1], 1.02_f64.powf(1.0 / 252.0) - 1.0, 1e-12);
    assert_eq!(text(&plan, "/tilt/limited_by"), "no_common_history");
}

#[test]
fn an_asset_neither_held_nor_wanted_needs_no_history() {
    let mut body = small();
    body["assets"].as_array_mut().unwrap().push(asset("Unused", 0.0, 0.0, &[]));
    let plan = plan(&body);
    assert!(plan["risk_metrics"]["volatility"].is_number());
    assert!(!warning_codes(&plan).contains(&"history_missing"));
    assert_eq!(text(&plan, "/trades/2/action"), "Hold");
}

#[test]
fn all_current_weights_zero_means_all_cash_and_buys_within_the_budget() {
    let mut body = small();
    for i in 0..2 {
        body["assets"][i]["current_weight"] = json!(0);
    }
    let bounded = plan(&body);
    book::check(&body, &bounded, 2);
    assert_eq!(number(&bounded, "/cash/weight_before"), 1.0);
    assert_eq!(bounded["turnover_bound"], true);
    close("turnover", number(&bounded, "/turnover_used"), 0.2, 1e-6);

    body["turnover_limit"] = json!(1.0);
    let free = plan(&body);
    book::check(&body, &free, 2);
    assert!(names(&free, "/trades", "action").iter().all(|action| *action == "Buy"));
    close("invested", column(&free, "/weights", "weight_after").iter().sum(), 1.0, 1e-6);
    assert!(number(&free, "/estimated_total_transaction_cost") > 99.0, "the costs come out of the same cash");
    assert_eq!(number(&free, "/risk_metrics/volatility"), 0.0, "cash has no risk");
}

#[test]
fn a_trade_that_the_turnover_limit_leaves_nothing_of_says_so() {
    let mut body = small();
    body["turnover_limit"] = json!(1e-9);
    let plan = plan(&body);
    book::check(&body, &plan, 2);
    assert_eq!(names(&plan, "/trades", "action"), ["Hold", "Hold"]);
    assert_eq!(names(&plan, "/trades", "reason"), ["turnover_limit", "turnover_limit"]);
    assert_eq!(plan["turnover_bound"], true);
}

#[test]
fn liquidation_sells_everything_when_it_is_meant() {
    let mut body = small();
    for i in 0..2 {
        body["assets"][i]["target_weight"] = json!(0);
    }
    let refused = post("/api/rebalance", &body);
    assert_eq!(refused.status, 400);
    assert_eq!(names(&refused.json(), "/errors", "pointer"), ["/assets"]);
    assert!(refused.text().contains("liquidate"), "the way out is named");

    body["liquidate"] = json!(true);
    let plan = plan(&body);
    book::check(&body, &plan, 2);
    assert!(names(&plan, "/trades", "action").iter().all(|action| *action == "Sell"));
    assert_eq!(column(&plan, "/trades", "signed_trade_value").iter().sum::<f64>(), -100_000.0);
    assert_eq!(number(&plan, "/cash/value_after"), 99_900.0, "NAV less ten basis points");
    assert_eq!(number(&plan, "/cash/weight_after"), 1.0);
}

#[test]
fn currencies_are_booked_in_their_own_minor_unit() {
    for (currency, digits, value) in [("JPY", 0, 1_234_567.89), ("KWD", 3, 54_321.123_9), ("EUR", 2, 99_999.999)] {
        let mut body = small();
        body["currency"] = json!(currency);
        body["portfolio_value"] = json!(value);
        let plan = plan(&body);
        book::check(&body, &plan, digits);
        assert_eq!(text(&plan, "/currency"), currency);
        assert_eq!(number(&plan, "/portfolio_value"), value, "echoed as sent");
    }
    for currency in ["XAU", "usd", "US", "USDT", ""] {
        let reply = post("/api/rebalance", &with("/currency", json!(currency)));
        assert_eq!(names(&reply.json(), "/errors", "pointer"), ["/currency"], "{currency}");
    }
    let mut tiny = small();
    tiny["currency"] = json!("JPY");
    tiny["portfolio_value"] = json!(0.5);
    let reply = post("/api/rebalance", &tiny);
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec!["/portfolio_value"]));
}

#[test]
fn an_assets_own_cost_overrides_the_portfolios() {
    let mut body = small();
    body["transaction_cost_bps"] = json!(0);
    body["assets"][0]["transaction_cost_bps"] = json!(50);
    let plan = plan(&body);
    book::check(&body, &plan, 2);
    let costs = column(&plan, "/trades", "estimated_cost");
    assert!(costs[0] > 0.0 && costs[1] == 0.0, "{costs:?}");
}

#[test]
fn a_drift_of_exactly_the_threshold_does_not_trade() {
    // 0.07 − 0.05 is a hair more than 0.02 in binary.
    let assets = json!([asset("A", 0.05, 0.07, &[]), asset("B", 0.95, 0.93, &[])]);
    let mut body = json!({"portfolio_value": 1_000_000, "drift_threshold": 0.02, "assets": assets});
    assert!(names(&plan(&body), "/trades", "action").iter().all(|action| *action == "Hold"));
    body["drift_threshold"] = json!(0.019_999_9);
    assert!(names(&plan(&body), "/trades", "action").iter().all(|action| *action != "Hold"));
}

#[test]
fn now_target_and_after_are_simulated_on_the_same_shocks() {
    let plan = plan(&small());
    let simulation = &plan["monte_carlo"];
    for side in ["", "/target", "/after"] {
        let figure = |name: &str| number(simulation, &format!("{side}/{name}"));
        let sigma = figure("drift/law_volatility").powi(2);
        let alone = json!({
            "weights": [1], "mu": [figure("drift/law_drift")], "sigma": [[sigma]], "rebalancing": "fixed_weights",
            "paths": simulation["paths"], "horizon_days": simulation["horizon_days"], "seed": simulation["seed"],
        });
        let alone = post("/api/stress/monte-carlo", &alone).json();
        for (name, of_alone) in [
            ("expected_terminal_value", "mean_terminal_value"),
            ("probability_of_loss", "probability_of_loss"),
            ("worst_5pct_terminal_value", "terminal_quantile_05"),
            ("var_95", "var_95"),
            ("cvar_95", "cvar_95"),
        ] {
            let want = |part: &str| number(&alone, &format!("/statistics/{of_alone}/{part}"));
            close(&format!("{side} {name}"), figure(name), want("value"), 1e-9);
            close(&format!("{side} {name}"), figure(&format!("standard_errors/{name}")), want("standard_error"), 1e-9);
        }
    }
    // On the policy, the three are one.
    let still = changed(small(), "/assets/0/current_weight", small()["assets"][0]["target_weight"].clone());
    let still = changed(still, "/assets/1/current_weight", small()["assets"][1]["target_weight"].clone());
    let simulation = &self::plan(&still)["monte_carlo"];
    for figure in ["expected_terminal_value", "probability_of_loss", "var_95", "cvar_95", "standard_errors", "drift"] {
        assert_eq!(simulation[figure], simulation["target"][figure], "{figure}");
        assert_eq!(simulation[figure], simulation["after"][figure], "{figure}");
    }
}

#[test]
fn forecasts_are_stated_per_year_with_their_interval() {
    let body = changed(small(), "/assets/1/historical_returns", json!([]));
    let forecasts = |model: &str| {
        let answer = plan(&changed(body.clone(), "/forecast_model", json!(model)));
        let forecasts = list(&answer, "/house_view/asset_forecasts").to_vec();
        let assets = list(&body, "/assets").iter().map(|asset| {
            json!({"asset": asset["asset"], "historical_returns": asset["historical_returns"], "market_return": 0.001})
        });
        let alone = json!({"assets": assets.collect::<Vec<_>>(), "model": model});
        (forecasts, list(&post("/api/forecast", &alone).json(), "/forecasts").to_vec())
    };
    for (model, kind) in [("ensemble_v3", "credible"), ("ensemble_v2", "confidence")] {
        let (planned, alone) = forecasts(model);
        for [seen, unseen] in [&planned, &alone].map(|list| [&list[0], &list[1]]) {
            let (annual, daily) = (number(seen, "/annual_return"), number(seen, "/ensemble"));
            close(model, annual, 252.0 * daily, 1e-9);
            let [lower, upper] = ["lower", "upper"].map(|end| number(seen, &format!("/annual_return_interval/{end}")));
            assert!(lower < annual && annual < upper, "{seen}");
            assert_eq!(text(seen, "/annual_return_interval/kind"), kind);
            assert!(seen["annual_return_interval_reason"].is_null());
            assert!(unseen["annual_return"].is_number() && unseen["annual_return_interval"].is_null());
            assert_eq!(text(unseen, "/annual_return_interval_reason"), "no_history");
        }
        close(
            "alone",
            number(&alone[0], "/annual_return_interval/upper"),
            252.0 * number(&alone[0], "/interval/1"),
            1e-9,
        );
    }
    let (planned, _) = forecasts("demo_ensemble_v1");
    assert_eq!(text(&planned[0], "/annual_return_interval_reason"), "not_stated");
}

#[test]
fn figures_of_risk_lie_in_their_intervals() {
    let plan = plan(&small());
    for (side, member) in
        [("before", "risk_metrics"), ("target", "target_risk_metrics"), ("after", "after_risk_metrics")]
    {
        for metric in ["volatility", "sharpe", "var_95", "cvar_95"] {
            let interval = &plan["risk_intervals"][side][metric];
            let value = number(&plan, &format!("/{member}/{metric}"));
            close(metric, interval["estimate"].as_f64().unwrap(), value, 1e-12);
            assert!(interval["lower"].as_f64().is_none_or(|lower| lower <= value), "{side} {metric}: {interval}");
            assert!(interval["upper"].as_f64().is_none_or(|upper| value <= upper), "{side} {metric}: {interval}");
        }
    }
}

#[test]
fn no_paths_means_no_simulation_and_says_so() {
    let plan = plan(&with("/monte_carlo", json!({"paths": 0, "seed": 7, "horizon_days": 10})));
    let simulation = &plan["monte_carlo"];
    assert!(simulation["expected_terminal_value"].is_null() && simulation["var_95"].is_null());
    assert!(simulation["terminal_histogram"].is_null());
    assert!(simulation["target"]["var_95"].is_null() && simulation["after"]["drift"].is_null());
    let reason = list(&plan, "/warnings").iter().find(|warning| warning["pointer"] == "/monte_carlo").unwrap();
    assert!(text(reason, "/detail").contains("paths"), "{reason}");
    assert_eq!(["paths", "horizon_days", "seed"].map(|name| number(simulation, &format!("/{name}"))), [0.0, 10.0, 7.0]);
    assert!(plan["risk_metrics"]["volatility"].is_number());
}

#[test]
fn a_whole_number_may_be_written_as_any_json_number() {
    let plain = post("/api/rebalance", &with("/monte_carlo", json!({"paths": 1000, "horizon_days": 20}))).timeless();
    let body = with("/monte_carlo", json!({"paths": 1e3, "horizon_days": 20.0}));
    assert_eq!(post("/api/rebalance", &body).timeless(), plain);
    let reply = post("/api/rebalance", &with("/monte_carlo", json!({"paths": 1000.5})));
    assert_eq!(names(&reply.json(), "/errors", "pointer"), ["/monte_carlo/paths"]);
}

#[test]
fn null_for_an_optional_member_means_absent() {
    let plain = post("/api/rebalance", &small()).timeless();
    let mut body = small();
    for member in [
        "name",
        "description",
        "currency",
        "drift_threshold",
        "turnover_limit",
        "transaction_cost_bps",
        "risk_free_rate",
        "weight_policy",
        "liquidate",
        "forecast_model",
        "tracking_error_budget",
        "benchmark_returns",
        "monte_carlo",
    ] {
        body[member] = Value::Null;
    }
    body["assets"][0]["transaction_cost_bps"] = Value::Null;
    body["assets"][0]["holdings"] = Value::Null;
    assert_eq!(post("/api/rebalance", &body).timeless(), plain);
    body["monte_carlo"] = json!({"paths": null, "horizon_days": null, "seed": null});
    assert_eq!(post("/api/rebalance", &body).timeless(), plain);
}

#[test]
fn equal_requests_give_equal_bytes_on_every_call_and_any_number_of_workers() {
    let routes = ["/api/rebalance", "/api/ai-copilot/insights", "/api/multi-agent/tandem-demo"];
    let mut bodies = scenarios();
    bodies.push(random_book(5, 60, 40));
    let servers: Vec<_> = [1, 2, 8].map(|workers| server::start(Settings { workers, queue: 64 })).into();
    for route in routes {
        for body in &bodies {
            let bytes = body.to_string();
            let first = post(route, body).timeless();
            for &address in &servers {
                let mut connection = Connection::open(address);
                for _ in 0..2 {
                    assert_eq!(connection.post(route, bytes.as_bytes()).timeless(), first, "{route} on {address}");
                }
            }
        }
    }
}

#[test]
fn the_order_of_members_and_the_spelling_of_numbers_do_not_matter() {
    let body = r#"{"assets":[{"current_weight":0.66,"target_weight":6e-1,"asset":"A","price":5.0e1},
                             {"asset":"B","current_weight":0.34,"target_weight":0.40,"price":50}],"portfolio_value":1e5}"#;
    let sorted = json!({"portfolio_value": 100_000, "assets": [
        {"asset": "A", "target_weight": 0.6, "current_weight": 0.66, "price": 50},
        {"asset": "B", "target_weight": 0.4, "current_weight": 0.34, "price": 50},
    ]});
    let spelt = Connection::open(server::address()).post("/api/rebalance", body.as_bytes());
    assert_eq!(spelt.status, 200, "{}", spelt.text());
    assert_eq!(spelt.timeless(), post("/api/rebalance", &sorted).timeless());
}
