//! `mixture_equal`, `mixture_ewa`, `mixture_ml_poly` and `mixture_boa`: four experts whose weights are learned from what came of their forecasts.

mod experts;
mod options;
mod rounds;

use online::Rule;
use portfolio_core::ReturnPanel;
use portfolio_core::interrupt::checkpoint;

use crate::asset::{AssetForecast, NamedMember, normal_interval};
use crate::card::ForecastCard;
use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::forecaster::Forecaster;
use crate::history::AssetHistory;
use crate::note::{ForecastBasis, ForecastNoteCode};
use crate::reliability::reliability;
use crate::sample::Sample;
pub use options::{MIXTURE_ROUNDS, MixtureOptions};
pub use rounds::MixtureRound;

/// Experts on the return of an asset, mixed by weights that are learned along its own history.
///
/// The experts are the mean of all returns (the plain alternative), [`Momentum`](crate::Momentum),
/// [`MeanReversion`](crate::MeanReversion) and [`Ewma`](crate::Ewma). Every `step` periods each of them has forecast the mean return of the
/// next `horizon` periods; when these are over, its loss is `min(z², largest)` with `z` the error in units of the standard deviation of
/// such a mean, and the weights learn it by the rule (crate `online`). A loss therefore comes `horizon` periods late, and several rounds
/// wait for theirs at any time. No weight depends on a return after the day on which it is used.
///
/// ```text
/// expected_return = Σ w_k m_k,   standard_error = Σ w_k s_k
/// ```
///
/// The experts read the same returns, so the sum of the errors is their largest possible error together. The confidence is the
/// [`reliability`](crate::reliability()) of the mixture, as in [`Ensemble`](crate::Ensemble). An expert that abstains forecasts what the
/// mean does, and its weight is told with that of the mean.
///
/// | id | rule | guarantee |
/// | --- | --- | --- |
/// | `mixture_equal` | equal weights | none: the plain alternative |
/// | `mixture_ewa` | exponential weights | [`Rule::regret_bound`] |
/// | `mixture_ml_poly` | ML-Poly (Gaillard, Stoltz and van Erven 2014), nothing to tune | the same |
/// | `mixture_boa` | Bernstein online aggregation (Wintenberger 2017) | the same |
///
/// # Example
/// ```
/// use forecast::{AssetFeatures, Forecaster, Mixture};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let returns: Vec<f64> = (0..300).map(|t| 0.0005 + 0.01 * f64::from(t % 5 - 2)).collect();
/// let panel = ReturnPanel::new(Universe::new(["Shares"])?, vec![returns])?;
/// let forecast = &Mixture::ml_poly().forecast(&panel, &AssetFeatures::default())?[0];
/// let weights: f64 = forecast.members.iter().map(|member| member.forecast.weight).sum();
/// assert!((weights - 1.0).abs() < 1e-12 && forecast.members.len() == 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mixture {
    rule: Rule,
    options: MixtureOptions,
    card: ForecastCard,
}

impl Mixture {
    /// Experts mixed by a rule, under an id.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range, a rate among them.
    pub fn new(id: &str, rule: Rule, options: MixtureOptions) -> Result<Self, ForecastError> {
        options.check(rule)?;
        Ok(Self::of(id, rule, options))
    }

    fn of(id: &str, rule: Rule, options: MixtureOptions) -> Self {
        Self { rule, options, card: card(id, rule, &options) }
    }

    /// Equal weights.
    #[must_use]
    pub fn equal() -> Self {
        Self::of("mixture_equal", Rule::Equal, MixtureOptions::default())
    }

    /// Exponential weights at the rate that is best for [`MIXTURE_ROUNDS`] rounds whatever comes, `√(8 ln 4 / rounds)`.
    #[must_use]
    pub fn ewa() -> Self {
        let rate = (8.0 * experts::LOG_COUNT / MIXTURE_ROUNDS).sqrt();
        Self::of("mixture_ewa", Rule::Ewa { rate }, MixtureOptions::default())
    }

    /// ML-Poly, which has no rate.
    #[must_use]
    pub fn ml_poly() -> Self {
        Self::of("mixture_ml_poly", Rule::MlPoly, MixtureOptions::default())
    }

    /// Bernstein online aggregation at the rate `√(ln 4 / rounds)`.
    #[must_use]
    pub fn boa() -> Self {
        let rate = (experts::LOG_COUNT / MIXTURE_ROUNDS).sqrt();
        Self::of("mixture_boa", Rule::Boa { rate }, MixtureOptions::default())
    }

    /// The four mixtures of this crate: equal weights, EWA, ML-Poly, BOA.
    #[must_use]
    pub fn all() -> [Self; 4] {
        [Self::equal(), Self::ewa(), Self::ml_poly(), Self::boa()]
    }

    /// The rule of the weights.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The rounds of a history in their order, and the weights after it.
    ///
    /// `returns`: simple returns per period as fractions, oldest first.
    ///
    /// # Errors
    /// [`ForecastError::Return`] with asset 0.
    pub fn rounds(&self, returns: &[f64]) -> Result<(Vec<MixtureRound>, Vec<f64>), ForecastError> {
        AssetHistory::from(returns).sample(0)?;
        rounds::replay(&self.card.id, self.rule, &self.options, returns)
    }

    fn forecast_history(&self, history: &Sample<'_>) -> Result<AssetForecast, ForecastError> {
        let (_, learned) = rounds::replay(&self.card.id, self.rule, &self.options, history.returns)?;
        let mut opinions = experts::opinions(&self.options.experts, history);
        experts::weigh(&mut opinions, &learned);
        let volatility = history.standard_deviation();
        let members =
            |opinions| experts::IDS.into_iter().zip(opinions).map(|(id, f)| NamedMember::new(id, f)).collect();
        let told = AssetForecast {
            expected_return: history.mean,
            volatility,
            basis: ForecastBasis::History,
            observations: history.len(),
            ..AssetForecast::default()
        };
        // The mean abstains where nothing has an error: all others do too.
        if opinions[0].abstained.is_some() {
            let one = history.len() == 1;
            let note = if one { ForecastNoteCode::SingleObservation } else { ForecastNoteCode::ConstantHistory };
            let confidence = if one { self.options.experts.reliability_of_one() } else { 0.0 };
            return Ok(AssetForecast { confidence, notes: vec![note.into()], members: members(opinions), ..told });
        }
        let sum = |of: fn(&crate::MemberForecast) -> f64| opinions.iter().map(|f| f.weight * of(f)).sum::<f64>();
        let expected_return = sum(|f| f.expected_return);
        let error = sum(|f| f.standard_error.unwrap_or(0.0));
        Ok(AssetForecast {
            expected_return,
            standard_error: Some(error),
            confidence: reliability(error, self.options.experts.dispersion(volatility.unwrap_or(0.0))),
            interval: Some(normal_interval(expected_return, error)),
            members: members(opinions),
            ..told
        })
    }

    /// Without returns, what the caller expects counts as one observation; without that, nothing is known.
    fn without_history(&self, market_return: Option<f64>) -> AssetForecast {
        let (confidence, basis, note) = match market_return {
            Some(_) => {
                let one = self.options.experts.reliability_of_one();
                (one, ForecastBasis::MarketReturn, ForecastNoteCode::MarketReturnFallback)
            }
            None => (0.0, ForecastBasis::None, ForecastNoteCode::NoInformation),
        };
        let expected_return = market_return.unwrap_or(0.0);
        AssetForecast {
            expected_return,
            confidence,
            basis,
            members: experts::silent(expected_return),
            notes: vec![note.into()],
            ..AssetForecast::default()
        }
    }
}

impl Forecaster for Mixture {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    /// Each round reads the history up to it.
    fn work(&self, panel: &ReturnPanel) -> u64 {
        let of = |periods: u64| 10 * periods + periods * periods / (4 * self.options.step as u64);
        panel.columns().map(|returns| of(returns.len() as u64)).sum()
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        let forecast = |asset| {
            checkpoint();
            let returns = panel.series(asset).unwrap_or_default();
            let history = AssetHistory { returns, market_return: features.market_return(asset) };
            let sample = history.sample(asset)?;
            if returns.is_empty() {
                return Ok(self.without_history(history.market_return));
            }
            self.forecast_history(&sample)
        };
        (0..panel.assets()).map(forecast).collect()
    }
}

fn card(id: &str, rule: Rule, options: &MixtureOptions) -> ForecastCard {
    let how = match rule {
        Rule::Equal => "equal weights",
        Rule::Ewa { .. } => "exponential weights of their losses",
        Rule::MlPoly => "ML-Poly weights of their regrets",
        Rule::Boa { .. } => "Bernstein online aggregation of their regrets",
    };
    ForecastCard {
        id: id.to_owned(),
        version: "1.0.0".to_owned(),
        purpose: format!(
            "Expected return per period from an asset's own history: the mean, momentum, reversal and EWMA, mixed by {how}, \
             learned as outcomes of {} periods come in.",
            options.horizon
        ),
        members: [
            "mean: mean of all returns, the plain alternative",
            "momentum: as in ensemble_v2",
            "mean_reversion: as in ensemble_v2; where it abstains it forecasts the mean",
            "ewma: as in ensemble_v2",
        ]
        .map(str::to_owned)
        .into(),
        limits: [
            "It reads past returns of the same asset and nothing else.",
            "A bound on the regret promises to lose little against the best expert, and not that any expert is good.",
            "Errors of daily returns are much larger than the differences between experts, so weights move slowly.",
            "Standard errors are those of the experts, added up; what the choice of weights adds is not in them.",
        ]
        .map(str::to_owned)
        .into(),
        parameters: options.parameters(rule),
    }
}
