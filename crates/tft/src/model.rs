//! The model: a specification, its network and its weights.

use governance::Digest;
use portfolio_core::Seed;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::layers::{Noise, Pass};
use crate::network::{Network, Trace};
use crate::parameters::Builder;
use crate::tape::pinball;
use crate::{Matrix, Panel, Parameters, TftError, TftSpec, Window};

/// Number of windows whose gradients are computed together. Because it does not depend on the number of threads,
/// results do not either.
pub(crate) const TOGETHER: usize = 8;

/// Number of windows forecast together: fewer, so that what is computed of them stays in the cache. A row is computed
/// in the same way whatever the others are.
const FORECAST_TOGETHER: usize = 5;

/// A Temporal Fusion Transformer (Lim, Arık, Loeff and Pfister 2021).
#[derive(Debug, Clone)]
pub struct Tft {
    spec: TftSpec,
    network: Network,
    parameters: Parameters,
}

/// The quantiles that a model forecasts for one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The window.
    pub window: Window,
    /// A row per step after the origin, a column per level of the specification, ascending, in the unit of the target.
    pub quantiles: Matrix,
}

impl Tft {
    /// An untrained model: weights are drawn from the seed.
    ///
    /// # Errors
    /// What [`TftSpec::check`] refuses.
    pub fn new(spec: TftSpec, seed: Seed) -> Result<Self, TftError> {
        spec.check()?;
        let mut random = ChaCha8Rng::seed_from_u64(seed.0);
        random.set_stream(u64::MAX);
        let mut builder = Builder::new(random);
        let network = Network::new(&spec, &mut builder);
        Ok(Self { spec, network, parameters: builder.parameters })
    }

    /// A model from stored weights.
    ///
    /// # Errors
    /// What [`TftSpec::check`] refuses; [`TftError::Tensors`] where names or shapes do not match the specification, or
    /// a weight is not finite.
    pub fn with_parameters(spec: TftSpec, parameters: Parameters) -> Result<Self, TftError> {
        let mut model = Self::new(spec, Seed(0))?;
        model.replace(parameters)?;
        Ok(model)
    }

    pub(crate) fn replace(&mut self, parameters: Parameters) -> Result<(), TftError> {
        if !self.parameters.fits(&parameters) {
            return Err(TftError::Tensors);
        }
        self.parameters = parameters;
        Ok(())
    }

    /// The specification.
    #[must_use]
    pub fn spec(&self) -> &TftSpec {
        &self.spec
    }

    /// The weights.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    /// SHA-256 of the weights.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.parameters.digest()
    }

    /// Forecasts, one per window in their order, without dropout. The bits are the same on any number of threads.
    ///
    /// # Errors
    /// [`TftError::Tensors`] for a panel of another specification, [`TftError::Window`] for a window without its
    /// inputs.
    pub fn predict(&self, panel: &Panel, windows: &[Window]) -> Result<Vec<Forecast>, TftError> {
        self.same(panel)?;
        let some = |windows: &[Window]| {
            let mut pass = Pass::new(&self.parameters, None);
            let trace = self.network.run(&mut pass, panel.batch(windows)?);
            let rows = pass.tape.value(trace.quantiles);
            Ok(windows.iter().enumerate().map(|(w, window)| self.of_window(rows, w, windows.len(), *window)).collect())
        };
        let parts: Result<Vec<Vec<Forecast>>, TftError> = windows.par_chunks(FORECAST_TOGETHER).map(some).collect();
        Ok(parts?.into_iter().flatten().collect())
    }

    fn of_window(&self, rows: &Matrix, w: usize, windows: usize, window: Window) -> Forecast {
        let mut quantiles = Matrix::zeros(self.spec.horizon, self.spec.quantiles.len());
        for step in 0..self.spec.horizon {
            quantiles.row_mut(step).copy_from_slice(rows.row(step * windows + w));
        }
        Forecast { window, quantiles }
    }

    /// The mean pinball loss of each window, over steps and levels, in the unit of the target.
    ///
    /// # Errors
    /// Those of [`Tft::predict`], and [`TftError::Window`] for a window without its outcomes.
    pub fn losses(&self, panel: &Panel, windows: &[Window]) -> Result<Vec<f64>, TftError> {
        let loss = |forecast: Forecast| {
            let rows = panel.outcomes(forecast.window)?.iter().enumerate();
            let cells = rows.flat_map(|(step, outcome)| {
                let row = forecast.quantiles.row(step).iter().zip(&self.spec.quantiles);
                row.map(|(q, level)| pinball(*level, *outcome, *q)).collect::<Vec<f64>>()
            });
            Ok(cells.sum::<f64>() / forecast.quantiles.data().len() as f64)
        };
        self.predict(panel, windows)?.into_iter().map(loss).collect()
    }

    /// The loss of some windows and its derivative with respect to every tensor, `None` where the loss does not depend
    /// on it.
    pub(crate) fn gradients(
        &self,
        panel: &Panel,
        windows: &[Window],
        noise: Option<Noise>,
    ) -> Result<(f64, Vec<Option<Matrix>>), TftError> {
        let outcomes = panel.outcomes_by_step(windows)?;
        let mut pass = Pass::new(&self.parameters, noise);
        let trace = self.network.run(&mut pass, panel.batch(windows)?);
        let loss = pass.tape.pinball(trace.quantiles, &outcomes, &self.spec.quantiles);
        let gradients = pass.tape.gradients(loss, pass.bound());
        Ok((pass.tape.value(loss).data()[0], gradients))
    }

    pub(crate) fn same(&self, panel: &Panel) -> Result<(), TftError> {
        if panel.spec() == &self.spec { Ok(()) } else { Err(TftError::Tensors) }
    }

    /// Intermediate results of the network, by name. Rows are grouped by step, with one row per window in each;
    /// `encoder` and `decoder` have the states `[h c]`.
    ///
    /// # Errors
    /// Those of [`Tft::predict`].
    pub fn intermediates(&self, panel: &Panel, windows: &[Window]) -> Result<Vec<(&'static str, Matrix)>, TftError> {
        self.same(panel)?;
        let (pass, trace) = self.trace(panel, windows)?;
        let named = trace.named().map(|(name, var)| (name, pass.tape.value(var).clone()));
        Ok(named.into())
    }

    pub(crate) fn trace(&self, panel: &Panel, windows: &[Window]) -> Result<(Pass<'_>, Trace), TftError> {
        let mut pass = Pass::new(&self.parameters, None);
        let trace = self.network.run(&mut pass, panel.batch(windows)?);
        Ok((pass, trace))
    }
}
