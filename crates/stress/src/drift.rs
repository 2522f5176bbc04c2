//! The drift of a simulated portfolio: what its history implies, and how uncertain that is.

use crate::elementary::ln_1p;
use crate::{PortfolioLaw, StressError};

/// Two-sided 95 % quantile of the standard normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// A portfolio with an annual volatility below this counts as riskless: such a volatility is rounding error.
const FLAT: f64 = 1e-9;

/// Prior of a portfolio's drift: `μ ~ N(ln(1 + rf), (s·σ)²)` per year.
///
/// | field | default | meaning | range |
/// |---|---|---|---|
/// | `risk_free_rate` | 0 | annual, a fraction: the return of a portfolio without a premium | above −1 |
/// | `sharpe_dispersion` | 0.5 | `s`, standard deviation of true annual Sharpe ratios | at least 0 |
///
/// The drift is the least certain figure of a history: over `Y` years its standard error is `σ/√Y`, which is as large
/// as the volatility after one year. Extrapolating the drift of the history turns last year's gain into next year's
/// expectation. The posterior of the drift is
///
/// ```text
/// mean = ln(1 + rf) + q·(m − ln(1 + rf)),    q = s²·Y/(1 + s²·Y),    variance = (1 − q)·s²·σ²
/// ```
///
/// where `m` is the drift of the history; for a portfolio that does not vary, `q` is 1. One year has a weight `q` of
/// 0.2, ten years 0.71.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftPrior {
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// Standard deviation of true annual Sharpe ratios.
    pub sharpe_dispersion: f64,
}

impl Default for DriftPrior {
    fn default() -> Self {
        Self { risk_free_rate: 0.0, sharpe_dispersion: 0.5 }
    }
}

/// Posterior of a portfolio's drift, given its history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftPosterior {
    /// Annual drift of the history, of `dV/V`.
    pub sample_annual: f64,
    /// Mean of the posterior, annual.
    pub mean_annual: f64,
    /// Standard deviation of the posterior, annual: the standard error of the drift.
    pub standard_error_annual: f64,
    /// Weight of the history in the mean, 0 to 1.
    pub evidence_weight: f64,
}

impl DriftPrior {
    /// The posterior of the drift of `law`, estimated from `observations` periods.
    ///
    /// # Example
    /// ```
    /// use stress::{DriftPrior, PortfolioLaw};
    ///
    /// // A year that gained 30 % at 10 % volatility.
    /// let law = PortfolioLaw::new(0.30, 0.10, 252.0)?;
    /// let drift = DriftPrior::default().posterior(&law, 252);
    /// assert!((drift.evidence_weight - 0.2).abs() < 1e-12);
    /// assert!((drift.mean_annual - 0.06).abs() < 1e-12);
    /// assert!((drift.standard_error_annual - 0.8_f64.sqrt() * 0.05).abs() < 1e-12);
    /// # Ok::<(), stress::StressError>(())
    /// ```
    #[must_use]
    pub fn posterior(&self, law: &PortfolioLaw, observations: usize) -> DriftPosterior {
        let years = observations as f64 / law.periods_per_year();
        let evidence = self.sharpe_dispersion * self.sharpe_dispersion * years;
        // A portfolio that does not vary keeps its drift.
        let weight = if law.volatility_annual() < FLAT { 1.0 } else { evidence / (1.0 + evidence) };
        let riskless = ln_1p(self.risk_free_rate);
        let sample = law.drift_annual();
        DriftPosterior {
            sample_annual: sample,
            mean_annual: riskless + weight * (sample - riskless),
            standard_error_annual: (1.0 - weight).sqrt() * self.sharpe_dispersion * law.volatility_annual(),
            evidence_weight: weight,
        }
    }
}

impl DriftPosterior {
    /// The law of the portfolio whose value after `horizon_days` has the predictive distribution, which combines the
    /// shocks and the error of the drift.
    ///
    /// With `h` years and `v` the variance of the posterior, the log of the value is normal with mean `(μ − σ²/2)·h`
    /// and variance `σ²·h + v·h²`. The law spreads `v·h²` evenly over the days, so the value at the horizon is exact
    /// and values before it are somewhat too dispersed.
    ///
    /// # Errors
    /// [`StressError::PortfolioLaw`] when the result is not finite.
    pub fn predictive(&self, law: &PortfolioLaw, horizon_days: usize) -> Result<PortfolioLaw, StressError> {
        let years = horizon_days as f64 / law.periods_per_year();
        let spread = self.standard_error_annual * self.standard_error_annual * years;
        let variance = law.volatility_annual() * law.volatility_annual() + spread;
        PortfolioLaw::new(self.mean_annual + spread / 2.0, variance.sqrt(), law.periods_per_year())
    }

    /// Probability that the portfolio ends below its start, at the two ends of the 95 % interval of its drift, the
    /// smaller probability first. The range shows the effect of the error of the drift alone. It holds under normal
    /// shocks without cash flows.
    #[must_use]
    pub fn probability_of_loss_interval(&self, law: &PortfolioLaw, horizon_days: usize) -> Option<[f64; 2]> {
        let (years, sigma) = (horizon_days as f64 / law.periods_per_year(), law.volatility_annual());
        let probability = |drift: f64| {
            let z = -(drift - sigma * sigma / 2.0) * years / (sigma * years.sqrt());
            z.is_finite().then(|| risk::normal_cdf(z))
        };
        let half = Z95 * self.standard_error_annual;
        Some([probability(self.mean_annual + half)?, probability(self.mean_annual - half)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Seed, SimulationOptions, simulate};

    fn law() -> PortfolioLaw {
        PortfolioLaw::new(0.12, 0.2, 252.0).unwrap()
    }

    #[test]
    fn a_long_history_is_believed_and_a_short_one_is_not() {
        let prior = DriftPrior { risk_free_rate: 0.02, ..DriftPrior::default() };
        let at = |observations| prior.posterior(&law(), observations);
        assert!((at(0).mean_annual - 1.02_f64.ln()).abs() < 1e-15);
        assert_eq!((at(0).evidence_weight, at(0).standard_error_annual), (0.0, 0.1));
        assert!(at(20).mean_annual < at(252).mean_annual && at(252).mean_annual < at(2520).mean_annual);
        assert!((at(252_000_000).mean_annual - 0.12).abs() < 1e-5);
        assert!(at(2520).standard_error_annual < at(252).standard_error_annual);
    }

    #[test]
    fn without_a_dispersion_everything_earns_the_risk_free_rate() {
        let prior = DriftPrior { risk_free_rate: 0.02, sharpe_dispersion: 0.0 };
        let drift = prior.posterior(&law(), 252);
        let predictive = drift.predictive(&law(), 252).unwrap();
        assert_eq!((predictive.volatility_annual(), drift.standard_error_annual), (0.2, 0.0));
        assert!((predictive.drift_annual() - 1.02_f64.ln()).abs() < 1e-15);
    }

    /// Compares with the mixture itself: a drift drawn from the posterior, then a value under it.
    #[test]
    fn the_predictive_law_is_the_mixture_at_the_horizon() {
        let drift = DriftPrior::default().posterior(&law(), 252);
        let (days, years) = (504, 2.0_f64);
        let options =
            SimulationOptions { paths: 200_000, horizon_days: days, seed: Seed(1), ..SimulationOptions::default() };
        let report = simulate(drift.predictive(&law(), days).unwrap(), &options).unwrap();
        // P(loss) of the mixture by the trapezoid rule over the drift.
        let (mut sum, mut mass) = (0.0, 0.0);
        for step in -600..=600 {
            let z = f64::from(step) / 100.0;
            let density = risk::normal_density(z);
            let mu = drift.mean_annual + z * drift.standard_error_annual;
            sum += density * risk::normal_cdf(-(mu - 0.02) * years / (0.2 * years.sqrt()));
            mass += density;
        }
        let found = report.statistics.probability_of_loss;
        assert!((found.value - sum / mass).abs() < 4.0 * found.standard_error.unwrap(), "{found:?} {}", sum / mass);
        let [low, high] = drift.probability_of_loss_interval(&law(), days).unwrap();
        assert!(low < found.value && found.value < high);
    }

    #[test]
    fn a_portfolio_without_risk_has_no_interval() {
        let riskless = PortfolioLaw::new(0.02, 0.0, 252.0).unwrap();
        let drift = DriftPrior::default().posterior(&riskless, 252);
        assert_eq!((drift.mean_annual, drift.evidence_weight), (0.02, 1.0));
        assert_eq!(drift.probability_of_loss_interval(&riskless, 252), None);
    }
}
