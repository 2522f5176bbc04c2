//! Covariance matrices.

use portfolio_core::{ReturnPanel, Universe};
use risk::RiskOptions;

use crate::context::RequestContext;
use crate::dto::covariance::{CovarianceEstimate, CovarianceRequest, CovarianceResponse};
use crate::dto::metadata::Metadata;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;
use crate::telling::inventory::covariance_reference;

/// Answers a covariance request.
///
/// # Errors
/// [`Refusal::Invalid`] for returns whose covariance cannot be estimated.
pub fn covariance_answer(request: &CovarianceRequest, context: &RequestContext) -> Result<CovarianceResponse, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/returns", FaultCode::Value, error.to_string());
    let assets = request.returns.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> =
        (0..assets).map(|asset| request.returns.iter().map(|row| row[asset]).collect()).collect();
    let universe = Universe::numbered(assets).map_err(|e| refused(&e))?;
    let panel = ReturnPanel::new(universe, columns).map_err(|e| refused(&e))?;
    let periods_per_year = RiskOptions::default().periods_per_year;
    let estimator = request.estimator.estimator();
    let estimate = estimator.estimate(&panel, periods_per_year).map_err(|e| refused(&e))?;
    let estimate = CovarianceEstimate {
        covariance: estimate.covariance,
        shrinkage: estimate.shrinkage,
        estimator: request.estimator,
        observations: estimate.observations,
    };
    let model = covariance_reference(estimator.as_ref());
    Ok(CovarianceResponse { estimate, metadata: Metadata::of(context, None, vec![model]) })
}
