//! The returns implied by a policy.

use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::posterior::correlation::Correlation;

/// The expected returns at which the policy is optimal for an investor with its risk aversion: `π = rf + γΣb`.
///
/// `assets`: positions in the panel of the rows of `correlation`. An asset outside it has no covariance and is left out
/// of the sum, whatever its policy weight.
///
/// Reference: Sharpe (1974), "Imputing expected security returns from portfolio composition", Journal of Financial and Quantitative
/// Analysis 9(3), 463–472; Black and Litterman (1992), "Global portfolio optimization", Financial Analysts Journal 48(5), 28–43.
pub(super) fn implied_returns(
    assets: &[usize],
    volatilities: &[f64],
    correlation: &Correlation,
    features: &AssetFeatures<'_>,
) -> Result<Vec<f64>, ForecastError> {
    let of = |(row, &asset): (usize, &usize)| {
        let each = correlation.row(row).iter().zip(volatilities).zip(assets);
        let covariance_with_policy: f64 =
            each.map(|((rho, volatility), &other)| rho * volatility * features.policy_weight(other)).sum();
        let implied = features.risk_free_rate() + features.risk_aversion() * volatilities[row] * covariance_with_policy;
        if implied.is_finite() { Ok(implied) } else { Err(ForecastError::ImpliedReturn { asset }) }
    };
    assets.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_assets_by_hand() {
        let correlation = Correlation::estimate(&[&[-1.0, 0.0, 1.0], &[-1.0, 1.0, 0.0]]);
        let rho = correlation.row(0)[1];
        let features = AssetFeatures::default()
            .with_policy_weights(&[0.0, 0.5, 0.25])
            .with_risk_free_rate(0.01)
            .with_risk_aversion(2.0);
        let implied = implied_returns(&[2, 1], &[0.1, 0.2], &correlation, &features).unwrap();
        assert!((implied[0] - (0.01 + 2.0 * 0.1 * (0.1 * 0.25 + rho * 0.2 * 0.5))).abs() < 1e-15);
        assert!((implied[1] - (0.01 + 2.0 * 0.2 * (rho * 0.1 * 0.25 + 0.2 * 0.5))).abs() < 1e-15);
        let error = implied_returns(&[2, 1], &[1e160, 1e160], &correlation, &features).unwrap_err();
        assert_eq!(error, ForecastError::ImpliedReturn { asset: 2 });
    }

    #[test]
    fn without_a_policy_every_asset_is_expected_to_earn_what_cash_does() {
        let correlation = Correlation::estimate(&[&[-1.0, 1.0]]);
        let features = AssetFeatures::default().with_risk_free_rate(0.001);
        assert_eq!(implied_returns(&[0], &[0.1], &correlation, &features), Ok(vec![0.001]));
    }
}
