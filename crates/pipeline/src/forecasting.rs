//! The second agent: an opinion on every asset, or an abstention.

use forecast::{AssetForecast, AssetHistory, ForecastBasis, forecast_assets};
use portfolio_core::round_weight;

use crate::market_data::Surveyed;
use crate::{Agent, AgentId, PipelineError, PlanWarning, Veto};

/// Forecasts each asset with its members, their weights and a confidence.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForecastAgent;

/// A surveyed portfolio with one forecast per asset.
#[derive(Debug)]
pub struct Forecasted {
    pub(crate) surveyed: Surveyed,
    pub(crate) forecasts: Vec<AssetForecast>,
    pub(crate) warnings: Vec<PlanWarning>,
}

impl Forecasted {
    /// One forecast per asset, in input order.
    #[must_use]
    pub fn forecasts(&self) -> &[AssetForecast] {
        &self.forecasts
    }

    /// Assets on which at least one member has an opinion.
    #[must_use]
    pub fn with_opinion(&self) -> usize {
        self.forecasts.iter().filter(|forecast| has_opinion(forecast)).count()
    }

    /// Mean confidence over all assets, 0 to 1.
    #[must_use]
    pub fn mean_confidence(&self) -> f64 {
        let sum: f64 = self.forecasts.iter().map(|forecast| forecast.confidence).sum();
        round_weight(sum / self.forecasts.len().max(1) as f64)
    }
}

/// Whether a member of the ensemble speaks.
fn has_opinion(forecast: &AssetForecast) -> bool {
    [&forecast.momentum, &forecast.mean_reversion, &forecast.ewma].iter().any(|member| member.abstained.is_none())
}

impl Agent for ForecastAgent {
    type Input = Surveyed;
    type Output = Forecasted;
    const ID: AgentId = AgentId::Forecast;
    const ROLE: &'static str = "Runs the forecast model on each asset; each member states its error and its weight, or \
                                abstains with a reason.";
    const OBJECTIVE: &'static str = "Forecast each asset with its confidence";

    /// # Errors
    /// A veto when the model refuses a history, or answers with a number that is no return or no confidence.
    fn act(&self, surveyed: Surveyed) -> Result<Forecasted, Veto> {
        let portfolio = &surveyed.admitted.portfolio;
        let histories: Vec<AssetHistory<'_>> = portfolio
            .returns
            .iter()
            .zip(&portfolio.market_return)
            .map(|(returns, &market_return)| AssetHistory { returns, market_return })
            .collect();
        let forecasts = forecast_assets(&portfolio.model, &histories).map_err(Veto::by(Self::ID))?;
        check(&forecasts, portfolio.names.len()).map_err(Veto::by(Self::ID))?;
        let warnings = fallbacks(&forecasts);
        Ok(Forecasted { surveyed, forecasts, warnings })
    }
}

/// What a model may not say, whichever model it is.
fn check(forecasts: &[AssetForecast], assets: usize) -> Result<(), PipelineError> {
    if forecasts.len() != assets {
        return Err(PipelineError::ForecastCount { expected: assets, got: forecasts.len() });
    }
    for forecast in forecasts {
        if !forecast.ensemble.is_finite() {
            return Err(PipelineError::OutOfRange { name: "a forecast return", value: forecast.ensemble });
        }
        if !(0.0..=1.0).contains(&forecast.confidence) {
            return Err(PipelineError::OutOfRange { name: "a forecast confidence", value: forecast.confidence });
        }
    }
    Ok(())
}

fn fallbacks(forecasts: &[AssetForecast]) -> Vec<PlanWarning> {
    let warn = |(i, forecast): (usize, &AssetForecast)| {
        let detail = match forecast.basis {
            ForecastBasis::History => return None,
            ForecastBasis::MarketReturn => "no history was sent: the forecast repeats market_return at low confidence",
            ForecastBasis::None => "neither history nor market_return was sent: the forecast is zero at low confidence",
        };
        Some(PlanWarning::new("forecast_fallback", format!("/assets/{i}"), detail))
    };
    forecasts.iter().enumerate().filter_map(warn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_asset_gets_a_forecast_and_its_confidence() {
        let forecasted = ForecastAgent.act(sample::surveyed(sample::pair())).unwrap();
        assert_eq!((forecasted.forecasts().len(), forecasted.with_opinion()), (2, 2));
        assert!((0.0..=1.0).contains(&forecasted.mean_confidence()));
        assert!(forecasted.warnings.is_empty());
    }

    #[test]
    fn without_a_history_the_members_abstain_with_a_warning() {
        let mut portfolio = sample::pair();
        portfolio.returns[1].clear();
        portfolio.market_return[1] = None;
        let forecasted = ForecastAgent.act(sample::surveyed(portfolio)).unwrap();
        assert_eq!((forecasted.with_opinion(), forecasted.forecasts()[1].ensemble), (1, 0.0));
        assert_eq!(forecasted.warnings[0].code, "forecast_fallback");
        assert_eq!(forecasted.warnings[0].pointer, "/assets/1");
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        let good = ForecastAgent.act(sample::surveyed(sample::pair())).unwrap().forecasts;
        assert_eq!(check(&good, 2), Ok(()));
        assert!(matches!(check(&good, 3), Err(PipelineError::ForecastCount { expected: 3, got: 2 })));
        let mut bad = good.clone();
        bad[1].ensemble = f64::NAN;
        assert!(matches!(check(&bad, 2), Err(PipelineError::OutOfRange { name: "a forecast return", .. })));
        let mut bad = good;
        bad[0].confidence = 1.2;
        assert!(matches!(check(&bad, 2), Err(PipelineError::OutOfRange { name: "a forecast confidence", .. })));
    }

    #[test]
    fn a_model_that_refuses_is_a_veto() {
        let mut surveyed = sample::surveyed(sample::pair());
        surveyed.admitted.portfolio.returns[0][3] = f64::NAN;
        let veto = ForecastAgent.act(surveyed).unwrap_err();
        assert_eq!(veto.agent, AgentId::Forecast);
        assert!(matches!(veto.cause, PipelineError::Forecast(_)));
    }
}
