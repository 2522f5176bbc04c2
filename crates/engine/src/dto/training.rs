//! Training of a model on the wire: what is sent, and what came of it.

use boosting::{Figure, MonotoneFeature, Trained, TrainingSpec, periods_min};
use chrono::NaiveDate;
use evaluate::Verdict;
use governance::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, objects, optional_integer, optional_object, optional_objects};
use crate::dto::absent;
use crate::dto::allocator::{AllocatorReport, AllocatorTrainingRequest};
use crate::dto::checks::{check_distinct, check_name, check_returns};
use crate::dto::metadata::Metadata;
use crate::dto::ranges::PeriodReturn;
use crate::dto::transformer::{TransformerReport, TransformerTrainingRequest};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assets of a training.
const MAX_ASSETS: usize = 500;
/// Returns of a training, over all assets.
const MAX_RETURNS: usize = 1_000_000;
/// Work up to which a training is answered at once: about a second.
const SMALL: u64 = 100_000_000;

/// Histories to train boosted trees, a transformer or an allocator on, and how.
///
/// Rules beyond the ranges: 2 to 500 assets with distinct names and as many returns each, for trees at least 252 + 37·`horizon_days`, and at
/// most 1,000,000 in all (and the body at most 8 MiB); `end_date` after `start_date`. With `transformer` or `allocator`, the members of trees are not sent:
/// `rounds`, `learning_rate`, `leaves`, `rows_in_leaf`, `feature_fraction`, `monotone`.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelTrainingRequest {
    /// The assets: what a rank is among. All histories end on the same day.
    #[schema(min_items = 2, max_items = 500)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<TrainingAssetRequest>,
    /// The day of the first return, ISO 8601: it stands on the card.
    #[schema(example = "2010-01-05", format = "date")]
    pub start_date: NaiveDate,
    /// The day of the last return.
    #[schema(example = "2022-12-28", format = "date")]
    pub end_date: NaiveDate,
    /// Trading days that the model looks ahead; for trees, the length of a block of labels.
    #[schema(default = json!(TrainingSpec::default().horizon), example = 21, minimum = 1, maximum = 63)]
    #[validate(range(min = 1, max = 63))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub horizon_days: Option<u64>,
    /// Number of trees.
    #[schema(default = json!(TrainingSpec::default().rounds), example = 200, minimum = 1, maximum = 1000)]
    #[validate(range(min = 1, max = 1000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub rounds: Option<u64>,
    /// Share of the step of each tree that is taken.
    #[schema(default = json!(TrainingSpec::default().learning_rate), example = 0.02, exclusive_minimum = 0.0, maximum = 1.0)]
    #[validate(range(exclusive_min = 0.0, max = 1.0))]
    pub learning_rate: Option<f64>,
    /// Leaves of each tree.
    #[schema(default = json!(TrainingSpec::default().leaves), example = 8, minimum = 2, maximum = 64)]
    #[validate(range(min = 2, max = 64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub leaves: Option<u64>,
    /// Fewest rows (an asset in a block) in a leaf.
    #[schema(default = json!(TrainingSpec::default().rows_in_leaf), example = 100, minimum = 1, maximum = 100_000)]
    #[validate(range(min = 1, max = 100_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub rows_in_leaf: Option<u64>,
    /// Share of the six features that each tree may ask for; which ones, the seed draws.
    #[schema(default = json!(TrainingSpec::default().feature_fraction), example = 0.5, exclusive_minimum = 0.0, maximum = 1.0)]
    #[validate(range(exclusive_min = 0.0, max = 1.0))]
    pub feature_fraction: Option<f64>,
    /// Features whose effect has one sign; the others are free. No sign is presumed: momentum and reversal are both in the literature.
    #[schema(nullable = false, max_items = 6)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub monotone: Option<Vec<MonotoneConstraint>>,
    /// Seed of the features that trees may ask for; of a transformer, of its first weights, the order of windows and dropout; of an allocator,
    /// of its first training, whose first weights, days and explored actions it draws.
    #[schema(default = json!(absent::TRAINING_SEED), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
    /// Configurations that were tried on these data so far, this one included; verdicts and the confidence allow for them. The trainings of the
    /// service on the same data are counted in any case.
    #[schema(default = 1, example = 1, minimum = 1, maximum = 1_000_000)]
    #[validate(range(min = 1, max = 1_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub trials: Option<u64>,
    /// Train a Temporal Fusion Transformer: quantiles of the return of each of the coming `horizon_days`. Without it, boosted trees.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub transformer: Option<TransformerTrainingRequest>,
    /// Train an allocator by proximal policy optimisation, and judge it on the last days beside plain policies. Without it and `transformer`, boosted trees.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub allocator: Option<AllocatorTrainingRequest>,
}

/// The history of an asset to train on.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingAssetRequest {
    /// Name, 1 to 255 characters after trimming.
    #[schema(example = "ETF", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: String,
    /// Simple returns per trading day, oldest first, without a gap. Each from −1 to 100.
    #[schema(value_type = Vec<PeriodReturn>, max_items = 500_000, example = json!([0.01, -0.004, 0.002, 0.007, -0.001]))]
    pub historical_returns: Vec<f64>,
}

/// The sign of the effect of a feature.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonotoneConstraint {
    /// The feature.
    pub feature: TreeFeatureName,
    /// How the forecast may change with it.
    pub direction: MonotoneDirection,
}

/// A feature of boosted trees: the rank of a figure of the latest 252 returns among the assets, from −1/2 to 1/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreeFeatureName {
    /// Return of the latest 5 days.
    ReturnOfAWeek,
    /// Return of the latest 21 days.
    ReturnOfAMonth,
    /// Return of the latest 252 days without the last 21: momentum.
    ReturnOfAYearButTheLastMonth,
    /// Standard deviation of the latest 21 returns.
    VolatilityOfAMonth,
    /// Standard deviation of the latest 252 returns.
    VolatilityOfAYear,
    /// Level as a share of the highest of the latest 252 days.
    DistanceFromTheHighOfAYear,
}

/// The sign of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MonotoneDirection {
    /// The forecast never falls when the feature rises.
    Increasing,
    /// The forecast never rises when the feature rises.
    Decreasing,
}

impl ModelTrainingRequest {
    /// The settings of the training, with their defaults.
    #[must_use]
    pub fn spec(&self) -> TrainingSpec {
        let base = TrainingSpec::default();
        let whole = |sent: Option<u64>, base: usize| sent.map_or(base, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let constraint = |one: &MonotoneConstraint| MonotoneFeature {
            feature: one.feature as usize,
            direction: match one.direction {
                MonotoneDirection::Increasing => boosting::Monotone::Increasing,
                MonotoneDirection::Decreasing => boosting::Monotone::Decreasing,
            },
        };
        TrainingSpec {
            horizon: whole(self.horizon_days, base.horizon),
            rounds: whole(self.rounds, base.rounds),
            learning_rate: self.learning_rate.unwrap_or(base.learning_rate),
            leaves: whole(self.leaves, base.leaves),
            rows_in_leaf: whole(self.rows_in_leaf, base.rows_in_leaf),
            feature_fraction: self.feature_fraction.unwrap_or(base.feature_fraction),
            monotone: self.monotone.iter().flatten().map(constraint).collect(),
        }
    }

    /// The seed, with its default.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(absent::TRAINING_SEED)
    }

    /// Rough number of elementary steps.
    #[must_use]
    pub fn work(&self) -> u64 {
        if let Some(allocator) = &self.allocator {
            return allocator.work(self);
        }
        if let Some(transformer) = &self.transformer {
            return transformer.work(self);
        }
        let periods = self.assets.first().map_or(0, |asset| asset.historical_returns.len());
        boosting::work(self.assets.len(), periods, &self.spec())
    }

    /// Whether it is answered at once.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.work() <= SMALL
    }
}

impl Document for ModelTrainingRequest {
    fn check_size(&self, faults: &mut Faults) {
        let count = self.assets.len();
        if count < 2 {
            faults.add("/assets", FaultCode::Length, "must have at least 2 entries: a rank is among several");
        } else if count > MAX_ASSETS {
            faults.add("/assets", FaultCode::Limit, format!("must have at most {MAX_ASSETS} entries"));
        }
        let total: usize = self.assets.iter().map(|asset| asset.historical_returns.len()).sum();
        if total > MAX_RETURNS {
            let detail = format!("holds {total} returns in all; at most {MAX_RETURNS} are accepted");
            faults.add("/assets", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        for (i, asset) in self.assets.iter().enumerate() {
            check_name(&asset.asset, || format!("/assets/{i}/asset"), faults);
            let at = |t: usize| format!("/assets/{i}/historical_returns/{t}");
            check_returns(&asset.historical_returns, at, faults);
            if faults.is_full() {
                return;
            }
        }
        check_distinct(self.assets.iter().map(|a| a.asset.as_str()), |i| format!("/assets/{i}/asset"), faults);
        if self.end_date <= self.start_date {
            faults.add("/end_date", FaultCode::Range, "must be after start_date");
        }
        let constraints: Vec<TreeFeatureName> = self.monotone.iter().flatten().map(|one| one.feature).collect();
        for (i, feature) in constraints.iter().enumerate() {
            if constraints[..i].contains(feature) {
                faults.add(format!("/monotone/{i}/feature"), FaultCode::DuplicateName, "is constrained already");
            }
        }
        if let Some(allocator) = &self.allocator {
            self.check_no_trees("allocator", faults);
            allocator.check(self, faults);
            return;
        }
        if let Some(transformer) = &self.transformer {
            self.check_no_trees("transformer", faults);
            transformer.check(self, faults);
            return;
        }
        let spec = self.spec();
        if !(1..=63).contains(&spec.horizon) {
            return;
        }
        let (first, needed) =
            (self.assets.first().map_or(0, |asset| asset.historical_returns.len()), periods_min(spec.horizon));
        for (i, asset) in self.assets.iter().enumerate() {
            let (count, at) = (asset.historical_returns.len(), format!("/assets/{i}/historical_returns"));
            if count < needed {
                let detail = format!(
                    "must have at least {needed} returns, a year and 37 blocks of {} days; holds {count}",
                    spec.horizon
                );
                faults.add(at, FaultCode::Length, detail);
            } else if count != first {
                faults.add(at, FaultCode::Length, format!("must have as many returns as the first asset, {first}"));
            }
            if faults.is_full() {
                return;
            }
        }
    }
}

impl ModelTrainingRequest {
    /// No member of trees is sent.
    fn check_no_trees(&self, other: &str, faults: &mut Faults) {
        let sent = [
            ("rounds", self.rounds.is_some()),
            ("learning_rate", self.learning_rate.is_some()),
            ("leaves", self.leaves.is_some()),
            ("rows_in_leaf", self.rows_in_leaf.is_some()),
            ("feature_fraction", self.feature_fraction.is_some()),
            ("monotone", self.monotone.is_some()),
        ];
        for (member, _) in sent.iter().filter(|(_, is_sent)| *is_sent) {
            faults.add(format!("/{member}"), FaultCode::Value, format!("is of trees, and goes without {other}"));
        }
    }
}

/// A figure out of sample.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrainingFigure {
    /// The figure.
    #[schema(example = 0.03)]
    pub value: f64,
    /// Its interval at 95 %, lower end first; null where it is the same in every block.
    #[schema(required, example = json!([0.01, 0.05]), min_items = 2, max_items = 2)]
    pub interval: Option<[f64; 2]>,
    /// Better or worse than no difference between the assets, or not distinguishable from it, over all trials.
    pub verdict: Verdict,
    /// Two-sided, before any allowance for the trials.
    #[schema(example = 0.21, minimum = 0.0, maximum = 1.0)]
    pub p_value: f64,
}

impl From<&Figure> for TrainingFigure {
    fn from(figure: &Figure) -> Self {
        let Figure { value, interval, judgement } = *figure;
        Self { value, interval, verdict: judgement.verdict, p_value: judgement.p_value }
    }
}

/// The slope of outcomes on forecasts out of sample, both beyond their means over the assets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct TrainingSlope {
    /// The slope.
    #[schema(example = 0.4)]
    pub value: f64,
    /// Its interval, lower end first.
    #[schema(example = json!([-0.2, 1.0]), min_items = 2, max_items = 2)]
    pub interval: [f64; 2],
}

/// What a purged walk-forward trial on the data of a training found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrainingReport {
    /// Trainings of the trial, without the last one on all rows.
    #[schema(example = 12, minimum = 1)]
    pub folds: usize,
    /// Blocks of `horizon_days` that were forecast out of sample.
    #[schema(example = 140, minimum = 12)]
    pub blocks: usize,
    /// Rows (an asset in a block) of the last training.
    #[schema(example = 3_300, minimum = 2)]
    pub training_rows: usize,
    /// `1 − Σ(y − f)² / Σy²` of returns beyond the mean of the assets: against forecasting no difference between them.
    pub r_squared: TrainingFigure,
    /// Mean over the blocks of the rank correlation between forecasts and what came.
    pub rank_correlation: TrainingFigure,
    /// Slope of outcomes on forecasts, 1 where outcomes differ as much as forecasts say, with an interval that allows for all trials; null where
    /// the forecasts do not differ between the assets.
    #[schema(required)]
    pub slope: Option<TrainingSlope>,
    /// Standard error of a forecast of the return per day, the same for every asset and day: as large as forecasts are where the slope could be
    /// zero, so that no plan is tilted. Null without a slope.
    #[schema(required, example = 0.0004, minimum = 0.0)]
    pub standard_error: Option<f64>,
    /// Confidence of the forecasts: the lower end of the interval of `rank_correlation` that allows for all trials, 0 where it is negative.
    #[schema(example = 0.0, minimum = 0.0, maximum = 1.0)]
    pub confidence: f64,
    /// Trainings on these data that verdicts and confidence allow for.
    #[schema(example = 1, minimum = 1)]
    pub trials: u32,
}

impl TrainingReport {
    pub(crate) fn new(trained: &Trained, trials: u32) -> Self {
        let Trained { weights, report } = trained;
        Self {
            folds: report.folds,
            blocks: report.blocks,
            training_rows: report.training_rows,
            r_squared: (&report.r_squared).into(),
            rank_correlation: (&report.rank_correlation).into(),
            slope: report.slope.map(|slope| TrainingSlope { value: slope.value, interval: slope.interval }),
            standard_error: weights.standard_error.map(|error| error / weights.horizon as f64),
            confidence: report.confidence,
            trials,
        }
    }
}

/// The version that a training made.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrainedModel {
    /// Its id in the inventory. Of trees: `trained_model` of a plan, and of `POST /api/models/explain`; of a transformer:
    /// `quantiles.trained_model` of `POST /api/forecast`; of an allocator: `GET /api/models/{model_id}` tells its map.
    #[schema(example = "boosted_trees_1")]
    pub id: String,
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// SHA-256 over its weights, card and golden cases.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// SHA-256 of its weights: the same data, settings and seed give the same.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub weights_digest: Digest,
    /// Whether this training made it: the same data, settings and seed make no second version.
    #[schema(example = true)]
    pub is_new: bool,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 41, minimum = 1)]
    pub sequence: u64,
}

/// A training that has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelTrainingResponse {
    /// The version, a challenger; trees are one of `expected_return` until a person promotes them.
    pub model: TrainedModel,
    /// What trees were worth out of sample. Absent where an earlier training had made the version: its card tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub report: Option<TrainingReport>,
    /// What the examination and the trial of a transformer found. Absent where an earlier training had made the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub transformer: Option<TransformerReport>,
    /// Of an allocator: what it was worth on the days held out, how it learned, and what it would trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allocator: Option<AllocatorReport>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

#[cfg(test)]
mod tests {
    use super::*;
    use boosting::FEATURES;

    const ALL: [TreeFeatureName; FEATURES.len()] = [
        TreeFeatureName::ReturnOfAWeek,
        TreeFeatureName::ReturnOfAMonth,
        TreeFeatureName::ReturnOfAYearButTheLastMonth,
        TreeFeatureName::VolatilityOfAMonth,
        TreeFeatureName::VolatilityOfAYear,
        TreeFeatureName::DistanceFromTheHighOfAYear,
    ];

    #[test]
    fn the_names_of_the_contract_are_those_of_the_trees() {
        let names = ALL.map(|name| serde_json::to_value(name).unwrap());
        assert_eq!(names.map(|name| name.as_str().unwrap_or_default().to_owned()), FEATURES);
        assert!(ALL.iter().enumerate().all(|(i, name)| *name as usize == i));
    }
}
