//! Tests of CVaR forecasts by the size of the losses beyond the VaR.

use portfolio_core::Confidence;
use serde::Serialize;

use crate::error::{RiskInput, check_returns, check_series};
use crate::sums::sum_map;
use crate::{RiskError, RiskParameter, UnavailableReason};

/// The two statistics of Acerbi and Székely for a series of CVaR forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShortfallTest {
    /// `Z₁`: severity of the violations alone, 0 when the forecasts are right, negative when losses were worse;
    /// absent without violations.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.08))]
    pub z1: Option<f64>,
    /// `Z₂`: frequency and severity together, 0 when the forecasts are right, negative when losses were worse.
    #[cfg_attr(feature = "openapi", schema(example = -0.31))]
    pub z2: f64,
    /// Losses beyond the VaR.
    #[cfg_attr(feature = "openapi", schema(example = 16))]
    pub violations: usize,
    /// Violations expected, `(1 − level)·T`.
    #[cfg_attr(feature = "openapi", schema(example = 12.5))]
    pub expected: f64,
    /// `Z₂` below this rejects at 5 %: −0.70 where 6.25 violations are expected, and `√(6.25/expected)` of it elsewhere.
    #[cfg_attr(feature = "openapi", schema(example = -0.70))]
    pub critical_value: f64,
    /// Whether `z2` lies below the critical value.
    pub rejected_at_5_percent: bool,
}

/// The critical value at 5 %, which Acerbi and Székely find to be nearly the same for all usual tails, for 250 periods
/// at 97.5 %, and the number of violations expected there.
const CRITICAL: f64 = -0.70;
const CRITICAL_EXPECTED: f64 = 6.25;

/// Acerbi and Székely's tests of CVaR (expected shortfall) forecasts.
///
/// With returns `r_t`, forecasts `VaR_t` and `CVaR_t`, violations `I_t = 1{−r_t > VaR_t}` and their number `N`,
///
/// ```text
/// Z₁ = 1 + 1/N·Σ I_t·r_t/CVaR_t
/// Z₂ = 1 + 1/(T·(1 − level))·Σ I_t·r_t/CVaR_t
/// ```
///
/// The variance of `Z₂` is inversely proportional to the expected number of violations, so the critical value is scaled
/// by `√(6.25/expected)`. For tails much heavier than those of a Student-t distribution with ten degrees of freedom, it
/// is slightly too close to zero (for three degrees of freedom −0.70 is used where −0.82 is right).
///
/// `returns`: realised returns; `var`, `cvar`: the forecasts for each period, positive for a loss, `cvar` above 0.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::OutOfRange`] for a CVaR
/// forecast that is not positive; [`RiskError::Unavailable`] on overflow.
///
/// # Reference
/// Acerbi and Székely (2014), "Back-testing expected shortfall", Risk Magazine, December 2014, tests 1 and 2.
///
/// # Example
/// ```
/// use risk::backtest::acerbi_szekely_test;
/// use risk::Confidence;
///
/// // Two periods in twenty beyond the VaR, where one was expected, and each twice as bad as the CVaR.
/// let mut returns = vec![0.0; 20];
/// returns[3] = -0.08;
/// returns[9] = -0.08;
/// let test = acerbi_szekely_test(&returns, &[0.03; 20], &[0.04; 20], Confidence::P95)?;
/// assert!((test.z1.unwrap() + 1.0).abs() < 1e-12);
/// assert!((test.z2 + 3.0).abs() < 1e-12 && test.rejected_at_5_percent);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn acerbi_szekely_test(
    returns: &[f64],
    var: &[f64],
    cvar: &[f64],
    level: Confidence,
) -> Result<ShortfallTest, RiskError> {
    check_returns(returns)?;
    check_series(RiskInput::VarForecasts, returns.len(), var)?;
    check_series(RiskInput::CvarForecasts, returns.len(), cvar)?;
    if let Some(&value) = cvar.iter().find(|v| **v <= 0.0) {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::CvarForecast, value });
    }
    let ratios: Vec<f64> =
        returns.iter().zip(var).zip(cvar).filter(|((r, v), _)| -**r > **v).map(|((r, _), c)| r / c).collect();
    let total = sum_map(&ratios, |x| x);
    let expected = level.tail() * returns.len() as f64;
    let z2 = 1.0 + total / expected;
    if !z2.is_finite() {
        return Err(RiskError::Unavailable(UnavailableReason::Overflow));
    }
    let critical_value = CRITICAL * (CRITICAL_EXPECTED / expected).sqrt();
    Ok(ShortfallTest {
        z1: if ratios.is_empty() { None } else { Some(1.0 + total / ratios.len() as f64) },
        z2,
        violations: ratios.len(),
        expected,
        critical_value,
        rejected_at_5_percent: z2 < critical_value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::quantile;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn right_forecasts_have_statistics_near_zero() {
        // Quantiles of the normal distribution against its own VaR and CVaR at 97.5 %.
        let level = Confidence::new(0.975).unwrap();
        let returns: Vec<f64> = (0..10_000).map(|i| quantile((f64::from(i) + 0.5) / 10_000.0)).collect();
        let z = quantile(0.975);
        let cvar = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt() / 0.025;
        let test = acerbi_szekely_test(&returns, &vec![z; 10_000], &vec![cvar; 10_000], level).unwrap();
        assert_eq!(test.violations, 250);
        assert!(test.z1.unwrap().abs() < 1e-3 && test.z2.abs() < 1e-3, "{test:?}");
        // Risk twice as large as forecast is detected.
        let wild: Vec<f64> = returns.iter().map(|r| 2.0 * r).collect();
        let test = acerbi_szekely_test(&wild, &vec![z; 10_000], &vec![cvar; 10_000], level).unwrap();
        assert!(test.rejected_at_5_percent && test.z2 < -5.0, "{test:?}");
    }

    /// `Z₂` of many histories of standard normal returns whose VaR and CVaR at 97.5 % are forecast correctly, sorted.
    fn under_the_null(histories: u64, periods: usize) -> Vec<f64> {
        let level = Confidence::new(0.975).unwrap();
        let z = quantile(0.975);
        let cvar = crate::normal::normal_density(z) / 0.025;
        let (var, cvar) = (vec![z; periods], vec![cvar; periods]);
        let mut values: Vec<f64> = (0..histories)
            .map(|stream| {
                let mut random = ChaCha8Rng::seed_from_u64(7);
                random.set_stream(stream);
                let returns: Vec<f64> = (0..periods)
                    .map(|_| random.random::<f64>())
                    // Only losses beyond the VaR count; the others need no quantile.
                    .map(|u| if u > 0.0 && u < 0.025 { quantile(u) } else { 0.0 })
                    .collect();
                acerbi_szekely_test(&returns, &var, &cvar, level).unwrap().z2
            })
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    #[test]
    fn the_critical_value_of_the_paper() {
        // Acerbi and Székely, section 5: 250 days, 97.5 %, 5 % of the histories lie below −0.70.
        let values = under_the_null(20_000, 250);
        let below = values.partition_point(|z| *z < CRITICAL) as f64 / 20_000.0;
        assert!((below - 0.05).abs() < 0.007, "{below}");
        assert!((values[1000] - CRITICAL).abs() < 0.03, "{}", values[1000]);
    }

    #[test]
    fn the_example_of_the_matlab_risk_toolbox() {
        // `esbacktest.unconditionalNormal`: 1,966 days, 97.5 %; critical value at 99 % −0.34639, and the p-value of the
        // statistic −0.38265 is 0.0054099.
        let values = under_the_null(5_000, 1966);
        assert!((values[50] + 0.346_39).abs() < 0.02, "{}", values[50]);
        let p = values.partition_point(|z| *z < -0.382_65) as f64 / 5_000.0;
        assert!((p - 0.005_409_9).abs() < 0.003, "{p}");
        // The scaled critical value also rejects about one in twenty there.
        let level = Confidence::new(0.975).unwrap();
        let critical = acerbi_szekely_test(&[0.0; 1966], &[1.0; 1966], &[1.0; 1966], level).unwrap().critical_value;
        let size = values.partition_point(|z| *z < critical) as f64 / 5_000.0;
        assert!((size - 0.05).abs() < 0.015, "{size} at {critical}");
    }

    #[test]
    fn no_violation_is_no_severity() {
        let test = acerbi_szekely_test(&[0.01; 10], &[0.02; 10], &[0.03; 10], Confidence::P95).unwrap();
        assert_eq!((test.z1, test.z2, test.violations), (None, 1.0, 0));
        assert!(acerbi_szekely_test(&[0.01], &[0.02], &[0.0], Confidence::P95).is_err());
    }
}
