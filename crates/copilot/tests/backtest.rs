//! The report of a backtest: names stay data, and each number is one of its inputs.

use copilot::{
    BACKTEST_STYLE, BacktestFacts, BacktestSource, ComparisonFacts, PolicyFacts, PolicyFigure, PolicyFigureName,
    ReplayedPolicy, backtest_csv, backtest_html,
};
use portfolio_core::NaiveDate;

const HOSTILE: &str = "<script>alert(1)</script>";

fn policy(name: &str, wealth: Vec<f64>) -> PolicyFacts {
    let figure = |name, value, interval, level| PolicyFigure { name, value, interval, level };
    PolicyFacts {
        name: name.to_owned(),
        asked: ReplayedPolicy { rule: "bought once".to_owned(), cost_bps: 12.5 },
        drawdown: vec![0.0; wealth.len()],
        terminal_wealth: wealth[wealth.len() - 1],
        wealth,
        figures: vec![
            figure(PolicyFigureName::Sharpe, Some(0.874), (Some(-0.25), Some(1.998)), Some(0.95)),
            figure(PolicyFigureName::Volatility, None, (None, None), None),
            figure(PolicyFigureName::Var95, Some(0.0123), (Some(0.01), None), Some(0.95)),
        ],
        turnover_two_way: 1.25,
        cost_fraction: 0.0017,
        trades: 4321,
        digest: "d".repeat(64),
    }
}

fn facts() -> BacktestFacts {
    let date = |day| NaiveDate::from_ymd_opt(2026, 1, day).expect("a day of January");
    BacktestFacts {
        source: BacktestSource {
            request_digest: "a".repeat(64),
            backtest_id: None,
            created_at: "2026-01-02T03:04:05.678901Z".to_owned(),
            engine_version: "0.1.0".to_owned(),
        },
        assets: vec!["A".to_owned(), HOSTILE.to_owned()],
        first_day: 60,
        dates: Some(vec![date(5), date(6), date(7)]),
        policies: vec![policy("=hold", vec![1.0, 1.25, 0.1 + 0.2]), policy(HOSTILE, vec![1.0, 1.0, 1.5])],
        comparisons: vec![ComparisonFacts {
            a: HOSTILE.to_owned(),
            b: "=hold".to_owned(),
            verdict: "not distinguishable".to_owned(),
            p_value: Some(0.7),
            significance: 0.05,
            trials: 99,
        }],
        trials: 100,
        digest: "b".repeat(64),
        caveats: vec!["Survivors only.".to_owned()],
        warnings: vec![("/prices/A".to_owned(), HOSTILE.to_owned())],
    }
}

#[test]
fn names_are_text_and_nothing_is_loaded() {
    let page = backtest_html(&facts());
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    for outside in ["http:", "https:", "url(", "href", "src=", " style="] {
        // The namespace of SVG is a name and no address.
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.split("<style>").nth(1).unwrap().split("</style>").next(), Some(BACKTEST_STYLE));
}

#[test]
fn figures_have_their_intervals_and_verdicts_their_trials() {
    let page = backtest_html(&facts());
    for told in [
        "is not distinguishable from that of",
        "(p = 0.700, against 5.00% over 99 trials).",
        "<data title=\"/trials\">100</data> different policies were tried.",
        "<data title=\"/policies/0/metrics/sharpe\">0.87</data><span class=\"interval\">-0.25 to 2.00</span>",
        "<data title=\"/policies/1/metrics/var_95\">1.23%</data><span class=\"interval\">from 1.00%</span>",
        "<data title=\"/policies/0/turnover_two_way\">125.00%</data>",
        "<data title=\"/policies/0/trades\">4,321</data>",
        "bought once, 12.5 bps a side",
        "Survivors only.",
        "2 assets, 3 days from 2026-01-05 to 2026-01-07.",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains(&"a".repeat(64)) && page.contains(&"b".repeat(64)));
    // Two curves in each of two charts, and one stroke for each name.
    assert_eq!(page.matches("<polyline").count(), 4);
}

#[test]
fn the_table_has_all_digits_and_no_formula() {
    let table = backtest_csv(&facts());
    let rows: Vec<&str> = table.split("\r\n").collect();
    assert!(rows[0].starts_with("day,date,\"'=hold: wealth\",\"'=hold: drawdown\",\"<script>"), "{}", rows[0]);
    assert_eq!(rows[1], "60,2026-01-05,1,0,1,0");
    assert_eq!(rows[3], "62,2026-01-07,0.30000000000000004,0,1.5,0");
    let read = csv::Reader::from_reader(table.as_bytes()).into_records().map(Result::unwrap).collect::<Vec<_>>();
    assert!(read.len() == 3 && read.iter().all(|row| row.len() == 6));
    let dateless = BacktestFacts { dates: None, ..facts() };
    assert!(backtest_csv(&dateless).starts_with("day,\"'=hold"));
}
