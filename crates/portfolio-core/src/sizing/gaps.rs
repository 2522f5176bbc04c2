//! The trades that a plan wants, before they are rounded and before the turnover budget.

/// A wanted trade of at most one minor unit is dust: if it were booked, repeated planning would never stop trading.
pub(super) const DUST: f64 = 1.0 + 1e-6;

/// The wanted trades, before rounding to units and before the budget: signed minor units, positive for buys.
#[derive(Debug, Clone)]
pub(super) struct Gaps {
    /// Wanted trade of each asset.
    pub(super) wanted: Vec<f64>,
    /// How much more of an in-band asset could be sold, as a positive amount, if rounding leaves a buy short.
    pub(super) spare: Vec<f64>,
    /// The unfilled part of a trade: positive for a buy that was cut because cash ran out, negative for a sale that is
    /// left out because it would cost all of its proceeds.
    pub(super) unmet: Vec<f64>,
    /// The part of each wanted trade that the turnover budget allows.
    pub(super) allotted: Vec<f64>,
    /// Whether the turnover budget is less than the wanted turnover.
    pub(super) budget_bound: bool,
    /// Share of the wanted turnover that the budget allows; 1 when it does not bind.
    pub(super) scale: f64,
    /// Whether less than the budget is allotted because more would cost more than it takes off the objective.
    pub(super) stopped_by_cost: bool,
    /// What the last unit of turnover takes off the objective and costs, per unit of turnover; `None` where no cost was weighed.
    pub(super) last_unit: Option<[f64; 2]>,
}

impl Gaps {
    pub(super) fn none(assets: usize) -> Self {
        Self {
            wanted: vec![0.0; assets],
            spare: vec![0.0; assets],
            unmet: vec![0.0; assets],
            allotted: vec![0.0; assets],
            budget_bound: false,
            scale: 1.0,
            stopped_by_cost: false,
            last_unit: None,
        }
    }

    /// The allocated share of each wanted trade, 0 to 1.
    pub(super) fn shares(&self) -> Vec<f64> {
        let share = |(allotted, wanted): (&f64, &f64)| if *wanted == 0.0 { 0.0 } else { allotted / wanted };
        self.allotted.iter().zip(&self.wanted).map(share).collect()
    }

    /// Allocates a budget in the given shares of the wanted trades, scaled together to use this part of it.
    pub(super) fn allot_by(&mut self, shares: &[f64], budget: i64, part: f64) {
        let total: f64 = self.wanted.iter().zip(shares).map(|(wanted, share)| (wanted * share).abs()).sum();
        let scale = if total > 0.0 { part * budget as f64 / total } else { 0.0 };
        for (allotted, (wanted, share)) in self.allotted.iter_mut().zip(self.wanted.iter().zip(shares)) {
            *allotted = wanted * (scale * share).min(1.0);
        }
    }

    /// Allocates a budget in proportion to the wanted trades.
    pub(super) fn allot_in_proportion(&mut self, budget: i64) {
        let total: f64 = self.wanted.iter().map(|g| g.abs()).sum();
        self.budget_bound = total > budget as f64 + 1e-6;
        self.scale = if self.budget_bound { budget as f64 / total } else { 1.0 };
        for (allotted, wanted) in self.allotted.iter_mut().zip(&self.wanted) {
            *allotted = wanted * self.scale;
        }
    }
}
