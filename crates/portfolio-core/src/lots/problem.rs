//! A lot problem: goals, lots and limits, and what makes it valid.

use super::LotError;

/// Largest number of lots that a float represents exactly.
const MOST_LOTS: i64 = 1 << 53;

/// One asset of a [`LotProblem`]. Values are in minor units; buys are positive and sales negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotAsset {
    /// The wanted trade without lots.
    pub goal: f64,
    /// Value of one lot, above 0. An asset without lots has a step of 1, a lot of one minor unit.
    pub step: f64,
    /// Fewest lots that may trade; negative lots are sold.
    pub least: i64,
    /// Most lots that may trade. Zero lots are always allowed, whatever `least` and `most` are.
    pub most: i64,
    /// Smallest absolute value of a ticket; 0 for none.
    pub min_value: f64,
    /// How much a unit of deviation counts; normally 1, at least 0.
    pub weight: f64,
}

/// Which whole lots to trade: goals per asset, and limits on cash, turnover and tickets.
///
/// With lots `k`, steps `s` and goals `g`, the plan minimises the remaining deviation, in minor units,
///
/// ```text
/// ½·( Σ weightᵢ·|kᵢ·sᵢ − gᵢ| + short_weight·short + idle_weight·idle + cost_weight·costs )
/// ```
///
/// where the cash after trades and costs is `short` below or `idle` above `cash_goal`.
#[derive(Clone, Copy)]
pub struct LotProblem<'a> {
    /// The assets.
    pub assets: &'a [LotAsset],
    /// Cash before the trades.
    pub cash: f64,
    /// Cash after trades and costs is never below this.
    pub cash_least: f64,
    /// Where cash should end.
    pub cash_goal: f64,
    /// How much a unit of cash above its goal counts, at least 0. With 1 it counts like a unit of an asset. If it is
    /// above the largest weight of an asset, no allowed ticket that fits into the cash above the goal is left out.
    pub idle_weight: f64,
    /// How much a unit of cash below its goal counts, at least 0.
    pub short_weight: f64,
    /// Largest sum of the absolute values of all tickets.
    pub budget: Option<f64>,
    /// Largest number of tickets.
    pub max_tickets: Option<usize>,
    /// How much a unit of cost counts, at least 0. With `idle_weight`, a cost counts like the idle cash that pays for it, so no ticket is
    /// better because it costs more; with 0, costs only use up cash.
    pub cost_weight: f64,
    /// Cost in minor units of trading a number of lots (not 0) of an asset (by index): at least 0, and no less for more
    /// lots on the same side. It is not called for tickets outside the limits of their asset.
    ///
    /// The bound treats a cost as convex between two numbers of lots on one side if the lots it evaluates between them
    /// (all of them in short runs) are consistent with that; otherwise it only assumes that the cost does not fall.
    pub cost: &'a dyn Fn(usize, i64) -> f64,
}

impl LotProblem<'_> {
    /// Checks every value.
    pub(super) fn check(&self) -> Result<(), LotError> {
        let out_of_range = |name, value| Err(LotError::OutOfRange { name, value });
        for (name, value) in [("cash", self.cash), ("cash_least", self.cash_least), ("cash_goal", self.cash_goal)] {
            if !value.is_finite() {
                return out_of_range(name, value);
            }
        }
        for (name, value) in
            [("idle_weight", Some(self.idle_weight)), ("cost_weight", Some(self.cost_weight)), ("budget", self.budget)]
        {
            if let Some(value) = value.filter(|v| !(v.is_finite() && *v >= 0.0)) {
                return out_of_range(name, value);
            }
        }
        for (i, asset) in self.assets.iter().enumerate() {
            let bad = [
                ("goal", asset.goal, asset.goal.is_finite()),
                ("step", asset.step, asset.step.is_finite() && asset.step > 0.0),
                ("least", asset.least as f64, asset.least <= asset.most),
                ("min_value", asset.min_value, asset.min_value.is_finite() && asset.min_value >= 0.0),
                ("weight", asset.weight, asset.weight.is_finite() && asset.weight >= 0.0),
            ];
            if let Some((name, value, _)) = bad.into_iter().find(|(_, _, valid)| !valid) {
                return Err(LotError::Asset { asset: i, name, value });
            }
        }
        Ok(())
    }

    /// Cost of trading `lots` of asset `i`.
    #[inline]
    pub(super) fn cost_of(&self, i: usize, lots: i64) -> f64 {
        if lots == 0 { 0.0 } else { (self.cost)(i, lots).max(0.0) }
    }

    /// The most cash that may be spent, and the amount to spend to end at the goal.
    pub(super) fn spending(&self) -> (f64, f64) {
        (self.cash - self.cash_least, self.cash - self.cash_goal)
    }

    /// The scale of the amounts involved, minor units: rounding errors are relative to it.
    pub(super) fn scale(&self) -> f64 {
        let goals: f64 = self.assets.iter().map(|asset| asset.goal.abs()).sum();
        1.0 + self.cash.abs() + self.cash_goal.abs() + goals
    }

    /// The largest sum of the absolute values of tickets.
    pub(super) fn most_value(&self) -> f64 {
        self.budget.unwrap_or(f64::INFINITY)
    }
}

impl LotAsset {
    /// The goal in lots.
    #[inline]
    pub(super) fn goal_lots(&self) -> f64 {
        self.goal / self.step
    }

    /// Weighted distance of a trade of `lots` from the goal.
    #[inline]
    pub(super) fn gap(&self, lots: i64) -> f64 {
        self.weight * self.distance(lots)
    }

    /// Distance of a trade of `lots` from the goal.
    #[inline]
    pub(super) fn distance(&self, lots: i64) -> f64 {
        (lots as f64 * self.step - self.goal).abs()
    }

    /// Fewest lots of a ticket.
    pub(super) fn smallest_ticket(&self) -> i64 {
        ((self.min_value / self.step - 1e-9).ceil() as i64).clamp(1, MOST_LOTS)
    }

    /// Fewest and most lots, within the range that is exact.
    pub(super) fn range(&self) -> (i64, i64) {
        (self.least.clamp(-MOST_LOTS, MOST_LOTS), self.most.clamp(-MOST_LOTS, MOST_LOTS))
    }
}
