//! The second agent: a forecast of every asset, or an abstention.

use std::fmt;

use forecast::{AssetFeatures, AssetForecast, ForecastBasis};
use portfolio_core::round_to_12_decimals;
use risk::RiskOptions;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::digest::Canon;
use crate::error::PipelineError;
use crate::market_data::Surveyed;
use crate::record::{Recorded, StageRecord};
use crate::sentence::Sentence;
use crate::warning::RunWarning;

/// Forecasts each asset with its members, their weights and a confidence.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForecastAgent;

/// One forecast per asset.
#[derive(Debug)]
pub struct Forecasted {
    pub(crate) forecasts: Vec<AssetForecast>,
    pub(crate) warnings: Vec<RunWarning>,
}

impl Forecasted {
    /// One forecast per asset, in the order of the book.
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
        round_to_12_decimals(sum / self.forecasts.len().max(1) as f64)
    }
}

impl Agent for ForecastAgent {
    const ID: AgentId = AgentId::Forecast;
    const ROLE: &'static str = "Runs the forecast model on each asset; each member states its error and its weight, or \
                                abstains with a reason.";
    const OBJECTIVE: &'static str = "Forecast each asset with its confidence";
}

impl ForecastAgent {
    /// Forecasts every asset of a surveyed case.
    ///
    /// # Errors
    /// A veto when the forecaster rejects a history or returns the wrong number of forecasts, a return that is not
    /// finite, or a confidence outside 0 to 1.
    pub fn act(&self, admitted: &Admitted<'_>, _: &Surveyed) -> Result<Forecasted, Veto> {
        let market = &admitted.market;
        let config = admitted.config;
        let cash = RiskOptions { risk_free_rate: config.risk_free_rate, ..RiskOptions::default() };
        let features = AssetFeatures::default()
            .with_market_returns(market.market_returns)
            .with_policy_weights(&config.policy.weights)
            .with_risk_free_rate(cash.risk_free_per_period())
            .with_risk_aversion(config.objective.risk_aversion);
        let forecasts = config.forecaster.forecast(market.panel, &features).map_err(Veto::by(Self::ID))?;
        check(&forecasts, admitted.assets()).map_err(Veto::by(Self::ID))?;
        let warnings = fallbacks(&forecasts);
        Ok(Forecasted { forecasts, warnings })
    }
}

/// Rejects forecasts that no forecaster may return.
fn check(forecasts: &[AssetForecast], assets: usize) -> Result<(), PipelineError> {
    if forecasts.len() != assets {
        return Err(PipelineError::ForecastCount { expected: assets, got: forecasts.len() });
    }
    for (asset, forecast) in forecasts.iter().enumerate() {
        if !forecast.expected_return.is_finite() {
            return Err(PipelineError::ForecastReturn { asset, value: forecast.expected_return });
        }
        if !(0.0..=1.0).contains(&forecast.confidence) {
            return Err(PipelineError::ForecastConfidence { asset, value: forecast.confidence });
        }
    }
    Ok(())
}

fn fallbacks(forecasts: &[AssetForecast]) -> Vec<RunWarning> {
    let of = |(asset, forecast): (usize, &AssetForecast)| {
        (forecast.basis != ForecastBasis::History).then_some(RunWarning::ForecastFallback {
            asset,
            basis: forecast.basis,
            has_prior: forecast.implied_return.is_some(),
        })
    };
    forecasts.iter().enumerate().filter_map(of).collect()
}

/// The summary of the Forecast Agent.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastSummary {
    /// Id and version of the forecaster.
    pub model: String,
    /// Number of assets on which it has an opinion.
    pub with_opinion: usize,
    /// Number of assets.
    pub assets: usize,
    /// Mean confidence, 0 to 1.
    pub mean_confidence: f64,
}

impl fmt::Display for ForecastSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence::new().say(&self.model).say(" has an opinion on ").whole(self.with_opinion).say(" of ");
        let sentence = sentence.count(self.assets, "asset").say(", mean confidence ");
        sentence.fixed(self.mean_confidence, 3).say(".").fmt(f)
    }
}

impl Recorded for Forecasted {
    type By = ForecastAgent;

    fn record(&self, admitted: &Admitted<'_>) -> StageRecord {
        let summary = ForecastSummary {
            model: admitted.config.forecaster.card().to_string(),
            with_opinion: self.with_opinion(),
            assets: self.forecasts.len(),
            mean_confidence: self.mean_confidence(),
        };
        StageRecord { warnings: self.warnings.clone(), ..StageRecord::of::<Self::By>(summary) }
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        for forecast in &self.forecasts {
            canon.number(forecast.expected_return).number(forecast.confidence).optional(forecast.standard_error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use forecast::PolicyPosterior;

    #[test]
    fn every_asset_gets_a_forecast_and_its_confidence() {
        let forecasted = Case::pair().lend().forecasted();
        assert_eq!((forecasted.forecasts().len(), forecasted.with_opinion()), (2, 2));
        assert!((0.0..=1.0).contains(&forecasted.mean_confidence()));
        assert!(forecasted.warnings.is_empty());
    }

    #[test]
    fn without_a_history_the_prior_is_what_cash_earns_with_a_warning() {
        let mut case = Case::pair();
        case.returns[1].clear();
        case.market_returns[1] = None;
        let forecasted = case.lend().forecasted();
        let cash = 1.02_f64.powf(1.0 / 252.0) - 1.0;
        assert_eq!(forecasted.with_opinion(), 1);
        assert!((forecasted.forecasts()[1].expected_return - cash).abs() < 1e-15);
        let warning = RunWarning::ForecastFallback { asset: 1, basis: ForecastBasis::None, has_prior: true };
        assert_eq!(forecasted.warnings, [warning]);
    }

    #[test]
    fn a_model_with_a_prior_reads_the_policy_and_says_so_without_a_history() {
        let mut case = Case::pair();
        case.returns[1].clear();
        case.market_returns[1] = None;
        case.config = case.config.with_forecaster(PolicyPosterior::default());
        let lent = case.lend();
        let forecasted = lent.forecasted();
        let cash = RiskOptions { risk_free_rate: lent.admitted().config.risk_free_rate, ..RiskOptions::default() };
        assert_eq!(forecasted.forecasts()[1].expected_return, cash.risk_free_per_period());
        // The policy holds the first asset, so its implied return is above the return of cash.
        assert!(forecasted.forecasts()[0].implied_return.unwrap() > cash.risk_free_per_period());
        let warning = RunWarning::ForecastFallback { asset: 1, basis: ForecastBasis::None, has_prior: true };
        assert_eq!(forecasted.warnings, [warning]);
    }

    #[test]
    fn impossible_answers_are_refused() {
        let good = Case::pair().lend().forecasted().forecasts;
        assert_eq!(check(&good, 2), Ok(()));
        assert!(matches!(check(&good, 3), Err(PipelineError::ForecastCount { expected: 3, got: 2 })));
        let mut bad = good.clone();
        bad[1].expected_return = f64::NAN;
        assert!(matches!(check(&bad, 2), Err(PipelineError::ForecastReturn { asset: 1, .. })));
        let mut bad = good;
        bad[0].confidence = 1.2;
        assert!(matches!(check(&bad, 2), Err(PipelineError::ForecastConfidence { asset: 0, .. })));
    }

    #[test]
    fn a_model_that_refuses_is_a_veto() {
        let mut case = Case::pair();
        case.market_returns[0] = Some(f64::NAN);
        let lent = case.lend();
        let admitted = lent.admitted();
        let veto = ForecastAgent.act(&admitted, &lent.surveyed()).unwrap_err();
        assert_eq!(veto.agent, AgentId::Forecast);
        assert!(matches!(veto.cause, PipelineError::Forecast(_)));
    }
}
