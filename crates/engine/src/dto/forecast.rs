//! Forecast requests and answers.

use forecast::{
    AnnualInterval, Ewma, ForecastBasis, ForecastCard, ForecastNote, IntervalAbsence, MeanReversion, MemberForecast,
    Momentum, OutcomeInterval, OutcomeIntervalAbsence,
};
use risk::RiskOptions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects, optional_object};
use crate::dto::absent;
use crate::dto::checks::{check_assets, check_distinct, check_name, check_returns, check_total_returns};
use crate::dto::dates::check_ascending_at;
use crate::dto::metadata::Metadata;
use crate::dto::plan::ForecastExplanationEntry;
use crate::dto::portfolio::ForecastModelName;
use crate::dto::ranges::PeriodReturn;
use crate::dto::transformer::{QuantilesForecast, QuantilesRequest};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Histories to forecast from. Asset names are distinct after trimming; at most 100,000 returns in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"assets": [{"asset": "ETF", "historical_returns": [0.004, -0.003, 0.001, 0.002, -0.001]}]}))]
pub struct ForecastRequest {
    /// The assets, at most 2,000.
    #[schema(min_items = 1, max_items = 2000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<ForecastAssetRequest>,
    /// The forecast model.
    #[schema(default = json!(absent::forecast_model()))]
    pub model: Option<ForecastModelName>,
    /// Ask a transformer for quantiles of the coming days as well.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub quantiles: Option<QuantilesRequest>,
}

/// One asset to forecast.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastAssetRequest {
    /// Name, 1 to 255 characters after trimming.
    #[schema(example = "ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: String,
    /// Simple returns per trading day, oldest first. Each from −1 to 100.
    #[schema(value_type = Option<Vec<PeriodReturn>>, max_items = 100_000, example = json!([0.01, -0.004, 0.002, 0.007, -0.001]))]
    pub historical_returns: Option<Vec<f64>>,
    /// Latest simple return: the forecast when there is no history, at low confidence.
    #[schema(example = 0.004, minimum = -1.0, maximum = 100.0)]
    #[validate(range(min = -1.0, max = 100.0))]
    pub market_return: Option<f64>,
}

impl Document for ForecastRequest {
    fn check_size(&self, faults: &mut Faults) {
        check_assets(self.assets.len(), faults);
        let total = self.assets.iter().filter_map(|a| a.historical_returns.as_ref()).map(Vec::len).sum();
        check_total_returns(total, "/assets", faults);
    }

    fn check(&self, faults: &mut Faults) {
        for (i, asset) in self.assets.iter().enumerate() {
            check_name(&asset.asset, || format!("/assets/{i}/asset"), faults);
            let returns = asset.historical_returns.as_deref().unwrap_or_default();
            check_returns(returns, |t| format!("/assets/{i}/historical_returns/{t}"), faults);
            if faults.is_full() {
                return;
            }
        }
        check_distinct(self.assets.iter().map(|a| a.asset.as_str()), |i| format!("/assets/{i}/asset"), faults);
        let Some(quantiles) = &self.quantiles else { return };
        check_ascending_at("/quantiles/dates", &quantiles.dates, faults);
        let count = quantiles.dates.len();
        for (i, asset) in self.assets.iter().enumerate() {
            if asset.historical_returns.as_ref().map_or(0, Vec::len) != count && !faults.is_full() {
                let detail = format!("must have a return for each of the {count} dates of quantiles");
                faults.add(format!("/assets/{i}/historical_returns"), FaultCode::Length, detail);
            }
        }
    }
}

/// Forecasts per asset, in input order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastResponse {
    /// The model that was used: id, version, purpose, members and limits.
    pub model: ForecastModelCard,
    /// One forecast per asset, in input order.
    pub forecasts: Vec<NamedForecast>,
    /// Quantiles of the coming days, where a transformer was asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quantiles: Option<QuantilesForecast>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// The forecast of one asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedForecast {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Members, ensemble, confidence and interval.
    #[serde(flatten)]
    pub forecast: AssetForecast,
}

/// The forecast of one asset: three members, their ensemble, and how far to trust it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetForecast {
    /// Time-series momentum.
    pub momentum: MemberForecast,
    /// Short-term reversal.
    pub mean_reversion: MemberForecast,
    /// Exponentially weighted mean.
    pub ewma: MemberForecast,
    /// Expected simple return per period, a fraction: the weighted mean of the members. Always a finite number.
    #[schema(example = 0.0004)]
    pub ensemble: f64,
    /// Standard error of `ensemble`, same unit; null when the data do not support one.
    #[schema(required, example = 0.0008)]
    pub standard_error: Option<f64>,
    /// How far to trust `ensemble`: 0 not at all, 1 fully. How it is computed is part of the model.
    #[schema(example = 0.17, minimum = 0.0, maximum = 1.0)]
    pub confidence: f64,
    /// 95 % interval of the expected return per period, lower and upper bound; null without a standard error.
    #[schema(required, example = json!([-0.0012, 0.0020]))]
    pub interval: Option<[f64; 2]>,
    /// Expected simple return per year, a fraction: 252 times `ensemble`, not compounded.
    #[schema(example = 0.1008)]
    pub annual_return: f64,
    /// 95 % interval of `annual_return`; null without one.
    #[schema(required, value_type = Option<AnnualInterval>)]
    pub annual_return_interval: Option<AnnualInterval>,
    /// Why `annual_return_interval` is null; null when it is not.
    #[schema(required)]
    pub annual_return_interval_reason: Option<IntervalAbsence>,
    /// Interval that contains the next return; null in a model that states none, and where the history does not support
    /// one.
    #[schema(required)]
    pub outcome_interval: Option<OutcomeInterval>,
    /// Why `outcome_interval` is null; null when it is not.
    #[schema(required)]
    pub outcome_interval_reason: Option<OutcomeIntervalAbsence>,
    /// Sample standard deviation (ddof 1) of the returns per period; null for fewer than two returns.
    #[schema(required, example = 0.011)]
    pub volatility: Option<f64>,
    /// What each feature adds to the forecast; absent in a model that cannot say, and for an asset of which it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub explanation: Option<ForecastExplanationEntry>,
    /// What the forecast rests on.
    pub basis: ForecastBasis,
    /// What a reader should know before using the numbers; usually empty.
    pub notes: Vec<ForecastNote>,
    /// Returns the forecast was computed from.
    #[schema(example = 250)]
    pub observations: usize,
}

impl From<forecast::AssetForecast> for AssetForecast {
    fn from(forecast: forecast::AssetForecast) -> Self {
        let annual = forecast.annual(days_per_year());
        Self {
            momentum: member(&forecast, Momentum::ID),
            mean_reversion: member(&forecast, MeanReversion::ID),
            ewma: member(&forecast, Ewma::ID),
            ensemble: forecast.expected_return,
            standard_error: forecast.standard_error,
            confidence: forecast.confidence,
            interval: forecast.interval,
            annual_return: annual.expected_return,
            annual_return_interval: annual.interval.ok(),
            annual_return_interval_reason: annual.interval.err(),
            outcome_interval: forecast.outcome_interval,
            outcome_interval_reason: forecast.outcome_interval_reason,
            volatility: forecast.volatility,
            explanation: forecast.explanation.as_ref().map(Into::into),
            basis: forecast.basis,
            notes: forecast.notes,
            observations: forecast.observations,
        }
    }
}

/// The number of trading days in a year, by which forecasts are annualised.
#[must_use]
pub fn days_per_year() -> f64 {
    RiskOptions::default().periods_per_year
}

/// What a member says; in a model without this member, the forecast itself at weight 0.
#[must_use]
pub fn member(forecast: &forecast::AssetForecast, id: &str) -> MemberForecast {
    let absent = MemberForecast {
        expected_return: forecast.expected_return,
        standard_error: None,
        weight: 0.0,
        abstained: None,
    };
    forecast.member(id).copied().unwrap_or(absent)
}

/// One row of a model inventory.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastModelCard {
    /// The id requests and responses use.
    #[schema(example = "ensemble_v3")]
    pub id: String,
    /// Semantic version; it changes whenever a number could.
    #[schema(example = "3.0.0")]
    pub version: String,
    /// Whether the model is used by default, only when named, or kept for comparison.
    pub status: ForecastModelStatus,
    /// What the model is for, one sentence.
    #[schema(example = "Expected return of the next period with its confidence")]
    pub purpose: String,
    /// Its members, in the order of their results.
    #[schema(example = json!(["momentum", "mean_reversion", "ewma"]))]
    pub members: Vec<String>,
    /// What the model cannot do, one sentence each.
    #[schema(example = json!(["Knows past returns only"]))]
    pub limits: Vec<String>,
}

impl ForecastModelCard {
    /// The row of a forecaster.
    #[must_use]
    pub fn new(card: &ForecastCard, status: ForecastModelStatus) -> Self {
        Self {
            id: card.id.clone(),
            version: card.version.clone(),
            status,
            purpose: card.purpose.clone(),
            members: card.members.clone(),
            limits: card.limits.clone(),
        }
    }
}

/// What a model is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForecastModelStatus {
    /// Used when a request names no model.
    Default,
    /// Used when a request names it.
    Available,
    /// Kept so that earlier figures can be reproduced; used only when named.
    Compatibility,
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::PartialSchema;

    #[test]
    fn a_model_without_a_member_says_its_own_forecast_in_its_place() {
        let forecast = forecast::AssetForecast { expected_return: 0.01, ..forecast::AssetForecast::default() };
        let document = serde_json::to_value(AssetForecast::from(forecast)).unwrap();
        assert_eq!(document["momentum"]["expected_return"], 0.01);
        assert_eq!(document["momentum"]["weight"], 0.0);
        assert_eq!(document["ensemble"], 0.01);
    }

    #[test]
    fn schemas_say_arrays_and_nulls() {
        let card = serde_json::to_value(ForecastModelCard::schema()).unwrap();
        assert_eq!(card["properties"]["members"]["type"], "array");
        assert_eq!(card["properties"]["members"]["items"]["type"], "string");
        let forecast = serde_json::to_value(AssetForecast::schema()).unwrap();
        assert_eq!(forecast["properties"]["interval"]["type"], serde_json::json!(["array", "null"]));
        for (name, property) in forecast["properties"].as_object().unwrap() {
            // A reference that may be null has its description inside the union.
            let property = property.pointer("/oneOf/0").unwrap_or(property);
            let described = property.get("description").is_some() || property.get("$ref").is_some();
            assert!(described, "{name} has no description");
        }
    }
}
