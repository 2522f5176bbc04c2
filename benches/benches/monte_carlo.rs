//! Simulations: the plan's own, and six assets valued every day. They use every core.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::Book;
use benches::clock::{Clock, criterion};
use criterion::{Criterion, criterion_group, criterion_main};
use stress::{AssetLaw, PortfolioLaw, Rebalancing, SimulationOptions, simulate};

fn monte_carlo(c: &mut Criterion<Clock>) {
    let case = Book::scenario().unwrap().case().unwrap();
    let weights = case.book.weights();
    let columns: Vec<&[f64]> = case.panel.columns().collect();
    let law = AssetLaw::from_returns(&columns, weights, 252.0).unwrap();
    let days: Vec<f64> = (0..columns[0].len())
        .map(|t| columns.iter().zip(weights).map(|(column, weight)| weight * column[t]).sum())
        .collect();

    let mut group = c.benchmark_group("monte_carlo");
    let defaults = SimulationOptions::default();
    group.bench_function(format!("plan/1_asset_{}_days_{}_paths", defaults.horizon_days, defaults.paths), |b| {
        b.iter(|| simulate(PortfolioLaw::from_portfolio_returns(black_box(&days), 252.0).unwrap(), &defaults).unwrap());
    });
    for (id, rebalancing) in [("buy_and_hold", Rebalancing::BuyAndHold), ("fixed_weights", Rebalancing::FixedWeights)] {
        let options =
            SimulationOptions { paths: 100_000, rebalancing, path_statistics: true, ..SimulationOptions::default() };
        group.sample_size(10);
        group.bench_function(format!("{id}/6_assets_30_days_100000_paths_daily"), |b| {
            b.iter(|| simulate(black_box(&law), &options).unwrap());
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = monte_carlo }
criterion_main!(journey);
