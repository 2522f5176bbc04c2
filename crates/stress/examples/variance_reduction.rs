//! How many times fewer paths each method needs on three books: the ratio of variances to plain points, over 200 seeds of 4,096 paths, and how
//! many times more processor time it takes for them.
//!
//! `cargo run --release -p stress --example variance_reduction`
#![expect(clippy::print_stdout, reason = "the table is the output")]

use portfolio_core::{Covariance, Seed, Universe};
use stress::{AssetLaw, Rebalancing, SimulationOptions, Stop, VarianceReduction, simulate_precisely};

/// Six assets, every pair with a correlation of 0.4, over half a year.
const VOLATILITIES: [f64; 6] = [0.16, 0.20, 0.24, 0.18, 0.30, 0.10];
const DRIFTS: [f64; 6] = [0.05, 0.06, 0.08, 0.04, 0.09, 0.03];
const BOOKS: [(&str, [f64; 6]); 3] = [
    ("long-only", [1.0 / 6.0; 6]),
    ("long/short", [0.8, 0.6, 0.4, -0.5, -0.4, 0.1]),
    ("concentrated", [0.70, 0.10, 0.05, 0.05, 0.05, 0.05]),
];
/// Seeds of each method: enough to compare variances in a release build, a few where the example only shows that it runs.
const SEEDS: u64 = if cfg!(debug_assertions) { 10 } else { 200 };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: Vec<Vec<f64>> = (0..6)
        .map(|i| (0..6).map(|j| VOLATILITIES[i] * VOLATILITIES[j] * if i == j { 1.0 } else { 0.4 }).collect())
        .collect();
    let annual = Covariance::from_rows(Universe::numbered(6)?, &rows, 1.0)?;
    println!("| book | method | probability of a loss | CVaR 95 % | processor time |\n|---|---|---:|---:|---:|");
    for (name, weights) in BOOKS {
        let law = AssetLaw::new(&weights, &DRIFTS, &annual, 252.0)?;
        let mut plain = [0.0; 3];
        let methods = VarianceReduction::ALL.into_iter().map(Some).chain([None]);
        for method in methods {
            let variances = variances(&law, method)?;
            if method == Some(VarianceReduction::Plain) {
                plain = variances;
                continue;
            }
            let label = method.map_or("automatic".to_owned(), |method| format!("{method:?}"));
            let [loss, cvar, time] = std::array::from_fn(|of| plain[of] / variances[of]);
            println!("| {name} | {label} | {loss:.1} | {cvar:.1} | {:.1} |", 1.0 / time);
        }
    }
    Ok(())
}

/// Variances of the probability of a loss and of CVaR over the seeds, and seconds of processor time for all of them.
fn variances(law: &AssetLaw, method: Option<VarianceReduction>) -> Result<[f64; 3], stress::StressError> {
    let mut figures = Vec::new();
    let begin = cpu_time::ProcessTime::now();
    for seed in 0..SEEDS {
        let options = SimulationOptions {
            paths: 4_096,
            horizon_days: 126,
            seed: Seed(seed),
            rebalancing: Rebalancing::BuyAndHold,
            ..SimulationOptions::default()
        };
        let s = simulate_precisely(law, &options, method, &Stop::never())?.statistics;
        figures.push([s.probability_of_loss.value, s.cvar_95.value]);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let n = SEEDS as f64;
    let [loss, cvar] = std::array::from_fn(|of| {
        let mean = figures.iter().map(|f: &[f64; 2]| f[of]).sum::<f64>() / n;
        figures.iter().map(|f| (f[of] - mean).powi(2)).sum::<f64>() / (n - 1.0)
    });
    Ok([loss, cvar, seconds])
}
