//! Absolute position of an asset after the orders over NAV.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the weight of each asset. A position above its limit that shrinks but stays above it is still a breach:
/// correcting it in two steps needs an override.
#[derive(Debug)]
pub(crate) struct ConcentrationName(pub(crate) Levels);

impl Control for ConcentrationName {
    fn name(&self) -> &'static str {
        "concentration_name"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        for (i, value) in case.values_after().iter().enumerate() {
            findings.add(Subject::Asset(i), &self.0, case.share_of_nav(value.abs()));
        }
        if case.values_after().is_empty() {
            findings.add(Subject::Plan, &self.0, case.share_of_nav(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, checks_of, one, one_asset, usd};
    use crate::{ControlBook, ControlPosition, OrderFacts, Outcome};

    #[test]
    fn a_cent_above_the_weight_breaches_it() {
        let (control, book) = (ConcentrationName(Levels::hard(0.6)), one_asset());
        let order = |cents| [OrderFacts { market_value: usd(cents), ..buy("100", "100.00") }];
        assert_eq!(one(&control, &book, &order(1_000_000)), (Some(0.6), Outcome::Pass));
        assert_eq!(one(&control, &book, &order(1_000_001)).1, Outcome::Hard);
    }

    #[test]
    fn every_position_is_looked_at_shorts_included() {
        let mut book = one_asset();
        book.positions.push(ControlPosition { asset: "BND".to_owned(), value: usd(-6_100_000), ..Default::default() });
        let checks = checks_of(&ConcentrationName(Levels::hard(0.6)), &book, &[], None);
        let told: Vec<_> = checks.iter().map(|check| (check.subject, check.outcome)).collect();
        assert_eq!(told, [(Subject::Asset(0), Outcome::Pass), (Subject::Asset(1), Outcome::Hard)]);
    }

    #[test]
    fn a_book_without_positions_has_no_weight() {
        let book = ControlBook { positions: Vec::new(), ..one_asset() };
        assert_eq!(one(&ConcentrationName(Levels::hard(0.6)), &book, &[]), (Some(0.0), Outcome::Pass));
        let book = ControlBook { nav: usd(0), ..book };
        assert_eq!(one(&ConcentrationName(Levels::hard(0.6)), &book, &[]), (None, Outcome::Hard));
    }
}
