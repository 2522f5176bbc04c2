//! The state of one linear limit of one period: the sum of weights, a group or an exposure.

use super::pair::Pair;
use crate::tolerance::SAME;

/// `low ≤ s ≤ high` with `s = aᵀx`, and the multiplier `ν` of that equation: `ν = wu − wl`.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowState {
    pub(super) nu: f64,
    pub(super) value: f64,
    /// Distances to the limits; none where there is no such limit, and neither where the value is fixed.
    low: Option<Pair>,
    high: Option<Pair>,
}

/// The steps of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowStep {
    pub(super) nu: f64,
    pub(super) value: f64,
    low: f64,
    high: f64,
}

impl RowState {
    /// A row whose weights come to `at`. Limits may be infinite, not both of them.
    pub(super) fn start(at: f64, low: f64, high: f64) -> Self {
        // A range that is rounding alone has no interior.
        if high - low <= SAME {
            return Self { nu: 0.0, value: low, low: None, high: None };
        }
        let room = if (high - low).is_finite() { 0.1 * (high - low) } else { 0.1 };
        let value = at.max(low + room).min(high - room);
        let pair = |distance: f64| distance.is_finite().then(|| Pair::of(distance));
        Self { nu: 0.0, value, low: pair(value - low), high: pair(high - value) }
    }

    /// By how much the value moves for a unit of its multiplier; zero where it is fixed.
    pub(super) fn give(&self) -> f64 {
        let stiffness = self.stiffness();
        if stiffness > 0.0 { 1.0 / stiffness } else { 0.0 }
    }

    fn stiffness(&self) -> f64 {
        [self.low, self.high].into_iter().flatten().map(Pair::ratio).sum()
    }

    /// The force on the value while it stays: what its multiplier and those of its limits do not balance at the target.
    fn pull(&self, target: f64, before: &RowStep) -> f64 {
        let above = self.low.map_or(0.0, |low| low.dual_at(target, before.value * before.low));
        let below = self.high.map_or(0.0, |high| high.dual_at(target, -before.value * before.high));
        self.nu + above - below
    }

    /// The right side of the row: `aᵀdx − give·dν`. `at` are its weights now.
    pub(super) fn right(&self, at: f64, target: f64, before: &RowStep) -> f64 {
        self.value - at + self.give() * self.pull(target, before)
    }

    pub(super) fn step(&self, nu: f64, target: f64, before: &RowStep) -> RowStep {
        let value = self.give() * (nu + self.pull(target, before));
        RowStep {
            nu,
            value,
            low: self.low.map_or(0.0, |low| low.dual_step(value, target, before.value * before.low)),
            high: self.high.map_or(0.0, |high| high.dual_step(-value, target, -before.value * before.high)),
        }
    }

    /// The distances to the limits, with their steps and those of their multipliers.
    pub(super) fn moving(&self, step: &RowStep) -> impl Iterator<Item = (Pair, f64, f64)> + use<> {
        let low = self.low.map(|low| (low, step.value, step.low));
        let high = self.high.map(|high| (high, -step.value, step.high));
        low.into_iter().chain(high)
    }

    pub(super) fn moved(&mut self, by: f64, step: &RowStep) {
        self.nu += by * step.nu;
        self.value += by * step.value;
        if let Some(low) = &mut self.low {
            low.moved(by, step.value, step.low);
        }
        if let Some(high) = &mut self.high {
            high.moved(by, -step.value, step.high);
        }
    }
}
