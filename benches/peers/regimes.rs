//! Our side of the comparison with hmmlearn (`benches/peers/regimes.py`): times fits of twenty years of days and prints JSON.
//!
//! `regime_peers STEPS < features.json`: the standard input holds `{"features": [series, …], "starts": [{start, transition, means,
//! variances}, …]}`. Each start is climbed by so many steps without an early end, and then a fit with its own starts is
//! made. A time is the best of many calls, in processor time of the thread.

#![expect(clippy::print_stdout, reason = "its output is what the script reads")]
#![expect(clippy::disallowed_methods, reason = "it takes the time of what it measures")]

use std::error::Error;
use std::hint::black_box;
use std::io::Read;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use portfolio_core::Seed;
use regimes::{GaussianHmm, HmmSpec, Observations, fit, fit_from};
use serde_json::{Value, json};

/// How long one subject is repeated.
const PATIENCE: Duration = Duration::from_millis(700);

fn main() -> Result<(), Box<dyn Error>> {
    let steps: usize = std::env::args().nth(1).ok_or("regime_peers STEPS < features.json")?.parse()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let input: Value = serde_json::from_str(&text)?;
    let rows = Observations::of_features(&table(&input["features"])?)?;
    let mut answers = Vec::new();
    for start in input["starts"].as_array().ok_or("starts")? {
        let law: Vec<f64> = serde_json::from_value(start["start"].clone())?;
        let begin = GaussianHmm::new(
            &law,
            &table(&start["transition"])?,
            &table(&start["means"])?,
            &table(&start["variances"])?,
        )?;
        let own = HmmSpec::new(begin.states());
        // A tolerance of zero ends at the first step that gains nothing at all.
        let spec = HmmSpec { max_iterations: steps, tolerance: 0.0, ..own };
        let climbed = fit_from(&rows, &spec, &begin)?;
        let fitted = fit(&rows, &own, Seed(1))?;
        answers.push(json!({
            "states": begin.states(),
            "log_likelihood": climbed.log_likelihood,
            "steps": climbed.iterations,
            "seconds": time(|| fit_from(black_box(&rows), &spec, &begin)),
            "fit_log_likelihood": fitted.log_likelihood,
            "fit_restarts": fitted.restarts,
            "fit_seconds": time(|| fit(black_box(&rows), &own, Seed(1))),
        }));
    }
    println!("{}", Value::from(answers));
    Ok(())
}

fn table(value: &Value) -> Result<Vec<Vec<f64>>, serde_json::Error> {
    serde_json::from_value(value.clone())
}

/// Best time of one call in seconds.
fn time<T>(mut call: impl FnMut() -> T) -> f64 {
    let (begin, mut best, mut calls) = (Instant::now(), f64::INFINITY, 0);
    while calls < 5 || begin.elapsed() < PATIENCE {
        let start = ThreadTime::now();
        black_box(call());
        best = best.min(start.elapsed().as_secs_f64());
        calls += 1;
    }
    best
}
