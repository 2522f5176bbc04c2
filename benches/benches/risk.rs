//! Figures of one return series: the seven of a plan, the whole report, and risk over time.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use benches::market;
use criterion::{Criterion, criterion_group, criterion_main};
use risk::volatility::{GarchOptions, fit_garch};
use risk::{Rebalancing, RiskOptions, RollingMeasure, measure, portfolio_returns, rolling, summarise};

fn risk(c: &mut Criterion<Clock>) {
    let stocks = market::stocks().unwrap();
    let (index, stocks) = stocks.split_last().unwrap();
    let columns: Vec<&[f64]> = stocks.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    let returns = portfolio_returns(&columns, &weights, Rebalancing::FixedWeights).unwrap();
    let options = RiskOptions::default();

    let mut group = c.benchmark_group("risk");
    for days in [250, returns.len()] {
        let (returns, index) = (&returns[returns.len() - days..], &index[index.len() - days..]);
        group.bench_function(format!("summary/{days}_days"), |b| {
            b.iter(|| summarise(black_box(returns), Some(black_box(index)), &options).unwrap());
        });
    }
    // The series over and over: the cost grows with its length and the logarithm that sorting takes.
    for days in [250, returns.len(), 25_000] {
        let repeat = |series: &[f64]| series.iter().copied().cycle().take(days).collect::<Vec<f64>>();
        let (returns, index) = (repeat(&returns), repeat(index));
        group.bench_function(format!("report/{days}_days"), |b| {
            b.iter(|| measure(black_box(&returns), Some(black_box(&index)), None, &options).unwrap());
        });
    }
    let window = 63;
    group.bench_function(format!("rolling_volatility/{}_days", returns.len()), |b| {
        let run = |returns| rolling(returns, None, window, RollingMeasure::Volatility, &options);
        b.iter(|| run(black_box(&returns)).unwrap());
    });
    group.bench_function(format!("garch/{}_days", returns.len()), |b| {
        b.iter(|| fit_garch(black_box(&returns), &GarchOptions::default()).unwrap());
    });
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = risk }
criterion_main!(journey);
