//! The lots that an asset may trade: some sales, none, some buys.

use super::{LotError, LotProblem};

/// Allowed lots of one asset. A side without tickets is a range whose end is before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Domain {
    /// From the largest to the smallest sale: negative lots.
    pub(super) sell: (i64, i64),
    /// Whether no trade is allowed.
    pub(super) zero: bool,
    /// From the smallest to the largest buy.
    pub(super) buy: (i64, i64),
}

impl Domain {
    /// The lots that the problem allows each asset: within its own limits, with no ticket above the budget or above the
    /// cash available after every allowed sale.
    pub(super) fn all(problem: &LotProblem<'_>) -> Vec<Self> {
        let budget = problem.most_value();
        let mut domains: Vec<Self> = Vec::with_capacity(problem.assets.len());
        let mut proceeds = 0.0;
        for asset in problem.assets {
            let (least, most) = asset.range();
            let ticket = asset.smallest_ticket();
            let within = |value: f64| (value / asset.step * (1.0 + 1e-12)).floor() as i64;
            let sell = (least.max(-within(budget)), most.min(-ticket));
            let buy = (least.max(ticket), most.min(within(budget)));
            if sell.0 <= sell.1 {
                proceeds += -(sell.0 as f64) * asset.step;
            }
            domains.push(Self { sell, zero: true, buy });
        }
        let purse = (problem.spending().0 + proceeds.min(budget)).max(0.0);
        for (domain, asset) in domains.iter_mut().zip(problem.assets) {
            domain.buy.1 = domain.buy.1.min((purse / asset.step * (1.0 + 1e-12)).floor() as i64);
        }
        domains
    }

    /// Checks the cost of the largest and the smallest ticket on each side of asset `i`: costs of tickets in between
    /// lie in between.
    pub(super) fn check_costs(&self, problem: &LotProblem<'_>, i: usize) -> Result<(), LotError> {
        for (from, to) in [self.sell, self.buy] {
            for lots in [from, to].into_iter().filter(|_| from <= to) {
                let value = (problem.cost)(i, lots);
                if !(value.is_finite() && value >= 0.0) {
                    return Err(LotError::Cost { asset: i, lots, value });
                }
            }
        }
        Ok(())
    }

    /// The allowed lots up to `lots`.
    #[inline]
    pub(super) fn up_to(self, lots: i64) -> Self {
        let cut = |(from, to): (i64, i64)| (from, to.min(lots));
        Self { sell: cut(self.sell), zero: self.zero && lots >= 0, buy: cut(self.buy) }
    }

    /// The allowed lots from `lots` on.
    #[inline]
    pub(super) fn from(self, lots: i64) -> Self {
        let cut = |(from, to): (i64, i64)| (from.max(lots), to);
        Self { sell: cut(self.sell), zero: self.zero && lots <= 0, buy: cut(self.buy) }
    }

    /// No trade.
    pub(super) fn without_tickets(self) -> Self {
        Self { sell: (0, -1), zero: self.zero, buy: (0, -1) }
    }

    /// The allowed lots but no trade.
    pub(super) fn with_ticket(self) -> Self {
        Self { zero: false, ..self }
    }

    /// Whether both a ticket and none are allowed.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.zero && (self.sell.0 <= self.sell.1 || self.buy.0 <= self.buy.1)
    }

    /// The lots of the smallest ticket on either side, when a ticket is required.
    #[inline]
    pub(super) fn smallest(&self) -> Option<i64> {
        let sold = (self.sell.0 <= self.sell.1).then_some(-self.sell.1);
        let bought = (self.buy.0 <= self.buy.1).then_some(self.buy.0);
        let least = [sold, bought].into_iter().flatten().min();
        least.filter(|_| !self.zero)
    }

    /// Whether nothing is allowed.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.zero && self.sell.0 > self.sell.1 && self.buy.0 > self.buy.1
    }

    /// The largest allowed lots that are at most `lots`.
    #[inline]
    pub(super) fn at_most(&self, lots: i64) -> Option<i64> {
        let last = |(from, to): (i64, i64)| (from <= to && from <= lots).then(|| to.min(lots));
        last(self.buy).or((self.zero && lots >= 0).then_some(0)).or(last(self.sell))
    }

    /// The smallest allowed lots that are at least `lots`.
    #[inline]
    pub(super) fn at_least(&self, lots: i64) -> Option<i64> {
        let first = |(from, to): (i64, i64)| (from <= to && lots <= to).then(|| from.max(lots));
        first(self.sell).or((self.zero && lots <= 0).then_some(0)).or(first(self.buy))
    }

    /// The allowed lots nearest to a mean of allowed ones.
    #[inline]
    pub(super) fn nearest(&self, mean: f64) -> i64 {
        let floor = floor(mean);
        match (self.at_most(floor), self.at_least(floor.saturating_add(1))) {
            (Some(below), Some(above)) => {
                if mean - below as f64 <= above as f64 - mean {
                    below
                } else {
                    above
                }
            }
            (Some(lots), None) | (None, Some(lots)) => lots,
            (None, None) => 0,
        }
    }
}

/// The largest whole number that is at most `x`, as a cast of `f64::floor` gives it, without a call of the mathematics library.
#[inline]
pub(super) fn floor(x: f64) -> i64 {
    let cut = x as i64;
    cut.saturating_sub(i64::from(cut as f64 > x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_the_cast_of_the_one_of_the_library() {
        let large = 2.0_f64.powi(53);
        for x in [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.999, -2.999, large, -large, 1e300, -1e300, f64::NAN] {
            assert_eq!(floor(x), x.floor() as i64, "{x}");
        }
        assert_eq!((floor(f64::INFINITY), floor(f64::NEG_INFINITY)), (i64::MAX, i64::MIN));
    }

    #[test]
    fn small_tickets_are_a_hole_on_each_side_of_no_trade() {
        let domain = Domain { sell: (-9, -3), zero: true, buy: (4, 7) };
        assert_eq!((domain.at_most(3), domain.at_least(1)), (Some(0), Some(4)));
        assert_eq!((domain.at_most(-1), domain.at_least(-2)), (Some(-3), Some(0)));
        assert_eq!((domain.at_most(100), domain.at_least(-100)), (Some(7), Some(-9)));
        assert_eq!((domain.at_most(-10), domain.at_least(8)), (None, None));
        assert!(domain.from(1).up_to(3).is_empty());
    }
}
