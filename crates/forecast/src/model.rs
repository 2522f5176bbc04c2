use std::str::FromStr;

use serde::Serialize;

use crate::asset::{AssetForecast, AssetHistory};
use crate::demo;
use crate::ensemble::{EnsembleOptions, sample_of};
use crate::error::ForecastError;

/// A forecast model: the members, how they are weighted, and the confidence, under one id and version.
///
/// # Example
/// ```
/// use forecast::ForecastModel;
///
/// let model: ForecastModel = "ensemble-v2".parse()?;
/// assert_eq!(model, ForecastModel::default());
/// assert_eq!(model.version(), "2.0.0");
/// assert!("ensemble-v3".parse::<ForecastModel>().is_err());
/// # Ok::<(), forecast::ForecastError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ForecastModel {
    /// Members weighted by their evidence; see [`EnsembleOptions`].
    EnsembleV2(EnsembleOptions),
    /// The product's first formulas, for comparison.
    ///
    /// Over returns `r_1 … r_T`, with `short` and `long` the means of the last `min(5, T)` and `min(20, T)` returns:
    ///
    /// ```text
    /// momentum       = short
    /// mean_reversion = long − 0.5 · (short − long)
    /// ewma           : e = 0, then e ← 0.35 · r_t + 0.65 · e over all returns
    /// ensemble       = 0.5 · momentum + 0.25 · mean_reversion + 0.25 · ewma
    /// confidence     = min(0.95, max(0.1, 1 − 8 · stdev)),  stdev of all returns (ddof 1), or |ensemble| for one return
    /// ```
    ///
    /// Without returns every figure is the market return, and the confidence 0.35. Its faults are in its
    /// [`ForecastModelCard::limits`].
    DemoEnsembleV1,
}

impl Default for ForecastModel {
    fn default() -> Self {
        Self::EnsembleV2(EnsembleOptions::default())
    }
}

impl ForecastModel {
    /// The id requests and responses use.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.card().id
    }

    /// Semantic version; it changes whenever a number could.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.card().version
    }

    /// This model's row of the inventory.
    #[must_use]
    pub fn card(&self) -> &'static ForecastModelCard {
        match self {
            Self::EnsembleV2(_) => &INVENTORY[0],
            Self::DemoEnsembleV1 => &INVENTORY[1],
        }
    }

    /// Every model of this crate with its default options, the default model first.
    #[must_use]
    pub fn all() -> [Self; 2] {
        [Self::default(), Self::DemoEnsembleV1]
    }
}

impl FromStr for ForecastModel {
    type Err = ForecastError;

    /// The model with this id and its default options.
    fn from_str(id: &str) -> Result<Self, ForecastError> {
        Self::all()
            .into_iter()
            .find(|model| model.id() == id)
            .ok_or_else(|| ForecastError::UnknownModel { id: id.to_owned() })
    }
}

/// One row of a model inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastModelCard {
    /// The id requests and responses use.
    #[cfg_attr(feature = "openapi", schema(example = "ensemble-v2"))]
    pub id: &'static str,
    /// Semantic version; it changes whenever a number could.
    #[cfg_attr(feature = "openapi", schema(example = "2.0.0"))]
    pub version: &'static str,
    /// Whether the model decides or is kept for comparison.
    pub status: ForecastModelStatus,
    /// What the model is for, one sentence.
    #[cfg_attr(feature = "openapi", schema(example = "Expected return of the next period with its confidence"))]
    pub purpose: &'static str,
    /// Its members, in the order of their results.
    #[cfg_attr(feature = "openapi", schema(example = json!(["momentum", "mean_reversion", "ewma"])))]
    pub members: &'static [&'static str],
    /// What the model cannot do, one sentence each.
    #[cfg_attr(feature = "openapi", schema(example = json!(["Knows past returns only"])))]
    pub limits: &'static [&'static str],
}

/// What a model is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ForecastModelStatus {
    /// Used when a request names no model.
    Default,
    /// Kept so that earlier figures can be reproduced; used only when named.
    Compatibility,
}

static INVENTORY: [ForecastModelCard; 2] = [
    ForecastModelCard {
        id: "ensemble-v2",
        version: "2.0.0",
        status: ForecastModelStatus::Default,
        purpose: "Expected return per period from an asset's own history, with a standard error and a confidence that \
                  follows from it.",
        members: &[
            "momentum: mean of the last 252 returns (Moskowitz, Ooi and Pedersen 2012)",
            "mean_reversion: first-order autoregression with a negative coefficient (Jegadeesh 1990)",
            "ewma: exponentially weighted mean with weights that sum to one (RiskMetrics 1996)",
        ],
        limits: &[
            "It reads past returns of the same asset and nothing else.",
            "Standard errors take returns as uncorrelated, of constant mean and variance over the window.",
            "The confidence rests on an assumed dispersion of true Sharpe ratios between assets.",
            "The interval is normal; on fewer than about twenty returns it is too narrow.",
        ],
    },
    ForecastModelCard {
        id: "demo-ensemble-v1",
        version: "1.0.0",
        status: ForecastModelStatus::Compatibility,
        purpose: "The formulas of the first product version, so that its figures can be reproduced.",
        members: &[
            "momentum: mean of the last 5 returns",
            "mean_reversion: mean of the last 20 returns less half its distance to the last 5",
            "ewma: recursion with weight 0.35 on the newest return",
        ],
        limits: &[
            "The confidence depends on the unit of the returns, not on their number.",
            "An asset without history is trusted more than a volatile one with history.",
            "The EWMA starts at zero and is too small on short histories.",
            "On at most five returns momentum and mean reversion are the same number.",
            "It gives no standard error, so it never tilts a portfolio.",
        ],
    },
];

/// Forecasts every asset with one model.
///
/// `assets`: one history per asset. Result: one forecast per asset, in the same order.
/// Cost: linear in the number of returns, a handful of passes over each history and no copy of it.
///
/// # Errors
/// [`ForecastError::Option`] for an option outside its range; [`ForecastError::Return`] and [`ForecastError::MarketReturn`] for
/// values that are not finite (or so large that their square is not).
///
/// # Example
/// ```
/// use forecast::{AssetHistory, ForecastBasis, ForecastModel, forecast_assets};
///
/// let returns: Vec<f64> = (0..250).map(|t| 0.0005 + 0.01 * f64::from(t % 5 - 2)).collect();
/// let assets = [
///     AssetHistory { returns: &returns, market_return: None },
///     AssetHistory { returns: &[], market_return: Some(0.002) },
/// ];
/// let forecasts = forecast_assets(&ForecastModel::default(), &assets)?;
/// assert!((forecasts[0].momentum.expected_return - 0.0005).abs() < 1e-12);
/// assert!(forecasts[0].confidence > 0.1);
/// // No history: the caller's number, next to no confidence, and no standard error to act on.
/// assert_eq!(forecasts[1].basis, ForecastBasis::MarketReturn);
/// assert!(forecasts[1].confidence < 0.002 && forecasts[1].standard_error.is_none());
/// # Ok::<(), forecast::ForecastError>(())
/// ```
pub fn forecast_assets(
    model: &ForecastModel,
    assets: &[AssetHistory<'_>],
) -> Result<Vec<AssetForecast>, ForecastError> {
    if let ForecastModel::EnsembleV2(options) = model {
        options.check()?;
    }
    let mut forecasts = Vec::with_capacity(assets.len());
    for (asset, history) in assets.iter().enumerate() {
        let sample = sample_of(asset, history)?;
        forecasts.push(match model {
            ForecastModel::EnsembleV2(options) => options.forecast(&sample, history.market_return),
            ForecastModel::DemoEnsembleV1 => demo::forecast(&sample, history.market_return),
        });
    }
    Ok(forecasts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_parse_back() {
        for model in ForecastModel::all() {
            assert_eq!(model.id().parse::<ForecastModel>().unwrap(), model);
        }
        assert_ne!(ForecastModel::default().id(), ForecastModel::DemoEnsembleV1.id());
        let error = "gpt".parse::<ForecastModel>().unwrap_err();
        assert_eq!(error, ForecastError::UnknownModel { id: "gpt".into() });
    }

    #[test]
    fn every_card_states_purpose_members_and_limits() {
        for model in ForecastModel::all() {
            let card = model.card();
            assert!(!card.purpose.is_empty() && card.members.len() == 3 && !card.limits.is_empty());
        }
    }

    #[test]
    fn bad_values_are_named_by_asset_and_index() {
        let bad = [0.1, f64::NAN];
        let assets = [
            AssetHistory { returns: &[0.1], market_return: None },
            AssetHistory { returns: &bad, market_return: None },
        ];
        for model in ForecastModel::all() {
            let error = forecast_assets(&model, &assets).unwrap_err();
            assert!(matches!(error, ForecastError::Return { asset: 1, index: 1, value } if value.is_nan()));
        }
        let huge = [AssetHistory { returns: &[0.1, -1e300, 0.2], market_return: None }];
        let error = forecast_assets(&ForecastModel::default(), &huge).unwrap_err();
        assert_eq!(error, ForecastError::Return { asset: 0, index: 1, value: -1e300 });
        let market = [AssetHistory { returns: &[], market_return: Some(f64::INFINITY) }];
        let error = forecast_assets(&ForecastModel::default(), &market).unwrap_err();
        assert_eq!(error, ForecastError::MarketReturn { asset: 0, value: f64::INFINITY });
    }

    #[test]
    fn unchecked_options_are_refused_at_the_entry() {
        let options = EnsembleOptions { prior_sharpe_dispersion: 0.0, ..EnsembleOptions::default() };
        let error = forecast_assets(&ForecastModel::EnsembleV2(options), &[]).unwrap_err();
        assert!(matches!(error, ForecastError::Option { option: "prior_sharpe_dispersion", .. }));
    }

    #[cfg(feature = "openapi")]
    #[test]
    fn schemas_say_arrays_and_nulls() {
        use utoipa::PartialSchema;
        let card = serde_json::to_value(ForecastModelCard::schema()).unwrap();
        assert_eq!(card["properties"]["members"]["type"], "array");
        assert_eq!(card["properties"]["members"]["items"]["type"], "string");
        let forecast = serde_json::to_value(AssetForecast::schema()).unwrap();
        assert_eq!(forecast["properties"]["interval"]["type"], serde_json::json!(["array", "null"]));
        for (name, property) in forecast["properties"].as_object().unwrap() {
            let described = property.get("description").is_some() || property.get("$ref").is_some();
            assert!(described, "{name} has no description");
        }
    }
}
