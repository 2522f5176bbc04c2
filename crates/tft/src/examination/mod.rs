//! What a loss curve does not show: whether every weight learns, and whether anything was learned.

mod comparison;
mod differences;

use governance::Digest;
use serde::Serialize;

use crate::{Panel, Tft, TftError, Window};
pub use comparison::Comparison;
pub(crate) use comparison::quantile;
pub use differences::Difference;

/// How a model is examined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExaminationSpec {
    /// Probability of accepting a model as better that is not, in (0, 1).
    pub level: f64,
    /// Number of models tried, including this one, at least 1: the level is divided by it.
    pub trials: u64,
    /// Number of windows on which derivatives are checked, at least 1.
    pub windows: usize,
}

impl Default for ExaminationSpec {
    /// 5 %, one trial, eight windows.
    fn default() -> Self {
        Self { level: 0.05, trials: 1, windows: 8 }
    }
}

/// The findings about a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examination {
    /// SHA-256 of the examined weights.
    pub weights: Digest,
    /// Number of tensors.
    pub tensors: usize,
    /// Names of tensors on which the loss does not depend: no gradient, or a gradient of zeros.
    pub untouched: Vec<String>,
    /// One entry of each other tensor: its derivative, and the central difference.
    pub differences: Vec<Difference>,
    /// Comparison with quantiles that depend only on the series and the step.
    pub comparison: Comparison,
}

/// Why a model is not admitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// Tensors that do not learn, by name.
    Untouched(Vec<String>),
    /// Derivatives that disagree with differences.
    WrongGradient(Vec<Difference>),
    /// On the test windows, the model is not significantly better than unconditional quantiles.
    LearntNothing(Comparison),
    /// The examination belongs to other weights.
    OtherWeights,
}

/// A model whose examination found no fault. It cannot be obtained in any other way.
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
/// - Every tensor must have a nonzero gradient over the first windows of `train`.
/// - In every tensor, the largest derivative must agree with a central difference within 1 %.
/// - Over `test`, the loss must be lower than that of the quantiles of the outcomes of `train`, by series and step of
///   the horizon, according to the Diebold-Mariano test on the mean losses of each origin.
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
    /// The faults; empty if the model is sound.
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

    /// Admits the examined model, or returns all its faults.
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
