//! A positive number beside the multiplier of its sign: what an interior point keeps away from zero.

/// A positive number and the multiplier of its sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) value: f64,
    pub(super) dual: f64,
}

impl Pair {
    /// A number with the multiplier that every run starts from.
    pub(super) fn of(value: f64) -> Self {
        Self { value, dual: 0.1 }
    }

    pub(super) fn product(self) -> f64 {
        self.value * self.dual
    }

    pub(super) fn ratio(self) -> f64 {
        self.dual / self.value
    }

    /// The multiplier for which the product is `target`, less the second-order term of an earlier step, while the value
    /// stays.
    pub(super) fn dual_at(self, target: f64, correction: f64) -> f64 {
        (target - correction) / self.value
    }

    /// The step of the dual for a step of the value, towards the product `target`.
    pub(super) fn dual_step(self, step: f64, target: f64, correction: f64) -> f64 {
        (target - correction - self.product() - self.dual * step) / self.value
    }

    /// The fraction of the steps that keeps both positive.
    pub(super) fn reach(self, step: f64, dual_step: f64) -> f64 {
        let to = |v: f64, d: f64| if d < 0.0 { -v / d } else { f64::INFINITY };
        to(self.value, step).min(to(self.dual, dual_step))
    }

    pub(super) fn moved(&mut self, by: f64, step: f64, dual_step: f64) {
        self.value += by * step;
        self.dual += by * dual_step;
    }
}
