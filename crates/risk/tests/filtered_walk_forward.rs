//! Checks that the filtered VaR follows the risk of real books, day by day over the shipped prices, without look-ahead.
//!
//! `cargo test -p risk --test filtered_walk_forward -- --nocapture` prints the table of `docs/risk.md`.

#![expect(clippy::unwrap_used, reason = "a price file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::backtest::{christoffersen_test, kupiec_test};
use risk::{Confidence, FilteredOptions, Rebalancing, filtered_tail, portfolio_returns, value_at_risk};
use support::{Market, markets};

/// Days of history behind each forecast.
const WINDOW: usize = 500;
const LEVEL: Confidence = Confidence::P95;

/// A book of fixed weights, rebalanced daily.
struct Book {
    name: &'static str,
    data: &'static str,
    weights: &'static [(&'static str, f64)],
}

const BOOKS: [Book; 6] = [
    Book { name: "S&P 500, 2010-2019", data: "stocks_2010_2019", weights: &[("SP500_INDEX", 1.0)] },
    Book {
        name: "six stocks",
        data: "stocks_2010_2019",
        weights: &[("AAPL", 0.2), ("JPM", 0.2), ("JNJ", 0.2), ("XOM", 0.2), ("WMT", 0.1), ("HD", 0.1)],
    },
    Book { name: "AMD", data: "stocks_2010_2019", weights: &[("AMD", 1.0)] },
    Book { name: "NASDAQ, 1999-2005", data: "mixed_1999_2005", weights: &[("NASDAQ", 1.0)] },
    Book { name: "60/40", data: "mixed_1999_2005", weights: &[("SP500_INDEX", 0.6), ("UST10Y_TR", 0.4)] },
    Book {
        name: "mixed",
        data: "mixed_1999_2005",
        weights: &[("NASDAQ", 0.25), ("UST5Y_TR", 0.35), ("WTI", 0.15), ("EURUSD", 0.25)],
    },
];

/// The results of one forecast method.
struct Record {
    violations: usize,
    days: usize,
    coverage: f64,
    independence: f64,
    /// Mean pinball loss in basis points: the score that the true quantile minimises.
    pinball_bps: f64,
}

fn walk(returns: &[f64], forecast: impl Fn(&[f64]) -> f64) -> Record {
    let (mut violated, mut pinball) = (Vec::new(), 0.0);
    for day in WINDOW..returns.len() {
        let below = -returns[day] - forecast(&returns[day - WINDOW..day]);
        violated.push(below > 0.0);
        pinball += if below > 0.0 { LEVEL.get() * below } else { -LEVEL.tail() * below };
    }
    let (days, violations) = (violated.len(), violated.iter().filter(|v| **v).count());
    Record {
        violations,
        days,
        coverage: kupiec_test(violations, days, LEVEL).unwrap().p_value,
        independence: christoffersen_test(&violated, LEVEL).unwrap().0.p_value,
        pinball_bps: 1e4 * pinball / days as f64,
    }
}

fn returns_of(book: &Book, market: &Market) -> Vec<f64> {
    let (names, weights): (Vec<_>, Vec<f64>) = book.weights.iter().copied().unzip();
    let columns: Vec<&[f64]> = names.into_iter().map(|name| market.get(name).unwrap()).collect();
    portfolio_returns(&columns, &weights, Rebalancing::FixedWeights).unwrap()
}

#[test]
fn filtered_violations_come_alone_where_plain_ones_cluster() {
    let markets = markets();
    let options = FilteredOptions::default();
    println!("| book | VaR | days | violations | coverage p | independence p | pinball, bp |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    let (mut clustered, mut better) = ([0, 0], 0);
    for book in &BOOKS {
        let returns = returns_of(book, &markets[book.data]);
        let records = [
            ("plain", walk(&returns, |past| value_at_risk(past, LEVEL).unwrap())),
            ("filtered", walk(&returns, |past| filtered_tail(past, LEVEL, &options).unwrap().value_at_risk)),
        ];
        for (count, (method, r)) in clustered.iter_mut().zip(&records) {
            let share = 100.0 * r.violations as f64 / r.days as f64;
            println!(
                "| {} | {method} | {} | {} ({share:.1} %) | {:.3} | {:.3} | {:.2} |",
                book.name, r.days, r.violations, r.coverage, r.independence, r.pinball_bps
            );
            *count += usize::from(r.independence < 0.05);
        }
        let [(_, plain), (_, filtered)] = &records;
        better += usize::from(filtered.pinball_bps < plain.pinball_bps);
        assert!(filtered.coverage > 0.05, "{}: the number of violations is rejected", book.name);
    }
    assert!(clustered[1] < clustered[0], "books with clusters, plain and filtered: {clustered:?}");
    assert!(better > BOOKS.len() / 2, "the filtered VaR scores better in {better} of {} books", BOOKS.len());
}
