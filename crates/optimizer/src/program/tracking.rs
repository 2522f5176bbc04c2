//! The cap on the tracking error, as a quadratic constraint.

use crate::model::RiskModel;
use crate::vector::{axpy, dot};

/// `(w − b)ᵀΣ(w − b) + 2hᵀ(w − b) ≤ limit`; `h` is present after fixed assets are removed.
#[derive(Debug, Clone)]
pub(crate) struct Tracking {
    pub(crate) benchmark: Vec<f64>,
    pub(crate) linear: Option<Vec<f64>>,
    pub(crate) limit: f64,
}

impl Tracking {
    /// The squared tracking error at `w` (without the constant of fixed assets, which `limit` contains), and half its
    /// gradient; `active` receives `w − b`.
    pub(crate) fn evaluate(&self, model: &RiskModel, w: &[f64], active: &mut [f64], half_gradient: &mut [f64]) -> f64 {
        for ((a, w), b) in active.iter_mut().zip(w).zip(&self.benchmark) {
            *a = w - b;
        }
        model.multiply(active, half_gradient);
        let mut value = dot(active, half_gradient);
        if let Some(h) = &self.linear {
            value += 2.0 * dot(h, active);
            axpy(1.0, h, half_gradient);
        }
        value
    }

    /// The squared tracking error at `w`.
    pub(crate) fn value(&self, model: &RiskModel, w: &[f64]) -> f64 {
        let (mut active, mut half) = (vec![0.0; w.len()], vec![0.0; w.len()]);
        self.evaluate(model, w, &mut active, &mut half)
    }
}
