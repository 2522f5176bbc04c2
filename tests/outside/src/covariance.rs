//! A covariance estimator: variances alone, none below a floor.

use portfolio_core::{Covariance, ModelParameter, ReturnPanel};
use risk::{CovarianceEstimate, CovarianceEstimator, RiskError, standard_deviation};

/// Uncorrelated assets, `σᵢ² = max(sample variance, floor²/periods per year)`.
#[derive(Debug, Clone, Copy)]
pub struct FlooredDiagonal {
    /// Least annual volatility of an asset, a fraction.
    pub floor_annual: f64,
}

impl CovarianceEstimator for FlooredDiagonal {
    fn id(&self) -> &str {
        "floored-diagonal"
    }

    fn version(&self) -> &str {
        "2"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("floor_annual", self.floor_annual)]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        if self.floor_annual <= 0.0 {
            let why = format!("its floor is {}", self.floor_annual);
            return Err(RiskError::Estimator { id: self.id().to_owned(), why });
        }
        let assets = panel.assets();
        let floor = self.floor_annual.powi(2) / periods_per_year;
        let mut values = vec![0.0; assets * assets];
        for (i, returns) in panel.columns().enumerate() {
            values[i * (assets + 1)] = standard_deviation(returns)?.powi(2).max(floor);
        }
        Ok(CovarianceEstimate {
            covariance: Covariance::estimated(panel.universe().clone(), values, periods_per_year)?,
            shrinkage: None,
            observations: panel.common_periods(),
            estimator: self.identity(),
        })
    }
}
