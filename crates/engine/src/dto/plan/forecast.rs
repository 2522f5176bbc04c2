//! The forecasts of a plan and the tilt that follows from them.

use pipeline::TiltLimitName;
use serde::Serialize;
use utoipa::ToSchema;

/// The forecast tilt: zero-sum moves away from the target weights, inside half of each band.
#[derive(Debug, Serialize, ToSchema)]
pub struct TiltEntry {
    /// Tracking error a year the tilt spends, a fraction.
    #[schema(example = 0.004)]
    pub tracking_error_spent: f64,
    /// Tracking error a year it may spend.
    #[schema(example = 0.01)]
    pub tracking_error_budget: f64,
    /// Share of the budget that the evidence for differing forecasts supports, 0 to 1.
    #[schema(example = 0.4)]
    pub strength: f64,
    /// What limited the tilt.
    pub limited_by: TiltLimitName,
    /// The same in a sentence.
    #[schema(example = "the evidence that expected returns differ is too weak")]
    pub reason: String,
}

/// Forecasts and the conclusions from them.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseView {
    /// Forecasts, one entry per asset, in input order.
    pub asset_forecasts: Vec<ForecastEntry>,
    /// Assets whose forecasts are furthest above what the policy implies, or, for a model without a prior, with the
    /// highest forecasts weighted by confidence; at most three, and none that the plan sells.
    #[schema(example = json!(["ETF"]), max_items = 3)]
    pub top_conviction_buys: Vec<String>,
    /// The same from the other end of the ranking; at most three, and none that the plan buys.
    #[schema(example = json!(["Gold"]), max_items = 3)]
    pub risk_reduction_candidates: Vec<String>,
    /// Models of the inventory that made these figures, in words.
    #[schema(example = json!(["ensemble_v3 3.0.0 (in use by default): Posterior of each mean return."]))]
    pub proposed_models: Vec<String>,
}

/// Forecast of one asset, simple returns per day, and per year.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Mean of the last year.
    #[schema(example = 0.0005)]
    pub momentum: f64,
    /// Reversal of the last move.
    #[schema(example = -0.0001)]
    pub mean_reversion: f64,
    /// Exponentially weighted mean.
    #[schema(example = 0.0007)]
    pub ewma: f64,
    /// The members without an opinion, with their reasons: their numbers above are means of the history, not forecasts.
    pub abstentions: Vec<MemberAbstention>,
    /// The members weighted by their evidence.
    #[schema(example = 0.0004)]
    pub ensemble: f64,
    /// Share of the forecast that evidence supports, 0 to 1.
    #[schema(example = 0.2)]
    pub confidence: f64,
    /// Standard error of the ensemble; null without one.
    #[schema(required, example = 0.0008)]
    pub standard_error: Option<f64>,
    /// Expected simple return per year, a fraction: 252 times `ensemble`, not compounded.
    #[schema(example = 0.1008)]
    pub annual_return: f64,
    /// 95 % interval of `annual_return`; null without one.
    #[schema(required)]
    pub annual_return_interval: Option<forecast::AnnualInterval>,
    /// Why `annual_return_interval` is null; null when it is not.
    #[schema(required)]
    pub annual_return_interval_reason: Option<forecast::IntervalAbsence>,
    /// Interval that contains the next return; absent in a model that states none, and where the history does not
    /// support one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome_interval: Option<forecast::OutcomeInterval>,
    /// What each feature adds to the forecast; absent in a model that cannot say, and for an asset of which it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub explanation: Option<ForecastExplanationEntry>,
    /// What the forecast rests on.
    pub basis: forecast::ForecastBasis,
    /// What the reader should know about it, in sentences.
    #[schema(example = json!(["market_return is the whole of this forecast: no history was sent"]))]
    pub notes: Vec<String>,
}

/// A forecast as a sum: `base` and the contributions sum to it. The contributions are exact SHAP values (the expectation weighs both sides of a split by
/// their training rows), per day, as `ensemble` is; they say what the model computes and not what causes a return.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastExplanationEntry {
    /// The forecast of an asset of which no feature is known: a simple return per day.
    #[schema(example = 0.0004)]
    pub base: f64,
    /// What each feature adds, in the order of the model.
    pub contributions: Vec<ForecastContribution>,
}

/// What a feature adds to a forecast.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastContribution {
    /// Name of the feature.
    #[schema(example = "return_of_a_month")]
    pub feature: String,
    /// Its value for the asset: of a rank, from −1/2 for the least of the assets to 1/2 for the largest.
    #[schema(example = 0.5)]
    pub value: f64,
    /// What it adds: a simple return per day.
    #[schema(example = -0.00012)]
    pub contribution: f64,
}

impl From<&forecast::ForecastExplanation> for ForecastExplanationEntry {
    fn from(told: &forecast::ForecastExplanation) -> Self {
        let contribution = |part: &forecast::ForecastPart| ForecastContribution {
            feature: part.feature.to_string(),
            value: part.value,
            contribution: part.contribution,
        };
        Self { base: told.base, contributions: told.parts.iter().map(contribution).collect() }
    }
}

/// A member of the ensemble that has no opinion on an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAbstention {
    /// The member: `momentum`, `mean_reversion` or `ewma`.
    #[schema(example = "mean_reversion")]
    pub member: &'static str,
    /// Why it has none, as a sentence.
    #[schema(example = "Returns do not reverse: their first autocorrelation is not negative.")]
    pub reason: &'static str,
}
