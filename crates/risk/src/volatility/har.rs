//! The heterogeneous autoregression of variances.

use nalgebra::{Matrix4, Vector4};
use serde::Serialize;

use crate::error::{RiskInput, check_returns, check_series};
use crate::{RiskError, UnavailableReason};

/// Periods of the three means: a day, a week, a month.
const SPANS: [usize; 3] = [1, 5, 22];
/// Fewest rows of the regression.
const FEWEST: usize = 100;

/// A fitted heterogeneous autoregression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HarFit {
    /// The constant, a variance per period.
    pub constant: f64,
    /// Coefficients of the latest measure, its mean of 5 and its mean of 22.
    pub coefficients: [f64; 3],
    /// Smallest and largest forecast: forecasts are kept between a tenth of the smallest mean of 22 targets and the
    /// largest target.
    pub range: [f64; 2],
    /// Rows of the regression.
    pub observations: usize,
}

/// Regresses the next variance on the latest measure of variance, its mean over a week and its mean over a month.
///
/// ```text
/// y_{t+1} = c + β_d·x_t + β_w·(x_t + … + x_{t−4})/5 + β_m·(x_t + … + x_{t−21})/22 + e_{t+1}
/// ```
///
/// `measures`: `x`, an estimate of each period's variance, such as the squared return or one from the range of prices;
/// `targets`: `y`, the quantity to forecast, such as the squared return, which is an unbiased estimate of the variance.
/// Both cover the same periods, oldest first, zero or more, length `T ≥ 122`. The regression also estimates the ratio
/// of the two, so a measure of the trading hours alone is sufficient.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::Unavailable`] for a short series, and
/// [`RiskError::DependentFactors`] for measures that do not vary.
///
/// # Reference
/// Corsi (2009), "A simple approximate long-memory model of realized volatility", Journal of Financial Econometrics 7(2), 174–196. The
/// range of forecasts is the filter of Bollerslev, Patton and Quaedvlieg (2016), with its lower end kept away from zero, where squared
/// returns may be.
///
/// # Example
/// ```
/// use risk::volatility::fit_har;
///
/// // Variances of 1 and 9 by turns of 60 days, measured without error.
/// let variances: Vec<f64> = (0..600).map(|t| if (t / 60) % 2 == 0 { 1.0 } else { 9.0 }).collect();
/// let fit = fit_har(&variances, &variances)?;
/// assert!(fit.forecast(&variances[..600]).unwrap() > 8.0);
/// assert!(fit.forecast(&variances[..540]).unwrap() < 2.0);
/// assert_eq!(fit.forecast(&variances[..21]), None);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn fit_har(measures: &[f64], targets: &[f64]) -> Result<HarFit, RiskError> {
    check_returns(measures)?;
    check_series(RiskInput::Returns, measures.len(), targets)?;
    let longest = SPANS[2];
    if targets.len() < longest + FEWEST {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    // One unit for all, so that the equations are as good for variances of 1e-4 as for those of 1.
    let unit = measures.iter().sum::<f64>() / measures.len() as f64;
    if !(unit > 0.0 && unit.is_finite()) {
        return Err(RiskError::DependentFactors);
    }
    let (mut squares, mut products) = (Matrix4::<f64>::zeros(), Vector4::<f64>::zeros());
    for (t, target) in targets.iter().enumerate().skip(longest) {
        let Some(row) = row(&measures[..t]) else { continue };
        let row = Vector4::new(1.0, row[0] / unit, row[1] / unit, row[2] / unit);
        squares += row * row.transpose();
        products += row * (target / unit);
    }
    let solved = squares.cholesky().map(|factor| factor.solve(&products));
    let Some(b) = solved.filter(|b| b.iter().all(|b| b.is_finite())) else { return Err(RiskError::DependentFactors) };
    let months = targets.windows(longest).map(|month| month.iter().sum::<f64>() / longest as f64);
    let lowest = months.fold(f64::INFINITY, f64::min);
    let highest = targets.iter().copied().fold(0.0, f64::max);
    Ok(HarFit {
        constant: b[0] * unit,
        coefficients: [b[1], b[2], b[3]],
        range: [0.1 * lowest, highest],
        observations: targets.len() - longest,
    })
}

impl HarFit {
    /// Forecast of the variance after these measures, oldest first; `None` for fewer than 22.
    #[must_use]
    pub fn forecast(&self, measures: &[f64]) -> Option<f64> {
        let row = row(measures)?;
        let sum: f64 = self.coefficients.iter().zip(row).map(|(b, x)| b * x).sum();
        Some((self.constant + sum).max(self.range[0]).min(self.range[1]))
    }
}

/// The latest measure and the means of 5 and of 22.
fn row(measures: &[f64]) -> Option<[f64; 3]> {
    let mut row = [0.0; 3];
    for (mean, span) in row.iter_mut().zip(SPANS) {
        let latest = measures.get(measures.len().checked_sub(span)?..)?;
        *mean = latest.iter().sum::<f64>() / span as f64;
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measures from 0 to 2, without order.
    fn measures(count: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 30)
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn coefficients_of_a_series_without_error_are_found_in_any_unit() {
        let x = measures(400);
        let mean = |t: usize, span: usize| x[t - span..t].iter().sum::<f64>() / span as f64;
        let y: Vec<f64> = (0..400)
            .map(|t| if t < 22 { 1.0 } else { 0.1 + 0.3 * mean(t, 1) + 0.4 * mean(t, 5) + 0.2 * mean(t, 22) })
            .collect();
        for unit in [1.0, 1e-8] {
            let scaled = |series: &[f64]| -> Vec<f64> { series.iter().map(|v| unit * v).collect() };
            let fit = fit_har(&scaled(&x), &scaled(&y)).unwrap();
            assert!((fit.constant / unit - 0.1).abs() < 1e-9, "{fit:?}");
            for (found, wanted) in fit.coefficients.iter().zip([0.3, 0.4, 0.2]) {
                assert!((found - wanted).abs() < 1e-9, "{fit:?}");
            }
            assert_eq!(fit.observations, 378);
        }
    }

    #[test]
    fn a_forecast_stays_within_what_was_seen() {
        let x = measures(300);
        let fit = fit_har(&x, &x).unwrap();
        let wild: Vec<f64> = x.iter().map(|v| 1e6 * v).collect();
        let forecasts = [fit.forecast(&wild), fit.forecast(&[0.0; 22]), fit.forecast(&x)];
        for forecast in forecasts.map(Option::unwrap) {
            assert!(fit.range[0] > 0.0 && (fit.range[0]..=fit.range[1]).contains(&forecast), "{forecast}");
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let x = measures(300);
        assert!(matches!(fit_har(&x[..121], &x[..121]), Err(RiskError::Unavailable(UnavailableReason::TooFewReturns))));
        assert!(matches!(fit_har(&x, &x[1..]), Err(RiskError::LengthMismatch { .. })));
        assert_eq!(fit_har(&[1.0; 300], &x), Err(RiskError::DependentFactors));
        assert_eq!(fit_har(&[0.0; 300], &x), Err(RiskError::DependentFactors));
        assert!(fit_har(&[f64::NAN; 300], &x).is_err() && fit_har(&[], &[]).is_err());
    }
}
