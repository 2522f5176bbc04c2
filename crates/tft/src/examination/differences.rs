//! Derivatives compared with differences.

use serde::Serialize;

use crate::{Matrix, Panel, Tft, TftError, Window};

/// A derivative of the loss with respect to one weight, and the central difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The tensor.
    pub tensor: String,
    /// Position of the weight in it, row by row.
    pub entry: usize,
    /// The derivative that training uses.
    pub gradient: f64,
    /// `(loss(w + δ) − loss(w − δ))/2δ`, with the first of δ = 1e-6, 1e-7 and 1e-8 that agrees, or 1e-6 if none does.
    pub difference: f64,
}

/// Steps of a difference. The loss has kinks where a forecast equals an outcome, and a difference across one is not the
/// derivative: a shorter step rarely crosses it as well. A wrong derivative is wrong with every step.
const STEPS: [f64; 3] = [1e-6, 1e-7, 1e-8];
/// Largest error relative to the larger of the two, and the error from rounding alone for a loss of the order of one.
const TOLERANCE: (f64, f64) = (0.01, 1e-9);

impl Difference {
    /// Whether the two agree within 1 %.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let larger = self.gradient.abs().max(self.difference.abs());
        (self.gradient - self.difference).abs() <= TOLERANCE.0 * larger + TOLERANCE.1
    }
}

/// Names of tensors whose gradient is absent or zero, and for each other tensor the entry with the largest derivative.
pub(super) fn against(
    model: &Tft,
    panel: &Panel,
    windows: &[Window],
    gradients: &[Option<Matrix>],
) -> Result<(Vec<String>, Vec<Difference>), TftError> {
    let (mut untouched, mut differences) = (Vec::new(), Vec::new());
    let mut moved = model.clone();
    for (at, gradient) in gradients.iter().enumerate() {
        let tensor = model.parameters().name(at).to_owned();
        let entries = gradient.iter().flat_map(Matrix::data).copied().enumerate();
        let largest = entries.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).filter(|(_, g)| *g != 0.0);
        let Some((entry, gradient)) = largest else {
            untouched.push(tensor);
            continue;
        };
        let here = model.parameters().values()[at].data()[entry];
        let mut loss = |weight: f64| -> Result<f64, TftError> {
            moved.parameters_mut().values_mut()[at].data_mut()[entry] = weight;
            let losses = moved.losses(panel, windows)?;
            Ok(losses.iter().sum::<f64>() / losses.len() as f64)
        };
        let mut told: Option<Difference> = None;
        for step in STEPS {
            let difference = (loss(here + step)? - loss(here - step)?) / (2.0 * step);
            let one = Difference { tensor: tensor.clone(), entry, gradient, difference };
            let agrees = one.agrees();
            if agrees || told.is_none() {
                told = Some(one);
            }
            if agrees {
                break;
            }
        }
        moved.parameters_mut().values_mut()[at].data_mut()[entry] = here;
        differences.extend(told);
    }
    Ok((untouched, differences))
}
