//! Friedman's function at the size of the literature: 50,000 rows train, 20,000 test, 20 features of which five matter.
//!
//! `cargo run --release -p trees --example friedman [MODEL ROWS TARGETS]`; with paths, writes the model as a LightGBM text and all
//! rows and targets as doubles, the training set first, so that LightGBM can read both.
#![expect(clippy::print_stdout, reason = "the program prints what it measures")]

#[path = "../tests/support/friedman.rs"]
mod friedman;

use std::error::Error;

use cpu_time::ThreadTime;
use friedman::{friedman, names, rmse};
use portfolio_core::Seed;
use trees::{Ensemble, GbdtSpec};

fn main() -> Result<(), Box<dyn Error>> {
    let (rows, targets) = friedman(1, 50_000, 20);
    let (test_rows, test_targets) = friedman(2, 20_000, 20);
    let spec = GbdtSpec { rounds: 300, ..GbdtSpec::default() };
    let start = ThreadTime::now();
    let model = Ensemble::fit(&names(20), &rows, &targets, &spec, Seed(1), None)?.ensemble;
    let seconds = start.elapsed().as_secs_f64();
    let error = rmse(&model.predict(&test_rows)?, &test_targets);
    println!("root mean squared error {error:.4}, {seconds:.2} s of processor time for {} trees", model.trees().len());
    if let [model_path, rows_path, targets_path] = std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        std::fs::write(model_path, model.to_lightgbm())?;
        let numbers = rows.iter().chain(test_rows.iter()).flatten();
        std::fs::write(rows_path, numbers.flat_map(|value| value.to_ne_bytes()).collect::<Vec<u8>>())?;
        let all = targets.iter().chain(&test_targets).flat_map(|value| value.to_ne_bytes());
        std::fs::write(targets_path, all.collect::<Vec<u8>>())?;
    }
    // What the rate of 0.3 costs, which other libraries have as their default.
    let fast = GbdtSpec { learning_rate: 0.3, ..spec };
    let fast = Ensemble::fit(&names(20), &rows, &targets, &fast, Seed(1), None)?.ensemble;
    println!("at a learning rate of 0.3: {:.4}", rmse(&fast.predict(&test_rows)?, &test_targets));
    if error > 1.10 {
        return Err(format!("{error:.4} is above 1.10").into());
    }
    Ok(())
}
