//! Maximum-likelihood fit of the Student-t distribution to returns.

use serde::Serialize;
use statrs::function::gamma::{digamma, ln_gamma};

use crate::error::check_returns;
use crate::minimise::{Effort, bfgs};
use crate::parametric::LocationScale;
use crate::shape::Shape;
use crate::spread::Spread;
use crate::{RiskError, UnavailableReason};

/// Above this many degrees of freedom the distribution cannot be distinguished from the normal one, and the likelihood
/// is flat.
const MOST_DEGREES_OF_FREEDOM: f64 = 1000.0;

/// Limits of the search for the maximum.
const EFFORT: Effort = Effort { max_iterations: 500, tolerance: 1e-9 };

/// A Student-t law fitted by maximum likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StudentFit {
    /// Degrees of freedom, above 0; small means heavy tails.
    #[cfg_attr(feature = "openapi", schema(example = 3.8))]
    pub degrees_of_freedom: f64,
    /// Centre of the law, a return per period.
    pub location: f64,
    /// Scale of the law, a return per period; not its standard deviation.
    pub scale: f64,
    /// Logarithm of the likelihood of the returns under the fitted law.
    pub log_likelihood: f64,
    /// Largest gradient component at the solution, per observation of standardised data.
    pub residual: f64,
    /// Iterations of the search.
    pub iterations: usize,
}

/// Fits `r = location + scale·t_ν` by maximum likelihood.
///
/// The returns are standardised first, and the search runs in location, log-scale and log-degrees-of-freedom with exact
/// gradients. On raw daily returns, general-purpose optimisers stop too early.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 4`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for short or constant series and
/// when the likelihood keeps rising beyond 1,000 degrees of freedom (tails no heavier than normal).
///
/// # Reference
/// Lange, Little and Taylor (1989), "Robust statistical modeling using the t distribution", Journal of the American
/// Statistical Association 84(408), 881–896.
///
/// # Example
/// ```
/// // Two far outliers in an otherwise calm series.
/// let mut returns: Vec<f64> = (0..100).map(|i| 0.001 * f64::from(i % 11 - 5)).collect();
/// returns.extend([0.05, -0.06]);
/// let fit = risk::fit_student(&returns)?;
/// assert!(fit.degrees_of_freedom < 10.0);
/// assert!(fit.scale < risk::standard_deviation(&returns)?);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn fit_student(returns: &[f64]) -> Result<StudentFit, RiskError> {
    check_returns(returns)?;
    let spread = Spread::of(returns);
    Ok(fit(returns, &spread, &Shape::of(returns, &spread))?)
}

pub(crate) fn fit(returns: &[f64], spread: &Spread, shape: &Shape) -> Result<StudentFit, UnavailableReason> {
    if returns.len() < 4 {
        return Err(UnavailableReason::TooFewReturns);
    }
    let deviation = spread.divisor()?;
    let count = returns.len() as f64;
    let standardised: Vec<f64> = returns.iter().map(|r| (r - spread.mean) / deviation).collect();
    let nu = match shape.excess_kurtosis_biased {
        Ok(k) if k > 0.0 => (4.0 + 6.0 / k).clamp(2.5, 30.0),
        _ => 30.0,
    };
    let start = [0.0, 0.5 * ((nu - 2.0) / nu).ln(), nu.ln()];
    let minimum = bfgs(start, EFFORT, |parameters| negative_mean_log_likelihood(&standardised, parameters));
    let [location, log_scale, log_nu] = minimum.point;
    let degrees_of_freedom = log_nu.exp();
    let inside = (0.01..=MOST_DEGREES_OF_FREEDOM).contains(&degrees_of_freedom);
    if !inside || minimum.residual.is_nan() || minimum.residual > 1e-6 {
        return Err(UnavailableReason::NoMaximum);
    }
    Ok(StudentFit {
        degrees_of_freedom,
        location: spread.mean + deviation * location,
        scale: deviation * log_scale.exp(),
        log_likelihood: -count * (minimum.value + deviation.ln()),
        residual: minimum.residual,
        iterations: minimum.iterations,
    })
}

impl StudentFit {
    pub(crate) fn law(&self) -> LocationScale {
        LocationScale { location: self.location, scale: self.scale, degrees_of_freedom: Some(self.degrees_of_freedom) }
    }
}

/// Value and gradient of `−ln L/T` with respect to location, log-scale and log-degrees-of-freedom.
fn negative_mean_log_likelihood(data: &[f64], &[location, log_scale, log_nu]: &[f64; 3]) -> (f64, [f64; 3]) {
    let (scale, nu) = (log_scale.exp(), log_nu.exp());
    if !(nu > 1e-3 && nu < 2.0 * MOST_DEGREES_OF_FREEDOM && scale > 0.0 && scale.is_finite()) {
        return (f64::NAN, [0.0; 3]);
    }
    let n = data.len() as f64;
    let (mut logs, mut pull, mut weighted) = (0.0, 0.0, 0.0);
    // One logarithm for several factors: each is at least 1, and the product is kept far from overflow.
    let mut product = 1.0_f64;
    for &x in data {
        let z = (x - location) / scale;
        let squared = z * z;
        product *= 1.0 + squared / nu;
        if product > 1e200 {
            logs += product.ln();
            product = 1.0;
        }
        let weight = z / (nu + squared);
        pull += weight;
        weighted += weight * z;
    }
    logs = (logs + product.ln()) / n;
    pull /= n;
    weighted /= n;
    let constant = ln_gamma(0.5 * (nu + 1.0)) - ln_gamma(0.5 * nu) - 0.5 * (nu * std::f64::consts::PI).ln();
    let value = -(constant - log_scale - 0.5 * (nu + 1.0) * logs);
    let by_location = -(nu + 1.0) * pull / scale;
    let by_log_scale = 1.0 - (nu + 1.0) * weighted;
    let by_nu = 0.5 * (digamma(0.5 * (nu + 1.0)) - digamma(0.5 * nu) - 1.0 / nu) - 0.5 * logs
        + (nu + 1.0) / (2.0 * nu) * weighted;
    (value, [by_location, by_log_scale, -nu * by_nu])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parametric::student_quantile;

    #[test]
    fn the_gradient_is_the_slope_of_the_value() {
        let data: Vec<f64> = (0..50).map(|i| f64::from((i * 37) % 23) / 5.0 - 2.0).collect();
        let at = [0.1, -0.2, 1.3];
        let (_, gradient) = negative_mean_log_likelihood(&data, &at);
        for i in 0..3 {
            let (mut up, mut down) = (at, at);
            up[i] += 1e-6;
            down[i] -= 1e-6;
            let slope =
                (negative_mean_log_likelihood(&data, &up).0 - negative_mean_log_likelihood(&data, &down).0) / 2e-6;
            assert!((slope - gradient[i]).abs() < 1e-7, "{i}: {slope} {}", gradient[i]);
        }
    }

    #[test]
    fn recovers_the_law_from_its_own_quantiles() {
        let returns: Vec<f64> =
            (0..4000).map(|i| 0.001 + 0.02 * student_quantile((f64::from(i) + 0.5) / 4000.0, 5.0)).collect();
        let fit = fit_student(&returns).unwrap();
        assert!((fit.degrees_of_freedom - 5.0).abs() < 0.1, "{fit:?}");
        assert!((fit.scale - 0.02).abs() < 1e-4 && (fit.location - 0.001).abs() < 1e-6, "{fit:?}");
    }

    #[test]
    fn light_tails_have_no_maximum() {
        let returns: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(fit_student(&returns), Err(RiskError::Unavailable(UnavailableReason::NoMaximum)));
    }
}
