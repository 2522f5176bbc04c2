//! Rebalances a book of shares, government bonds, oil and currencies at real prices, and prints the price of each
//! limit.
//!
//! `cargo run --release --example mixed_book -p optimizer`

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use optimizer::{GroupLimit, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve, verify};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv");
    let mut reader = csv::Reader::from_path(path)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(String::from).collect();
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        for (series, cell) in prices.iter_mut().zip(record?.iter().skip(1)) {
            series.push(cell.parse()?);
        }
    }
    // The last column is an index to compare with, not a holding.
    let n = names.len() - 1;
    let returns: Vec<Vec<f64>> =
        prices[..n].iter().map(|p| p.windows(2).map(|w| w[1] / w[0] - 1.0).collect()).collect();
    let periods = returns[0].len() as f64;
    let mean: Vec<f64> = returns.iter().map(|r| r.iter().sum::<f64>() / periods).collect();
    let covariance = |i: usize, j: usize| {
        let sum: f64 = returns[i].iter().zip(&returns[j]).map(|(a, b)| (a - mean[i]) * (b - mean[j])).sum();
        252.0 * sum / (periods - 1.0)
    };
    let sigma: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| covariance(i, j)).collect()).collect();
    let model = RiskModel::dense(&sigma)?;

    let bonds: Vec<usize> = (0..n).filter(|&i| names[i].starts_with("UST")).collect();
    let policy = vec![1.0 / n as f64; n];
    let mut w0 = policy.clone();
    // The first holding has outgrown the others.
    w0[0] += 0.20;
    w0.iter_mut().skip(1).for_each(|w| *w -= 0.20 / (n - 1) as f64);
    let problem = RebalanceProblem {
        w0: w0.clone(),
        // Half the historical mean, as a cautious forecast.
        mu: mean.iter().map(|m| 0.5 * 252.0 * m).collect(),
        cost_linear: Some(vec![0.0010; n]),
        cost_impact: Some(vec![0.01; n]),
        upper: vec![0.35; n],
        groups: vec![GroupLimit { name: "bonds".into(), members: bonds, lower: 0.2, upper: 0.6 }],
        turnover_limit: Some(0.5),
        benchmark: Some(policy),
        tracking_error_max: Some(0.05),
        cash_max: 0.05,
        ..RebalanceProblem::long_only(vec![0.0; n], 3.0)
    };
    let options = SolveOptions { portfolio_value: Some(10_000_000.0), ..SolveOptions::default() };
    match solve(&problem, &model, &options)? {
        RebalanceOutcome::Optimal(s) => {
            println!("{:<10} {:>8} {:>8} {:>8}", "asset", "before", "after", "trade");
            for i in 0..n {
                let (before, after) = (100.0 * w0[i], 100.0 * s.weights[i]);
                println!("{:<10} {before:>7.2}% {after:>7.2}% {:>+7.2}%", names[i], after - before);
            }
            let error = 100.0 * s.tracking_error.unwrap_or(0.0);
            println!("cash {:.2} %, turnover {:.2} %, tracking error {error:.2} %", 100.0 * s.cash, 100.0 * s.turnover);
            println!("objective {:.2} bp, proven to {:.1e} bp", 1e4 * s.objective, 1e4 * s.certificate.duality_gap);
            println!("the proof checks: {}\n", verify(&problem, &model, &s)?.valid);
            for p in &s.constraint_prices {
                println!("{}", p.sentence);
            }
        }
        RebalanceOutcome::Infeasible(i) => println!("{}", i.sentence),
    }
    Ok(())
}
