//! Sum of the notionals of a plan, money.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the value of all orders together, purchases and sales.
#[derive(Debug)]
pub(crate) struct PlanNotional {
    pub(crate) levels: Levels,
    pub(crate) currency: Option<String>,
}

impl Control for PlanNotional {
    fn name(&self) -> &'static str {
        "plan_notional"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.levels, case.amount(case.notional(), self.currency.as_deref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{buy, one, one_asset, sell};

    #[test]
    fn a_cent_above_the_limit_breaches_it() {
        let control = |limit| PlanNotional { levels: Levels::hard(limit), currency: Some("USD".to_owned()) };
        let (book, orders) = (one_asset(), [sell("10", "100.00"), buy("5", "100.00")]);
        assert_eq!(one(&control(1_500.0), &book, &orders), (Some(1_500.0), Outcome::Pass));
        assert_eq!(one(&control(1_499.99), &book, &orders), (Some(1_500.0), Outcome::Hard));
    }
}
