//! The second agent: a forecast of every asset, with its confidence.

use forecast::{AssetFeatures, AssetForecast, ForecastBasis};
use portfolio_core::{PanelError, ReturnPanel, Universe, round_weight};

use crate::market_data::Surveyed;
use crate::{Agent, AgentId, PipelineError, PlanWarning, Portfolio, Veto};

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

    /// Assets on which the model has an opinion.
    #[must_use]
    pub fn with_opinion(&self) -> usize {
        self.forecasts.iter().filter(|forecast| forecast.has_opinion()).count()
    }

    /// Mean confidence over all assets, 0 to 1.
    #[must_use]
    pub fn mean_confidence(&self) -> f64 {
        let sum: f64 = self.forecasts.iter().map(|forecast| forecast.confidence).sum();
        round_weight(sum / self.forecasts.len().max(1) as f64)
    }
}

impl Agent for ForecastAgent {
    type Input = Surveyed;
    type Output = Forecasted;
    const ID: AgentId = AgentId::Forecast;
    const ROLE: &'static str = "Runs the forecast model on each asset; each member states its error and its weight, or \
                                abstains with a reason.";
    const OBJECTIVE: &'static str = "Forecast each asset with its confidence";

    /// # Errors
    /// A veto when the model refuses a history, or answers with a number that is not a return or not a confidence.
    fn act(&self, surveyed: Surveyed) -> Result<Forecasted, Veto> {
        let portfolio = &surveyed.admitted.portfolio;
        let panel = histories(portfolio).map_err(Veto::by(Self::ID))?;
        let features = AssetFeatures::default().with_market_returns(&portfolio.market_return);
        let forecasts = portfolio.model.forecast(&panel, &features).map_err(Veto::by(Self::ID))?;
        check(&forecasts, portfolio.names.len()).map_err(Veto::by(Self::ID))?;
        let warnings = fallbacks(&forecasts);
        Ok(Forecasted { surveyed, forecasts, warnings })
    }
}

/// Each asset's own history, as the panel a forecaster reads.
fn histories(portfolio: &Portfolio) -> Result<ReturnPanel, PipelineError> {
    let universe = Universe::new(portfolio.names.iter().map(String::as_str))?;
    ReturnPanel::new(universe, portfolio.returns.clone()).map_err(|error| match error {
        PanelError::NotFinite { asset, period } => {
            PipelineError::Return { asset, index: period, value: portfolio.returns[asset][period] }
        }
        other => PipelineError::Panel(other),
    })
}

/// What a model may not say, whichever model it is.
fn check(forecasts: &[AssetForecast], assets: usize) -> Result<(), PipelineError> {
    if forecasts.len() != assets {
        return Err(PipelineError::ForecastCount { expected: assets, got: forecasts.len() });
    }
    for forecast in forecasts {
        if !forecast.expected_return.is_finite() {
            return Err(PipelineError::OutOfRange { name: "a forecast return", value: forecast.expected_return });
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
        assert_eq!((forecasted.with_opinion(), forecasted.forecasts()[1].expected_return), (1, 0.0));
        assert_eq!(forecasted.warnings[0].code, "forecast_fallback");
        assert_eq!(forecasted.warnings[0].pointer, "/assets/1");
    }

    #[test]
    fn numbers_that_are_not_forecasts_are_refused() {
        let good = ForecastAgent.act(sample::surveyed(sample::pair())).unwrap().forecasts;
        assert_eq!(check(&good, 2), Ok(()));
        assert!(matches!(check(&good, 3), Err(PipelineError::ForecastCount { expected: 3, got: 2 })));
        let mut bad = good.clone();
        bad[1].expected_return = f64::NAN;
        assert!(matches!(check(&bad, 2), Err(PipelineError::OutOfRange { name: "a forecast return", .. })));
        let mut bad = good;
        bad[0].confidence = 1.2;
        assert!(matches!(check(&bad, 2), Err(PipelineError::OutOfRange { name: "a forecast confidence", .. })));
    }

    #[test]
    fn a_model_that_refuses_is_a_veto() {
        let mut surveyed = sample::surveyed(sample::pair());
        surveyed.admitted.portfolio.returns[0][3] = 1e300;
        let veto = ForecastAgent.act(surveyed).unwrap_err();
        assert_eq!(veto.agent, AgentId::Forecast);
        assert!(matches!(veto.cause, PipelineError::Forecast(_)));
    }
}
