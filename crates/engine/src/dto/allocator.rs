//! A learned allocator on the wire: how one is trained, what it was worth on days held out, how it learned, and what it would trade.

use evaluate::Verdict;
use learned::{AllocatorSpec, Beside, Histories, LearnedAllocator, LearnedError, PolicyRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::optional_integer;
use crate::dto::training::ModelTrainingRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assets of an allocator.
const MAX_ASSETS: usize = 20;
/// Elementary steps of a second, and of the longest training.
const UNITS_OF_SECOND: u64 = 100_000_000;
const MAX_WORK: u64 = 600 * UNITS_OF_SECOND;

/// How an allocator is trained by proximal policy optimisation.
///
/// Each seed trains a policy around equal weights on returns before the days held out and 21 days more, with the costs, the sizing and the ledger
/// of live plans; its reward is the logarithmic growth of the book net of costs. The allocator takes the mean decision of the seeds. Rules beyond the
/// ranges: 2 to 20 assets, each with at least 525 + `held_out_days` returns above −1, which move in every year; and about ten minutes of
/// computing at most.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocatorTrainingRequest {
    /// Cost of each side of a trade, basis points.
    #[schema(default = json!(AllocatorSpec::default().cost_bps), example = 10.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub transaction_cost_bps: Option<f64>,
    /// Risk aversion of the closed-form band that it is compared with; the learner maximises the logarithm and has none of its own.
    #[schema(default = json!(AllocatorSpec::default().risk_aversion), example = 5.0, exclusive_minimum = 0.0, maximum = 100.0)]
    #[validate(range(exclusive_min = 0.0, max = 100.0))]
    pub risk_aversion: Option<f64>,
    /// Trainings, of `seed` and of the numbers after it; all are kept, none is chosen.
    #[schema(default = json!(AllocatorSpec::default().seeds), example = 3, minimum = 1, maximum = 10)]
    #[validate(range(min = 1, max = 10))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seeds: Option<u64>,
    /// Days that each training lives through, drawn from its histories; in whole iterations of 2,048.
    #[schema(default = json!(AllocatorSpec::default().steps), example = 100_000, minimum = 2048, maximum = 2_000_000)]
    #[validate(range(min = 2048, max = 2_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub steps: Option<u64>,
    /// Returns at the end that no training sees: the allocator is judged on them.
    #[schema(default = json!(AllocatorSpec::default().held_out), example = 504, minimum = 252, maximum = 5040)]
    #[validate(range(min = 252, max = 5040))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub held_out_days: Option<u64>,
}

impl AllocatorTrainingRequest {
    /// The settings of the training, with their defaults.
    pub(crate) fn spec(&self) -> AllocatorSpec {
        let base = AllocatorSpec::default();
        let whole = |sent: Option<u64>, base: usize| sent.map_or(base, |n| usize::try_from(n).unwrap_or(usize::MAX));
        AllocatorSpec {
            cost_bps: self.transaction_cost_bps.unwrap_or(base.cost_bps),
            risk_aversion: self.risk_aversion.unwrap_or(base.risk_aversion),
            seeds: whole(self.seeds, base.seeds),
            steps: whole(self.steps, base.steps),
            held_out: whole(self.held_out_days, base.held_out),
        }
    }

    /// Rough number of elementary steps; none where a setting is outside its range.
    pub(super) fn work(&self, request: &ModelTrainingRequest) -> u64 {
        let spec = self.spec();
        let days = request.assets.first().map_or(0, |asset| asset.historical_returns.len());
        if spec.check().is_ok() { spec.work(request.assets.len(), days) } else { 0 }
    }

    /// The rules between members.
    pub(super) fn check(&self, request: &ModelTrainingRequest, faults: &mut Faults) {
        if request.transformer.is_some() {
            faults.add("/allocator", FaultCode::Value, "goes without transformer: a request trains one model");
        }
        if request.horizon_days.is_some() {
            faults.add("/horizon_days", FaultCode::Value, "goes without allocator, which decides each day");
        }
        let count = request.assets.len();
        if count > MAX_ASSETS {
            faults.add("/assets", FaultCode::Limit, format!("must have at most {MAX_ASSETS} entries for an allocator"));
            return;
        }
        let spec = self.spec();
        // A setting outside its range is a fault of its own.
        if spec.check().is_err() {
            return;
        }
        let (first, needed) =
            (request.assets.first().map_or(0, |asset| asset.historical_returns.len()), spec.days_min());
        for (i, asset) in request.assets.iter().enumerate() {
            let (own, at) = (asset.historical_returns.len(), format!("/assets/{i}/historical_returns"));
            if own < needed {
                let detail = format!(
                    "must have at least {needed} returns, 525 and those of {} days held out; holds {own}",
                    spec.held_out
                );
                faults.add(at, FaultCode::Length, detail);
            } else if own != first {
                faults.add(at, FaultCode::Length, format!("must have as many returns as the first asset, {first}"));
            }
        }
        let work = self.work(request);
        if work > MAX_WORK {
            let detail = format!(
                "would take about {} seconds; at most {} are accepted: fewer steps or seeds",
                work / UNITS_OF_SECOND,
                MAX_WORK / UNITS_OF_SECOND
            );
            faults.add("/allocator", FaultCode::Limit, detail);
        }
        if faults.is_empty() {
            let (names, returns) = parts(request);
            if let Err(error) = (Histories { names: &names, returns: &returns }).check(&spec) {
                faults.add(pointer_of(&error), FaultCode::Value, error.to_string());
            }
        }
    }
}

/// Names and returns of a request.
pub(crate) fn parts(request: &ModelTrainingRequest) -> (Vec<&str>, Vec<&[f64]>) {
    request.assets.iter().map(|own| (own.asset.trim(), own.historical_returns.as_slice())).unzip()
}

/// What of a request a training refuses.
pub(crate) fn pointer_of(error: &LearnedError) -> String {
    match error {
        LearnedError::Still { asset } => format!("/assets/{asset}/historical_returns"),
        LearnedError::Return { asset, day } => format!("/assets/{asset}/historical_returns/{day}"),
        LearnedError::OutOfRange { .. } => "/allocator".to_owned(),
        _ => "/assets".to_owned(),
    }
}

/// What a learned allocator was worth on the days held out, how it learned, and what it would trade.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorReport {
    /// Returns that were held out.
    #[schema(example = 504, minimum = 252)]
    pub held_out_days: usize,
    /// Cost of each side of a trade, basis points.
    #[schema(example = 10.0, minimum = 0.0, maximum = 1000.0)]
    pub transaction_cost_bps: f64,
    /// The allocator: the mean decision of its seeds, net of costs.
    pub allocator: AllocatorFigures,
    /// The policy of each seed by itself, without a verdict: none is chosen.
    #[schema(min_items = 1, max_items = 10)]
    pub seeds: Vec<AllocatorFigures>,
    /// The plain policies over the same days, net of the same costs.
    pub rivals: Vec<AllocatorRival>,
    /// Population stability index of the returns held out against those of the training; null where it was not measured.
    #[schema(required, example = 0.03, minimum = 0.0)]
    pub stability_index: Option<f64>,
    /// Alarms at which the growth of equal weights less that of the allocator had risen over the days held out; null where it was not measured.
    #[schema(required, example = 0, minimum = 0)]
    pub loss_alarms: Option<usize>,
    /// Comparisons that intervals and verdicts allow for: the number of rivals times `trials`.
    #[schema(example = 5, minimum = 1)]
    pub comparisons: u64,
    /// Trainings on these data that were counted, this one included.
    #[schema(example = 1, minimum = 1)]
    pub trials: u64,
    /// Whether it is better than every rival, over all comparisons: without it no person can promote it, and no plan is made with it.
    #[schema(example = false)]
    pub has_edge: bool,
    /// The conclusion in words.
    #[schema(example = "no demonstrated edge")]
    pub conclusion: String,
    /// How the policies grew with the steps of their training.
    pub learning_curve: AllocatorLearningCurve,
    /// What the allocator would trade at each drift.
    pub policy_map: AllocatorPolicyMap,
}

/// The learned allocator of a plan: its targets are the target weights of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AppliedAllocator {
    /// Its id.
    #[schema(example = "learned_allocator_1")]
    pub id: String,
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// Half-width of the band around each target, a fraction of the value, to a basis point: what is outside is traded to the edge, and to the
    /// target where it is 0.
    #[schema(example = 0.02, minimum = 0.0, maximum = 0.1)]
    pub half_width: f64,
}

/// A policy over the days held out, net of costs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorFigures {
    /// Its name.
    #[schema(example = "closed-form band, to edge")]
    pub name: String,
    /// Wealth at the end per unit invested.
    #[schema(example = 1.13, minimum = 0.0)]
    pub wealth: f64,
    /// Growth a year, a fraction.
    #[schema(example = 0.063)]
    pub growth_annual: f64,
    /// Standard deviation of its returns a year, a fraction.
    #[schema(example = 0.11, minimum = 0.0)]
    pub volatility_annual: f64,
    /// Largest fall from a peak, a fraction.
    #[schema(example = 0.08, minimum = 0.0, maximum = 1.0)]
    pub drawdown: f64,
    /// Two-way turnover a year, a fraction of the value.
    #[schema(example = 0.4, minimum = 0.0)]
    pub turnover_annual: f64,
    /// Costs a year, a fraction of the value.
    #[schema(example = 0.0004, minimum = 0.0)]
    pub cost_annual: f64,
}

impl From<&PolicyRow> for AllocatorFigures {
    fn from(row: &PolicyRow) -> Self {
        Self {
            name: row.name.clone(),
            wealth: row.wealth,
            growth_annual: row.growth_annual,
            volatility_annual: row.volatility_annual,
            drawdown: row.max_drawdown,
            turnover_annual: row.turnover_annual,
            cost_annual: row.cost_annual,
        }
    }
}

/// A plain policy, and the allocator compared with it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorRival {
    /// The plain policy.
    pub figures: AllocatorFigures,
    /// Logarithmic growth a year of the allocator less that of the policy, a fraction; null where the two do not differ.
    #[schema(required, example = -0.004)]
    pub difference_annual: Option<f64>,
    /// Its interval, lower end first, over all comparisons; null where there is no difference.
    #[schema(required, example = json!([-0.031, 0.023]), min_items = 2, max_items = 2)]
    pub interval: Option<[f64; 2]>,
    /// The allocator beside the policy, over all comparisons; null where there is no difference.
    #[schema(required)]
    pub verdict: Option<Verdict>,
    /// Two-sided, before any allowance for the comparisons; null where there is no difference.
    #[schema(required, example = 0.43, minimum = 0.0, maximum = 1.0)]
    pub p_value: Option<f64>,
    /// Why these figures are null; null when they are not.
    #[schema(required, example = json!(null))]
    pub reason: Option<String>,
}

impl From<&Beside> for AllocatorRival {
    fn from(beside: &Beside) -> Self {
        let Beside { row, difference_annual, interval, verdict, p_value, reason } = beside.clone();
        Self { figures: (&row).into(), difference_annual, interval, verdict, p_value, reason }
    }
}

/// Growth of the policies over the days of the training, without exploration and net of costs, at some steps of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorLearningCurve {
    /// Days lived through at each point, ascending; the first is before the training.
    #[schema(example = json!([0, 2048, 4096]), min_items = 2, max_items = 21)]
    pub steps: Vec<usize>,
    /// The curve of each seed.
    #[schema(min_items = 1, max_items = 10)]
    pub seeds: Vec<AllocatorSeedCurve>,
    /// Logarithmic growth a year of equal weights, to which a book returns every 21 days, over the same days and net of the same costs.
    #[schema(example = 0.07)]
    pub equal_weights_growth_annual: f64,
}

/// The curve of a seed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorSeedCurve {
    /// The seed.
    #[schema(example = 42, minimum = 0)]
    pub seed: u64,
    /// Logarithmic growth a year at each of the `steps`, a fraction.
    #[schema(example = json!([0.068, 0.071, 0.074]))]
    pub growth_annual: Vec<f64>,
}

/// What an allocator would trade where one asset has drifted from equal weights and the others share the rest equally, on a day whose features are the means of
/// those of the training.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorPolicyMap {
    /// Drifts of the weight of the one asset, ascending, fractions of the value.
    #[schema(example = json!([-0.01, 0.0, 0.01]))]
    pub drifts: Vec<f64>,
    /// By asset, in the order of the request.
    #[schema(min_items = 2, max_items = 20)]
    pub assets: Vec<AllocatorMapRow>,
}

/// What an allocator would do where one asset has drifted: null at a drift that makes a weight negative.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AllocatorMapRow {
    /// The asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Its target weight at each drift.
    #[schema(example = json!([0.49, 0.5, 0.51]))]
    pub targets: Vec<Option<f64>>,
    /// Half-width of the band around every target, at each drift: a weight outside is traded to the edge.
    #[schema(example = json!([0.05, 0.05, 0.05]))]
    pub half_widths: Vec<Option<f64>>,
    /// Its trade at each drift, a fraction of the value: positive to buy, negative to sell, 0 inside the band.
    #[schema(example = json!([0.01, 0.0, -0.01]))]
    pub trades: Vec<Option<f64>>,
}

impl AllocatorReport {
    pub(crate) fn new(learned: &LearnedAllocator) -> Self {
        let LearnedAllocator { spec, policies, curve, trial, map, .. } = learned;
        let seeds = policies.iter().zip(&curve.growth_annual);
        Self {
            held_out_days: trial.days,
            transaction_cost_bps: spec.cost_bps,
            allocator: (&trial.allocator).into(),
            seeds: trial.seeds.iter().map(AllocatorFigures::from).collect(),
            rivals: trial.rivals.iter().map(AllocatorRival::from).collect(),
            stability_index: trial.drift.map(|drift| drift.stability_index),
            loss_alarms: trial.drift.map(|drift| drift.loss_alarms),
            comparisons: trial.comparisons,
            trials: trial.trials,
            has_edge: trial.shows_edge(),
            conclusion: trial.conclusion().to_owned(),
            learning_curve: AllocatorLearningCurve {
                steps: curve.steps.clone(),
                seeds: seeds
                    .map(|(one, growth)| AllocatorSeedCurve { seed: one.seed, growth_annual: growth.clone() })
                    .collect(),
                equal_weights_growth_annual: curve.equal_weights_growth_annual,
            },
            policy_map: AllocatorPolicyMap {
                drifts: map.drifts.clone(),
                assets: map
                    .assets
                    .iter()
                    .map(|own| AllocatorMapRow {
                        asset: own.asset.clone(),
                        targets: own.targets.clone(),
                        half_widths: own.half_widths.clone(),
                        trades: own.trades.clone(),
                    })
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(changes: &Value) -> AllocatorSpec {
        serde_json::from_value::<AllocatorTrainingRequest>(changes.clone()).unwrap().spec()
    }

    #[test]
    fn every_member_changes_the_training_and_its_stated_default_does_not() {
        let plain = spec(&json!({}));
        let base = AllocatorSpec::default();
        assert_eq!(plain, base);
        for (member, default, other) in [
            ("transaction_cost_bps", json!(base.cost_bps), json!(25.0)),
            ("risk_aversion", json!(base.risk_aversion), json!(2.0)),
            ("seeds", json!(base.seeds), json!(1)),
            ("steps", json!(base.steps), json!(4096)),
            ("held_out_days", json!(base.held_out), json!(252)),
        ] {
            assert_eq!(spec(&json!({member: default})), plain, "{member}");
            assert_eq!(spec(&json!({member: null})), plain, "{member}");
            assert_ne!(spec(&json!({member: other})), plain, "{member}");
        }
    }
}
