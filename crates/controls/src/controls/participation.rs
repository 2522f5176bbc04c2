//! Units of an asset in the plan over its average daily volume.

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Limits the share of a day's volume that the orders in one asset make up, purchases and sales together.
#[derive(Debug)]
pub(crate) struct Participation(pub(crate) Levels);

impl Control for Participation {
    fn name(&self) -> &'static str {
        "participation"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        for (i, units) in case.traded() {
            let volume = case.book.positions.get(i).and_then(|position| position.average_daily_volume);
            let share = volume.filter(|volume| *volume > 0.0).map(|volume| units / volume);
            findings.add(Subject::Asset(i), &self.0, Reading::of(share, UnknownReason::Volume));
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
    fn a_share_above_the_limit_breaches_it() {
        let (control, mut book) = (Participation(Levels::hard(0.1)), one_asset());
        book.positions[0].average_daily_volume = Some(1_500.0);
        let orders = |units: &str| [sell("50", "100.00"), buy(units, "100.00")];
        assert_eq!(one(&control, &book, &orders("100")), (Some(0.1), Outcome::Pass));
        assert_eq!(one(&control, &book, &orders("101")).1, Outcome::Hard);
        assert_eq!(one(&control, &book, &[]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn without_volume_it_is_not_known() {
        let (control, mut book) = (Participation(Levels::hard(0.1)), one_asset());
        for volume in [None, Some(0.0), Some(-1.0), Some(f64::NAN)] {
            book.positions[0].average_daily_volume = volume;
            assert_eq!(one(&control, &book, &[buy("1", "100.00")]), (None, Outcome::Hard), "{volume:?}");
        }
    }
}
