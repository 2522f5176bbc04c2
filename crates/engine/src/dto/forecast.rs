//! Forecast requests and answers.

use forecast::{AssetForecast, ForecastModelCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects};
use crate::dto::checks::{check_assets, check_distinct, check_name, check_returns, check_total_returns};
use crate::dto::metadata::Metadata;
use crate::dto::portfolio::ForecastModelName;
use crate::dto::ranges::PeriodReturn;
use crate::fault::Faults;

/// Histories to forecast from. Asset names are distinct after trimming; at most 100,000 returns in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastRequest {
    /// The assets, at most 2,000.
    #[schema(min_items = 1, max_items = 2000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<ForecastAssetRequest>,
    /// Which model speaks. Default `ensemble-v2`.
    pub model: Option<ForecastModelName>,
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
    }
}

/// Forecasts per asset, in input order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastResponse {
    /// The model that spoke: id, version, purpose, members and limits.
    pub model: &'static ForecastModelCard,
    /// One forecast per asset, in input order.
    pub forecasts: Vec<NamedForecast>,
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
