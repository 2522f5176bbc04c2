//! Covariance matrices.

use risk::estimate_covariance;

use crate::context::RequestContext;
use crate::dto::covariance::{CovarianceRequest, CovarianceResponse};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::refusal::Refusal;

/// Answers a covariance request.
///
/// # Errors
/// [`Refusal::Invalid`] for returns whose covariance cannot be estimated.
pub fn covariance_answer(request: &CovarianceRequest, context: &RequestContext) -> Result<CovarianceResponse, Refusal> {
    let assets = request.returns.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> =
        (0..assets).map(|asset| request.returns.iter().map(|row| row[asset]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let estimate = estimate_covariance(&columns, request.estimator.into())
        .map_err(|e| Refusal::fault("/returns", "value", e.to_string()))?;
    let model = ModelReference { id: "historical-risk", version: ENGINE_VERSION };
    Ok(CovarianceResponse { estimate, metadata: Metadata::of(context, None, vec![model]) })
}
