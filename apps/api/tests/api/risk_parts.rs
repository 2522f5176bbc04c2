//! What `POST /api/risk/report` answers only when asked: factors, windows, volatility models, liquidity, backtests.

use serde_json::{Value, json};

use crate::support::bodies::{Noise, changed};
use crate::support::json::{close, list, names, number, text};
use crate::support::market::stocks;
use crate::support::post;

const ROUTE: &str = "/api/risk/report";

#[track_caller]
fn report(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[test]
fn a_plain_report_has_none_of_them() {
    let plain = report(&json!({"returns": [0.01, -0.02, 0.01]}));
    for member in
        ["factors", "rolling", "volatility_models", "liquidity", "backtest", "contributions", "active", "intervals"]
    {
        assert!(plain.get(member).is_none(), "{member}");
    }
}

#[test]
fn active_weights_share_out_the_tracking_error() {
    let market = stocks();
    let series = json!({"AAPL": market.returns("AAPL"), "JNJ": market.returns("JNJ"), "XOM": market.returns("XOM")});
    let body = json!({"returns": series, "weights": [0.5, 0.3, 0.1], "benchmark_weights": [0.3, 0.3, 0.4]});
    let held = report(&body);
    // 20 % and 30 % of the assets, and 10 % of cash, on either side.
    close("active share", number(&held, "/active/active_share"), 0.3, 1e-12);
    let returns = ["AAPL", "JNJ", "XOM"].map(|name| market.returns(name));
    let policy: Vec<f64> =
        (0..returns[0].len()).map(|t| 0.3 * returns[0][t] + 0.3 * returns[1][t] + 0.4 * returns[2][t]).collect();
    let against = report(&changed(body.clone(), "/benchmark", json!(policy)));
    let total = number(&against, "/metrics/tracking_error");
    close("tracking error", number(&held, "/active/tracking_error"), total, 1e-12);
    let components = list(&held, "/active/component_tracking_error");
    close("components", components.iter().map(|part| part.as_f64().unwrap()).sum(), total, 1e-12);
    assert_eq!(components[1], 0.0, "as much of JNJ as the policy has");
    assert_eq!(list(&held, "/active/unavailable").len(), 0);

    let on_policy = report(&changed(body, "/weights", json!([0.3, 0.3, 0.4])));
    assert_eq!(number(&on_policy, "/active/active_share"), 0.0);
    assert_eq!(number(&on_policy, "/active/tracking_error"), 0.0);
    assert!(on_policy["active"]["component_tracking_error"].is_null());
    assert_eq!(text(&on_policy, "/active/unavailable/0/reason"), "zero_tracking_error");
}

#[test]
fn benchmark_weights_that_do_not_fit_are_refused() {
    let named = json!({"returns": {"A": [0.01, 0.02], "B": [0.0, 0.01]}, "weights": [0.5, 0.5]});
    for (body, pointer) in [
        (changed(named.clone(), "/benchmark_weights", json!([1.0])), "/benchmark_weights"),
        (changed(named, "/benchmark_weights", json!([0.5, 2000.0])), "/benchmark_weights/1"),
        (json!({"returns": [0.01, 0.02], "benchmark_weights": [1.0]}), "/benchmark_weights"),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(text(&reply.json(), "/errors/0/pointer"), pointer);
    }
}

/// Figures of statsmodels 0.15.0, `OLS(...).fit(cov_type="HAC", cov_kwds={"maxlags": 8, "use_correction": False})`.
#[test]
fn factors_match_statsmodels() {
    let market = stocks();
    let factors = json!({
        "index": market.returns("SP500_INDEX"), "BAC": market.returns("BAC"), "XOM": market.returns("XOM"),
    });
    let report = report(&json!({"returns": market.returns("JPM"), "factors": factors, "periods_per_year": 1.0}));
    assert_eq!(number(&report, "/factors/lags"), 8.0);
    let golden: Value =
        serde_json::from_str(include_str!("../../../../crates/risk/tests/golden/regression.json")).unwrap();
    let case =
        list(&golden, "/cases").iter().find(|case| case["id"] == "JPM/SP500_INDEX+BAC+XOM/HAC8").unwrap().clone();
    let order: Vec<&str> = list(&report, "/factors/names").iter().map(|name| name.as_str().unwrap()).collect();
    for (k, factor) in ["index", "BAC", "XOM"].into_iter().enumerate() {
        let at = order.iter().position(|name| *name == factor).unwrap();
        for (member, golden) in [("estimate", "params"), ("standard_error", "standard_errors")] {
            let want = number(&case, &format!("/expected/{golden}/{}", k + 1));
            close(factor, number(&report, &format!("/factors/betas/{at}/{member}")), want, 1e-9 * want.abs());
        }
    }
    close("r_squared", number(&report, "/factors/r_squared"), number(&case, "/expected/r_squared"), 1e-9);
    let shares: f64 = list(&report, "/factors/variance_shares").iter().map(|share| share.as_f64().unwrap()).sum();
    close("shares", shares + number(&report, "/factors/residual_share"), 1.0, 1e-12);
}

#[test]
fn the_last_window_is_the_report_of_its_returns() {
    let market = stocks();
    let (returns, index) = (market.returns("KO"), market.returns("SP500_INDEX"));
    let (from, window) = (returns.len() - 63, 63);
    let whole = report(&json!({"returns": returns, "benchmark": index, "rolling_window": window}));
    let last = report(&json!({"returns": returns[from..], "benchmark": index[from..]}));
    for (rolling, metric) in [
        ("annual_return", "ann_return_arith"),
        ("volatility", "ann_vol"),
        ("sharpe", "sharpe"),
        ("max_drawdown", "max_drawdown"),
        ("beta", "beta"),
        ("correlation", "correlation"),
        ("tracking_error", "tracking_error"),
    ] {
        let entries = list(&whole, &format!("/rolling/{rolling}"));
        assert_eq!(entries.len(), from + 1, "{rolling}");
        close(rolling, entries[from].as_f64().unwrap(), number(&last, &format!("/metrics/{metric}")), 1e-10);
    }
    let alone = report(&json!({"returns": [0.01, 0.01, 0.01, -0.02], "rolling_window": 2}));
    assert_eq!(list(&alone, "/rolling/sharpe")[0], Value::Null, "nothing varies in the first window");
    assert!(alone["rolling"].get("beta").is_none());
}

/// Figures of arch 8.0.0, whose standard errors rest on differences of the likelihood.
#[test]
fn garch_matches_arch() {
    let returns = stocks().returns("SP500_INDEX");
    let report = report(&json!({"returns": returns, "volatility_models": ["garch", "ewma", "garch_t"]}));
    let models = list(&report, "/volatility_models");
    assert_eq!(models.iter().map(|m| m["model"].as_str().unwrap()).collect::<Vec<_>>(), ["garch", "ewma", "garch_t"]);
    let garch = &models[0];
    for (member, want, error) in
        [("alpha", 0.170_249, 0.024_683), ("beta", 0.790_791, 0.024_107), ("mean", 0.000_821_13, 0.000_139_47)]
    {
        close(member, number(garch, &format!("/garch/{member}")), want, 2e-3 * want);
        close(member, number(garch, &format!("/garch/standard_errors/{member}")), error, 0.01 * error);
    }
    assert_eq!(list(garch, "/volatility_annual").len(), returns.len());
    let ahead = list(garch, "/forecast_volatility_annual");
    assert_eq!(ahead.len(), 10);
    // A calm market: the forecasts climb towards the long run.
    let long_run = number(garch, "/garch/long_run_volatility_annual");
    assert!(ahead[0].as_f64() < ahead[9].as_f64() && ahead[9].as_f64().unwrap() < long_run);
    assert!(models[1].get("garch").is_none() && number(&models[2], "/garch/degrees_of_freedom") > 2.0);
}

#[test]
fn what_cannot_be_fitted_is_left_out_with_a_warning() {
    let report = report(&json!({
        "returns": [0.01, -0.02, 0.01], "volatility_models": ["garch", "ewma"], "factors": {
            "a": [0.01, 0.02, 0.0], "b": [0.0, 0.01, 0.0], "c": [0.0, 0.01, 0.03],
        },
    }));
    assert_eq!(names(&report, "/volatility_models", "model"), ["ewma"]);
    assert!(report.get("factors").is_none());
    let missing: Vec<&str> = list(&report, "/warnings")
        .iter()
        .filter(|warning| warning["code"] == "figure_unavailable")
        .map(|warning| text(warning, "/pointer"))
        .collect();
    assert_eq!(missing, ["/factors", "/volatility_models/0"]);
}

#[test]
fn days_to_exit_follow_from_positions_and_volumes() {
    let body = |participation: Value| {
        json!({
            "returns": {"A": [0.01, 0.0], "B": [0.0, 0.01], "C": [0.0, 0.0]}, "weights": [0.5, -0.3, 0.8],
            "positions": [50_000, -30_000, 80_000], "volumes": [100_000, 1_000_000, 0], "participation": participation,
        })
    };
    let tenth = report(&body(Value::Null));
    assert_eq!(tenth["liquidity"]["days"], json!([5.0, 0.3, null]));
    assert_eq!(tenth["liquidity"]["portfolio_days"], Value::Null, "what does not trade cannot be sold");
    assert_eq!(report(&body(json!(0.5)))["liquidity"]["days"], json!([1.0, 0.06, null]));
}

/// Jorion, "Value at Risk", chapter 6: 20 exceptions in the 252 days of 1998 against a 95 % VaR, ratio 3.91.
#[test]
fn forecasts_are_held_against_the_returns() {
    let mut returns = vec![0.01; 252];
    for day in 0..20 {
        returns[day * 12] = -0.04;
    }
    let body =
        json!({"returns": returns, "backtest": {"var": vec![0.02; 252], "cvar": vec![0.02; 252], "level": 0.95}});
    let report = report(&body);
    close("kupiec", number(&report, "/backtest/kupiec/statistic"), 3.91, 0.005);
    assert!(number(&report, "/backtest/kupiec/p_value") < 0.05);
    assert_eq!(number(&report, "/backtest/kupiec/violations"), 20.0);
    assert!(number(&report, "/backtest/conditional_coverage/statistic") > 3.9);
    // Each violation twice as deep as the CVaR forecast: Z₁ = 1 − 2, Z₂ = 1 − 20·2/12.6.
    close("z1", number(&report, "/backtest/acerbi_szekely/z1"), -1.0, 1e-12);
    close("z2", number(&report, "/backtest/acerbi_szekely/z2"), 1.0 - 40.0 / 12.6, 1e-12);
    assert_eq!(report["backtest"]["acerbi_szekely"]["rejected_at_5_percent"], true);
}

#[test]
fn bad_parts_are_pointed_at() {
    let returns = [0.01, -0.02, 0.0];
    let long = Noise::new(5).returns(10_001, 0.0, 0.02);
    let many: serde_json::Map<String, Value> = (0..21).map(|i| (format!("F{i}"), json!(returns))).collect();
    let cases = [
        (json!({"factors": {}}), vec!["/factors"]),
        (json!({"factors": many}), vec!["/factors"]),
        (json!({"factors": {"m": [0.01]}}), vec!["/factors/m"]),
        (json!({"factors": {"m": [0.01, -2, 0.0]}}), vec!["/factors/m/1"]),
        (json!({"factors": {"m": [0.01, 0.01, 0.01]}}), vec!["/factors"]),
        (json!({"factors": [0.01, 0.02, 0.0]}), vec!["/factors"]),
        (json!({"rolling_window": 1}), vec!["/rolling_window"]),
        (json!({"rolling_window": 4}), vec!["/rolling_window"]),
        (json!({"rolling_window": 2.5}), vec!["/rolling_window"]),
        (json!({"returns": long, "rolling_window": 10}), vec!["/rolling_window"]),
        (json!({"returns": long, "volatility_models": ["ewma"]}), vec!["/volatility_models"]),
        (json!({"volatility_models": ["arch"]}), vec!["/volatility_models/0"]),
        (json!({"volatility_models": ["ewma", "ewma"]}), vec!["/volatility_models/1"]),
        (json!({"positions": [1]}), vec!["/volumes"]),
        (json!({"volumes": [1]}), vec!["/positions"]),
        (json!({"participation": 0.2}), vec!["/positions"]),
        (json!({"start_date": "2026-01-01"}), vec!["/dates"]),
        (json!({"positions": [1, 2], "volumes": [1]}), vec!["/volumes"]),
        (json!({"positions": [1e16, 2], "volumes": [1, -1]}), vec!["/positions/0", "/volumes/1"]),
        (json!({"positions": [1], "volumes": [1], "participation": 0}), vec!["/participation"]),
        (json!({"backtest": {}}), vec!["/backtest/var"]),
        (json!({"backtest": {"var": [0.01]}}), vec!["/backtest/var"]),
        (json!({"backtest": {"var": [0.01, 0.01, 0.01], "cvar": [0.01, 0.0, 0.01]}}), vec!["/backtest/cvar/1"]),
        (json!({"backtest": {"var": [0.01, 0.01, 0.01], "level": 1}}), vec!["/backtest/level"]),
        (json!({"backtest": [[0.01, 0.01, 0.01]]}), vec!["/backtest"]),
    ];
    for (mut body, pointers) in cases {
        if body.get("returns").is_none() {
            body["returns"] = json!(returns);
        }
        let reply = post(ROUTE, &body);
        let shown: String = body.to_string().chars().take(200).collect();
        assert_eq!(reply.status, 400, "{shown}: {}", reply.text());
        assert_eq!(names(&reply.json(), "/errors", "pointer"), pointers, "{shown}: {}", reply.text());
    }
    let two = json!({"returns": {"A": returns, "B": returns}, "weights": [0.5, 0.5], "positions": [1], "volumes": [1]});
    assert_eq!(names(&post(ROUTE, &two).json(), "/errors", "pointer"), ["/positions"]);
}
