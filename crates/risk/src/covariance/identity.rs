//! The identity of the estimator behind a covariance, for records.

use std::fmt;

use portfolio_core::ModelParameter;
use serde::Serialize;

/// The estimator that computed a covariance, with its version and parameters.
///
/// Prints as `ewma 1 (decay 0.94, start recursive)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EstimatorIdentity {
    /// [`CovarianceEstimator::id`](super::CovarianceEstimator::id).
    pub id: String,
    /// [`CovarianceEstimator::version`](super::CovarianceEstimator::version).
    pub version: String,
    /// [`CovarianceEstimator::parameters`](super::CovarianceEstimator::parameters).
    pub parameters: Vec<ModelParameter>,
}

impl fmt::Display for EstimatorIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)?;
        for (i, parameter) in self.parameters.iter().enumerate() {
            write!(f, "{}{} {}", if i == 0 { " (" } else { ", " }, parameter.name, parameter.value)?;
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}
