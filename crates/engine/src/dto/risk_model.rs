//! A risk model in an answer.

use serde::Serialize;
use utoipa::ToSchema;

/// The covariance of annual returns under which a problem was solved: either `sigma`, or `loadings`, `factor_cov` and
/// `specific_var` (Σ = B F B' + diag D).
///
/// It describes `optimizer::RiskModelParts`, which has one of two sets of members and no member that tells which.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RiskModelParts)]
pub struct RiskModelParts {
    /// The whole covariance, `n` rows of `n` numbers.
    #[schema(example = json!([[0.04, 0.01], [0.01, 0.02]]), nullable = false)]
    pub sigma: Option<Vec<Vec<f64>>>,
    /// Exposures of the assets to the factors, `n` rows of `k` numbers.
    #[schema(example = json!([[1.0], [0.5]]), nullable = false)]
    pub loadings: Option<Vec<Vec<f64>>>,
    /// Annual covariance of the factors, `k` rows of `k` numbers.
    #[schema(example = json!([[0.03]]), nullable = false)]
    pub factor_cov: Option<Vec<Vec<f64>>>,
    /// Annual specific variances of the assets, `n` numbers.
    #[schema(example = json!([0.01, 0.008]), nullable = false)]
    pub specific_var: Option<Vec<f64>>,
}
