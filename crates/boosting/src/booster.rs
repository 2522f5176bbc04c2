//! What is asked of a library of boosted trees, so that the training does not depend on which one it is.

use std::fmt::Debug;

use portfolio_core::Seed;
use trees::{Cover, Ensemble, GbdtSpec, Rows};

/// Why a library cannot fit, predict or explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BoosterError(pub String);

/// A library of gradient boosted trees with its settings: the trees of this repository by a [`GbdtSpec`], or another one.
///
/// [`walk_forward`](crate::walk_forward) holds any of them to the same purged trial.
pub trait Booster: Debug {
    /// What a fit gives.
    type Model: BoostedModel;

    /// Fits a model to rows and their targets. The same arguments give the same model, to the bit.
    ///
    /// # Errors
    /// Settings or rows that the library refuses.
    fn fit(&self, features: &[&str], rows: &Rows, targets: &[f64], seed: Seed) -> Result<Self::Model, BoosterError>;
}

/// A fitted model.
pub trait BoostedModel {
    /// The forecast of each row, in the unit of the targets.
    ///
    /// # Errors
    /// Rows of another width than those it was fitted to.
    fn predict(&self, rows: &Rows) -> Result<Vec<f64>, BoosterError>;

    /// What each feature adds to each forecast: exact Shapley values under the tree's own row counts. They and the expectation sum to the forecast.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and trees that the library cannot explain.
    fn explain(&self, rows: &Rows) -> Result<Explained, BoosterError>;
}

/// The explanation of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The forecast without any feature.
    pub expected_value: f64,
    /// A row of figures, one for each feature, for each row.
    pub values: Vec<Vec<f64>>,
}

impl Booster for GbdtSpec {
    type Model = Ensemble;

    fn fit(&self, features: &[&str], rows: &Rows, targets: &[f64], seed: Seed) -> Result<Ensemble, BoosterError> {
        let fitted = Ensemble::fit(features, rows, targets, self, seed, None);
        Ok(fitted.map_err(|error| BoosterError(error.to_string()))?.ensemble)
    }
}

impl BoostedModel for Ensemble {
    fn predict(&self, rows: &Rows) -> Result<Vec<f64>, BoosterError> {
        Self::predict(self, rows).map_err(|error| BoosterError(error.to_string()))
    }

    fn explain(&self, rows: &Rows) -> Result<Explained, BoosterError> {
        let told = Self::explain(self, rows, Cover::DataCount).map_err(|error| BoosterError(error.to_string()))?;
        let values = (0..rows.len()).map(|row| told.row(row).to_vec()).collect();
        Ok(Explained { expected_value: told.expected_value(), values })
    }
}
