//! GARCH(1,1), fitted by maximum likelihood.

mod errors;
mod likelihood;
mod model;

pub use model::{GarchErrors, GarchFit, GarchInnovations, GarchMean, GarchOptions};

use self::likelihood::{Model, Parameters};
use crate::error::check_returns;
use crate::minimise::{Effort, bfgs};
use crate::spread::Spread;
use crate::{RiskError, UnavailableReason};

/// Minimum number of returns for a fit.
const FEWEST: usize = 30;

/// Limits of the search for the maximum.
const EFFORT: Effort = Effort { max_iterations: 300, tolerance: 1e-8 };

/// Above this many degrees of freedom the distribution cannot be distinguished from the normal one.
const MOST_DEGREES_OF_FREEDOM: f64 = 1000.0;

/// Fits GARCH(1,1) by maximum likelihood.
///
/// ```text
/// r_t = μ + e_t,   e_t = σ_t·z_t,   σ²_t = ω + α·e²_{t−1} + β·σ²_{t−1}
/// ```
///
/// Before the first observation both `e²` and `σ²` are the backcast, the mean of the first 75 squared innovations with
/// weights `0.94^i`. The search (BFGS, exact gradients) runs on standardised returns from the best point of a small
/// grid. Its parameters cannot leave `ω > 0`, `α, β ≥ 0`, `α + β < 1`.
///
/// `returns`: simple returns per period, oldest first, length `T ≥ 30`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for short or constant series, and when
/// the search does not converge.
///
/// # Reference
/// Bollerslev (1986), "Generalized autoregressive conditional heteroskedasticity", Journal of Econometrics 31(3),
/// 307–327. Standard errors: Bollerslev and Wooldridge (1992), "Quasi-maximum likelihood estimation and inference in
/// dynamic models with time-varying covariances", Econometric Reviews 11(2), 143–172.
///
/// # Example
/// ```
/// use risk::volatility::{GarchOptions, fit_garch};
///
/// // A simulated model: α = 0.1, β = 0.85, long-run volatility 1 %.
/// let mut state = 1_u32;
/// let mut uniform = || {
///     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
///     f64::from(state) / f64::from(u32::MAX) - 0.5
/// };
/// let mut variance = 1e-4;
/// let returns: Vec<f64> = (0..4000)
///     .map(|_| {
///         let r = f64::sqrt(variance) * (0..12).map(|_| uniform()).sum::<f64>();
///         variance = 0.05e-4 + 0.1 * r * r + 0.85 * variance;
///         r
///     })
///     .collect();
/// let fit = fit_garch(&returns, &GarchOptions::default())?;
/// assert!((fit.alpha - 0.1).abs() < 0.03 && (fit.beta - 0.85).abs() < 0.05);
/// assert!((fit.long_run_variance().sqrt() - 0.01).abs() < 0.001);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn fit_garch(returns: &[f64], options: &GarchOptions) -> Result<GarchFit, RiskError> {
    check_returns(returns)?;
    Ok(fit(returns, options)?)
}

fn fit(returns: &[f64], options: &GarchOptions) -> Result<GarchFit, UnavailableReason> {
    if returns.len() < FEWEST {
        return Err(UnavailableReason::TooFewReturns);
    }
    let spread = Spread::of(returns);
    let unit = spread.divisor()?;
    let centre = match options.mean {
        GarchMean::Constant => spread.mean,
        GarchMean::Zero => 0.0,
    };
    let data: Vec<f64> = returns.iter().map(|r| (r - centre) / unit).collect();
    let level = data.iter().map(|x| x * x).sum::<f64>() / data.len() as f64;

    let model = Model { data: &data, options };
    let start = [0.03, 0.08, 0.15]
        .into_iter()
        .flat_map(|alpha| [0.75, 0.92, 0.98].map(|persistence| Parameters::start(alpha, persistence, level)))
        .min_by(|a, b| model.evaluate(a).0.total_cmp(&model.evaluate(b).0))
        .unwrap_or_else(|| Parameters::start(0.08, 0.92, level));
    let minimum = bfgs(start, EFFORT, |point| model.evaluate(point));
    let settled = minimum.residual <= 1e-5;
    let found = Parameters::from(&minimum.point);
    if !settled || found.nu > MOST_DEGREES_OF_FREEDOM {
        return Err(UnavailableReason::NoMaximum);
    }

    let variances = model.variances(&found);
    let (&next, within) = variances.split_last().ok_or(UnavailableReason::TooFewReturns)?;
    let count = returns.len() as f64;
    Ok(GarchFit {
        mean: centre + unit * found.mean,
        omega: unit * unit * found.omega,
        alpha: found.alpha,
        beta: found.beta,
        degrees_of_freedom: match options.innovations {
            GarchInnovations::StudentT => Some(found.nu),
            GarchInnovations::Normal => None,
        },
        standard_errors: errors::robust(&model, &found, unit),
        log_likelihood: -count * (minimum.value + unit.ln()),
        volatility: within.iter().map(|v| unit * v.sqrt()).collect(),
        next_variance: unit * unit * next,
        residual: minimum.residual,
        iterations: minimum.iterations,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_returns_scales_the_model() {
        let returns: Vec<f64> = (0..600)
            .map(|t: i32| if (t / 40) % 2 == 0 { 0.01 } else { 0.03 } * (f64::from((t * 7919) % 211 - 105) / 105.0))
            .collect();
        let percent: Vec<f64> = returns.iter().map(|r| 100.0 * r).collect();
        let (a, b) = (
            fit_garch(&returns, &GarchOptions::default()).unwrap(),
            fit_garch(&percent, &GarchOptions::default()).unwrap(),
        );
        assert!((a.alpha - b.alpha).abs() < 1e-6 && (a.omega * 1e4 / b.omega - 1.0).abs() < 1e-5, "{a:?} {b:?}");
        assert!((a.log_likelihood - b.log_likelihood - 600.0 * 100.0_f64.ln()).abs() < 1e-6);
        let ahead = a.forecast_variance(4000);
        assert!((ahead[3999] / a.long_run_variance() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn short_and_constant_series_are_refused() {
        assert!(fit_garch(&[0.01; 29], &GarchOptions::default()).is_err());
        assert!(fit_garch(&[0.01; 100], &GarchOptions::default()).is_err());
    }
}
