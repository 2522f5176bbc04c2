//! Books wanted trades in whole minor units, with their costs and the remaining cash.

use super::SizingInput;
use super::gaps::{DUST, Gaps};
use crate::Money;
use crate::money::snap;

/// The account while a plan is made, in minor units of its currency.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    /// NAV before the plan.
    pub(super) nav: i64,
    /// Value of each position before the plan. It is a valuation and not a booking, so it may include a fraction of a
    /// unit.
    pub(super) positions: Vec<f64>,
    /// Cash before the plan.
    pub(super) cash: i64,
    /// Booked trade of each asset, positive for buys.
    pub(super) trades: Vec<i64>,
    /// Booked cost of each trade.
    pub(super) costs: Vec<i64>,
    /// Cash that purchases and costs may not use: buys are reduced first. It is 0 where cash has neither a target nor a
    /// band, and where all of it may be spent.
    pub(super) reserve: i64,
    /// Cash after the booked trades and their costs, kept up to date by every booking.
    balance: i64,
}

/// Cash that weights leave of a NAV of `value` minor units, rounded down.
fn cash_left(weights: &[f64], value: f64) -> i64 {
    let weight = 1.0 - weights.iter().sum::<f64>();
    if weight > 1e-12 { snap(weight * value).floor() as i64 } else { 0 }
}

/// How far a balance may be overdrawn before buys are reduced. Each charge is at most NAV, so sums do not overflow
/// below this limit.
const LOWEST_BALANCE: i64 = -(1 << 62);

impl Ledger {
    /// Values the positions of a book.
    pub(super) fn open(input: &SizingInput) -> Self {
        let nav = input.nav.minor();
        let value = nav as f64;
        let cash = input.cash.map_or_else(|| cash_left(input.current, value), Money::minor);
        let assets = input.current.len();
        Self {
            nav,
            positions: input.current.iter().map(|w| snap(w * value)).collect(),
            cash,
            trades: vec![0; assets],
            costs: vec![0; assets],
            reserve: 0,
            balance: cash,
        }
    }

    /// Turns allocated trades into booked ones and returns their total cost.
    pub(super) fn book(&mut self, input: &SizingInput, breached: &[bool], gaps: &Gaps, budget: i64) -> i64 {
        for (i, &allotted) in gaps.allotted.iter().enumerate() {
            self.set(input, i, whole_units(allotted, self.positions[i]));
        }
        self.keep_within(input, budget);
        // Rounding toward zero can leave buys a few units short. In-band buys are cut first.
        self.shrink_buys(input, |i| !breached[i]);
        if !gaps.budget_bound {
            self.sell_spare(input, gaps, budget);
            self.spend_rest(input, gaps, budget);
        }
        self.shrink_buys(input, |_| true);
        let total_cost: i64 = self.costs.iter().sum();
        if total_cost < self.nav {
            return total_cost;
        }
        // Cash may exceed what the weights leave by their noise. Costs that use up that excess too leave no NAV to
        // compute weights from.
        for i in 0..self.trades.len() {
            self.set(input, i, 0);
        }
        0
    }

    /// Cash after the booked trades and their costs.
    pub(super) fn cash_after(&self) -> i64 {
        self.balance
    }

    /// Removes what rounding adds beyond the budget: above about 1e14 minor units, a wanted amount carries noise of
    /// whole units.
    fn keep_within(&mut self, input: &SizingInput, budget: i64) {
        loop {
            let excess = self.trades.iter().map(|t| t.abs()).sum::<i64>() - budget;
            let largest = (0..self.trades.len()).max_by_key(|&i| self.trades[i].abs());
            let Some(i) = largest.filter(|_| excess > 0) else { return };
            let trade = self.trades[i];
            self.set(input, i, trade - trade.signum() * excess.min(trade.abs()));
        }
    }

    /// Sells the largest remaining in-band surplus to supply the units that breached buys, or the reserved cash, still
    /// lack.
    fn sell_spare(&mut self, input: &SizingInput, gaps: &Gaps, budget: i64) {
        let mut short = self.reserve - self.cash_after();
        if short <= 0 {
            return;
        }
        let mut turnover: i64 = self.trades.iter().map(|t| t.abs()).sum();
        let mut by_spare: Vec<usize> = (0..gaps.spare.len()).filter(|&i| gaps.spare[i] > 0.0).collect();
        by_spare.sort_by(|&a, &b| gaps.spare[b].total_cmp(&gaps.spare[a]).then(a.cmp(&b)));
        for i in by_spare {
            let goal = gaps.wanted[i] - gaps.spare[i];
            let room = self.trades[i] - whole_units(goal, self.positions[i]);
            // A sale pays its own cost, so slightly more than the missing amount has to be sold.
            let kept = 1.0 - input.rate(i, -(short as f64));
            if kept.is_nan() || kept <= 0.0 {
                continue;
            }
            let gross = ((short as f64 / kept).ceil() as i64).saturating_add(1);
            let more = gross.min(room).min(budget - turnover);
            if more <= 0 {
                continue;
            }
            self.set(input, i, self.trades[i] - more);
            turnover += more;
            short = self.reserve - self.cash_after();
            if short <= 0 {
                return;
            }
        }
    }

    /// Costs of the smallest trades round to zero. The units saved go to buys that were cut because cash ran out.
    fn spend_rest(&mut self, input: &SizingInput, gaps: &Gaps, budget: i64) {
        let mut turnover: i64 = self.trades.iter().map(|t| t.abs()).sum();
        for (i, &unmet) in gaps.unmet.iter().enumerate() {
            let free = self.cash_after() - self.reserve;
            if unmet <= 0.0 || free <= 0 {
                continue;
            }
            let before = self.trades[i];
            let room = whole_units(gaps.wanted[i] + unmet, self.positions[i]) - before;
            let more = room.min(free).min(budget - turnover);
            if more > 0 {
                self.set(input, i, before + more);
                while self.cash_after() < self.reserve && self.trades[i] > before {
                    self.set(input, i, (self.trades[i] + self.cash_after() - self.reserve).max(before));
                }
                if self.trades[i] < before {
                    // The larger trade could not be booked at all.
                    self.set(input, i, before);
                }
                turnover += self.trades[i] - before;
            }
        }
    }

    /// Books these trades in place of all others: sales first, and no purchase that would leave less cash than the
    /// reserve.
    pub(super) fn replace(&mut self, input: &SizingInput, trades: &[i64]) {
        for i in 0..trades.len() {
            self.set(input, i, 0);
        }
        for buys in [false, true] {
            for (i, &trade) in trades.iter().enumerate().filter(|(_, trade)| **trade != 0 && (**trade > 0) == buys) {
                self.set(input, i, trade);
                if buys && self.cash_after() < self.reserve.min(self.cash) {
                    self.set(input, i, 0);
                }
            }
        }
    }

    /// Whether an amount in minor units is no more than what rounding leaves of a plan: a unit for each asset and two for cash and costs,
    /// and at most a basis point of NAV or a unit.
    ///
    /// With three assets and a NAV of 1,000.00 the most is 0.05; with a NAV of 100.00 it is 0.01.
    pub(super) fn is_dust(&self, amount: i64) -> bool {
        amount <= (self.trades.len() as i64 + 2).min((self.nav / 10_000).max(1))
    }

    /// Whether the trades together are dust. Booked, they would only round again, and each further plan would place orders of a unit.
    pub(super) fn trades_only_dust(&self) -> bool {
        let traded: i64 = self.trades.iter().map(|trade| trade.abs()).sum();
        traded > 0 && self.is_dust(traded)
    }

    /// Reduces the buys among `candidates` to recover missing cash.
    fn shrink_buys(&mut self, input: &SizingInput, candidates: impl Fn(usize) -> bool) {
        let mut short = self.reserve - self.cash_after();
        if short <= 0 {
            return;
        }
        let mut buys: Vec<usize> = (0..self.trades.len()).filter(|&i| self.trades[i] > 0 && candidates(i)).collect();
        buys.sort_by(|&a, &b| self.trades[b].cmp(&self.trades[a]).then(a.cmp(&b)));
        // In equal parts, so that rounding pushes no single buy out of its band.
        while short > 0 && !buys.is_empty() {
            for (done, &i) in buys.iter().enumerate() {
                let left = (buys.len() - done) as i64;
                let part = (short + left - 1) / left;
                self.set(input, i, self.trades[i] - part.min(self.trades[i]));
                short = self.reserve - self.cash_after();
                if short <= 0 {
                    return;
                }
            }
            buys.retain(|&i| self.trades[i] > 0);
        }
    }

    /// Books a trade in place of the previous one, or none if it cannot be booked.
    fn set(&mut self, input: &SizingInput, i: usize, trade: i64) {
        let without = self.balance + self.trades[i] + self.costs[i];
        let booked = self.cost(input, i, trade).map(|cost| (trade, cost, without - trade - cost));
        let possible = booked.filter(|(_, _, balance)| *balance >= LOWEST_BALANCE);
        (self.trades[i], self.costs[i], self.balance) = possible.unwrap_or((0, 0, without));
    }

    /// The booked cost of a trade. `None` for a charge that no account of this size can pay, and for a sale that would
    /// cost all of its proceeds and so need funding itself.
    fn cost(&self, input: &SizingInput, i: usize, trade: i64) -> Option<i64> {
        if trade == 0 {
            return Some(0);
        }
        let charge = input.charge(i, trade as f64).round_ties_even();
        let payable = (0.0..=self.nav as f64).contains(&charge) && (trade > 0 || charge < -trade as f64);
        payable.then_some(charge as i64)
    }

    /// Asserts what must hold for every plan; a violation is a bug, never bad input.
    pub(super) fn assert_balanced(&self) {
        let booked: i64 = self.trades.iter().sum::<i64>() + self.costs.iter().sum::<i64>();
        assert_eq!(self.cash - booked, self.balance, "trades, costs and cash must cancel");
        assert!(self.balance >= 0, "a plan may not overdraw the account");
        for (trade, position) in self.trades.iter().zip(&self.positions) {
            // The value of whole lots is rounded when they are sold, and a position is its weight of a NAV in whole units: half a unit and
            // less than one apart.
            assert!(-*trade as f64 <= *position + 1.5, "a plan may not sell more than is held");
        }
    }
}

/// Rounds a wanted trade to whole units, toward zero. Dust becomes no trade, and no sale exceeds the position.
fn whole_units(wanted: f64, position: f64) -> i64 {
    if wanted.abs() <= DUST {
        // A whole position of one unit may still be sold.
        return if wanted <= -1.0 && position + wanted <= 0.0 { -(position.floor() as i64) } else { 0 };
    }
    let units = snap(wanted).trunc() as i64;
    units.max(-(position.floor() as i64))
}
