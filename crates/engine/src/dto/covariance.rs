//! Covariance requests and answers.

use portfolio_core::Covariance;
use regimes::RegimeWeighted;
use risk::volatility::EwmaStart;
use risk::{
    CovarianceEstimator, EstimatorIdentity, Ewma, ForecastVariances, LedoitWolf, Oas, OverlappingReturns,
    SampleCovariance, ShrinkageTarget, VarianceModel,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::Document;
use crate::dto::checks::check_returns;
use crate::dto::metadata::Metadata;
use crate::dto::ranges::PeriodReturn;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Columns of one panel.
const MAX_COLUMNS: usize = 1_000;
/// Days of an overlapping sum.
const WEEK: usize = 5;
/// Rows of a fit of GARCH.
const GARCH_ROWS: usize = 30;
/// Rows of a fit of the heterogeneous autoregression: a month, and a hundred to learn from.
const HAR_ROWS: usize = 122;
/// Rows of two states of one asset: its seven parameters.
const REGIME_ROWS: usize = 7;
/// Entries of one panel.
const MAX_ENTRIES: usize = 2_000_000;

/// A panel of returns from which to estimate a covariance.
///
/// Rules beyond the ranges: rows have one length, 1 to 1,000; at least two rows (one for the EWMA estimators, six for
/// `overlapping_week`, 30 for `garch_variances`, 122 for `har_variances`, 7 for `regime_weighted`); at most 2,000,000
/// entries, and the body at most 8 MiB: about 360,000 numbers with all digits.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"returns": [[0.01, 0.02], [-0.01, 0.0], [0.0, -0.02]], "estimator": "ledoit_wolf_identity"}))]
pub struct CovarianceRequest {
    /// `T` rows, oldest first, of `n` simple returns each.
    #[schema(value_type = Vec<Vec<PeriodReturn>>, example = json!([[0.01, 0.02], [-0.01, 0.0], [0.0, -0.02]]), min_items = 1)]
    pub returns: Vec<Vec<f64>>,
    /// How to estimate.
    pub estimator: CovarianceEstimatorName,
}

/// An estimator of a covariance matrix; the documentation of the `risk` crate has the formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CovarianceEstimatorName {
    /// Sample covariance, ddof 1.
    Sample,
    /// Shrunk towards a multiple of the identity (Ledoit and Wolf 2004).
    LedoitWolfIdentity,
    /// Shrunk towards constant correlation (Ledoit and Wolf 2004).
    LedoitWolfConstantCorrelation,
    /// Oracle approximating shrinkage (Chen et al. 2010).
    Oas,
    /// Exponential weights 0.94, normalised, no mean removed (RiskMetrics 1996).
    Ewma94ZeroMean,
    /// The recursion from the first observation, 0.94, no mean removed.
    Ewma94Recursive,
    /// From overlapping sums of five days, for markets that close at different times (Lo and MacKinlay 1988).
    OverlappingWeek,
    /// Correlations shrunk as `ledoit_wolf_constant_correlation`, variances of the coming period by GARCH(1,1).
    GarchVariances,
    /// The same correlations, variances of the coming period by the heterogeneous autoregression of squared returns (Corsi 2009).
    HarVariances,
    /// The mixture of two states of the market by their predicted probabilities (hidden Markov model, filtered probabilities).
    RegimeWeighted,
}

impl CovarianceEstimatorName {
    /// Every name.
    pub(crate) const ALL: [Self; 10] = [
        Self::Sample,
        Self::LedoitWolfIdentity,
        Self::LedoitWolfConstantCorrelation,
        Self::Oas,
        Self::Ewma94ZeroMean,
        Self::Ewma94Recursive,
        Self::OverlappingWeek,
        Self::GarchVariances,
        Self::HarVariances,
        Self::RegimeWeighted,
    ];

    /// The name of the estimator that made a covariance; `None` for one that requests cannot name.
    #[must_use]
    pub fn of(estimator: &EstimatorIdentity) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.estimator().identity() == *estimator)
    }

    /// The estimator behind the name, with its parameters: the one place where names of the contract become estimators.
    #[must_use]
    pub fn estimator(self) -> Box<dyn CovarianceEstimator> {
        let ewma = |start| Ewma { decay: 0.94, start };
        match self {
            Self::Sample => Box::new(SampleCovariance),
            Self::LedoitWolfIdentity => Box::new(LedoitWolf { target: ShrinkageTarget::Identity }),
            Self::LedoitWolfConstantCorrelation => {
                Box::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation })
            }
            Self::Oas => Box::new(Oas),
            Self::Ewma94ZeroMean => Box::new(ewma(EwmaStart::Normalised)),
            Self::Ewma94Recursive => Box::new(ewma(EwmaStart::Recursive)),
            Self::OverlappingWeek => Box::new(OverlappingReturns { periods: WEEK }),
            Self::GarchVariances => Box::new(ForecastVariances { model: VarianceModel::Garch }),
            Self::HarVariances => Box::new(ForecastVariances { model: VarianceModel::Har }),
            Self::RegimeWeighted => Box::new(RegimeWeighted),
        }
    }

    /// The fewest rows from which it can be computed.
    fn rows_min(self) -> usize {
        match self {
            Self::Ewma94ZeroMean | Self::Ewma94Recursive => 1,
            Self::OverlappingWeek => WEEK + 1,
            Self::GarchVariances => GARCH_ROWS,
            Self::HarVariances => HAR_ROWS,
            Self::RegimeWeighted => REGIME_ROWS,
            Self::Sample | Self::LedoitWolfIdentity | Self::LedoitWolfConstantCorrelation | Self::Oas => 2,
        }
    }
}

impl Document for CovarianceRequest {
    fn check_size(&self, faults: &mut Faults) {
        let columns = self.returns.first().map_or(0, Vec::len);
        if columns == 0 || columns > MAX_COLUMNS {
            faults.add("/returns", FaultCode::Length, format!("must have rows of 1 to {MAX_COLUMNS} entries"));
            return;
        }
        let rows_min = self.estimator.rows_min();
        if self.returns.len() < rows_min {
            faults.add("/returns", FaultCode::Length, format!("must have at least {rows_min} rows"));
        }
        if self.returns.len() * columns > MAX_ENTRIES {
            faults.add("/returns", FaultCode::Limit, format!("must have at most {MAX_ENTRIES} entries in all"));
        }
    }

    fn check(&self, faults: &mut Faults) {
        let columns = self.returns.first().map_or(0, Vec::len);
        for (t, row) in self.returns.iter().enumerate() {
            if row.len() != columns {
                faults.add(
                    format!("/returns/{t}"),
                    FaultCode::Length,
                    format!("must have {columns} entries, as the first row"),
                );
            }
            check_returns(row, |i| format!("/returns/{t}/{i}"), faults);
            if faults.is_full() {
                return;
            }
        }
    }
}

/// An estimated covariance matrix.
#[derive(Debug, Serialize, ToSchema)]
pub struct CovarianceEstimate {
    /// `n × n` covariances per period, as rows; not annualised.
    #[schema(example = json!([[0.0001, 0.00002], [0.00002, 0.0002]]), value_type = Vec<Vec<f64>>)]
    pub covariance: Covariance,
    /// Weight of the shrinkage target, from 0 to 1; absent for estimators that do not shrink.
    #[schema(required, example = 0.04)]
    pub shrinkage: Option<f64>,
    /// How it was estimated.
    pub estimator: CovarianceEstimatorName,
    /// Observations per asset, `T`.
    #[schema(example = 250)]
    pub observations: usize,
}

/// An estimated covariance matrix, per period.
#[derive(Debug, Serialize, ToSchema)]
pub struct CovarianceResponse {
    /// The matrix, the shrinkage, and how it was estimated.
    #[serde(flatten)]
    pub estimate: CovarianceEstimate,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_the_estimator_it_says() {
        for (name, identity) in [
            ("sample", "sample 1"),
            ("ledoit_wolf_identity", "ledoit_wolf 1 (target identity)"),
            ("ledoit_wolf_constant_correlation", "ledoit_wolf 1 (target constant_correlation)"),
            ("oas", "oas 1"),
            ("ewma94_zero_mean", "ewma 1 (decay 0.94, start normalised)"),
            ("ewma94_recursive", "ewma 1 (decay 0.94, start recursive)"),
            ("overlapping_week", "overlapping 1 (periods 5)"),
        ] {
            let parsed: CovarianceEstimatorName = serde_json::from_value(name.into()).unwrap();
            assert_eq!(parsed.estimator().identity().to_string(), identity);
            assert_eq!(CovarianceEstimatorName::of(&parsed.estimator().identity()), Some(parsed));
        }
    }
}
