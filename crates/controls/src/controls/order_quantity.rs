//! Quantity of an order.

use crate::case::number;
use crate::{Control, ControlCase, Findings, Levels, Reading, Subject};

/// Limits the units of each order.
#[derive(Debug)]
pub(crate) struct OrderQuantity(pub(crate) Levels);

impl Control for OrderQuantity {
    fn name(&self) -> &'static str {
        "order_quantity"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        for (i, order) in case.orders.iter().enumerate() {
            findings.add(Subject::Order(i), &self.0, Reading::Known(number(order.quantity)));
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &self.0, Reading::Known(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{buy, one, one_asset, sell};

    #[test]
    fn a_lot_above_the_limit_breaches_it() {
        let (control, book) = (OrderQuantity(Levels::hard(10.5)), one_asset());
        assert_eq!(one(&control, &book, &[buy("10.5000", "100.00")]), (Some(10.5), Outcome::Pass));
        assert_eq!(one(&control, &book, &[sell("10.5001", "100.00")]), (Some(10.5001), Outcome::Hard));
        assert_eq!(one(&control, &book, &[]), (Some(0.0), Outcome::Pass));
    }
}
