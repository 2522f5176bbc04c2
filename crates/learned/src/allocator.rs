//! A learned allocator as a value, and as a policy that can be replayed.

use backtest::{Decision, Desk, NO_TURNOVER_LIMIT, Past};
use governance::Digest;
use portfolio_core::{ModelParameter, TradingRules};
use rl::environments::DecisionForm;
use rl::{Policy, Tape};
use serde::{Deserialize, Serialize};

use crate::error::LearnedError;
use crate::features::features;
use crate::map::PolicyMap;
use crate::spec::AllocatorSpec;
use crate::trial::HeldOutTrial;

/// The policy of a seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPolicy {
    /// The seed.
    pub seed: u64,
    /// What it learned.
    pub policy: Policy,
}

/// How the policies of all seeds grew, without exploration, over the days of the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearningCurve {
    /// Days lived through at each point, ascending, 0 first.
    pub steps: Vec<usize>,
    /// Of each seed in order: logarithmic growth a year net of costs at each point, a fraction.
    pub growth_annual: Vec<Vec<f64>>,
    /// The same of equal weights, to which a book returns every 21 days, over the same days.
    pub equal_weights_growth_annual: f64,
}

/// A learned allocator: its policies, how they were learned, what they were worth on the days held out, and what they would trade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnedAllocator {
    /// The settings.
    pub spec: AllocatorSpec,
    /// Names of the assets.
    pub assets: Vec<String>,
    /// The policy of each seed.
    pub policies: Vec<SeedPolicy>,
    /// How they were learned.
    pub curve: LearningCurve,
    /// What they were worth on the days held out.
    pub trial: HeldOutTrial,
    /// What the allocator would trade at each drift.
    pub map: PolicyMap,
}

impl LearnedAllocator {
    /// As bytes: the same value gives the same.
    ///
    /// # Errors
    /// [`LearnedError::Unreadable`] for a number that is not finite, of which a training makes none.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LearnedError> {
        serde_json::to_vec(self).map_err(|error| LearnedError::Unreadable(error.to_string()))
    }

    /// From [`LearnedAllocator::to_bytes`].
    ///
    /// # Errors
    /// [`LearnedError::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LearnedError> {
        serde_json::from_slice(bytes).map_err(|error| LearnedError::Unreadable(error.to_string()))
    }

    /// What it decides: target weights, which sum to 1, and the half-width of the band around each of them; a weight outside its band is
    /// traded to the edge. The mean over the seeds.
    ///
    /// `weights`: of each asset, fractions. `seen`: the features of the day, [`FEATURES`](crate::FEATURES) for each asset, those of all assets one
    /// after another.
    ///
    /// # Errors
    /// [`LearnedError::Rl`] for lists of another length.
    pub fn decide(&self, weights: &[f64], seen: &[f64]) -> Result<(Vec<f64>, f64), LearnedError> {
        Ok(mean_decision(&self.policies, self.assets.len(), weights, seen)?)
    }

    /// What it decides on the day after these returns, as it did in its trial; `None` for less than a year of them.
    ///
    /// `weights`: of each asset, fractions. `returns`: simple returns of each asset in the order of [`LearnedAllocator::assets`], oldest
    /// first, ending on the same day.
    ///
    /// # Errors
    /// [`LearnedError::Rl`] for lists of another length.
    pub fn decide_after(&self, weights: &[f64], returns: &[&[f64]]) -> Result<Option<AllocatorDecision>, LearnedError> {
        let Some(seen) = features(returns) else { return Ok(None) };
        let (targets, half_width) = self.decide(weights, &seen)?;
        Ok(Some(AllocatorDecision { targets, half_width }))
    }
}

/// What an allocator decides on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct AllocatorDecision {
    /// Target weight of each asset; they sum to 1.
    pub targets: Vec<f64>,
    /// Half-width of the band around each of them, a fraction of the value: 0 trades to the targets.
    pub half_width: f64,
}

impl AllocatorDecision {
    /// Rules that trade a weight outside its band to the edge, and to the target where the band is nothing.
    #[must_use]
    pub fn rules(&self, mut rules: TradingRules) -> TradingRules {
        rules.half_widths.fill(self.half_width);
        to_the_edge(rules, self.half_width)
    }
}

/// The mean decision of policies around equal weights.
pub(crate) fn mean_decision(
    policies: &[SeedPolicy],
    assets: usize,
    weights: &[f64],
    seen: &[f64],
) -> Result<(Vec<f64>, f64), rl::RlError> {
    let equal = vec![1.0 / assets as f64; assets];
    let drift = weights.iter().zip(&equal).map(|(held, equal)| 10.0 * (held - equal));
    let observation: Vec<f64> = drift.chain(seen.iter().copied()).collect();
    let (mut targets, mut half_width) = (vec![0.0; assets], 0.0);
    let (share, mut tape) = (1.0 / policies.len().max(1) as f64, Tape::default());
    for SeedPolicy { policy, .. } in policies {
        let action = policy.act(&observation, &mut tape)?;
        let (target, half) = DecisionForm::Band.decide(&equal, &action, weights);
        targets.iter_mut().zip(target).for_each(|(sum, one)| *sum += share * one);
        half_width += share * half;
    }
    Ok((targets, half_width))
}

/// Rules that trade a weight outside its band to the edge, and to the target where the band is nothing.
pub(crate) fn to_the_edge(rules: TradingRules, half_width: f64) -> TradingRules {
    TradingRules { destination: if half_width > 0.0 { 1.0 } else { 0.0 }, ..rules }
}

/// Policies in a replay: the mean decision of them.
#[derive(Debug)]
pub(crate) struct Replayed {
    policies: Vec<SeedPolicy>,
    equal: Vec<f64>,
}

impl Replayed {
    pub(crate) fn new(policies: Vec<SeedPolicy>, assets: usize) -> Self {
        Self { policies, equal: vec![1.0 / assets as f64; assets] }
    }
}

impl backtest::Policy for Replayed {
    fn id(&self) -> &str {
        "learned"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        let digests: Vec<Digest> = self.policies.iter().map(|one| one.policy.digest()).collect();
        let fields: Vec<&[u8]> = digests.iter().map(|digest| &digest.as_bytes()[..]).collect();
        let digest = Digest::of_fields("smart-portfolio-rebalancer/learned-policies/1", &fields);
        vec![ModelParameter::new("policies", digest.to_string())]
    }

    fn target(&self) -> &[f64] {
        &self.equal
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, backtest::PolicyError> {
        let returns: Vec<&[f64]> = (0..past.assets()).map(|asset| past.returns(asset)).collect();
        let Some(seen) = features(&returns) else { return Ok(Decision::Hold) };
        let (target, half_width) =
            mean_decision(&self.policies, past.assets(), desk.weights(), &seen).map_err(backtest::PolicyError::new)?;
        let rules = to_the_edge(desk.rules(half_width), half_width);
        Ok(Decision::Trade(Box::new(desk.size(&target, &rules, NO_TURNOVER_LIMIT)?)))
    }
}
