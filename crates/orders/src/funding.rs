//! Which cash and which sales pay for which orders of one account and currency.
//!
//! Orders are paid in two rounds. In the first, those that settle first are paid first, from cash beyond the reserve and then from
//! sales that settle no later. Money that can pay for an order can also pay for every order that settles later, so no
//! order takes money that only another could use. In the second, the remaining orders are paid in sequence from the
//! remaining money, whenever it settles.

use std::cmp::Reverse;

use portfolio_core::NaiveDate;

use crate::OrderFunding;

/// The effect of an order on the cash of its account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    /// Minor units, positive when the order brings cash in.
    pub(crate) effect: i64,
    /// When it does so; `None` for all flows without a trade date.
    pub(crate) settles_on: Option<NaiveDate>,
}

/// What pays for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) funding: OrderFunding,
    /// Positions of the flows that pay, in sequence.
    pub(crate) by: Vec<usize>,
    pub(crate) funded_from: Option<NaiveDate>,
    /// Missing minor units.
    pub(crate) shortfall: i64,
}

/// What pays for each flow, in their sequence. Only flows before an order pay for it.
///
/// `free`: cash beyond the reserve, minor units. When it is negative, the sales that settle last refill the reserve first.
pub(crate) fn pay(flows: &[Flow], free: i128) -> Vec<Paid> {
    let not_needed = Paid { funding: OrderFunding::NotNeeded, by: Vec::new(), funded_from: None, shortfall: 0 };
    let mut paid = vec![not_needed; flows.len()];
    let mut sources = Sources::new(flows, free);
    let mut orders: Vec<usize> = (0..flows.len()).filter(|&i| flows[i].effect < 0).collect();
    orders.sort_by_key(|&i| (flows[i].settles_on, i));

    let mut left = Vec::new();
    for i in orders {
        let in_time = |j: usize| flows[j].settles_on <= flows[i].settles_on;
        match sources.cover(i, &in_time) {
            Some(by) => paid[i] = Paid { funding: by_what(&by), by, funded_from: None, shortfall: 0 },
            None => left.push(i),
        }
    }
    left.sort_unstable();
    for i in left {
        paid[i] = match sources.cover(i, &|_| true) {
            Some(by) => {
                let funded_from = by.iter().filter_map(|&j| flows[j].settles_on).max();
                Paid { funding: OrderFunding::AfterSettlement, by, funded_from, shortfall: 0 }
            }
            None => {
                let (by, shortfall) = sources.exhaust(i);
                Paid { funding: OrderFunding::Short, by, funded_from: None, shortfall }
            }
        };
    }
    paid
}

fn by_what(sales: &[usize]) -> OrderFunding {
    if sales.is_empty() { OrderFunding::Cash } else { OrderFunding::Sales }
}

/// The money still available.
struct Sources<'a> {
    flows: &'a [Flow],
    cash: i128,
    /// The remaining proceeds of each flow.
    proceeds: Vec<i128>,
}

impl<'a> Sources<'a> {
    fn new(flows: &'a [Flow], free: i128) -> Self {
        let mut proceeds: Vec<i128> = flows.iter().map(|flow| i128::from(flow.effect.max(0))).collect();
        let mut last_first: Vec<usize> = (0..flows.len()).collect();
        last_first.sort_by_key(|&i| Reverse((flows[i].settles_on, i)));
        let mut missing = (-free).max(0);
        for i in last_first {
            missing -= take(&mut proceeds[i], missing);
        }
        Self { flows, cash: free.max(0), proceeds }
    }

    /// Pays for order `i` in full, or takes nothing and returns `None`: cash first, then as few of the allowed sales as
    /// possible, those with the largest remainder first.
    fn cover(&mut self, i: usize, is_allowed: &dyn Fn(usize) -> bool) -> Option<Vec<usize>> {
        let need = -i128::from(self.flows[i].effect);
        let mut sales: Vec<usize> = (0..i).filter(|&j| self.proceeds[j] > 0 && is_allowed(j)).collect();
        if self.cash + sales.iter().map(|&j| self.proceeds[j]).sum::<i128>() < need {
            return None;
        }
        sales.sort_by_key(|&j| (Reverse(self.proceeds[j]), j));
        let mut missing = need - take(&mut self.cash, need);
        sales.retain(|&j| {
            let part = take(&mut self.proceeds[j], missing);
            missing -= part;
            part > 0
        });
        sales.sort_unstable();
        Some(sales)
    }

    /// Pays for order `i` with all remaining money, and returns the shortfall.
    fn exhaust(&mut self, i: usize) -> (Vec<usize>, i64) {
        let mut missing = -i128::from(self.flows[i].effect);
        missing -= take(&mut self.cash, missing);
        let mut by = Vec::new();
        for j in (0..i).filter(|&j| self.proceeds[j] > 0).collect::<Vec<_>>() {
            missing -= take(&mut self.proceeds[j], missing);
            by.push(j);
        }
        // At most the need of one order, which has 64 bits.
        (by, missing as i64)
    }
}

/// Takes up to `wanted` from `source`.
fn take(source: &mut i128, wanted: i128) -> i128 {
    let part = wanted.min(*source);
    *source -= part;
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderFunding::{AfterSettlement, Cash, NotNeeded, Sales, Short};

    fn flows(list: &[(i64, u32)]) -> Vec<Flow> {
        let settles_on = |day| NaiveDate::from_ymd_opt(2026, 12, day);
        list.iter().map(|&(effect, day)| Flow { effect, settles_on: settles_on(day) }).collect()
    }

    fn paid(list: &[(i64, u32)], free: i128) -> Vec<(OrderFunding, Vec<usize>, i64)> {
        pay(&flows(list), free).into_iter().map(|paid| (paid.funding, paid.by, paid.shortfall)).collect()
    }

    #[test]
    fn cash_pays_first_then_the_fewest_sales() {
        let orders = [(500, 1), (300, 1), (-200, 1), (-450, 1), (-250, 1)];
        let want = [
            (NotNeeded, vec![], 0),
            (NotNeeded, vec![], 0),
            (Cash, vec![], 0),
            (Sales, vec![0], 0), // 50 of the cash were left, 400 of 500
            (Sales, vec![1], 0), // 300 of the second cover it alone
        ];
        assert_eq!(paid(&orders, 250), want);
    }

    #[test]
    fn a_sale_that_settles_later_pays_only_from_its_settlement_on() {
        let orders = flows(&[(500, 2), (-300, 1), (-200, 2)]);
        let paid = pay(&orders, 0);
        assert_eq!(
            (paid[1].funding, &paid[1].by, paid[1].funded_from),
            (AfterSettlement, &vec![0], orders[0].settles_on)
        );
        assert_eq!((paid[2].funding, &paid[2].by, paid[2].funded_from), (Sales, &vec![0], None));
    }

    #[test]
    fn cash_is_kept_for_the_order_that_only_cash_can_pay() {
        // The larger purchase comes first, but it settles later and the sale can pay for it.
        let orders = [(400, 2), (-400, 2), (-300, 1)];
        assert_eq!(paid(&orders, 300)[1..], [(Sales, vec![0], 0), (Cash, vec![], 0)]);
    }

    #[test]
    fn what_is_missing_is_named_once() {
        assert_eq!(paid(&[(100, 1), (-90, 1), (-30, 1)], 0)[1..], [(Sales, vec![0], 0), (Short, vec![0], 20)]);
        assert_eq!(paid(&[(-90, 1), (-30, 1)], 0), [(Short, vec![], 90), (Short, vec![], 30)]);
    }

    #[test]
    fn a_reserve_that_is_missing_is_refilled_by_the_sales_that_settle_last() {
        assert_eq!(paid(&[(100, 1), (80, 2), (-100, 1)], -80)[2], (Sales, vec![0], 0));
        assert_eq!(paid(&[(100, 1), (80, 2), (-100, 1)], -90)[2], (Short, vec![0], 10));
    }

    #[test]
    fn a_sale_that_costs_more_than_it_brings_is_paid_for() {
        assert_eq!(paid(&[(100, 1), (-5, 1)], 0)[1], (Sales, vec![0], 0));
        assert_eq!(paid(&[(-5, 1), (100, 1)], 0)[0], (Short, vec![], 5));
    }
}
