//! The model from outside: against another implementation, on a task with a known floor, and examined.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checkpoints;
mod examination;
mod leaks;
mod learning;
mod registry;
mod returns;
#[path = "../../examples/synthetic/task.rs"]
#[expect(dead_code, reason = "the example uses all of it")]
mod task;
mod transplant;
mod walk;

use portfolio_core::Seed;
use tft::{Fold, Panel, Tft, TrainSpec, Training};

use crate::task::{Size, panel, spec};

/// A task that trains in a second without optimisation.
const SMALL: Size = Size { series: 4, lookback: 6, horizon: 4, width: 8 };

/// A run of the small task, its series and its windows.
fn small(steps: u64, seed: u64) -> (Training, Panel, Fold) {
    let panel = panel(SMALL, 300, seed).unwrap();
    let fold = Fold { train: panel.windows(0..usize::MAX, 1), valid: Vec::new() };
    let train = TrainSpec { steps, batch: 16, rate: 1e-2, look_every: 10, ..TrainSpec::default() };
    let model = Tft::new(tft::TftSpec { dropout: 0.1, ..spec(SMALL) }, Seed(seed)).unwrap();
    let panel = Panel::new(model.spec(), panel.series().to_vec()).unwrap();
    (Training::new(model, train, Seed(seed)).unwrap(), panel, fold)
}
