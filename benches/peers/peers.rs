//! Our side of `make bench-peers`: times this crate and prints nanoseconds and figures as JSON.
//!
//! `peers report` times full reports; `peers covariance FILE n T OUT` times the sample covariance of the `n × T`
//! doubles of a file, asset by asset, and writes the matrix. Each time is the best of many single calls, in processor time
//! of the thread, which leaves out the waiting on a busy machine.

#![expect(clippy::print_stdout, reason = "its output is what the script reads")]
#![expect(clippy::disallowed_methods, reason = "it takes the time of what it measures")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use risk::{
    CovarianceEstimator, Rebalancing, ReturnPanel, RiskOptions, SampleCovariance, Universe, contributions, measure,
    portfolio_returns,
};
use serde_json::{Value, json};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");
/// How long one subject is repeated.
const PATIENCE: Duration = Duration::from_millis(700);
/// Lengths that show how the cost grows.
const LENGTHS: [usize; 5] = [250, 1_000, 2_516, 10_000, 25_000];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["report"] => println!("{}", report()?),
        ["covariance", input, n, periods, output] => {
            println!("{}", covariance(input, n.parse()?, periods.parse()?, output)?)
        }
        _ => return Err("peers report | peers covariance FILE n T OUT".into()),
    }
    Ok(())
}

/// Best time of one call in nanoseconds.
fn time<T>(mut call: impl FnMut() -> T) -> f64 {
    let (begin, mut best) = (Instant::now(), f64::INFINITY);
    let mut calls = 0;
    while calls < 5 || begin.elapsed() < PATIENCE {
        let start = ThreadTime::now();
        black_box(call());
        best = best.min(start.elapsed().as_nanos() as f64);
        calls += 1;
    }
    best
}

fn report() -> Result<Value, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); reader.headers()?.len() - 1];
    for row in reader.records() {
        for (column, cell) in prices.iter_mut().zip(row?.iter().skip(1)) {
            column.push(cell.parse()?);
        }
    }
    let returns: Vec<Vec<f64>> =
        prices.iter().map(|p| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()).collect();
    let (index, stocks) = returns.split_last().ok_or("a price file with columns")?;
    let columns: Vec<&[f64]> = stocks.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    let options = RiskOptions { risk_free_rate: 0.0, ..RiskOptions::default() };

    let single = measure(&stocks[0], Some(index), None, &options)?;
    let whole = || {
        let portfolio = portfolio_returns(&columns, &weights, Rebalancing::FixedWeights)?;
        let metrics = measure(&portfolio, Some(index), None, &options)?;
        Ok::<_, risk::RiskError>((metrics, contributions(&columns, &weights, &options)?))
    };
    let (portfolio, split) = whole()?;

    // The series over and over, as long as needed.
    let growth: Vec<Value> = LENGTHS
        .iter()
        .map(|&length| {
            let repeat = |series: &[f64]| series.iter().copied().cycle().take(length).collect::<Vec<f64>>();
            let (long, market) = (repeat(&stocks[0]), repeat(index));
            json!({"periods": length, "ns": time(|| measure(&long, Some(&market), None, &options).is_ok())})
        })
        .collect();
    Ok(json!({
        "single_ns": time(|| measure(&stocks[0], Some(index), None, &options).is_ok()),
        "portfolio_ns": time(|| whole().is_ok()),
        "single": single.metrics, "portfolio": portfolio.metrics, "contributions": split, "growth": growth,
    }))
}

fn covariance(input: &str, n: usize, periods: usize, output: &str) -> Result<Value, Box<dyn Error>> {
    let values: Vec<f64> = std::fs::read(input)?
        .chunks_exact(8)
        .map(|b| b.try_into().map(f64::from_le_bytes))
        .collect::<Result<_, _>>()?;
    let columns: Vec<Vec<f64>> = values.chunks_exact(periods).take(n).map(<[f64]>::to_vec).collect();
    let panel = ReturnPanel::new(Universe::numbered(columns.len())?, columns)?;
    let estimate = SampleCovariance.estimate(&panel, 252.0)?;
    let bytes: Vec<u8> = estimate.covariance.as_slice().iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(output, bytes)?;
    Ok(json!({"ns": time(|| SampleCovariance.estimate(&panel, 252.0).is_ok())}))
}
