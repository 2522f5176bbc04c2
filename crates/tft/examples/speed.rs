//! How long a forecast and a step of the training take, in processor time of one thread.
//!
//! ```sh
//! RAYON_NUM_THREADS=1 cargo run --release -p tft --example speed
//! ```
//!
//! Twenty assets, 21 days ahead, 63 days and eight inputs behind, width 16: the sizes of the task of docs/tft.md.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

#[path = "synthetic/task.rs"]
#[expect(dead_code, reason = "the other example uses all of it")]
mod task;

use std::error::Error;
use std::ops::ControlFlow;

use cpu_time::ProcessTime;
use portfolio_core::Seed;
use tft::{Fold, Tft, TrainSpec, Training};

use crate::task::{WHOLE, panel, spec};

/// Steps of a training.
const STEPS: u64 = 2;
/// Repetitions of each.
const REPEATED: usize = 25;

fn main() -> Result<(), Box<dyn Error>> {
    let panel = panel(WHOLE, 300, 1)?;
    let model = Tft::new(spec(WHOLE), Seed(1))?;
    let windows = panel.windows(0..usize::MAX, 1);
    let latest = &windows[windows.len() - WHOLE.series..];
    let [least, median] = times(|| model.predict(&panel, latest).map(drop))?;
    println!("a forecast of {} series, {} steps ahead: {least:.2} ms, median {median:.2}", WHOLE.series, WHOLE.horizon);

    let fold = Fold { train: windows.clone(), valid: Vec::new() };
    let train = TrainSpec { steps: STEPS, look_every: STEPS, ..TrainSpec::default() };
    let [least, median] = times(|| {
        let mut run = Training::new(model.clone(), train.clone(), Seed(1))?;
        run.run(&panel, &fold, &mut |_| ControlFlow::Continue(())).map(drop)
    })?;
    let [least, median] = [least, median].map(|time| time / STEPS as f64);
    println!("a step of the training over {} windows: {least:.1} ms, median {median:.1}", train.batch);
    Ok(())
}

/// Milliseconds of processor time: the least of some runs, which other processes disturbed least, and the median.
fn times<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<[f64; 2], E> {
    let mut all = Vec::new();
    for _ in 0..REPEATED {
        let clock = ProcessTime::now();
        run()?;
        all.push(1e3 * clock.elapsed().as_secs_f64());
    }
    all.sort_unstable_by(f64::total_cmp);
    Ok([all[0], all[REPEATED / 2]])
}
