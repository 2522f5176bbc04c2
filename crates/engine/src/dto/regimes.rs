//! Questions about the regimes of a return series, and their answers.

use ::regimes::{HmmSpec, LabelJump, RegimeName, StateMatching};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, optional_integer, optional_object};
use crate::dto::absent;
use crate::dto::metadata::Metadata;
use crate::dto::warning::PlanWarning;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Returns in one request: eighty years of days.
pub const MAX_REGIME_RETURNS: usize = 20_000;
/// The largest return of a period in any unit that is read.
const LARGEST: f64 = 10_000.0;
/// The least variance of a state that is read.
const LEAST_VARIANCE: f64 = 1e-100;

/// A return of one period in any one unit, such as a fraction or percent.
#[derive(ToSchema)]
#[schema(minimum = -10_000.0, maximum = 10_000.0, example = 0.004)]
#[expect(dead_code, reason = "describes the numbers of a series; the series itself is a plain vector")]
pub struct RegimeReturn(f64);

/// A return series in which to find regimes.
///
/// Rules beyond the ranges: at least as many returns as the model has parameters (7 with two states, 14 with three, 23 with
/// four), and returns that vary.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"returns": [0.004, -0.002, 0.003, -0.001, 0.002, -0.031, 0.028, -0.022, 0.035, 0.001], "states": 2}))]
pub struct RegimeRequest {
    /// Returns per period, oldest first, all in one unit; means, variances and the log-likelihood of the answer are in
    /// that unit.
    #[schema(value_type = Vec<RegimeReturn>, example = json!([0.004, -0.002, 0.003, -0.001, 0.002, -0.031, 0.028, -0.022, 0.035, 0.001]), min_items = 7, max_items = 20_000)]
    pub returns: Vec<f64>,
    /// Number of states. More states fit fat tails better, but they mostly last too few days to be regimes.
    #[schema(default = json!(absent::STATES), example = 2, minimum = 2, maximum = 4)]
    #[validate(range(min = 2, max = 4))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub states: Option<u64>,
    /// Seed of the starts of the fit.
    #[schema(default = json!(absent::REGIME_SEED), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
    /// Pseudo-count of self-transitions that is added to each state: a prior for persistent regimes. Without it the fit
    /// maximises the likelihood.
    #[schema(default = 0.0, example = 0.0, minimum = 0.0, maximum = 1_000_000.0)]
    #[validate(range(min = 0.0, max = 1_000_000.0))]
    pub sticky: Option<f64>,
    /// The states of an earlier fit, to which those of this one are then matched (`matching`). Its lists are those of that answer, and have a
    /// figure for each of `states`.
    #[serde(default, deserialize_with = "optional_object")]
    pub previous: Option<PreviousStates>,
}

/// The states of an earlier fit, by ascending variance, as they were answered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousStates {
    /// Mean of each state, in the unit of the returns.
    #[schema(value_type = Vec<RegimeReturn>, example = json!([0.0011, 0.002]), min_items = 2, max_items = 4)]
    pub means: Vec<f64>,
    /// Variance of each state, in the squared unit of the returns, ascending and above zero.
    #[schema(example = json!([0.000_006, 0.0008]), min_items = 2, max_items = 4)]
    pub variances: Vec<f64>,
}

impl PreviousStates {
    fn check(&self, states: usize, faults: &mut Faults) {
        for (pointer, list) in [("/previous/means", &self.means), ("/previous/variances", &self.variances)] {
            if list.len() != states {
                let detail = format!("must have {states} figures, one for each state; holds {}", list.len());
                faults.add(pointer, FaultCode::Length, detail);
            }
        }
        if let Some(i) = self.means.iter().position(|mean| !(-LARGEST..=LARGEST).contains(mean)) {
            faults.add(format!("/previous/means/{i}"), FaultCode::Range, "must be at least -10000 and at most 10000");
        }
        let is_wrong = |i: usize| {
            let variance = self.variances[i];
            let before = if i == 0 { LEAST_VARIANCE } else { self.variances[i - 1] };
            !(variance >= before && variance <= LARGEST * LARGEST)
        };
        if let Some(i) = (0..self.variances.len()).find(|i| is_wrong(*i)) {
            let detail = "must be above 0, at most 100000000, and no less than the one before";
            faults.add(format!("/previous/variances/{i}"), FaultCode::Range, detail);
        }
    }
}

impl RegimeRequest {
    /// The number of states, with its default; checked to be from 2 to 4.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.and_then(|states| usize::try_from(states).ok()).unwrap_or(absent::STATES)
    }
}

impl Document for RegimeRequest {
    fn check_size(&self, faults: &mut Faults) {
        let count = self.returns.len();
        if count > MAX_REGIME_RETURNS {
            let detail = format!("holds {count} returns; at most {MAX_REGIME_RETURNS} are accepted");
            faults.add("/returns", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        let states = self.states();
        // A wrong number of states is told already.
        let least = if (2..=4).contains(&states) { HmmSpec::new(states).parameters(1) } else { 1 };
        let count = self.returns.len();
        if count < least {
            let detail = format!(
                "must have at least {least} returns, as many as {states} states have parameters; holds {count}"
            );
            faults.add("/returns", FaultCode::Length, detail);
        }
        if let Some(previous) = &self.previous {
            previous.check(states, faults);
        }
        for (t, r) in self.returns.iter().enumerate() {
            if !(-LARGEST..=LARGEST).contains(r) {
                faults.add(
                    format!("/returns/{t}"),
                    FaultCode::Range,
                    "must be at least -10000 and at most 10000: prices are no returns",
                );
                if faults.is_full() {
                    return;
                }
            }
        }
    }
}

/// How much the bands of a plan are widened because the state of the market is uncertain.
///
/// Two states are fitted to the returns of the target weights (hidden Markov model, the latest 1,260 common returns).
/// The figures are based on the prediction for the next period from filtered probabilities, not on a most likely state.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RegimeBand {
    /// What each half-width was multiplied by: `1 + (regime_band_widening − 1)·uncertainty`.
    #[schema(example = 1.4, minimum = 1.0)]
    pub factor: f64,
    /// Entropy of the probabilities as a share of the largest: 0 where one state is certain, 1 where both are equally likely.
    #[schema(example = 0.4, minimum = 0.0, maximum = 1.0)]
    pub uncertainty: f64,
    /// Probabilities of the states in the next period, by ascending variance; they sum to one.
    #[schema(example = json!([0.92, 0.08]), min_items = 2, max_items = 2)]
    pub probabilities: Vec<f64>,
    /// Returns that the states were fitted to.
    #[schema(example = 250, minimum = 120, maximum = 1_260)]
    pub observations: usize,
}

/// Why a figure of a regime does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingRegimeReason {
    /// The state is left less than once in a history of this length.
    LongerThanHistory,
}

impl MissingRegimeReason {
    /// The reason as a sentence without a full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::LongerThanHistory => {
                "the state is left less than once in a history of this length, which cannot tell how long it lasts"
            }
        }
    }
}

/// A figure of a regime that does not exist, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingRegimeFigure {
    /// JSON pointer to the figure in this answer.
    #[schema(example = "/expected_durations/0")]
    pub pointer: String,
    /// Machine-readable cause.
    pub reason: MissingRegimeReason,
    /// The cause as a sentence.
    #[schema(
        example = "the state is left less than once in a history of this length, which cannot tell how long it lasts"
    )]
    pub detail: String,
}

/// How a state differs from the one of the earlier fit that it is matched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateJumpKind {
    /// Its position in the order of variances has changed.
    Reordered,
    /// Its name has changed.
    Renamed,
    /// Even the nearest state is far: a distance above 0.5.
    Moved,
}

/// A warning that a state is not the one of the earlier fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct StateJump {
    /// What has changed.
    pub kind: StateJumpKind,
    /// The state of the earlier fit.
    #[schema(example = 1, minimum = 0)]
    pub previous: usize,
    /// Its state in this fit.
    #[schema(example = 1, minimum = 0)]
    pub next: usize,
    /// Hellinger distance of the two normal laws: 0 the same, 1 apart.
    #[schema(example = 0.62, minimum = 0.0, maximum = 1.0)]
    pub distance: f64,
}

/// The states of an earlier fit matched to those of this one, so that the sum of their distances is the smallest.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RegimeMatching {
    /// For each state of the earlier fit, its state in this one.
    #[schema(example = json!([0, 1]))]
    pub next: Vec<usize>,
    /// For each state of the earlier fit, its Hellinger distance from that state, 0 to 1.
    #[schema(example = json!([0.08, 0.12]))]
    pub distances: Vec<f64>,
    /// Why a decision should not take the states for those of the earlier fit; empty where it may.
    #[schema(example = json!([]))]
    pub jumps: Vec<StateJump>,
}

impl From<StateMatching> for RegimeMatching {
    fn from(matching: StateMatching) -> Self {
        let jump = |jump: &LabelJump| {
            let (kind, previous, next) = match *jump {
                LabelJump::Reordered { previous, next } => (StateJumpKind::Reordered, previous, next),
                LabelJump::Renamed { previous, next } => (StateJumpKind::Renamed, previous, next),
                LabelJump::Moved { previous, next, .. } => (StateJumpKind::Moved, previous, next),
                // The list is closed here, and a kind that comes later is a change of the contract.
                _ => return None,
            };
            let distance = matching.distances.get(previous).copied()?;
            Some(StateJump { kind, previous, next, distance })
        };
        let jumps = matching.jumps.iter().filter_map(jump).collect();
        Self { jumps, next: matching.next, distances: matching.distances }
    }
}

/// The regimes of a return series: a Gaussian hidden Markov model and what it says about each period.
///
/// Lists over states are ordered by ascending variance; a state is its position in them, from 0.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegimeResponse {
    /// Number of states.
    #[schema(example = 2)]
    pub states: usize,
    /// Number of returns.
    #[schema(example = 10)]
    pub observations: usize,
    /// The name of each state: the least variance with a mean above zero is `bull`, the largest variance `bear` (or
    /// `turbulent`, when its mean is not below zero), the rest `sideways`.
    #[schema(example = json!(["bull", "turbulent"]))]
    pub names: Vec<RegimeName>,
    /// Mean of each state, in the unit of the returns.
    #[schema(example = json!([0.0012, 0.0025]))]
    pub means: Vec<f64>,
    /// Variance of each state, in the squared unit of the returns, ascending.
    #[schema(example = json!([0.000_005_4, 0.000_85]))]
    pub variances: Vec<f64>,
    /// Probability of each state in the first period.
    #[schema(example = json!([1.0, 0.0]))]
    pub start: Vec<f64>,
    /// Probability of going from the row's state to the column's in one period.
    #[schema(example = json!([[0.8, 0.2], [0.25, 0.75]]))]
    pub transition: Vec<Vec<f64>>,
    /// Expected periods in each state once it is entered; null with a reason in `unavailable`.
    #[schema(example = json!([5.0, 4.0]))]
    pub expected_durations: Vec<Option<f64>>,
    /// Log-likelihood of the returns as sent, in nats.
    #[schema(example = 30.2)]
    pub log_likelihood: f64,
    /// Bayesian information criterion; lower is better. It prefers too many states for returns with fat tails.
    #[schema(example = -44.3)]
    pub bic: f64,
    /// Probability of each state in each period, given the returns up to that period: a row per return. The parameters are those of the
    /// whole series; a backtest has to fit them again at each date.
    #[schema(example = json!([[1.0, 0.0], [0.98, 0.02]]))]
    pub filtered: Vec<Vec<f64>>,
    /// Probability of each state in the period after the last one: the probabilities that a decision may use.
    #[schema(example = json!([0.4, 0.6]))]
    pub predicted: Vec<f64>,
    /// How uncertain `predicted` is: its entropy as a share of the largest, from 0 (certain) to 1 (all states are
    /// equally likely).
    #[schema(example = 0.97)]
    pub predicted_uncertainty: f64,
    /// Probability of each state in the last period, given all returns.
    #[schema(example = json!([0.3, 0.7]))]
    pub smoothed_last: Vec<f64>,
    /// The most likely state of each period, given all returns: for use in hindsight only.
    #[schema(example = json!([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]))]
    pub path: Vec<usize>,
    /// Number of starts from which the likelihood was maximised.
    #[schema(example = 12)]
    pub restarts: usize,
    /// Starts, of the best four, that reached this likelihood: one of four is a sign that a better maximum may exist.
    #[schema(example = 4)]
    pub restarts_agreeing: usize,
    /// Iterations of the best start.
    #[schema(example = 40)]
    pub iterations: usize,
    /// Whether the maximisation converged.
    pub converged: bool,
    /// Whether a state explains only a few returns, or returns that hardly differ: it is then not a regime.
    pub degenerate: bool,
    /// The states of `previous` matched to these; absent without `previous`.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching: Option<RegimeMatching>,
    /// Figures that do not exist, and why.
    pub unavailable: Vec<MissingRegimeFigure>,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
