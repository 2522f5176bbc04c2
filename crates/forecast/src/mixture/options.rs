//! The settings of a mixture.

use online::{Aggregator, Rule};
use portfolio_core::ModelParameter;

use super::experts;
use crate::ensemble::EnsembleOptions;
use crate::error::{ForecastError, require};

/// Rounds of one learner for which the rates are the best against any sequence: about ten years of weekly rounds that five learners share.
pub const MIXTURE_ROUNDS: f64 = 100.0;

/// Settings of [`Mixture`](super::Mixture).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixtureOptions {
    /// The experts besides the mean, and what the confidence is measured by.
    pub experts: EnsembleOptions,
    /// Periods whose mean return is forecast, 1 to 1,000; a loss is known this many periods later.
    pub horizon: usize,
    /// Periods from one round to the next, 1 to 1,000.
    pub step: usize,
    /// Periods before the first round, at least 2.
    pub first: usize,
    /// The largest loss, in squared standard deviations of the mean of a horizon; above 0.
    pub largest: f64,
}

impl Default for MixtureOptions {
    /// A month, every week, after a quarter; errors beyond three standard deviations count as three.
    fn default() -> Self {
        Self { experts: EnsembleOptions::default(), horizon: 21, step: 5, first: 63, largest: 9.0 }
    }
}

impl MixtureOptions {
    /// Checks every member, and the rate of the rule.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first that is out of its range.
    pub fn check(&self, rule: Rule) -> Result<(), ForecastError> {
        self.experts.check()?;
        require((1..=1_000).contains(&self.horizon), "horizon", self.horizon as f64, "1 to 1000")?;
        require((1..=1_000).contains(&self.step), "step", self.step as f64, "1 to 1000")?;
        require(self.first >= 2, "first", self.first as f64, "2 or more")?;
        let largest = self.largest;
        require(largest > 0.0 && largest.is_finite(), "largest", largest, "above 0 and finite")?;
        let is_sound = Aggregator::new(rule, experts::IDS.len(), largest).is_ok();
        require(is_sound, "rate", rate(rule).unwrap_or(f64::NAN), "a rate that the rule allows")
    }

    /// Every setting, in a fixed order.
    pub(super) fn parameters(&self, rule: Rule) -> Vec<ModelParameter> {
        let name = match rule {
            Rule::Equal => "equal",
            Rule::Ewa { .. } => "ewa",
            Rule::MlPoly => "ml_poly",
            Rule::Boa { .. } => "boa",
        };
        let mut parameters = vec![ModelParameter::new("rule", name)];
        parameters.extend(rate(rule).map(|rate| ModelParameter::new("rate", rate)));
        parameters.push(ModelParameter::new("horizon", self.horizon as f64));
        parameters.push(ModelParameter::new("step", self.step as f64));
        parameters.push(ModelParameter::new("first", self.first as f64));
        parameters.push(ModelParameter::new("largest", self.largest));
        parameters.extend(self.experts.parameters());
        parameters
    }
}

fn rate(rule: Rule) -> Option<f64> {
    match rule {
        Rule::Ewa { rate } | Rule::Boa { rate } => Some(rate),
        Rule::Equal | Rule::MlPoly => None,
    }
}
