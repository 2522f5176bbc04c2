//! What trades cost, in the unit in which deviations are weighed.

use super::SizingInput;
use super::gaps::Gaps;

/// Halvings of a step whose cost is not linear: to a millionth of its length.
const HALVINGS: usize = 20;

/// The slopes of the costs of trades.
///
/// The allotment weighs `½·gᵀCg` with deviations `g` in minor units and `C = (T − 1)·Σ` of one period, where the objective of the plan is
/// `λ·gᵀΣg/V² + cost/V`, `V` the NAV. So a minor unit of cost weighs `κ = V·(T − 1)/(2λ)`. With λ = 630 (γ = 5, one year of 252 periods),
/// V = 1,000,000 and T = 253, a cost of 10 bp weighs as much as a slope `Cg` of 200.
#[derive(Debug)]
pub(super) struct SideCosts {
    /// κ.
    pub(super) weight: f64,
    /// κ times the rate of each asset's trade, less the least rate of its side.
    linear: Vec<f64>,
    /// κ times the least rate of the buys, and of the sells.
    least: [f64; 2],
    /// κ times the coefficient of impact over the root of NAV: the slope at a trade of `x` is `1.5·impact·√|x|`.
    impact: Vec<f64>,
    has_impact: bool,
    /// Whether the trades of a side differ in their costs.
    pub(super) tells_apart: bool,
}

impl SideCosts {
    /// The costs of the wanted trades; `None` where variance has no price, or the trades cost nothing.
    pub(super) fn of(input: &SizingInput, gaps: &Gaps, periods: usize) -> Option<Self> {
        let price = input.histories.map(|histories| histories.price_of_variance)?;
        let nav = input.nav.minor() as f64;
        let weight = nav * (periods.max(2) - 1) as f64 / (2.0 * price);
        if !(price > 0.0 && weight.is_finite()) {
            return None;
        }
        let convex: Vec<_> = (0..gaps.wanted.len()).map(|i| input.costs.convex(i, input.price[i])).collect();
        let rate = |i: usize| if gaps.wanted[i] > 0.0 { convex[i].buy } else { convex[i].sell };
        let least = |buys: bool| {
            let side = (0..gaps.wanted.len()).filter(|&i| gaps.wanted[i] != 0.0 && (gaps.wanted[i] > 0.0) == buys);
            side.map(rate).fold(f64::INFINITY, f64::min)
        };
        let (of_buys, of_sells) = (least(true), least(false));
        let linear = |i: usize| match gaps.wanted[i] {
            wanted if wanted > 0.0 => weight * (rate(i) - of_buys),
            wanted if wanted < 0.0 => weight * (rate(i) - of_sells),
            _ => 0.0,
        };
        let linear: Vec<f64> = (0..gaps.wanted.len()).map(linear).collect();
        let impact: Vec<f64> = convex.iter().map(|cost| weight * cost.impact / nav.sqrt()).collect();
        let has_impact = impact.iter().any(|impact| *impact > 0.0);
        let is_known = linear.iter().chain(&impact).all(|slope| slope.is_finite());
        let tells_apart = has_impact || linear.iter().any(|slope| *slope > 0.0);
        let least = [of_buys, of_sells].map(|rate| if rate.is_finite() { weight * rate } else { 0.0 });
        let costs = tells_apart || least.iter().any(|slope| *slope > 0.0);
        (is_known && costs).then_some(Self { weight, linear, least, impact, has_impact, tells_apart })
    }

    /// The slope that all buys, or all sells, have in common.
    pub(super) fn common(&self, buys: bool) -> f64 {
        self.least[usize::from(!buys)]
    }

    /// The weight of the costs of these trades of these assets.
    pub(super) fn of_trades(&self, trades: &[f64]) -> f64 {
        let cost = |(i, x): (usize, &f64)| {
            let size = x.abs();
            size * (self.common(*x > 0.0) + self.linear[i] + self.impact[i] * size.sqrt())
        };
        trades.iter().enumerate().filter(|(_, x)| **x != 0.0).map(cost).sum()
    }

    /// The slope at a trade of `x` of asset `i`, beyond what its side has in common.
    pub(super) fn slope(&self, i: usize, x: f64) -> f64 {
        self.linear[i] + 1.5 * self.impact[i] * x.abs().sqrt()
    }

    /// By how much the slope of asset `i` rises when `more` is added to the size of its trade of `x`.
    pub(super) fn rise(&self, i: usize, x: f64, more: f64) -> f64 {
        self.slope(i, (x.abs() + more).max(0.0)) - self.slope(i, x)
    }

    /// The largest part of a step to whose end the objective falls: `fall` is by how much it falls per unit after a part, and decreases.
    pub(super) fn as_far_as_it_falls(&self, step: f64, fall: impl Fn(f64) -> f64) -> f64 {
        if !self.has_impact || !step.is_finite() || fall(step) >= 0.0 {
            return step;
        }
        let (mut low, mut high) = (0.0, step);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if fall(middle) >= 0.0 { low = middle } else { high = middle }
        }
        low
    }
}
