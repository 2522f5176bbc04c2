//! Regime-weighted moments as an estimator of covariance.

use portfolio_core::{Covariance, ModelParameter, ReturnPanel, Seed};
use risk::{CovarianceEstimate, CovarianceEstimator, RiskError, UnavailableReason};

use crate::hmm::{HmmSpec, fit};
use crate::{Observations, RegimeError, mixture_moments, moments_by_state};

/// Number of starts of the fit, fixed so that the same returns give the same bits.
const SEED: Seed = Seed(19);
/// Number of states: on daily returns, further states are too short to be distinguished in time.
const STATES: usize = 2;

/// The covariance of the next period as a mixture of two states of the market.
///
/// A hidden Markov model with two states is fitted to the returns of the equally weighted portfolio. Each state has the
/// moments of the assets, each period weighted by its **filtered** probability of the state; the covariance is that of
/// the mixture with the **predicted** probabilities, [`mixture_moments`]. It changes with the probabilities and does
/// not jump when another state becomes the likeliest.
///
/// Requires that the expected number of periods in each state exceeds the number of assets by more than two: with fewer
/// its covariance is singular, and the result is [`UnavailableReason::TooFewReturns`]. If the portfolio's returns do
/// not vary, there are no states: [`UnavailableReason::ZeroVolatility`].
///
/// # Reference
/// Ang and Bekaert (2002), "International asset allocation with regime shifts", Review of Financial Studies 15(4), 1137–1187.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use regimes::RegimeWeighted;
/// use risk::{CovarianceEstimator, SampleCovariance};
///
/// // Calm and rough stretches by turns; the last one is rough.
/// let size = |t: i32| if (t / 60) % 2 == 0 { 0.4 } else { 1.6 };
/// let series = |step: i32| (0..480).map(|t| size(t) * f64::from((t * step) % 101 - 50) / 5_000.0).collect();
/// let assets = Universe::new(["Stocks", "Bonds", "Gold"])?;
/// let panel = ReturnPanel::new(assets, vec![series(37), series(53), series(69)])?;
/// let variance = |estimator: &dyn CovarianceEstimator| -> Result<f64, risk::RiskError> {
///     Ok(estimator.estimate(&panel, 252.0)?.covariance.as_slice()[0])
/// };
/// assert!(variance(&RegimeWeighted)? > 1.3 * variance(&SampleCovariance)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RegimeWeighted;

impl CovarianceEstimator for RegimeWeighted {
    fn id(&self) -> &str {
        "regime_weighted"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("states", STATES as f64), ModelParameter::new("seed", SEED.0 as f64)]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        let (assets, observations) = (panel.assets(), panel.common_periods());
        let common: Vec<&[f64]> = panel.columns().map(|series| &series[series.len() - observations..]).collect();
        let market: Vec<f64> =
            (0..observations).map(|t| common.iter().map(|series| series[t]).sum::<f64>() / assets as f64).collect();
        let mixed = weighted(&common, &market)?;
        if mixed.iter().any(|value| !value.is_finite()) {
            return Err(UnavailableReason::Overflow.into());
        }
        Ok(CovarianceEstimate {
            covariance: Covariance::estimated(panel.universe().clone(), mixed, periods_per_year)?,
            shrinkage: None,
            observations,
            estimator: self.identity(),
        })
    }
}

/// The covariance of the mixture, row by row.
fn weighted(common: &[&[f64]], market: &[f64]) -> Result<Vec<f64>, RiskError> {
    let unavailable = |error: RegimeError| -> RiskError {
        match error {
            RegimeError::Constant { .. } => UnavailableReason::ZeroVolatility.into(),
            RegimeError::NotFinite { .. } => UnavailableReason::Overflow.into(),
            RegimeError::NoFit => UnavailableReason::NoMaximum.into(),
            _ => UnavailableReason::TooFewReturns.into(),
        }
    };
    let rows = Observations::of_series(market).map_err(unavailable)?;
    let fitted = fit(&rows, &HmmSpec::new(STATES), SEED).map_err(unavailable)?;
    let filtered = fitted.model.filter(&rows).map_err(unavailable)?;
    let needed = common.len() as f64 + 2.0;
    for state in 0..filtered.states() {
        if filtered.rows().map(|row| row[state]).sum::<f64>() <= needed {
            return Err(UnavailableReason::TooFewReturns.into());
        }
    }
    let states = Observations::of_features(common).and_then(|assets| moments_by_state(&assets, &filtered));
    let mixed = states.and_then(|states| mixture_moments(&filtered.predict(), &states)).map_err(unavailable)?;
    Ok(mixed.covariance)
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    /// Stretches of 60 periods, calm and rough by turns.
    fn panel(periods: i32, assets: usize) -> ReturnPanel {
        let size = |t: i32| if (t / 60) % 2 == 0 { 0.4 } else { 1.6 };
        let series = |step: i32| (0..periods).map(|t| size(t) * f64::from((t * step) % 101 - 50) / 5_000.0).collect();
        let universe = Universe::numbered(assets).unwrap();
        ReturnPanel::new(universe, (0..assets).map(|i| series(37 + 16 * i as i32)).collect()).unwrap()
    }

    fn variance(panel: &ReturnPanel) -> f64 {
        RegimeWeighted.estimate(panel, 252.0).unwrap().covariance.as_slice()[0]
    }

    #[test]
    fn the_coming_period_is_that_of_the_present_stretch_and_repeats_to_the_bit() {
        let (rough, calm) = (variance(&panel(480, 3)), variance(&panel(420, 3)));
        assert!(rough > 4.0 * calm, "{rough} after a rough stretch, {calm} after a calm one");
        assert_eq!(rough.to_bits(), variance(&panel(480, 3)).to_bits());
    }

    #[test]
    fn it_is_symmetric_and_no_book_has_a_negative_variance() {
        let estimate = RegimeWeighted.estimate(&panel(480, 3), 252.0).unwrap();
        let s = estimate.covariance.as_slice();
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(s[3 * i + j].to_bits(), s[3 * j + i].to_bits());
        }
        for weights in [[1.0, -1.0, 0.0], [0.3, 0.3, -0.6], [1.0, 1.0, 1.0]] {
            assert!(estimate.covariance.variance(&weights).unwrap() > 0.0);
        }
        assert_eq!(estimate.observations, 480);
    }

    #[test]
    fn what_has_no_states_or_too_few_periods_of_one_is_refused() {
        let still = ReturnPanel::new(Universe::numbered(1).unwrap(), vec![vec![0.001; 300]]).unwrap();
        assert_eq!(RegimeWeighted.estimate(&still, 252.0), Err(UnavailableReason::ZeroVolatility.into()));
        let short = panel(5, 2);
        assert_eq!(RegimeWeighted.estimate(&short, 252.0), Err(UnavailableReason::TooFewReturns.into()));
        // 61 assets need more than 63 periods of each state, and 90 periods have 30 of the rough one.
        let wide = panel(90, 61);
        assert_eq!(RegimeWeighted.estimate(&wide, 252.0), Err(UnavailableReason::TooFewReturns.into()));
    }
}
