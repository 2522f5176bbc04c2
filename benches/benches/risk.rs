//! Figures of one return series: the seven of a plan, and the whole report.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use benches::market;
use criterion::{Criterion, criterion_group, criterion_main};
use risk::{Rebalancing, RiskOptions, measure, portfolio_returns, summarise};

fn risk(c: &mut Criterion<Clock>) {
    let stocks = market::stocks().unwrap();
    let (index, stocks) = stocks.split_last().unwrap();
    let columns: Vec<&[f64]> = stocks.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    let returns = portfolio_returns(&columns, &weights, Rebalancing::Daily).unwrap();
    let options = RiskOptions::default();

    let mut group = c.benchmark_group("risk");
    for days in [250, returns.len()] {
        let (returns, index) = (&returns[returns.len() - days..], &index[index.len() - days..]);
        group.bench_function(format!("summary/{days}_days"), |b| {
            b.iter(|| summarise(black_box(returns), Some(black_box(index)), &options).unwrap());
        });
    }
    group.bench_function(format!("report/{}_days", returns.len()), |b| {
        b.iter(|| measure(black_box(&returns), Some(black_box(index)), None, &options).unwrap());
    });
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = risk }
criterion_main!(journey);
