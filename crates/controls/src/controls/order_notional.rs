//! Notional of an order, money.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the value of each order.
#[derive(Debug)]
pub(crate) struct OrderNotional {
    pub(crate) levels: Levels,
    pub(crate) currency: Option<String>,
}

impl Control for OrderNotional {
    fn name(&self) -> &'static str {
        "order_notional"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let currency = self.currency.as_deref();
        for (i, order) in case.orders.iter().enumerate() {
            findings.add(Subject::Order(i), &self.levels, case.amount(i128::from(order.notional.minor()), currency));
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &self.levels, case.amount(0, currency));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{buy, checks_of, one, one_asset, sell};

    #[test]
    fn a_cent_above_the_limit_breaches_it() {
        let control = |limit| OrderNotional { levels: Levels::hard(limit), currency: Some("USD".to_owned()) };
        let (book, order) = (one_asset(), [sell("10", "100.00")]);
        assert_eq!(one(&control(1_000.0), &book, &order), (Some(1_000.0), Outcome::Pass));
        assert_eq!(one(&control(999.99), &book, &order), (Some(1_000.0), Outcome::Hard));
        assert_eq!(one(&control(1_000.0), &book, &[]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn each_order_is_looked_at_alone() {
        let control = OrderNotional { levels: Levels::hard(1_000.0), currency: Some("USD".to_owned()) };
        let checks = checks_of(&control, &one_asset(), &[sell("10", "100.00"), buy("10.01", "100.00")], None);
        let told: Vec<_> = checks.iter().map(|check| (check.subject, check.outcome)).collect();
        assert_eq!(told, [(Subject::Order(0), Outcome::Pass), (Subject::Order(1), Outcome::Hard)]);
    }
}
