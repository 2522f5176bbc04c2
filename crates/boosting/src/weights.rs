//! What a trained model is made of, and its bytes.

use serde::{Deserialize, Serialize};
use trees::{Ensemble, ReadLimits};

use crate::features::FEATURES;

/// The numbers of a trained model: all that its forecasts depend on beside the histories.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// The trees, over [`FEATURES`] in that order; their raw score is the return over `horizon` periods beyond the mean of the assets.
    pub trees: Ensemble,
    /// Periods that the trees look ahead.
    pub horizon: usize,
    /// How far to trust a forecast, 0 to 1: the lower end of the interval of the rank correlation out of sample, 0 where it is negative.
    pub confidence: f64,
    /// Standard error of a forecast over `horizon` periods ([`CalibrationSlope::standard_error`](crate::CalibrationSlope::standard_error)), the
    /// same for every asset and day; `None` where the forecasts did not differ, and for weights of before there was one.
    pub standard_error: Option<f64>,
}

/// Bytes that hold no weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the weights cannot be read: {0}")]
pub struct WeightsError(String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    confidence: f64,
    horizon: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    /// A LightGBM text.
    trees: String,
}

impl Weights {
    /// The weights in JSON; the trees are a LightGBM text, which other programs read too. Every number is read back to the bit.
    ///
    /// # Errors
    /// [`WeightsError`] for a confidence or a standard error that is no number.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WeightsError> {
        let Self { trees, horizon, confidence, standard_error } = self;
        let (horizon, confidence, standard_error) = (*horizon, *confidence, *standard_error);
        let document = Document { confidence, horizon, standard_error, trees: trees.to_lightgbm() };
        serde_json::to_vec(&document).map_err(|error| WeightsError(error.to_string()))
    }

    /// Reads weights.
    ///
    /// # Errors
    /// [`WeightsError`] for bytes of another kind, trees over other features, and a confidence, horizon or standard error out of range.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let Document { confidence, horizon, standard_error, trees } =
            serde_json::from_slice(bytes).map_err(|error| WeightsError(error.to_string()))?;
        let trees =
            Ensemble::from_lightgbm(&trees, &ReadLimits::default()).map_err(|error| WeightsError(error.to_string()))?;
        if !trees.features().iter().map(|feature| feature.name.as_str()).eq(FEATURES) {
            return Err(WeightsError("the trees were trained on other features".to_owned()));
        }
        if horizon == 0 || !(0.0..=1.0).contains(&confidence) {
            return Err(WeightsError("the horizon or the confidence is out of range".to_owned()));
        }
        if standard_error.is_some_and(|error| !(error > 0.0 && error.is_finite())) {
            return Err(WeightsError("the standard error is out of range".to_owned()));
        }
        Ok(Self { trees, horizon, confidence, standard_error })
    }
}
