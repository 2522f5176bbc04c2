//! Training as a run that can be stopped, stored and resumed.

mod adam;
mod checkpoint;
mod spec;

use std::ops::ControlFlow;

use portfolio_core::Seed;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::layers::Noise;
use crate::model::TOGETHER;
use crate::{Fold, Matrix, Panel, Parameters, Tft, TftError, Window};
use adam::Adam;
pub use spec::TrainSpec;

/// The progress of a run, reported after each evaluation on the fold and at the end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Progress {
    /// Steps taken.
    pub step: u64,
    /// Mean loss of the steps since the last evaluation.
    pub train: f64,
    /// Mean loss over the fold; absent without one.
    pub valid: Option<f64>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All steps are taken.
    Completed,
    /// The fold has not improved for the patience of the specification.
    EarlyStop,
    /// The receiver of progress asked to stop; the run can be resumed.
    Stopped,
}

/// The weights with the lowest loss over the fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Best {
    loss: f64,
    step: u64,
    parameters: Parameters,
}

/// A run: the model so far and everything that its next step depends on.
///
/// The order of windows and the entries that dropout drops follow from the seed and the number of the step, so a run
/// that is stored and resumed has the same bits as one that was never stopped, on any number of threads.
#[derive(Debug, Clone)]
pub struct Training {
    model: Tft,
    spec: TrainSpec,
    seed: Seed,
    step: u64,
    adam: Adam,
    best: Option<Best>,
    /// Evaluations on the fold since the best one.
    stale: usize,
    /// Loss of the steps since the last evaluation, and their number.
    recent: (f64, u64),
    /// Number of windows that the steps put in order.
    windows: Option<usize>,
}

impl Training {
    /// A run from its start.
    ///
    /// # Errors
    /// What [`TrainSpec::check`] refuses.
    pub fn new(model: Tft, spec: TrainSpec, seed: Seed) -> Result<Self, TftError> {
        spec.check()?;
        let adam = Adam::new(model.parameters());
        Ok(Self { model, spec, seed, step: 0, adam, best: None, stale: 0, recent: (0.0, 0), windows: None })
    }

    /// Steps taken.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The model after the last step.
    #[must_use]
    pub fn latest(&self) -> &Tft {
        &self.model
    }

    /// The model with the lowest loss over the fold, or the latest one if there was no fold.
    #[must_use]
    pub fn best(&self) -> Tft {
        let mut model = self.model.clone();
        if let Some(best) = &self.best {
            *model.parameters_mut() = best.parameters.clone();
        }
        model
    }

    /// Takes steps until all are taken, the fold stops improving, or `progress` asks to stop. Without a fold
    /// (`fold.valid` empty) there is no early stopping.
    ///
    /// # Errors
    /// [`TftError::TooFew`] for no windows to train on; [`TftError::Unscaled`] for a target or an input whose spread is
    /// far from one; [`TftError::Checkpoint`] where a resumed run gets a different number of windows;
    /// [`TftError::Diverged`]; those of [`Tft::losses`].
    pub fn run(
        &mut self,
        panel: &Panel,
        fold: &Fold,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Ended, TftError> {
        self.model.same(panel)?;
        let windows = &fold.train;
        if windows.is_empty() {
            return Err(TftError::TooFew { of: "windows to train on", found: 0, needed: 1 });
        }
        spec::check_scales(panel, windows)?;
        if self.windows.is_some_and(|count| count != windows.len()) {
            return Err(TftError::Checkpoint("is of a run over other windows".to_owned()));
        }
        self.windows = Some(windows.len());
        let mut order = (u64::MAX, Vec::new());
        while self.step < self.spec.steps {
            if !fold.valid.is_empty() && self.stale >= self.spec.patience {
                return Ok(Ended::EarlyStop);
            }
            let batch = self.batch(windows, &mut order);
            let loss = self.descend(panel, &batch)?;
            self.recent = (self.recent.0 + loss, self.recent.1 + 1);
            if self.step.is_multiple_of(self.spec.look_every) || self.step == self.spec.steps {
                let told = self.look(panel, fold)?;
                if progress(&told).is_break() {
                    return Ok(Ended::Stopped);
                }
            }
        }
        Ok(Ended::Completed)
    }

    /// The windows of the next step; each epoch has its own order. `order`: the last computed epoch and its order.
    fn batch(&self, windows: &[Window], order: &mut (u64, Vec<usize>)) -> Vec<Window> {
        let count = windows.len() as u64;
        let start = self.step * self.spec.batch as u64;
        let pick = |place: u64| {
            let epoch = place / count;
            if order.0 != epoch {
                let mut shuffled: Vec<usize> = (0..windows.len()).collect();
                shuffled.shuffle(&mut self.random(2 * epoch));
                *order = (epoch, shuffled);
            }
            order.1.get((place % count) as usize).and_then(|at| windows.get(*at)).copied()
        };
        (start..start + self.spec.batch as u64).filter_map(pick).collect()
    }

    fn random(&self, stream: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed.0);
        random.set_stream(stream);
        random
    }

    /// Takes one step and returns the loss before it.
    fn descend(&mut self, panel: &Panel, batch: &[Window]) -> Result<f64, TftError> {
        let rate = self.model.spec().dropout;
        let part = |(at, windows): (usize, &[Window])| {
            // Even streams order windows, odd ones drop entries.
            let random = self.random(2 * ((self.step << 16) + at as u64) + 1);
            let share = windows.len() as f64 / batch.len() as f64;
            let (loss, gradients) = self.model.gradients(panel, windows, Some(Noise { rate, random }))?;
            Ok((share, loss, gradients))
        };
        let parts: Result<Vec<_>, TftError> = batch.par_chunks(TOGETHER).enumerate().map(part).collect();
        let (mut loss, mut sums) = (0.0, self.model.parameters().values().iter().map(Matrix::like).collect::<Vec<_>>());
        for (share, own, gradients) in parts? {
            loss += share * own;
            for (sum, gradient) in sums.iter_mut().zip(gradients) {
                let Some(gradient) = gradient else { continue };
                for (sum, g) in sum.data_mut().iter_mut().zip(gradient.data()) {
                    *sum += share * g;
                }
            }
        }
        self.step += 1;
        let diverged = TftError::Diverged { step: self.step };
        if !loss.is_finite() || sums.iter().any(|sum| !sum.is_sound()) {
            return Err(diverged);
        }
        let rate = self.spec.rate_at(self.step);
        self.adam.step(self.model.parameters_mut(), sums, rate, self.spec.clip, self.step);
        if self.model.parameters().values().iter().all(Matrix::is_sound) { Ok(loss) } else { Err(diverged) }
    }

    /// Evaluates on the fold and keeps the weights if they are the best so far.
    fn look(&mut self, panel: &Panel, fold: &Fold) -> Result<Progress, TftError> {
        let train = self.recent.0 / self.recent.1.max(1) as f64;
        self.recent = (0.0, 0);
        let mut told = Progress { step: self.step, train, valid: None };
        if !fold.valid.is_empty() {
            let losses = self.model.losses(panel, &fold.valid)?;
            let loss = losses.iter().sum::<f64>() / losses.len() as f64;
            told.valid = Some(loss);
            if self.best.as_ref().is_none_or(|best| loss < best.loss) {
                let parameters = self.model.parameters().clone();
                (self.best, self.stale) = (Some(Best { loss, step: self.step, parameters }), 0);
            } else {
                self.stale += 1;
            }
        }
        Ok(told)
    }
}
