//! A Temporal Fusion Transformer on the wire: how one is trained, what was found in it, and what it says of the coming days.
//!
//! A build without the feature `transformer` has the same documents, and refuses what needs it.

use chrono::NaiveDate;
use evaluate::Verdict;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::optional_integer;
use crate::dto::absent;
use crate::dto::dates::check_ascending_at;
use crate::dto::metadata::ModelReference;
use crate::dto::training::ModelTrainingRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// What a build says that has no transformers.
pub(crate) const NOT_BUILT: &str = "needs a build with the feature `transformer`, which this one is without (cargo build -p rebalancer --features transformer)";

/// How a Temporal Fusion Transformer is trained.
///
/// It is trained `refits` times, each time on all days before the `refit_days` that it then forecasts; the last training is the one that is
/// examined on its own forecasts and kept. Rules beyond the ranges: `dates` ascend, one for each return, the first `start_date` and the last `end_date`; at least
/// 252 + `lookback_days` + `horizon_days` + `refits`·`refit_days` of them; and about ten minutes of computing at most.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransformerTrainingRequest {
    /// The day of each return, ISO 8601: the weekday of a coming day is known ahead.
    #[schema(min_items = 1, max_items = 500_000, value_type = Vec<String>, example = json!(["2026-01-05", "2026-01-06", "2026-01-07"]))]
    pub dates: Vec<NaiveDate>,
    /// Days up to the day of a forecast that are read.
    #[schema(default = json!(absent::TRANSFORMER_LOOKBACK_DAYS), example = 22, minimum = 5, maximum = 252)]
    #[validate(range(min = 5, max = 252))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub lookback_days: Option<u64>,
    /// Length of each vector of the network.
    #[schema(default = json!(absent::TRANSFORMER_WIDTH), example = 16, minimum = 4, maximum = 64, multiple_of = 4)]
    #[validate(range(min = 4, max = 64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub width: Option<u64>,
    /// Steps of each training, of 32 windows each.
    #[schema(default = json!(absent::TRANSFORMER_STEPS), example = 400, minimum = 1, maximum = 5000)]
    #[validate(range(min = 1, max = 5000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub steps: Option<u64>,
    /// Largest learning rate: it rises over the first twentieth of the steps and falls to a hundredth of it.
    #[schema(default = json!(absent::TRANSFORMER_LEARNING_RATE), example = 0.003, exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    #[validate(range(exclusive_min = 0.0, exclusive_max = 1.0))]
    pub learning_rate: Option<f64>,
    /// Trainings, walking forward.
    #[schema(default = json!(absent::TRANSFORMER_REFITS), example = 4, minimum = 1, maximum = 20)]
    #[validate(range(min = 1, max = 20))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub refits: Option<u64>,
    /// Days that each training forecasts, until the next one.
    #[schema(default = json!(absent::TRANSFORMER_REFIT_DAYS), example = 252, minimum = 63, maximum = 504)]
    #[validate(range(min = 63, max = 504))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub refit_days: Option<u64>,
}

impl TransformerTrainingRequest {
    /// The rules between members.
    pub(super) fn check(&self, request: &ModelTrainingRequest, faults: &mut Faults) {
        if !cfg!(feature = "transformer") {
            faults.add("/transformer", FaultCode::Value, NOT_BUILT);
            return;
        }
        if self.width.is_some_and(|width| !width.is_multiple_of(4)) {
            faults.add("/transformer/width", FaultCode::Value, "must be a multiple of 4");
        }
        check_ascending_at("/transformer/dates", &self.dates, faults);
        let count = self.dates.len();
        let ends = [
            ("/start_date", self.dates.first(), request.start_date, "first"),
            ("/end_date", self.dates.last(), request.end_date, "last"),
        ];
        for (pointer, own, stated, which) in ends {
            if own.is_some_and(|own| *own != stated) {
                faults.add(pointer, FaultCode::Value, format!("must be the {which} of transformer.dates"));
            }
        }
        let needed = self.days_min(request);
        if count < needed {
            let detail = format!("must have at least {needed} entries for this training; holds {count}");
            faults.add("/transformer/dates", FaultCode::Length, detail);
        }
        for (i, asset) in request.assets.iter().enumerate() {
            if asset.historical_returns.len() != count && !faults.is_full() {
                let at = format!("/assets/{i}/historical_returns");
                faults.add(at, FaultCode::Length, format!("must have a return for each of the {count} dates"));
            }
        }
        let work = self.work(request);
        if work > MAX_WORK {
            let detail = format!(
                "would take about {} seconds; at most {} are accepted: fewer steps or refits, or a smaller width or lookback_days",
                work / UNITS_OF_SECOND,
                MAX_WORK / UNITS_OF_SECOND
            );
            faults.add("/transformer", FaultCode::Limit, detail);
        }
    }
}

/// Elementary steps of a second, and of the longest training.
const UNITS_OF_SECOND: u64 = 100_000_000;
const MAX_WORK: u64 = 600 * UNITS_OF_SECOND;

#[cfg(feature = "transformer")]
impl TransformerTrainingRequest {
    /// The settings of the training, with their defaults.
    pub(crate) fn spec(&self, request: &ModelTrainingRequest) -> tft::returns::ReturnsSpec {
        let whole = |sent: Option<u64>, base: usize| sent.map_or(base, |n| usize::try_from(n).unwrap_or(usize::MAX));
        tft::returns::ReturnsSpec {
            horizon: request.spec().horizon,
            lookback: whole(self.lookback_days, absent::TRANSFORMER_LOOKBACK_DAYS),
            width: whole(self.width, absent::TRANSFORMER_WIDTH),
            steps: self.steps.unwrap_or(absent::TRANSFORMER_STEPS),
            rate: self.learning_rate.unwrap_or(absent::TRANSFORMER_LEARNING_RATE),
            refits: whole(self.refits, absent::TRANSFORMER_REFITS),
            refit_days: whole(self.refit_days, absent::TRANSFORMER_REFIT_DAYS),
        }
    }

    /// Days that the training needs; none where a setting is outside its range, which is a fault of its own.
    fn days_min(&self, request: &ModelTrainingRequest) -> usize {
        let spec = self.spec(request);
        if spec.check().is_ok() { spec.days_min() } else { 0 }
    }

    /// Rough number of elementary steps; none where a setting is outside its range.
    pub(super) fn work(&self, request: &ModelTrainingRequest) -> u64 {
        let spec = self.spec(request);
        if spec.check().is_ok() { spec.work(request.assets.len()) } else { 0 }
    }
}

#[cfg(not(feature = "transformer"))]
impl TransformerTrainingRequest {
    fn days_min(&self, _: &ModelTrainingRequest) -> usize {
        0
    }

    pub(super) fn work(&self, _: &ModelTrainingRequest) -> u64 {
        0
    }
}

/// What was found in a transformer before it became a version.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransformerReport {
    /// The examination that it passed.
    pub examination: TransformerExamination,
    /// The trial of all its trainings out of sample.
    pub trial: TransformerTrial,
    /// Trainings on these data that the verdicts allow for.
    #[schema(example = 1, minimum = 1)]
    pub trials: u32,
}

/// The examination of a transformer: each tensor learns, each derivative is right, and something was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransformerExamination {
    /// Tensors, each of which the loss depends on, with a derivative within 1 % of a difference.
    #[schema(example = 216, minimum = 1)]
    pub tensors: usize,
    /// Days whose forecasts were tested; the training had not seen them.
    #[schema(example = 232, minimum = 1)]
    pub origins: usize,
    /// Mean pinball loss over those days, in units of each asset's standard deviation.
    #[schema(example = 0.29, minimum = 0.0)]
    pub pinball_loss: f64,
    /// The same of quantiles that know the asset and the number of days ahead, and nothing else.
    #[schema(example = 0.31, minimum = 0.0)]
    pub unconditional_pinball_loss: f64,
    /// Of the test of Diebold and Mariano between the two, two-sided, before any allowance for the trials.
    #[schema(example = 0.002, minimum = 0.0, maximum = 1.0)]
    pub p_value: f64,
}

/// A transformer beside plainer forecasts of the same days.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransformerTrial {
    /// Days whose forecasts were compared, all out of sample.
    #[schema(example = 988, minimum = 1)]
    pub origins: usize,
    /// Mean pinball loss of the transformer, in units of each asset's standard deviation.
    #[schema(example = 0.29, minimum = 0.0)]
    pub pinball_loss: f64,
    /// The plainer forecasts.
    pub rivals: Vec<TransformerRival>,
    /// Whether it is better than every one of them; without an edge it is to stay a challenger.
    #[schema(example = false)]
    pub has_edge: bool,
}

/// A plainer forecast.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransformerRival {
    /// Its name.
    #[schema(example = "volatility-scaled quantiles")]
    pub name: String,
    /// Its mean pinball loss.
    #[schema(example = 0.29, minimum = 0.0)]
    pub pinball_loss: f64,
    /// The transformer compared with it, over all comparisons of all trials.
    pub verdict: Verdict,
    /// Two-sided, before any allowance for the comparisons.
    #[schema(example = 0.21, minimum = 0.0, maximum = 1.0)]
    pub p_value: f64,
}

/// A transformer to ask for quantiles of the coming days.
///
/// Rules beyond the ranges: each asset has one of the names that the transformer was trained on, and a return for each of the `dates`, which
/// ascend; at least 22 more of them than the transformer reads; assets times days ahead at most 2,000.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantilesRequest {
    /// A transformer that `POST /api/models/train` made, by its id.
    #[validate(length(min = 1, max = 64))]
    #[schema(example = "transformer_1", min_length = 1, max_length = 64)]
    pub trained_model: String,
    /// The day of each return, ISO 8601. The coming days are the next weekdays, and every day where a date is on a weekend; holidays are not known.
    #[schema(min_items = 1, max_items = 100_000, value_type = Vec<String>, example = json!(["2026-01-05", "2026-01-06", "2026-01-07"]))]
    pub dates: Vec<NaiveDate>,
}

/// Quantiles of the returns of the coming days, beside conformal intervals, and what the transformer looked at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QuantilesForecast {
    /// The transformer.
    pub model: ModelReference,
    /// Levels of the quantiles, ascending.
    #[schema(example = json!([0.05, 0.25, 0.5, 0.75, 0.95]))]
    pub levels: Vec<f64>,
    /// Share of returns that the conformal intervals should contain, over long stretches.
    #[schema(example = 0.9, minimum = 0.0, maximum = 1.0)]
    pub conformal_coverage: f64,
    /// The assets, in input order.
    pub assets: Vec<AssetQuantilesEntry>,
    /// Which inputs it used for these forecasts, and which days; not what causes a return.
    pub explanation: TransformerExplanation,
}

/// The coming days of an asset.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetQuantilesEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Its coming days, the next one first.
    pub days: Vec<DayAheadEntry>,
}

/// The return of a coming day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayAheadEntry {
    /// Days after the last date, from 1.
    #[schema(example = 1, minimum = 1, maximum = 63)]
    pub days_ahead: usize,
    /// Quantiles of the simple return of that day, one for each level, ascending.
    #[schema(example = json!([-0.016, -0.006, 0.0004, 0.006, 0.015]))]
    pub quantiles: Vec<f64>,
    /// An adaptive conformal interval for the same return, around the asset's mean return in the training and with the exponentially weighted
    /// volatility as its scale, from the latest 504 returns; null without one.
    #[schema(required, example = json!([-0.017, 0.017]), min_items = 2, max_items = 2)]
    pub conformal_interval: Option<[f64; 2]>,
    /// Why `conformal_interval` is null; null when it is not.
    #[schema(required, example = json!(null))]
    pub conformal_interval_reason: Option<String>,
}

/// Selection weights and attention, as means over the assets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransformerExplanation {
    /// Weights of the inputs up to the last day; they sum to 1.
    pub past_inputs: Vec<InputWeight>,
    /// Weights of the inputs that are known for the coming days; they sum to 1.
    pub known_inputs: Vec<InputWeight>,
    /// For each day ahead: the attention to each day that it sees.
    pub attention: Vec<AttentionEntry>,
}

/// The weight of an input.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InputWeight {
    /// The input.
    #[schema(example = "size of 22 returns")]
    pub input: String,
    /// Its weight.
    #[schema(example = 0.36, minimum = 0.0, maximum = 1.0)]
    pub weight: f64,
}

/// The attention of a day ahead.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AttentionEntry {
    /// Days after the last date, from 1.
    #[schema(example = 1, minimum = 1, maximum = 63)]
    pub days_ahead: usize,
    /// Shares of the days that it sees, from the oldest that the transformer reads to the day itself; they sum to 1. The last
    /// `days_ahead` of them are coming days.
    #[schema(example = json!([0.04, 0.05, 0.04]))]
    pub weights: Vec<f64>,
}

#[cfg(feature = "transformer")]
#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(changes: &Value, horizon: Value) -> tft::returns::ReturnsSpec {
        let mut transformer = json!({"dates": ["2026-01-05", "2026-01-06"]});
        for (member, value) in changes.as_object().unwrap() {
            transformer[member] = value.clone();
        }
        let body = json!({"assets": [{"asset": "A", "historical_returns": [0.01, 0.02]}, {"asset": "B", "historical_returns": [0.01, 0.02]}],
            "start_date": "2026-01-05", "end_date": "2026-01-06", "horizon_days": horizon, "transformer": transformer});
        let request: ModelTrainingRequest = serde_json::from_value(body).unwrap();
        request.transformer.as_ref().unwrap().spec(&request)
    }

    #[test]
    fn every_member_changes_the_training_and_its_stated_default_does_not() {
        let plain = spec(&json!({}), Value::Null);
        assert_eq!(plain, tft::returns::ReturnsSpec::default());
        for (member, default, other) in [
            ("lookback_days", json!(absent::TRANSFORMER_LOOKBACK_DAYS), json!(10)),
            ("width", json!(absent::TRANSFORMER_WIDTH), json!(8)),
            ("steps", json!(absent::TRANSFORMER_STEPS), json!(10)),
            ("learning_rate", json!(absent::TRANSFORMER_LEARNING_RATE), json!(0.01)),
            ("refits", json!(absent::TRANSFORMER_REFITS), json!(1)),
            ("refit_days", json!(absent::TRANSFORMER_REFIT_DAYS), json!(63)),
        ] {
            assert_eq!(spec(&json!({member: default}), Value::Null), plain, "{member}");
            assert_ne!(spec(&json!({member: other}), Value::Null), plain, "{member}");
        }
        assert_ne!(spec(&json!({}), json!(5)), plain);
    }
}
