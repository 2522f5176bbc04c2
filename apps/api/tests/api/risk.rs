//! `POST /api/risk/report`, on real prices.

use serde_json::{Value, json};

use crate::support::bodies::Noise;
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

#[track_caller]
fn agrees(report: &Value, metric: &str, want: f64) {
    let got = number(report, &format!("/metrics/{metric}"));
    assert!((got - want).abs() <= 1e-10 * want.abs(), "{metric}: got {got}, want {want}");
}

/// Figures of independent libraries (empyrical-reloaded 0.7.1, quantstats 0.0.86, skfolio 1.12.2, riskfolio-lib 7.4.0),
/// which agree on them; see `crates/risk/tests/golden`.
#[test]
fn ten_years_of_apple_match_the_figures_of_four_libraries() {
    let market = stocks();
    let body = |rate: f64| {
        json!({
            "returns": market.returns("AAPL"), "benchmark": market.returns("SP500_INDEX"), "dates": market.dates,
            "start_date": market.start_date, "risk_free_rate": rate,
        })
    };
    let at_zero = report(&body(0.0));
    assert_eq!(number(&at_zero, "/observations"), 2516.0);
    for (metric, want) in [
        ("ann_vol", 0.257_460_555_441_516_1),
        ("cagr", 0.273_879_705_815_576_64),
        ("sharpe", 1.069_573_877_963_040_6),
        ("sortino", 1.567_118_689_309_244_1),
        ("max_drawdown", 0.437_955_522_332_274_75),
        ("var95_inverted_cdf", 0.025_028_749_238_990_677),
        ("cvar95_ru", 0.036_586_358_445_054_15),
        ("beta", 1.036_884_591_631_233_5),
        ("alpha_arith", 0.153_539_353_924_651_62),
        ("tracking_error", 0.207_024_239_546_142_05),
    ] {
        agrees(&at_zero, metric, want);
    }
    for (metric, want) in
        [("mdd_peak_date", "2012-09-19"), ("mdd_trough_date", "2013-04-19"), ("mdd_recovery_date", "2014-07-14")]
    {
        assert_eq!(text(&at_zero, &format!("/metrics/{metric}")), want);
    }
    let at_two = report(&body(0.02));
    agrees(&at_two, "sharpe", 0.992_655_666_759_110_5);
    agrees(&at_two, "sortino", 1.449_521_344_173_006_2);
    agrees(&at_two, "alpha_arith", 0.154_269_794_445_005_58);
    assert_eq!(at_zero["metrics"]["ann_vol"], at_two["metrics"]["ann_vol"]);
}

#[test]
fn portfolios_match_daily_rebalanced_and_bought_and_held() {
    let market = stocks();
    let names = [
        "AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG",
        "RRC", "UNH", "WMT", "XOM",
    ];
    let series: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!(market.returns(name)))).collect();
    for (rebalancing, volatility, sharpe, drawdown, cvar) in [
        (
            "daily",
            0.146_828_126_497_556_1,
            0.869_849_754_340_358_9,
            0.198_009_784_468_185_62,
            0.022_370_557_228_066_818,
        ),
        (
            "buy_and_hold",
            0.140_345_603_016_539_67,
            0.955_266_131_825_59,
            0.185_745_698_701_686_9,
            0.021_556_092_992_217_526,
        ),
    ] {
        let body =
            json!({"returns": series, "weights": vec![0.05; 20], "rebalancing": rebalancing, "risk_free_rate": 0.02});
        let report = report(&body);
        for (metric, want) in
            [("ann_vol", volatility), ("sharpe", sharpe), ("max_drawdown", drawdown), ("cvar95_ru", cvar)]
        {
            agrees(&report, metric, want);
        }
    }
}

#[test]
fn named_series_keep_the_order_in_which_they_were_sent() {
    let (a, b) = (Noise::new(1).returns(50, 0.0, 0.05), Noise::new(2).returns(50, 0.0, 0.01));
    let sent = format!(r#"{{"returns": {{"Z": {a:?}, "A": {b:?}}}, "weights": [1, 0]}}"#);
    let reply = crate::support::post_bytes(ROUTE, sent.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    let alone = report(&json!({"returns": a}));
    assert_eq!(
        number(&reply.json(), "/metrics/ann_vol"),
        number(&alone, "/metrics/ann_vol"),
        "the first weight is Z's"
    );
}

#[test]
fn figures_that_do_not_exist_are_null_with_a_reason() {
    let report = report(&json!({"returns": [0.01, 0.02, 0.01]}));
    let absent = names(&report, "/unavailable", "metric");
    for (metric, value) in report["metrics"].as_object().unwrap() {
        assert_eq!(value.is_null(), absent.contains(&metric.as_str()), "{metric}: {value}");
    }
    for metric in ["beta", "tracking_error", "mdd_peak_date"] {
        assert!(absent.contains(&metric), "{metric}");
    }
    assert!(names(&report, "/warnings", "code").contains(&"history_short"));
}

#[test]
fn conventions_stand_beside_the_figures() {
    let report = report(&json!({"returns": Noise::new(3).returns(300, 0.0, 0.02), "periods_per_year": 365}));
    assert_eq!(number(&report, "/conventions/periods_per_year"), 365.0);
    assert_eq!(number(&report, "/conventions/risk_free_rate"), 0.02);
    assert!(text(&report, "/conventions/value_at_risk").contains("inverted"));
    assert_eq!(names(&report, "/metadata/models", "id"), ["historical_risk"]);
}

#[test]
fn contributions_add_up_to_the_risk_of_the_portfolio() {
    let market = stocks();
    let series = json!({"AAPL": market.returns("AAPL"), "JNJ": market.returns("JNJ"), "XOM": market.returns("XOM")});
    let report = report(&json!({"returns": series, "weights": [0.5, 0.3, 0.2]}));
    for (components, total) in [("component_vol_ann", "ann_vol"), ("component_cvar95", "cvar95_ru")] {
        let parts = list(&report, &format!("/contributions/{components}"));
        let sum: f64 = parts.iter().map(|part| part.as_f64().unwrap()).sum();
        assert_eq!(parts.len(), 3);
        close(components, sum, number(&report, &format!("/metrics/{total}")), 1e-12);
    }
}

#[test]
fn intervals_hold_their_figure_and_repeat_with_their_seed() {
    let body = |seed: u64| json!({"returns": &stocks().returns("AAPL")[..500], "intervals": true, "seed": seed});
    let first = report(&body(1));
    for (interval, metric) in [
        ("sharpe_lo", "sharpe"),
        ("sharpe_opdyke", "sharpe"),
        ("var_95", "var95_inverted_cdf"),
        ("cvar_95", "cvar95_ru"),
    ] {
        let (low, high) = (
            number(&first, &format!("/intervals/{interval}/lower")),
            number(&first, &format!("/intervals/{interval}/upper")),
        );
        let value = number(&first, &format!("/metrics/{metric}"));
        assert!(low < value && value < high, "{interval}: {low} {value} {high}");
    }
    assert_eq!(post(ROUTE, &body(1)).timeless(), post(ROUTE, &body(1)).timeless());
    let bootstrap = "max_drawdown_bootstrap";
    assert_ne!(first["intervals"][bootstrap], report(&body(2))["intervals"][bootstrap]);
    assert!(report(&json!({"returns": [0.01, 0.02]})).get("intervals").is_none(), "only when asked for");
}

#[test]
fn an_interval_that_does_not_exist_says_why() {
    let flat = report(&json!({"returns": vec![0.001; 60], "intervals": true}));
    let warned: Vec<&str> = names(&flat, "/warnings", "pointer");
    for interval in ["sharpe_lo", "sharpe_opdyke"] {
        assert!(flat["intervals"][interval].is_null(), "{interval}");
        assert!(warned.contains(&format!("/intervals/{interval}").as_str()), "{interval}: {warned:?}");
    }
    assert!(text(&flat, "/warnings/0/detail").contains("do not vary"), "{}", flat["warnings"]);
    assert!(flat["intervals"]["var_95"].is_object(), "a flat series has a VaR");
}

#[test]
fn equal_questions_get_equal_bytes() {
    let body = json!({"returns": stocks().returns("JPM")});
    assert_eq!(post(ROUTE, &body).timeless(), post(ROUTE, &body).timeless());
}

#[test]
fn bad_risk_requests_are_pointed_at() {
    let returns = [0.01, -0.02, 0.0];
    let cases = [
        (json!({}), vec!["/returns"]),
        (json!({"returns": "x"}), vec!["/returns"]),
        (json!({"returns": [0.01, "x"]}), vec!["/returns/1"]),
        (json!({"returns": [0.01, -1.5, 101]}), vec!["/returns/1", "/returns/2"]),
        (json!({"returns": {}}), vec!["/returns"]),
        (json!({"returns": {"A": returns, "B": [0.01]}, "weights": [0.5, 0.5]}), vec!["/returns"]),
        (json!({"returns": {"A": returns, "B": returns}}), vec!["/weights"]),
        (json!({"returns": {"A": returns, "B": returns}, "weights": [1]}), vec!["/weights"]),
        (json!({"returns": {"a/b": [-3]}}), vec!["/returns/a~1b/0"]),
        (json!({"returns": returns, "weights": [1]}), vec!["/weights"]),
        (json!({"returns": returns, "benchmark": [0.01]}), vec!["/benchmark"]),
        (json!({"returns": returns, "dates": ["2026-01-01"]}), vec!["/dates"]),
        (json!({"returns": returns, "dates": ["2026-01-01", "2026-01-01", "2026-01-02"]}), vec!["/dates/1"]),
        (json!({"returns": returns, "dates": ["2026-01-01", "2026-02-30", "2026-03-01"]}), vec!["/dates/1"]),
        (
            json!({"returns": returns, "dates": ["2026-01-01", "2026-01-02", "2026-01-03"], "start_date": "2026-01-01"}),
            vec!["/start_date"],
        ),
        (
            json!({"returns": returns, "risk_free_rate": -0.6, "periods_per_year": 0}),
            vec!["/periods_per_year", "/risk_free_rate"],
        ),
        (json!({"returns": returns, "rebalancing": "weekly"}), vec!["/rebalancing"]),
        (json!({"returns": vec![0.0; 100_001]}), vec!["/returns"]),
    ];
    for (body, pointers) in cases {
        let reply = post(ROUTE, &body);
        let shown: String = body.to_string().chars().take(200).collect();
        assert_eq!(reply.status, 400, "{shown}: {}", reply.text());
        assert_eq!(names(&reply.json(), "/errors", "pointer"), pointers, "{shown}: {}", reply.text());
    }
    let twice = r#"{"returns": {"A": [0.1, 0.2], "A": [0.1, 0.2]}}"#;
    let reply = crate::support::post_bytes(ROUTE, twice.as_bytes());
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec!["/returns/A"]));
}
