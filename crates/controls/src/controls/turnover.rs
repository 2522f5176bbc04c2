//! Sum of the notionals over NAV.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the two-way turnover of the plan: purchases and sales together over NAV before it.
#[derive(Debug)]
pub(crate) struct Turnover(pub(crate) Levels);

impl Control for Turnover {
    fn name(&self) -> &'static str {
        "turnover"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.0, case.share_of_nav(case.notional()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one, one_asset, sell, usd};
    use crate::{OrderFacts, Outcome};

    #[test]
    fn a_cent_above_the_limit_breaches_it() {
        let (control, book) = (Turnover(Levels::hard(0.36)), one_asset());
        let orders = |cents| [sell("180", "100.00"), OrderFacts { notional: usd(cents), ..buy("180", "100.00") }];
        assert_eq!(one(&control, &book, &orders(1_800_000)), (Some(0.36), Outcome::Pass));
        assert_eq!(one(&control, &book, &orders(1_800_001)).1, Outcome::Hard);
    }
}
