//! Annual tracking error after the orders.

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Limits the annual tracking error of the book after the orders against its policy.
#[derive(Debug)]
pub(crate) struct TrackingErrorLimit(pub(crate) Levels);

impl Control for TrackingErrorLimit {
    fn name(&self) -> &'static str {
        "tracking_error"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.0, Reading::of(case.book.risk.tracking_error, UnknownReason::Risk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{one, one_asset};

    #[test]
    fn the_next_number_above_the_limit_breaches_it() {
        let (control, mut book) = (TrackingErrorLimit(Levels::hard(0.1)), one_asset());
        let mut of = |value| {
            book.risk.tracking_error = value;
            one(&control, &book, &[])
        };
        assert_eq!(of(Some(0.1)), (Some(0.1), Outcome::Pass));
        assert_eq!(of(Some(0.1_f64.next_up())).1, Outcome::Hard);
        assert_eq!(of(None), (None, Outcome::Hard));
        assert_eq!(of(Some(f64::NAN)), (None, Outcome::Hard));
    }
}
