//! The record of the fifth agent.

use std::fmt;

use portfolio_core::Action;

use super::{ExecutionAgent, PlannedOrder, Staged};
use crate::admitted::Admitted;
use crate::digest::Canon;
use crate::record::{Recorded, StageRecord};
use crate::sentence::Sentence;

/// The summary of the Execution Agent.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSummary {
    /// Number of sells.
    pub sells: usize,
    /// Number of buys.
    pub buys: usize,
    /// Number of slices of all orders.
    pub slices: usize,
}

impl fmt::Display for QueueSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sells + self.buys == 0 {
            return f.write_str("Nothing to order: every asset is held.");
        }
        let sentence = Sentence::new().count(self.sells, "sell").say(", then ").count(self.buys, "buy");
        sentence.say(", in ").count(self.slices, "slice").say(".").fmt(f)
    }
}

impl Recorded for Staged {
    type By = ExecutionAgent;

    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let buys = self.orders.iter().filter(|order| order.action == Action::Buy).count();
        let slices: u32 = self.orders.iter().map(|order| order.schedule.slices).sum();
        let sells = self.orders.len() - buys;
        StageRecord {
            warnings: self.loss_warning().into_iter().collect(),
            ..StageRecord::of::<Self::By>(QueueSummary { sells, buys, slices: slices as usize })
        }
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        for order in &self.orders {
            add_order(canon, order);
        }
    }
}

fn add_order(canon: &mut Canon, order: &PlannedOrder) {
    canon.whole(order.position as i64).whole(order.trade_value.minor()).whole(order.after_orders as i64);
    canon.whole(i64::from(order.schedule.slices)).whole(order.schedule.slice_value.minor());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_the_orders_of_each_side() {
        let queue = QueueSummary { sells: 1, buys: 2, slices: 7 };
        assert_eq!(queue.to_string(), "1 sell, then 2 buys, in 7 slices.");
    }
}
