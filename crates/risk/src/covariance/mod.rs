//! Covariance of many return series: an open trait and the estimators of this crate.

mod columns;
mod ewma;
mod forecast_variances;
mod gram;
mod identity;
mod ledoit_wolf;
mod oas;
mod overlapping;
mod riskless;
mod sample;
mod shrinkage;

use std::fmt::Debug;

use portfolio_core::{Covariance, ModelParameter, ReturnPanel};
use serde::Serialize;

pub use self::ewma::Ewma;
pub use self::forecast_variances::{ForecastVariances, VarianceModel};
pub use self::identity::EstimatorIdentity;
pub use self::ledoit_wolf::{LedoitWolf, ShrinkageTarget};
pub use self::oas::Oas;
pub use self::overlapping::OverlappingReturns;
pub use self::sample::SampleCovariance;
use crate::RiskError;

/// An estimator of the covariance of asset returns.
///
/// The crate provides [`SampleCovariance`], [`LedoitWolf`], [`Oas`], [`OverlappingReturns`], [`Ewma`] and [`ForecastVariances`]; implement this
/// trait to add another.
/// It is object-safe, so a configuration can hold a `Box<dyn CovarianceEstimator>`.
///
/// # Example
/// An estimator of independent assets, as another crate would write it:
/// ```
/// use portfolio_core::{Covariance, ReturnPanel, Universe};
/// use risk::{CovarianceEstimate, CovarianceEstimator, RiskError, standard_deviation};
///
/// #[derive(Debug)]
/// struct Independent;
///
/// impl CovarianceEstimator for Independent {
///     fn id(&self) -> &str {
///         "independent"
///     }
///
///     fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
///         let assets = panel.assets();
///         let mut values = vec![0.0; assets * assets];
///         for (i, returns) in panel.columns().enumerate() {
///             values[i * (assets + 1)] = standard_deviation(returns)?.powi(2);
///         }
///         let covariance = Covariance::estimated(panel.universe().clone(), values, periods_per_year)?;
///         let observations = panel.common_periods();
///         Ok(CovarianceEstimate { covariance, shrinkage: None, observations, estimator: self.identity() })
///     }
/// }
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.01, 0.02, 0.03], vec![0.06, 0.04, 0.02]])?;
/// let estimators: Vec<Box<dyn CovarianceEstimator>> = vec![Box::new(Independent)];
/// let estimate = estimators[0].estimate(&panel, 252.0)?;
/// assert_eq!(estimate.covariance.get(0, 1), Some(0.0));
/// assert_eq!(estimate.estimator.to_string(), "independent 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CovarianceEstimator: Debug + Send + Sync {
    /// The id used in records: short, stable, the same for every choice of parameters.
    fn id(&self) -> &str;

    /// The version of the formula. It changes whenever the same returns and parameters give a different number.
    fn version(&self) -> &str {
        "1"
    }

    /// The parameters in use, for records; none by default.
    fn parameters(&self) -> Vec<ModelParameter> {
        Vec::new()
    }

    /// Estimates the covariance per period of the assets of a panel, over the newest periods in which each of them has
    /// a return.
    ///
    /// `periods_per_year`: number of panel periods in a year; the estimate is not annualised by it.
    ///
    /// # Errors
    /// [`RiskError`] when no estimate can be computed from the returns.
    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError>;

    /// Id, version and parameters in one value, as an estimate repeats them.
    fn identity(&self) -> EstimatorIdentity {
        EstimatorIdentity {
            id: self.id().to_owned(),
            version: self.version().to_owned(),
            parameters: self.parameters(),
        }
    }
}

/// An estimated covariance matrix and its origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovarianceEstimate {
    /// Covariances per period, labelled by the assets of the panel.
    pub covariance: Covariance,
    /// Weight of the shrinkage target, from 0 to 1; `None` for estimators that do not shrink.
    pub shrinkage: Option<f64>,
    /// Observations per asset, `T`.
    pub observations: usize,
    /// The estimator that computed it, with its parameters.
    pub estimator: EstimatorIdentity,
}

#[cfg(test)]
mod tests;
