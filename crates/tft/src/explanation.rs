//! What a model used for its forecasts.

use serde::Serialize;

use crate::{Matrix, Panel, StaticInput, Tft, TftError, Window};

/// The weight of an input in a selection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weight {
    /// The input.
    pub name: String,
    /// Its mean weight, from 0 to 1; the weights of a selection sum to 1.
    pub weight: f64,
}

/// The attention of one step of the horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttentionAhead {
    /// Steps after the origin, from 1.
    pub ahead: usize,
    /// Mean attention to each visible step, from the oldest of the lookback to the step itself; sums to 1.
    pub weights: Vec<f64>,
}

/// Selection weights and attention, as means over windows. They show what the network uses, not what causes the target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Number of windows.
    pub windows: usize,
    /// Of the static covariates.
    pub statics: Vec<Weight>,
    /// Of the inputs over the lookback.
    pub past: Vec<Weight>,
    /// Of the known inputs over the horizon.
    pub future: Vec<Weight>,
    /// By step of the horizon.
    pub attention: Vec<AttentionAhead>,
}

impl Tft {
    /// Selection weights and attention over some windows.
    ///
    /// # Errors
    /// [`TftError::TooFew`] for no window, and those of [`Tft::predict`].
    pub fn explain(&self, panel: &Panel, windows: &[Window]) -> Result<Explanation, TftError> {
        self.same(panel)?;
        if windows.is_empty() {
            return Err(TftError::TooFew { of: "windows", found: 0, needed: 1 });
        }
        let (pass, trace) = self.trace(panel, windows)?;
        let spec = self.spec();
        let named = |names: Vec<&str>, weights: &Matrix| {
            let means = means(weights, 0..weights.rows());
            names.into_iter().zip(means).map(|(name, weight)| Weight { name: name.to_owned(), weight }).collect()
        };
        let attention = pass.tape.value(trace.attention);
        let ahead = |step: usize| {
            let mut weights = means(attention, step * windows.len()..(step + 1) * windows.len());
            weights.truncate(spec.lookback + step + 1);
            AttentionAhead { ahead: step + 1, weights }
        };
        Ok(Explanation {
            windows: windows.len(),
            statics: named(spec.statics.iter().map(StaticInput::name).collect(), pass.tape.value(trace.static_weights)),
            past: named(spec.past(), pass.tape.value(trace.past_weights)),
            future: named(spec.known.iter().map(String::as_str).collect(), pass.tape.value(trace.future_weights)),
            attention: (0..spec.horizon).map(ahead).collect(),
        })
    }
}

/// Means of columns over some rows.
fn means(matrix: &Matrix, rows: std::ops::Range<usize>) -> Vec<f64> {
    let count = rows.len() as f64;
    let mut sums = vec![0.0; matrix.cols()];
    for row in rows {
        for (sum, x) in sums.iter_mut().zip(matrix.row(row)) {
            *sum += x / count;
        }
    }
    sums
}
