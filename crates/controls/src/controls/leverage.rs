//! Sum of absolute positions after the orders over NAV.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits leverage.
#[derive(Debug)]
pub(crate) struct Leverage(pub(crate) Levels);

impl Control for Leverage {
    fn name(&self) -> &'static str {
        "leverage"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.0, case.share_of_nav(case.gross_after()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one, one_asset, usd};
    use crate::{ControlBook, OrderFacts, Outcome};

    #[test]
    fn a_cent_above_nav_breaches_a_limit_of_one() {
        let (control, book) = (Leverage(Levels::hard(1.0)), one_asset());
        // What a purchase may cost beyond its value does not make the book larger.
        let dear = [OrderFacts { notional: usd(100_000_000), market_value: usd(0), ..buy("500", "100.00") }];
        assert_eq!(one(&control, &book, &dear).1, Outcome::Pass);
        let order = |cents| [OrderFacts { market_value: usd(cents), ..buy("500", "100.00") }];
        assert_eq!(one(&control, &book, &order(5_000_000)), (Some(1.0), Outcome::Pass));
        let (value, outcome) = one(&control, &book, &order(5_000_001));
        assert_eq!((value, outcome), (Some(1.000_000_1), Outcome::Hard));
    }

    #[test]
    fn without_nav_it_is_not_known() {
        let book = ControlBook { nav: usd(0), ..one_asset() };
        assert_eq!(one(&Leverage(Levels::hard(1.0)), &book, &[]), (None, Outcome::Hard));
        assert_eq!(one(&Leverage(Levels::soft(1.0)), &book, &[]), (None, Outcome::Soft));
    }
}
