use crate::asset::{AssetForecast, AssetHistory, ForecastBasis, ForecastNote, ForecastNoteCode};
use crate::error::{ForecastError, require};
use crate::ewma::Ewma;
use crate::mean_reversion::MeanReversion;
use crate::member::{AbstentionCode, MemberForecast};
use crate::momentum::Momentum;
use crate::reliability::pool;
use crate::sample::Sample;

/// Two-sided 95 % quantile of the standard normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// Options of `ensemble-v2`: the members, and the prior their evidence is weighed against.
///
/// The prior says how much true mean returns differ between assets: `τ = prior_sharpe_dispersion · σ / √periods_per_year` per
/// period, `σ` the asset's own volatility (ddof 1, whole history). A member's reliability is `τ²/(τ² + s²)` ([`reliability`]);
/// members are pooled by it ([`pool`]); the reliability of the pooled estimate is the confidence. Because `τ` is proportional
/// to `σ`, the confidence depends on the number of observations and the estimation error, never on the unit.
///
/// What to expect of it: the mean of one year of daily returns has reliability `252/(252 + 1008) = 0.2`, of four years 0.5.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `momentum`, `mean_reversion`, `ewma` | | the members | see each |
/// | `prior_sharpe_dispersion` | 0.5 | standard deviation, between assets, of true annual Sharpe ratios | 0.001 to 10 |
/// | `periods_per_year` | 252 | periods in a year | 1 to 1,000,000 |
///
/// [`reliability`]: crate::reliability()
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnsembleOptions {
    /// The momentum member.
    pub momentum: Momentum,
    /// The reversal member.
    pub mean_reversion: MeanReversion,
    /// The exponentially weighted member.
    pub ewma: Ewma,
    /// Standard deviation, between assets, of true annual Sharpe ratios.
    pub prior_sharpe_dispersion: f64,
    /// Periods in a year.
    pub periods_per_year: f64,
}

impl Default for EnsembleOptions {
    fn default() -> Self {
        Self {
            momentum: Momentum::default(),
            mean_reversion: MeanReversion::default(),
            ewma: Ewma::default(),
            prior_sharpe_dispersion: 0.5,
            periods_per_year: 252.0,
        }
    }
}

impl EnsembleOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        self.momentum.check()?;
        self.mean_reversion.check()?;
        self.ewma.check()?;
        let dispersion = self.prior_sharpe_dispersion;
        require((0.001..=10.0).contains(&dispersion), "prior_sharpe_dispersion", dispersion, "0.001 to 10")?;
        let periods = self.periods_per_year;
        require((1.0..=1e6).contains(&periods), "periods_per_year", periods, "1 to 1000000")
    }

    /// Reliability of the mean of one observation, `p²/(p² + periods_per_year)`: known without knowing the volatility.
    fn reliability_of_one(&self) -> f64 {
        let squared = self.prior_sharpe_dispersion * self.prior_sharpe_dispersion;
        squared / (squared + self.periods_per_year)
    }

    /// The forecast of one asset; the sample is finite and the options are checked.
    pub(crate) fn forecast(&self, history: &Sample<'_>, market_return: Option<f64>) -> AssetForecast {
        if history.len() == 0 {
            return self.without_history(market_return);
        }
        let volatility = history.standard_deviation();
        let mut members = [
            self.momentum.forecast_sample(history),
            self.mean_reversion.forecast_sample(history),
            self.ewma.forecast_sample(history),
        ];
        let dispersion = self.prior_sharpe_dispersion * volatility.unwrap_or(0.0) / self.periods_per_year.sqrt();
        let pooled = pool(&mut members, dispersion);
        let [momentum, mean_reversion, ewma] = members;
        let (ensemble, standard_error, confidence, note) = match pooled {
            Some(p) => (p.expected_return, Some(p.standard_error), p.reliability, None),
            None if history.len() == 1 => {
                (history.mean, None, self.reliability_of_one(), Some(ForecastNoteCode::SingleObservation))
            }
            None => (history.mean, None, 0.0, Some(ForecastNoteCode::ConstantHistory)),
        };
        AssetForecast {
            momentum,
            mean_reversion,
            ewma,
            ensemble,
            standard_error,
            confidence,
            interval: standard_error.map(|error| [ensemble - Z95 * error, ensemble + Z95 * error]),
            volatility,
            basis: ForecastBasis::History,
            notes: note.map(ForecastNote::from).into_iter().collect(),
            observations: history.len(),
        }
    }

    /// Without returns the caller's estimate counts as one observation of unknown scale; without that, nothing is known.
    fn without_history(&self, market_return: Option<f64>) -> AssetForecast {
        let (value, confidence, basis, note) = match market_return {
            Some(value) => {
                (value, self.reliability_of_one(), ForecastBasis::MarketReturn, ForecastNoteCode::MarketReturnFallback)
            }
            None => (0.0, 0.0, ForecastBasis::None, ForecastNoteCode::NoInformation),
        };
        let member = MemberForecast::abstain(value, AbstentionCode::NoHistory);
        AssetForecast {
            momentum: member,
            mean_reversion: member,
            ewma: member,
            ensemble: value,
            standard_error: None,
            confidence,
            interval: None,
            volatility: None,
            basis,
            notes: vec![note.into()],
            observations: 0,
        }
    }
}

/// Refuses what no formula can answer; afterwards every history is a finite sample.
pub(crate) fn sample_of<'a>(asset: usize, history: &AssetHistory<'a>) -> Result<Sample<'a>, ForecastError> {
    if let Some(value) = history.market_return.filter(|value| !value.is_finite()) {
        return Err(ForecastError::MarketReturn { asset, value });
    }
    let sample = Sample::of(history.returns);
    if sample.is_finite() {
        return Ok(sample);
    }
    // Only now is it worth looking for the culprit: the first that is no number, else the largest.
    let returns = history.returns.iter().copied().enumerate();
    let (index, value) = returns.fold((0, 0.0_f64), |worst, (index, value)| {
        let worse = worst.1.is_finite() && (!value.is_finite() || value.abs() > worst.1.abs());
        if worse { (index, value) } else { worst }
    });
    Err(ForecastError::Return { asset, index, value })
}
