//! Standard errors of a regression that are robust to heteroscedasticity and autocorrelation.

use nalgebra::DMatrix;

use crate::inference::long_run_variance;

/// `(X′X)⁻¹·S·(X′X)⁻¹` for the constant and the standardised factors.
pub(super) fn coefficient_covariance(
    residuals: &[f64],
    standardised: &[Vec<f64>],
    inverse: &DMatrix<f64>,
    lags: usize,
) -> DMatrix<f64> {
    let (count, width) = (residuals.len() as f64, standardised.len());
    // Scores: residual times regressor. Those of the constant are the residuals themselves.
    let mut scores: Vec<Vec<f64>> = vec![residuals.to_vec()];
    scores.extend(standardised.iter().map(|f| f.iter().zip(residuals).map(|(f, e)| f * e).collect()));
    // The long-run covariance from long-run variances, by polarisation: cov(a, b) = (var(a + b) − var(a − b))/4.
    let meat = DMatrix::from_fn(width + 1, width + 1, |i, j| {
        let sum: Vec<f64> = scores[i].iter().zip(&scores[j]).map(|(a, b)| a + b).collect();
        let difference: Vec<f64> = scores[i].iter().zip(&scores[j]).map(|(a, b)| a - b).collect();
        0.25 * count * (long_run_variance(&sum, lags) - long_run_variance(&difference, lags))
    });
    let bread = DMatrix::from_fn(width + 1, width + 1, |i, j| match (i, j) {
        (0, 0) => 1.0 / count,
        (0, _) | (_, 0) => 0.0,
        (i, j) => inverse[(i - 1, j - 1)],
    });
    &bread * meat * &bread
}
