//! `ensemble_v3`: the posterior of each mean return, shrunk towards the returns implied by the policy.

mod answer;
mod correlation;
mod evidence;
mod implied;
mod options;

use std::cmp::Reverse;

use portfolio_core::ReturnPanel;

use crate::abstention::AbstentionCode;
use crate::asset::{AssetForecast, NamedMember};
use crate::card::ForecastCard;
use crate::ensemble::named;
use crate::error::ForecastError;
use crate::ewma::Ewma;
use crate::features::AssetFeatures;
use crate::forecaster::Forecaster;
use crate::history::AssetHistory;
use crate::mean_reversion::MeanReversion;
use crate::member::MemberForecast;
use crate::momentum::Momentum;
use crate::sample::Sample;
use answer::{InformedAsset, interval_quantile, without_variance};
use correlation::Correlation;
use evidence::Evidence;
use implied::implied_returns;
pub use options::PosteriorOptions;

/// `ensemble_v3`: the posterior of each asset's mean return given all histories, shrunk towards the returns implied by
/// the policy.
///
/// With `Σ` the covariance of returns per period, `b` the policy weights, `γ` the risk aversion and `rf` the return of cash,
///
/// ```text
/// prior       μ  ~ N(π, Σ/T₀),   π = rf + γΣb,   T₀ = periods_per_year / prior_sharpe_dispersion²
/// data        r_t ~ N(μ, Σ),     independent over time; asset j is seen in the last T_j periods
/// ```
///
/// The prior's deviations have the correlations of the returns (Black and Litterman 1992), so that before the data no
/// portfolio has a better chance of a high Sharpe ratio than another. The true Sharpe ratio of each asset, and of each
/// portfolio, lies around the implied one with a standard deviation of `prior_sharpe_dispersion`. In this model the
/// sample mean is sufficient: the order of returns in time carries no information on their mean, so no momentum,
/// reversal or exponential weighting is added. With histories of one length `T`,
///
/// ```text
/// expected_return = π + q·(m − π),   standard_error = σ/√(T + T₀),   confidence = q = T/(T + T₀)
/// ```
///
/// With different lengths, the posterior is that of the joint normal distribution. A short history uses information
/// from the longer ones that explain its returns. Its confidence is the mean of `T_j/(T_j + T₀)`, weighted by the
/// shares of its variance that they explain. The confidence is always one minus the posterior variance over the prior
/// variance. The interval is that of Student's t distribution with `T_j − 1` degrees of freedom, because `σ` is
/// estimated too.
///
/// `Σ` uses each asset's own volatility (ddof 1, its whole history). The correlation of a pair comes from the periods
/// that both have. It is shrunk towards zero as if as many uncorrelated observations had been seen before as there are
/// assets.
///
/// | asset | forecast |
/// | --- | --- |
/// | without a policy or a risk aversion in the features | `π = rf`, which is 0 when it is not given |
/// | two or more returns that vary | the posterior |
/// | returns that do not vary: riskless | their mean, no error, confidence 0 |
/// | one return | `rf`, moved by the weight of one observation, `1/(1 + T₀)`; no error |
/// | a market return only | that, with the confidence of one observation; no error |
/// | nothing | the prior `rf`; no error, confidence 0 |
///
/// An asset without two returns that vary has no covariance, so it adds nothing to `Σb`.
///
/// # Example
/// ```
/// use forecast::{AssetFeatures, Forecaster, PolicyPosterior};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let shares: Vec<f64> = (0..252).map(|t| if t % 2 == 0 { 0.0110 } else { -0.0090 }).collect();
/// let panel = ReturnPanel::new(Universe::new(["Shares"])?, vec![shares])?;
/// let features = AssetFeatures::default().with_policy_weights(&[1.0]).with_risk_aversion(2.0);
/// let forecast = &PolicyPosterior::default().forecast(&panel, &features)?[0];
///
/// // γσ² = 2 bp a day is implied, 10 bp were seen. A year counts a fifth: 252/(252 + 1008).
/// assert!((forecast.confidence - 0.2).abs() < 1e-12);
/// assert!((1e4 * forecast.expected_return - (0.8 * 2.0 + 0.2 * 10.0)).abs() < 0.01);
/// // Per year: 9.1 %, give or take 7.1 %.
/// let annual = forecast.annual(252.0);
/// assert!((annual.expected_return - 0.091).abs() < 0.001);
/// assert!((annual.standard_error.unwrap_or_default() - 0.071).abs() < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PolicyPosterior {
    options: PosteriorOptions,
    card: ForecastCard,
}

impl Default for PolicyPosterior {
    fn default() -> Self {
        let options = PosteriorOptions::default();
        Self { options, card: card(&options) }
    }
}

impl PolicyPosterior {
    /// Id of the member that states the return implied by the policy: the prior.
    pub const IMPLIED: &'static str = answer::IMPLIED;
    /// Id of the member that states the estimate of the histories without the prior. The confidence shrinks it to the
    /// forecast.
    pub const HISTORY: &'static str = answer::HISTORY;

    /// Creates a posterior with other options. It keeps the id `ensemble_v3`; to use it along with the default, give it
    /// another id with [`with_id`](Self::with_id).
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn new(options: PosteriorOptions) -> Result<Self, ForecastError> {
        options.check()?;
        Ok(Self { options, card: card(&options) })
    }

    /// The same model under another id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.card.id = id.into();
        self
    }

    /// The options of this posterior.
    #[must_use]
    pub fn options(&self) -> &PosteriorOptions {
        &self.options
    }
}

impl Forecaster for PolicyPosterior {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    /// Counts the correlation of every pair, and a factorisation of the result.
    fn work(&self, panel: &ReturnPanel) -> u64 {
        let (n, periods) = (panel.assets() as u64, panel.periods() as u64);
        (n * n).saturating_mul(periods + n) / 64 + 10 * n * periods
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        features.check_policy()?;
        let mut samples = Vec::with_capacity(panel.assets());
        let mut varying = Vec::with_capacity(panel.assets());
        for (asset, returns) in panel.columns().enumerate() {
            let sample = AssetHistory { returns, market_return: features.market_return(asset) }.sample(asset)?;
            if let Some(volatility) = sample.standard_deviation().filter(|volatility| *volatility > 0.0) {
                varying.push((asset, volatility));
            }
            samples.push(sample);
        }
        // Longest first, so that each history lies within those before it; equal ones keep their order.
        varying.sort_by_key(|&(asset, _)| Reverse(samples[asset].len()));
        let (assets, volatilities): (Vec<usize>, Vec<f64>) = varying.into_iter().unzip();
        let histories: Vec<&[f64]> = assets.iter().map(|&asset| samples[asset].returns).collect();
        let correlation = Correlation::estimate(&histories);
        let priors = implied_returns(&assets, &volatilities, &correlation, features)?;
        let prior_periods = self.options.prior_periods();
        let evidence = Evidence {
            histories: &histories,
            volatilities: &volatilities,
            priors: &priors,
            correlation: &correlation,
            prior_periods,
        };

        let mut informed = vec![None; panel.assets()];
        let mut quantile = (0, 0.0);
        for (row, belief) in evidence.beliefs().into_iter().enumerate() {
            let (observations, volatility) = (histories[row].len(), volatilities[row]);
            if quantile.0 != observations {
                quantile = (observations, interval_quantile(observations));
            }
            let (implied, quantile) = (priors[row], quantile.1);
            let answer = InformedAsset { observations, volatility, implied, belief, prior_periods, quantile };
            informed[assets[row]] = Some(answer.forecast());
        }
        let each = informed.into_iter().zip(&samples).enumerate();
        Ok(each
            .map(|(asset, (forecast, sample))| {
                let market_return = features.market_return(asset);
                let mut forecast = forecast.unwrap_or_else(|| {
                    without_variance(sample, market_return, features.risk_free_rate(), prior_periods)
                });
                forecast.members.extend(bystanders(sample, forecast.expected_return));
                forecast
            })
            .collect())
    }
}

/// The members of `ensemble_v2`, at weight zero, for comparison and for clients that read them by name.
fn bystanders(sample: &Sample<'_>, forecast: f64) -> Vec<NamedMember> {
    if sample.len() == 0 {
        return named([MemberForecast::abstain(forecast, AbstentionCode::NoHistory); 3]);
    }
    named([
        Momentum::default().forecast_sample(sample),
        MeanReversion::default().forecast_sample(sample),
        Ewma::default().forecast_sample(sample),
    ])
}

fn card(options: &PosteriorOptions) -> ForecastCard {
    ForecastCard {
        id: "ensemble_v3".to_owned(),
        version: "3.0.0".to_owned(),
        purpose: "Posterior of each asset's mean return given all histories, shrunk towards the returns the policy implies, with its \
                  credible interval."
            .to_owned(),
        members: vec![
            "implied: the return at which the policy is optimal, rf + γΣb (Sharpe 1974; Black and Litterman 1992)".to_owned(),
            "history: mean of the whole history; a short one borrows from longer ones (Stambaugh 1997)".to_owned(),
            "momentum, mean_reversion, ewma: those of ensemble_v2, for comparison, at weight 0".to_owned(),
        ],
        limits: [
            "Momentum, reversal and exponential weighting are left out: if returns are independent over time, the mean says it all.",
            "Returns are taken as independent over time, of constant mean and covariance over the whole history.",
            "True Sharpe ratios are assumed to lie around the implied ones with a given dispersion, correlated as returns are.",
            "The covariance is estimated and then taken as known; only the interval allows for the error of the volatility.",
            "An asset without two returns that vary adds nothing to the implied returns.",
            "Without a policy, the returns are shrunk towards the risk-free rate, and towards zero when that is not given.",
        ]
        .map(str::to_owned)
        .into(),
        parameters: options.parameters(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_names_every_option_and_both_members() {
        let options = PosteriorOptions { prior_sharpe_dispersion: 0.25, ..PosteriorOptions::default() };
        let model = PolicyPosterior::new(options).unwrap().with_id("mine");
        let parameters: Vec<String> = model.card().parameters.iter().map(ToString::to_string).collect();
        assert_eq!(parameters, ["prior_sharpe_dispersion = 0.25", "periods_per_year = 252"]);
        assert_eq!((model.id(), model.options()), ("mine", &options));
        for (line, id) in model.card().members.iter().zip([PolicyPosterior::IMPLIED, PolicyPosterior::HISTORY]) {
            assert!(line.starts_with(id), "{line}");
        }
        let error = PolicyPosterior::new(PosteriorOptions { periods_per_year: 0.0, ..options }).unwrap_err();
        assert!(matches!(error, ForecastError::Option { option: "periods_per_year", .. }));
    }
}
