//! `ensemble_v2`: momentum, mean reversion and EWMA, weighted by their evidence.

mod options;

use portfolio_core::ReturnPanel;

use crate::abstention::AbstentionCode;
use crate::asset::{AssetForecast, NamedMember, normal_interval};
use crate::card::ForecastCard;
use crate::error::ForecastError;
use crate::ewma::Ewma;
use crate::features::AssetFeatures;
use crate::forecaster::{Forecaster, forecast_each};
use crate::history::AssetHistory;
use crate::mean_reversion::MeanReversion;
use crate::member::MemberForecast;
use crate::momentum::Momentum;
use crate::note::{ForecastBasis, ForecastNote, ForecastNoteCode};
use crate::reliability::pool;
use crate::sample::Sample;
pub use options::EnsembleOptions;

/// `ensemble_v2`: momentum, mean reversion and EWMA, each weighted by its reliability.
///
/// The formulas of the weights and of the confidence are in [`EnsembleOptions`], those of the members in [`Momentum`],
/// [`MeanReversion`] and [`Ewma`]. One pass over a history computes the moments that all members share; nothing is
/// copied.
///
/// # Example
/// ```
/// use forecast::{AssetHistory, Ensemble, ForecastBasis};
///
/// let ensemble = Ensemble::default();
/// let returns: Vec<f64> = (0..250).map(|t| 0.0005 + 0.01 * f64::from(t % 5 - 2)).collect();
/// let forecast = ensemble.forecast_asset(&returns)?;
/// let momentum = forecast.member("momentum").expect("a member of the ensemble");
/// assert!((momentum.expected_return - 0.0005).abs() < 1e-12);
/// assert!(forecast.confidence > 0.1);
///
/// // Without a history the caller's number is returned, with almost no confidence and no standard error.
/// let forecast = ensemble.forecast_asset(AssetHistory { returns: &[], market_return: Some(0.002) })?;
/// assert_eq!((forecast.expected_return, forecast.basis), (0.002, ForecastBasis::MarketReturn));
/// assert!(forecast.confidence < 0.002 && forecast.standard_error.is_none());
/// # Ok::<(), forecast::ForecastError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ensemble {
    options: EnsembleOptions,
    card: ForecastCard,
}

impl Default for Ensemble {
    fn default() -> Self {
        let options = EnsembleOptions::default();
        Self { options, card: card(&options) }
    }
}

impl Ensemble {
    /// Creates an ensemble with other options. It keeps the id `ensemble_v2`; to use it along with the default, give it
    /// another id with [`with_id`](Self::with_id).
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn new(options: EnsembleOptions) -> Result<Self, ForecastError> {
        options.check()?;
        Ok(Self { options, card: card(&options) })
    }

    /// The same ensemble under another id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.card.id = id.into();
        self
    }

    /// The options of this ensemble.
    #[must_use]
    pub fn options(&self) -> &EnsembleOptions {
        &self.options
    }

    /// Forecasts one asset from its own history.
    ///
    /// # Errors
    /// [`ForecastError::Return`] and [`ForecastError::MarketReturn`] with asset 0, as for [`Forecaster::forecast`].
    pub fn forecast_asset<'a>(&self, history: impl Into<AssetHistory<'a>>) -> Result<AssetForecast, ForecastError> {
        let history = history.into();
        Ok(self.forecast_sample(&history.sample(0)?, history.market_return))
    }

    fn forecast_sample(&self, history: &Sample<'_>, market_return: Option<f64>) -> AssetForecast {
        if history.len() == 0 {
            return self.without_history(market_return);
        }
        let volatility = history.standard_deviation();
        let mut members = [
            self.options.momentum.forecast_sample(history),
            self.options.mean_reversion.forecast_sample(history),
            self.options.ewma.forecast_sample(history),
        ];
        let pooled = pool(&mut members, self.options.dispersion(volatility.unwrap_or(0.0)));
        let (expected_return, standard_error, confidence, note) = match pooled {
            Some(p) => (p.expected_return, Some(p.standard_error), p.reliability, None),
            None if history.len() == 1 => {
                (history.mean, None, self.options.reliability_of_one(), Some(ForecastNoteCode::SingleObservation))
            }
            None => (history.mean, None, 0.0, Some(ForecastNoteCode::ConstantHistory)),
        };
        AssetForecast {
            expected_return,
            standard_error,
            confidence,
            interval: standard_error.map(|error| normal_interval(expected_return, error)),
            volatility,
            basis: ForecastBasis::History,
            members: named(members),
            notes: note.map(ForecastNote::from).into_iter().collect(),
            observations: history.len(),
            ..AssetForecast::default()
        }
    }

    /// Without returns, the caller's estimate counts as one observation of unknown scale; without an estimate, nothing
    /// is known.
    fn without_history(&self, market_return: Option<f64>) -> AssetForecast {
        let (expected_return, confidence, basis, note) = match market_return {
            Some(value) => (
                value,
                self.options.reliability_of_one(),
                ForecastBasis::MarketReturn,
                ForecastNoteCode::MarketReturnFallback,
            ),
            None => (0.0, 0.0, ForecastBasis::None, ForecastNoteCode::NoInformation),
        };
        AssetForecast {
            expected_return,
            confidence,
            basis,
            members: named([MemberForecast::abstain(expected_return, AbstentionCode::NoHistory); 3]),
            notes: vec![note.into()],
            ..AssetForecast::default()
        }
    }
}

impl Forecaster for Ensemble {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        forecast_each(panel, features, |history, market_return| self.forecast_sample(history, market_return))
    }
}

/// The three members with their ids, in the order of the card.
pub(crate) fn named([momentum, mean_reversion, ewma]: [MemberForecast; 3]) -> Vec<NamedMember> {
    vec![
        NamedMember::new(Momentum::ID, momentum),
        NamedMember::new(MeanReversion::ID, mean_reversion),
        NamedMember::new(Ewma::ID, ewma),
    ]
}

fn card(options: &EnsembleOptions) -> ForecastCard {
    ForecastCard {
        id: "ensemble_v2".to_owned(),
        version: "2.0.1".to_owned(),
        purpose: "Expected return per period from an asset's own history, with a standard error and a confidence that \
                  follows from it."
            .to_owned(),
        members: vec![
            format!(
                "momentum: mean of the last {} returns (Moskowitz, Ooi and Pedersen 2012)",
                options.momentum.window
            ),
            "mean_reversion: first-order autoregression with a negative coefficient (Jegadeesh 1990)".to_owned(),
            "ewma: exponentially weighted mean with weights that sum to one (RiskMetrics 1996)".to_owned(),
        ],
        limits: [
            "It reads past returns of the same asset and nothing else.",
            "Standard errors take returns as uncorrelated, of constant mean and variance over the window.",
            "The confidence rests on an assumed dispersion of true Sharpe ratios between assets.",
            "The interval is normal; on fewer than about twenty returns it is too narrow.",
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
    fn options_outside_their_range_make_no_ensemble() {
        let options = EnsembleOptions { prior_sharpe_dispersion: 0.0, ..EnsembleOptions::default() };
        let error = Ensemble::new(options).unwrap_err();
        assert!(matches!(error, ForecastError::Option { option: "prior_sharpe_dispersion", .. }));
    }

    #[test]
    fn the_card_names_every_option() {
        let options = EnsembleOptions { ewma: Ewma { decay: 0.97 }, ..EnsembleOptions::default() };
        let ensemble = Ensemble::new(options).unwrap();
        let parameters: Vec<String> = ensemble.card().parameters.iter().map(ToString::to_string).collect();
        assert_eq!(
            parameters,
            [
                "momentum.window = 252",
                "mean_reversion.horizon_periods = 21",
                "mean_reversion.min_observations = 20",
                "ewma.decay = 0.97",
                "prior_sharpe_dispersion = 0.5",
                "periods_per_year = 252",
            ]
        );
        assert_ne!(ensemble.card(), Ensemble::default().card());
        assert_eq!(ensemble.options(), &options);
    }

    #[test]
    fn another_id_changes_nothing_else() {
        let ensemble = Ensemble::default().with_id("mine");
        assert_eq!((ensemble.id(), ensemble.version()), ("mine", "2.0.1"));
        let returns = [0.01, -0.02, 0.03];
        assert_eq!(ensemble.forecast_asset(&returns), Ensemble::default().forecast_asset(&returns));
    }
}
