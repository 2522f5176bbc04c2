//! A panel as weak as returns are: 40,000 rows of 30 rank features train and 20,000 test, on five seeds.
//!
//! `cargo run --release -p trees --example weak_panel [FOLDER]`; with a folder, writes the rows and targets of each seed as doubles, the training
//! set first, so that LightGBM can read the same bytes (`crates/trees/tests/golden/make_weak.py`).
#![expect(clippy::print_stdout, reason = "the program prints what it measures")]

#[path = "../tests/support/weak.rs"]
mod weak;

use std::error::Error;
use std::path::Path;

use portfolio_core::Seed;
use trees::{Ensemble, GbdtSpec};
use weak::{FEATURES, ROWS, r_squared, weak};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1);
    let names: Vec<String> = (0..FEATURES).map(|i| format!("x{i}")).collect();
    println!("| seed | R² of the trees | R² of the signal itself |");
    println!("| ---: | ---: | ---: |");
    for seed in 0..5 {
        let [train, test] = [weak(2 * seed, ROWS[0]), weak(2 * seed + 1, ROWS[1])];
        let spec = GbdtSpec { learning_rate: 0.05, leaves: 15, rows_in_leaf: 500, ..GbdtSpec::default() };
        let model = Ensemble::fit(&names, &train.rows, &train.targets, &spec, Seed(1), None)?.ensemble;
        let own = r_squared(&model.predict(&test.rows)?, &test.targets);
        println!("| {seed} | {own:.5} | {:.5} |", r_squared(&test.signal, &test.targets));
        if let Some(folder) = &folder {
            let bytes = |values: Vec<f64>| values.into_iter().flat_map(f64::to_ne_bytes).collect::<Vec<u8>>();
            let rows = train.rows.iter().chain(test.rows.iter()).flatten().copied().collect();
            std::fs::write(Path::new(folder).join(format!("rows{seed}")), bytes(rows))?;
            let targets = train.targets.iter().chain(&test.targets).copied().collect();
            std::fs::write(Path::new(folder).join(format!("targets{seed}")), bytes(targets))?;
        }
    }
    Ok(())
}
