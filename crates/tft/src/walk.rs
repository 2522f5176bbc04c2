//! Walk-forward refits: a model is trained again and again, each time on what was known then.

use std::ops::ControlFlow;

use portfolio_core::Seed;

use crate::error::require;
use crate::{Ended, Fold, Forecast, Panel, Progress, Tft, TftError, TrainSpec, Training};

/// When a model is trained again, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Number of rows that are known at the first training.
    pub first: usize,
    /// Rows between two trainings, at least 1.
    pub every: usize,
    /// One more than the last origin of a forecast.
    pub end: usize,
    /// Share of the known origins, the latest ones, over which early stopping looks, inside (0, 1).
    pub fold: f64,
    /// Every how many windows of those one is looked at, at least 1.
    pub thin: usize,
    /// How each model is trained.
    pub train: TrainSpec,
    /// Seed of the first weights, of the order of windows and of dropout, the same for each training.
    pub seed: Seed,
}

/// One training, and its forecasts up to the next one.
#[derive(Debug, Clone)]
pub struct Leg {
    /// Number of rows that were known.
    pub known: usize,
    /// The windows of the training; their outcomes are among the known rows.
    pub fold: Fold,
    /// The trained model.
    pub model: Tft,
    /// A forecast for each series and each origin from the last known row on until the next training, as far as the
    /// panel has outcomes.
    pub forecasts: Vec<Forecast>,
}

impl Walk {
    /// The numbers of rows that are known at each training.
    pub fn trainings(&self) -> impl Iterator<Item = usize> {
        (self.first..=self.end).step_by(self.every.max(1))
    }

    /// The training on the first `known` rows of a panel, from its start, and its windows. It may be stopped, stored
    /// and resumed ([`Training::checkpoint`]) before [`Walk::finish`].
    ///
    /// Rows after the known ones are read as inputs of later origins only, so they may be in the panel; but what scales
    /// it has to be of the known rows alone.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] for `every` or `thin` of zero, or no more known rows than the horizon; those of
    /// [`Fold::purged`] and [`Training::new`].
    pub fn begin(&self, known: usize, panel: &Panel) -> Result<(Training, Fold), TftError> {
        require(self.every >= 1, "every", self.every as f64, "at least 1")?;
        require(self.thin >= 1, "thin", self.thin as f64, "at least 1")?;
        let spec = panel.spec();
        require(known > spec.horizon, "known", known as f64, "more than the horizon")?;
        let windows = panel.windows(0..known - spec.horizon, 1);
        let Fold { train, valid } = Fold::purged(spec, &windows, self.fold)?;
        let fold = Fold { train, valid: valid.into_iter().step_by(self.thin).collect() };
        Ok((Training::new(Tft::new(spec.clone(), self.seed)?, self.train.clone(), self.seed)?, fold))
    }

    /// The forecasts of a training that has ended, up to the next one.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] for no known row; those of [`Tft::predict`].
    pub fn finish(&self, known: usize, panel: &Panel, run: &Training, fold: Fold) -> Result<Leg, TftError> {
        require(known >= 1, "known", known as f64, "at least 1")?;
        let model = run.best();
        let until = (known - 1).saturating_add(self.every).min(self.end);
        let forecasts = model.predict(panel, &panel.windows(known - 1..until, 1))?;
        Ok(Leg { known, fold, model, forecasts })
    }

    /// Trains on the first `known` rows of a panel and forecasts from there: [`Walk::begin`], the run,
    /// [`Walk::finish`]. `None` where `progress` asked to stop.
    ///
    /// # Errors
    /// Those of its parts and of [`Training::run`].
    pub fn leg(
        &self,
        known: usize,
        panel: &Panel,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Option<Leg>, TftError> {
        let (mut run, fold) = self.begin(known, panel)?;
        match run.run(panel, &fold, progress)? {
            Ended::Stopped => Ok(None),
            Ended::Completed | Ended::EarlyStop => self.finish(known, panel, &run, fold).map(Some),
        }
    }
}
