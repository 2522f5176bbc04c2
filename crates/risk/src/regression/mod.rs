//! Factor regression: how much of the risk comes from known factors.

mod errors;

use nalgebra::{DMatrix, DVector};
use portfolio_core::return_rounding;
use serde::Serialize;

use self::errors::coefficient_covariance;
use crate::columns::slices;
use crate::error::{RiskInput, check_returns, check_series};
use crate::normal::normal_cdf;
use crate::spread::Spread;
use crate::sums::sum_map2;
use crate::{RiskError, RiskOptions, UnavailableReason};

/// The correlation left after the other factors. Below this value, a factor counts as a combination of them.
const INDEPENDENT: f64 = 1e-6;

/// A regression coefficient with its robust error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegressionCoefficient {
    /// The estimate.
    #[cfg_attr(feature = "openapi", schema(example = 1.05))]
    pub estimate: f64,
    /// Newey–West standard error.
    #[cfg_attr(feature = "openapi", schema(example = 0.04))]
    pub standard_error: f64,
    /// Estimate over standard error; absent when the error is zero.
    #[cfg_attr(feature = "openapi", schema(required, example = 26.2))]
    pub t_statistic: Option<f64>,
    /// Two-sided p-value from the normal law; absent when the error is zero.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0001))]
    pub p_value: Option<f64>,
}

impl RegressionCoefficient {
    fn new(estimate: f64, variance: f64) -> Self {
        let standard_error = variance.max(0.0).sqrt();
        let t = Some(estimate / standard_error).filter(|t| t.is_finite());
        Self { estimate, standard_error, t_statistic: t, p_value: t.map(|t| 2.0 * normal_cdf(-t.abs())) }
    }
}

/// Returns split into factors and a remainder.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorRegression {
    /// Annualised mean return that the factors do not explain, arithmetic.
    pub alpha_annual: RegressionCoefficient,
    /// Sensitivity to each factor, in input order.
    pub betas: Vec<RegressionCoefficient>,
    /// Share of the variance that each factor accounts for, `β_k·cov(f_k, r)/var(r)`; may be negative.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.61, 0.08])))]
    pub variance_shares: Vec<f64>,
    /// Share of the variance that remains; with the shares of the factors it sums to one.
    #[cfg_attr(feature = "openapi", schema(example = 0.31))]
    pub residual_share: f64,
    /// Share of the variance explained, from 0 to 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.72))]
    pub r_squared: f64,
    /// Annualised standard deviation of the remainder, denominator `T − 1 − factors`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0061))]
    pub residual_volatility: f64,
    /// Lags of the robust errors.
    #[cfg_attr(feature = "openapi", schema(example = 5))]
    pub lags: usize,
    /// Periods used.
    #[cfg_attr(feature = "openapi", schema(example = 250))]
    pub observations: usize,
}

/// Regresses returns on factor returns, `r_t = α + Σ β_k·f_{t,k} + e_t`, with errors robust to heteroscedasticity and
/// autocorrelation.
///
/// If the factors explain the returns up to rounding, the residuals count as zero: the errors are zero, and there are no t
/// statistics.
///
/// The fit is ordinary least squares on standardised factors. The covariance of the coefficients is
/// `(X′X)⁻¹·S·(X′X)⁻¹`, where `S` is the sum of `e_t·e_s·x_t·x_s′` over `|t − s| ≤ lags` with Bartlett weights
/// `1 − |t − s|/(lags + 1)`, without small-sample correction. `lags: None` means `⌊4·(T/100)^{2/9}⌋` lags.
///
/// * `returns`: simple returns per period as fractions, oldest first, length `T > factors + 1`.
/// * `factors`: one series per factor (slices, vectors, arrays), each of length `T`. Without factors, only the mean and
///   its robust error are estimated.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`], [`RiskError::OutOfRange`];
/// [`RiskError::DependentFactors`] when a factor is constant or a linear combination of others;
/// [`RiskError::Unavailable`] for short or constant series and overflow.
///
/// # Reference
/// Newey and West (1987), "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
/// covariance matrix", Econometrica 55(3), 703–708.
///
/// # Example
/// ```
/// use risk::{RiskOptions, regress_on_factors};
///
/// let market: Vec<f64> = (0..100).map(|i| f64::from((i * 37) % 101) / 1000.0 - 0.05).collect();
/// let oil: Vec<f64> = (0..100).map(|i| f64::from((i * i) % 97) / 1000.0 - 0.04).collect();
/// let returns: Vec<f64> = market.iter().zip(&oil).map(|(m, o)| 0.0001 + 1.2 * m - 0.3 * o).collect();
///
/// let split = regress_on_factors(&returns, &[&market, &oil], None, &RiskOptions::default())?;
/// assert!((split.betas[0].estimate - 1.2).abs() < 1e-10 && (split.betas[1].estimate + 0.3).abs() < 1e-10);
/// assert!((split.alpha_annual.estimate - 0.0252).abs() < 1e-10);
/// assert!(split.r_squared > 0.999_999);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn regress_on_factors<S: AsRef<[f64]>>(
    returns: &[f64],
    factors: &[S],
    lags: Option<usize>,
    options: &RiskOptions,
) -> Result<FactorRegression, RiskError> {
    options.check()?;
    check_returns(returns)?;
    let factors = slices(factors);
    for (k, factor) in factors.iter().enumerate() {
        check_series(RiskInput::Factor(k), returns.len(), factor)?;
    }
    let (count, width) = (returns.len(), factors.len());
    let lags = lags.unwrap_or((4.0 * (count as f64 / 100.0).powf(2.0 / 9.0)) as usize);
    if count < width + 2 || lags >= count {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let total = Spread::of(returns);
    total.divisor()?;

    // Standardised factors are orthogonal to the constant, so the slopes need only their correlation matrix.
    let spreads: Vec<Spread> = factors.iter().copied().map(Spread::of).collect();
    let mut scales = Vec::with_capacity(width);
    let mut standardised: Vec<Vec<f64>> = Vec::with_capacity(width);
    for (factor, spread) in factors.iter().zip(&spreads) {
        spread.divisor().map_err(|_| RiskError::DependentFactors)?;
        let scale = spread.squares.sqrt();
        scales.push(scale);
        standardised.push(factor.iter().map(|f| (f - spread.mean) / scale).collect());
    }
    let gram = DMatrix::from_fn(width, width, |i, j| sum_map2(&standardised[i], &standardised[j], |a, b| a * b));
    let moments = DVector::from_fn(width, |i, _| sum_map2(&standardised[i], returns, |f, r| f * (r - total.mean)));
    let factorised = gram.cholesky().ok_or(RiskError::DependentFactors)?;
    if factorised.l().diagonal().iter().any(|d| *d < INDEPENDENT) {
        return Err(RiskError::DependentFactors);
    }
    let slopes = factorised.solve(&moments);
    let mut residuals: Vec<f64> = (0..count)
        .map(|t| returns[t] - total.mean - (0..width).map(|k| slopes[k] * standardised[k][t]).sum::<f64>())
        .collect();
    let carried = largest_growth(returns)
        + (0..width).map(|k| (slopes[k] / scales[k]).abs() * largest_growth(factors[k])).sum::<f64>();
    if deviation_of(&residuals) <= return_rounding(carried) {
        // The factors explain everything: what is left is the rounding of the returns.
        residuals.fill(0.0);
    }

    let variance = coefficient_covariance(&residuals, &standardised, &factorised.inverse(), lags);
    // Transform back to the coefficients of the raw factors: β_k = b_k/scale_k and α = r̄ − Σ β_k·f̄_k.
    let back = DMatrix::from_fn(width + 1, width + 1, |i, j| match (i, j) {
        (0, 0) => 1.0,
        (0, k) => -spreads[k - 1].mean / scales[k - 1],
        (i, j) if i == j => 1.0 / scales[i - 1],
        _ => 0.0,
    });
    let variance = &back * variance * back.transpose();
    let betas: Vec<RegressionCoefficient> =
        (0..width).map(|k| RegressionCoefficient::new(slopes[k] / scales[k], variance[(k + 1, k + 1)])).collect();
    let alpha = total.mean - betas.iter().zip(&spreads).map(|(b, s)| b.estimate * s.mean).sum::<f64>();
    let periods = options.periods_per_year;

    let unexplained = sum_map2(&residuals, &residuals, |a, b| a * b);
    let variance_shares: Vec<f64> = (0..width).map(|k| slopes[k] * moments[k] / total.squares).collect();
    let residual_share = 1.0 - variance_shares.iter().sum::<f64>();
    let regression = FactorRegression {
        alpha_annual: RegressionCoefficient::new(alpha * periods, variance[(0, 0)] * periods * periods),
        betas,
        variance_shares,
        residual_share,
        r_squared: (1.0 - unexplained / total.squares).clamp(0.0, 1.0),
        residual_volatility: (unexplained / (count - 1 - width) as f64).sqrt() * periods.sqrt(),
        lags,
        observations: count,
    };
    let numbers =
        regression.betas.iter().chain([&regression.alpha_annual]).flat_map(|c| [c.estimate, c.standard_error]);
    if numbers.chain([regression.residual_volatility, regression.residual_share]).all(f64::is_finite) {
        Ok(regression)
    } else {
        Err(UnavailableReason::Overflow.into())
    }
}

/// Size of the largest growth factor `1 + r`, whose rounding the returns carry.
fn largest_growth(returns: &[f64]) -> f64 {
    1.0 + returns.iter().fold(0.0_f64, |most, r| most.max(r.abs()))
}

/// Root mean square of residuals.
fn deviation_of(residuals: &[f64]) -> f64 {
    (sum_map2(residuals, residuals, |a, b| a * b) / residuals.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::long_run_variance;

    fn series(step: i32) -> Vec<f64> {
        (0..300).map(|i| f64::from((i * step + i * i) % 211) / 2000.0 - 0.05).collect()
    }

    #[test]
    fn without_factors_it_is_the_mean_and_its_long_run_error() {
        let returns = series(17);
        let options = RiskOptions { periods_per_year: 1.0, ..RiskOptions::default() };
        let split = regress_on_factors::<&[f64]>(&returns, &[], Some(5), &options).unwrap();
        let mean = crate::mean_return(&returns).unwrap();
        let centred: Vec<f64> = returns.iter().map(|r| r - mean).collect();
        let error = (long_run_variance(&centred, 5) / 300.0).sqrt();
        assert!((split.alpha_annual.estimate - mean).abs() < 1e-15);
        assert!((split.alpha_annual.standard_error / error - 1.0).abs() < 1e-12);
        assert_eq!((split.r_squared, split.residual_share), (0.0, 1.0));
    }

    #[test]
    fn one_factor_is_beta_with_whites_error() {
        let (returns, factor) = (series(17), series(31));
        let split = regress_on_factors(&returns, &[&factor], Some(0), &RiskOptions::default()).unwrap();
        let beta = crate::beta(&returns, &factor).unwrap();
        assert!((split.betas[0].estimate - beta).abs() < 1e-12);
        // White (1980) computed by hand: Σ (f − f̄)²e² over (Σ (f − f̄)²)².
        let (mr, mf) = (crate::mean_return(&returns).unwrap(), crate::mean_return(&factor).unwrap());
        let (mut top, mut bottom) = (0.0, 0.0);
        for (r, f) in returns.iter().zip(&factor) {
            let e = r - mr - beta * (f - mf);
            top += ((f - mf) * e).powi(2);
            bottom += (f - mf).powi(2);
        }
        assert!((split.betas[0].standard_error / (top.sqrt() / bottom) - 1.0).abs() < 1e-10);
        let correlation = split.r_squared.sqrt();
        assert!((split.variance_shares[0] - correlation * correlation).abs() < 1e-12);
    }

    #[test]
    fn shares_add_up_and_dependent_factors_are_refused() {
        let (a, b, c) = (series(17), series(31), series(53));
        let options = RiskOptions::default();
        let split = regress_on_factors(&a, &[&b, &c], None, &options).unwrap();
        let shares: f64 = split.variance_shares.iter().sum::<f64>() + split.residual_share;
        assert!((shares - 1.0).abs() < 1e-12 && (split.residual_share - (1.0 - split.r_squared)).abs() < 1e-12);
        assert_eq!(split.lags, 5);
        let twice: Vec<f64> = b.iter().map(|x| 2.0 * x + 0.01).collect();
        assert_eq!(regress_on_factors(&a, &[&b, &twice], None, &options), Err(RiskError::DependentFactors));
        assert_eq!(regress_on_factors(&a, &[&[0.1; 300]], None, &options), Err(RiskError::DependentFactors));
        assert!(regress_on_factors(&a[..2], &[&b[..2]], None, &options).is_err());
    }

    #[test]
    fn a_remainder_that_rounding_makes_is_none() {
        let (a, b, options) = (series(17), series(31), RiskOptions::default());
        let zip = |f: fn(f64, f64) -> f64| -> Vec<f64> { a.iter().zip(&b).map(|(a, b)| f(*a, *b)).collect() };
        for (exact, beta) in [
            (zip(|a, _| a), 1.0),
            (zip(|a, _| 2.0 * a), 2.0),
            (zip(|a, _| a - 0.000_01), 1.0),
            (zip(|a, b| 0.3 * a + 0.7 * b), 0.3),
            (zip(|a, b| 30.0 * a - 29.0 * b), 30.0),
        ] {
            let split = regress_on_factors(&exact, &[&a, &b], None, &options).unwrap();
            assert!((split.betas[0].estimate - beta).abs() < 1e-10, "{split:?}");
            for coefficient in split.betas.iter().chain([&split.alpha_annual]) {
                assert_eq!(
                    (coefficient.standard_error, coefficient.t_statistic, coefficient.p_value),
                    (0.0, None, None)
                );
            }
            assert_eq!((split.residual_volatility, split.r_squared), (0.0, 1.0));
        }
        // A thousandth of a cent of a price of 100 is more than rounding.
        let near = zip(|a, b| a + 1e-7 * b.signum());
        let split = regress_on_factors(&near, &[&a], None, &options).unwrap();
        assert!(
            split.residual_volatility > 1e-7 && split.betas[0].t_statistic.is_some_and(f64::is_finite),
            "{split:?}"
        );
    }

    #[test]
    fn a_factor_that_is_flat_up_to_rounding_is_flat() {
        let (returns, options) = (series(17), RiskOptions::default());
        let prices: Vec<f64> = (0..301).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        assert_eq!(regress_on_factors(&returns, &[&flat], None, &options), Err(RiskError::DependentFactors));
        assert_eq!(
            regress_on_factors(&flat, &[&returns], None, &options),
            Err(RiskError::Unavailable(UnavailableReason::ZeroVolatility))
        );
    }
}
