//! The cost of one trade of one asset, and its conjugate.

use super::problem::MultiPeriodProblem;

/// `c·d + k·d^1.5 + q·d²` for a trade of size `d ≥ 0`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct StepCost {
    linear: f64,
    impact: f64,
    quadratic: f64,
}

impl StepCost {
    pub(super) fn list(problem: &MultiPeriodProblem) -> Vec<Self> {
        let at = |list: &Option<Vec<f64>>, i: usize| list.as_ref().map_or(0.0, |v| v[i]);
        (0..problem.assets())
            .map(|i| Self {
                linear: at(&problem.cost_linear, i),
                impact: at(&problem.cost_impact, i),
                quadratic: at(&problem.cost_quadratic, i),
            })
            .collect()
    }

    pub(super) fn value(self, size: f64) -> f64 {
        (self.linear + self.impact * size.sqrt() + self.quadratic * size) * size
    }

    pub(super) fn slope(self, size: f64) -> f64 {
        self.linear + 1.5 * self.impact * size.sqrt() + 2.0 * self.quadratic * size
    }

    pub(super) fn curvature(self, size: f64) -> f64 {
        let impact = if self.impact > 0.0 { 0.75 * self.impact / size.sqrt() } else { 0.0 };
        impact + 2.0 * self.quadratic
    }

    /// The cost when a unit of trade costs `by` more.
    pub(super) fn dearer(self, by: f64) -> Self {
        Self { linear: self.linear + by, ..self }
    }

    /// The largest size of a price for which [`StepCost::conjugate`] is finite, when a trade is at most `most`.
    pub(super) fn price_max(self, most: f64) -> f64 {
        let is_curved = self.impact > 0.0 || self.quadratic > 0.0;
        if is_curved || most.is_finite() { f64::INFINITY } else { self.linear }
    }

    /// The largest excess of a price of `y` per unit of trade over the cost: `max_d y·d − cost(|d|)` over `|d| ≤ most`.
    pub(super) fn conjugate(self, price: f64, most: f64) -> f64 {
        let over = price.abs() - self.linear;
        if over <= 0.0 || self.price_max(most).is_finite() {
            return 0.0;
        }
        // The root s = √d of 2q·s² + 1.5k·s − over = 0, as a quotient that loses no digits when q is small; infinite
        // where the cost is linear.
        let half = 1.5 * self.impact;
        let root = 2.0 * over / (half + (half * half + 8.0 * self.quadratic * over).sqrt());
        let size = (root * root).min(most);
        price.abs() * size - self.value(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conjugate_is_the_largest_excess() {
        for cost in [
            StepCost { linear: 0.1, impact: 0.3, quadratic: 0.0 },
            StepCost { linear: 0.1, impact: 0.0, quadratic: 0.7 },
            StepCost { linear: 0.0, impact: 0.2, quadratic: 0.5 },
        ] {
            for price in [0.05, 0.4, -1.3] {
                let sizes = (0..200_000).map(|i| f64::from(i) * 1e-4);
                let excess = |d| f64::abs(price) * d - cost.value(d);
                let best = sizes.clone().map(excess).fold(0.0, f64::max);
                let found = cost.conjugate(price, f64::INFINITY);
                assert!((found - best).abs() < 1e-7, "{cost:?} at {price}: {best}");
                let best = sizes.take_while(|d| *d <= 0.25).map(excess).fold(0.0, f64::max);
                let found = cost.conjugate(price, 0.25);
                assert!((found - best).abs() < 1e-7, "{cost:?} at {price} up to 0.25: {best}");
            }
        }
        let kink = StepCost { linear: 0.1, ..StepCost::default() };
        assert_eq!((kink.conjugate(0.1, f64::INFINITY), kink.price_max(f64::INFINITY)), (0.0, 0.1));
        // What costs 0.1 a unit and earns 0.3 is worth 0.2 a unit, as far as it may be traded.
        assert!((kink.conjugate(0.3, 0.5) - 0.1).abs() < 1e-15);
        assert!((kink.dearer(0.1).conjugate(0.3, 0.5) - 0.05).abs() < 1e-15);
    }
}
