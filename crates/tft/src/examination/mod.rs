//! What a loss curve does not show: whether every weight learns, and whether anything was learnt.

mod comparison;
mod differences;

use governance::Digest;
use serde::Serialize;

use crate::{Panel, Tft, TftError, Window};
pub use comparison::Comparison;
pub use differences::Difference;

/// How a model is examined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExaminationSpec {
    /// Probability of calling a model better that is not, in (0, 1).
    pub level: f64,
    /// Models that were tried, this one among them, at least 1: the level is divided by it.
    pub trials: u64,
    /// Windows on which derivatives are looked at, at least 1.
    pub windows: usize,
}

impl Default for ExaminationSpec {
    /// 5 %, one trial, eight windows.
    fn default() -> Self {
        Self { level: 0.05, trials: 1, windows: 8 }
    }
}

/// What was found in a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examination {
    /// SHA-256 of the weights that were examined.
    pub weights: Digest,
    /// Number of tensors.
    pub tensors: usize,
    /// Names of tensors that the loss does not depend on: no gradient, or one of zeros.
    pub untouched: Vec<String>,
    /// One entry of each other tensor: its derivative, beside a central difference.
    pub differences: Vec<Difference>,
    /// Against quantiles that know nothing but the series and the step.
    pub comparison: Comparison,
}

/// Why a model is not admitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// Tensors that learn nothing, by name.
    Untouched(Vec<String>),
    /// Derivatives that are not those of differences.
    WrongGradient(Vec<Difference>),
    /// Unconditional quantiles are as good, as far as the test windows can tell.
    LearntNothing(Comparison),
    /// The examination is of other weights.
    OtherWeights,
}

/// A model whose examination found nothing wrong. There is no other way to one.
#[derive(Debug, Clone)]
pub struct Admitted {
    model: Tft,
    examination: Examination,
}

impl Admitted {
    /// The model.
    #[must_use]
    pub fn model(&self) -> &Tft {
        &self.model
    }

    /// What was found in it.
    #[must_use]
    pub fn examination(&self) -> &Examination {
        &self.examination
    }
}

/// Examines a model.
///
/// - Every tensor must have a gradient that is not zero, over the first windows of `train`.
/// - Of every tensor, the entry with the largest derivative must agree with a central difference within 1 %.
/// - Over `test`, the loss must be lower than that of the quantiles of the outcomes of `train`, by series and step of the horizon, by a test of
///   Diebold and Mariano on the mean losses of each origin.
///
/// # Errors
/// [`TftError::TooFew`] without windows, and what the comparison and [`Tft::losses`] refuse.
///
/// # Reference
/// Diebold and Mariano (1995); `evaluate::diebold_mariano` has the formula.
pub fn examine(
    model: &Tft,
    panel: &Panel,
    train: &[Window],
    test: &[Window],
    spec: &ExaminationSpec,
) -> Result<Examination, TftError> {
    model.same(panel)?;
    if train.is_empty() || spec.windows == 0 {
        return Err(TftError::TooFew { of: "windows to take derivatives on", found: 0, needed: 1 });
    }
    // Spread over the windows, so that every series is likely to be among them.
    let every = train.len().div_ceil(spec.windows);
    let looked: Vec<Window> = train.iter().copied().step_by(every).collect();
    let (_, gradients) = model.gradients(panel, &looked, None)?;
    let (untouched, differences) = differences::against(model, panel, &looked, &gradients)?;
    let comparison = comparison::compare(model, panel, train, test, spec)?;
    Ok(Examination { weights: model.digest(), tensors: model.parameters().len(), untouched, differences, comparison })
}

impl Examination {
    /// What is wrong; nothing where the model is sound.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        let mut all = Vec::new();
        if !self.untouched.is_empty() {
            all.push(Refusal::Untouched(self.untouched.clone()));
        }
        let wrong: Vec<Difference> = self.differences.iter().filter(|one| !one.agrees()).cloned().collect();
        if !wrong.is_empty() {
            all.push(Refusal::WrongGradient(wrong));
        }
        if !self.comparison.learnt() {
            all.push(Refusal::LearntNothing(self.comparison.clone()));
        }
        all
    }

    /// Admits the model that was examined, or says all that is wrong.
    ///
    /// # Errors
    /// The refusals, at least one.
    pub fn admit(self, model: Tft) -> Result<Admitted, Vec<Refusal>> {
        if model.digest() != self.weights {
            return Err(vec![Refusal::OtherWeights]);
        }
        let refusals = self.refusals();
        if refusals.is_empty() { Ok(Admitted { model, examination: self }) } else { Err(refusals) }
    }
}
