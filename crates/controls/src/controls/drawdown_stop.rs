//! Drawdown from the high-water mark.

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Stops orders while the book has lost more than this since its high-water mark.
#[derive(Debug)]
pub(crate) struct DrawdownStop(pub(crate) Levels);

impl Control for DrawdownStop {
    fn name(&self) -> &'static str {
        "drawdown_stop"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.0, Reading::of(case.book.risk.drawdown, UnknownReason::Risk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{one, one_asset};

    #[test]
    fn the_next_number_above_the_limit_breaches_it() {
        let (control, mut book) = (DrawdownStop(Levels::hard(0.1)), one_asset());
        let mut of = |value| {
            book.risk.drawdown = value;
            one(&control, &book, &[])
        };
        assert_eq!(of(Some(0.1)), (Some(0.1), Outcome::Pass));
        assert_eq!(of(Some(0.1_f64.next_up())).1, Outcome::Hard);
        assert_eq!(of(None), (None, Outcome::Hard));
        assert_eq!(of(Some(f64::NAN)), (None, Outcome::Hard));
    }
}
