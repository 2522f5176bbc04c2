//! One-day VaR at 95 % after the orders.

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Limits the one-day value at risk at 95 % of the book after the orders.
#[derive(Debug)]
pub(crate) struct VarBudget(pub(crate) Levels);

impl Control for VarBudget {
    fn name(&self) -> &'static str {
        "var_budget"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.0, Reading::of(case.book.risk.var_95, UnknownReason::Risk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{one, one_asset};

    #[test]
    fn the_next_number_above_the_limit_breaches_it() {
        let (control, mut book) = (VarBudget(Levels::hard(0.1)), one_asset());
        let mut of = |value| {
            book.risk.var_95 = value;
            one(&control, &book, &[])
        };
        assert_eq!(of(Some(0.1)), (Some(0.1), Outcome::Pass));
        assert_eq!(of(Some(0.1_f64.next_up())).1, Outcome::Hard);
        assert_eq!(of(None), (None, Outcome::Hard));
        assert_eq!(of(Some(f64::NAN)), (None, Outcome::Hard));
    }
}
