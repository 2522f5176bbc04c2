//! Absolute sum of a group's positions after the orders over NAV.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the weight of each group: a country, a sector, an issuer. A position counts in each of its groups. Within a
/// group a short position offsets a long one.
#[derive(Debug)]
pub(crate) struct ConcentrationGroup(pub(crate) Levels);

impl Control for ConcentrationGroup {
    fn name(&self) -> &'static str {
        "concentration_group"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let mut sums = vec![0_i128; case.book.groups.len()];
        for (position, value) in case.book.positions.iter().zip(case.values_after()) {
            for &group in &position.groups {
                if let Some(sum) = sums.get_mut(group) {
                    *sum += value;
                }
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            findings.add(Subject::Group(i), &self.0, case.share_of_nav(sum.abs()));
        }
        if sums.is_empty() {
            findings.add(Subject::Plan, &self.0, case.share_of_nav(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, checks_of, one, one_asset, usd};
    use crate::{ControlBook, ControlPosition, OrderFacts, Outcome};

    fn book(second: i64) -> ControlBook {
        let mut book = one_asset();
        let value = usd(second);
        book.positions.push(ControlPosition { asset: "BND".to_owned(), value, groups: vec![0], ..Default::default() });
        book.positions.push(ControlPosition { asset: "GLD".to_owned(), value: usd(9_000_000), ..Default::default() });
        book
    }

    #[test]
    fn a_cent_above_the_sum_breaches_it() {
        let control = ConcentrationGroup(Levels::hard(0.7));
        let told = |second| {
            let order = OrderFacts { market_value: usd(1_000_000), ..buy("100", "100.00") };
            checks_of(&control, &book(second), &[order], None)
                .iter()
                .map(|c| (c.subject, c.outcome))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(1_000_000), [(Subject::Group(0), Outcome::Pass), (Subject::Group(1), Outcome::Pass)]);
        assert_eq!(told(1_000_001), [(Subject::Group(0), Outcome::Hard), (Subject::Group(1), Outcome::Pass)]);
    }

    #[test]
    fn a_net_short_group_counts_by_its_size() {
        let checks = checks_of(&ConcentrationGroup(Levels::hard(0.7)), &book(-12_100_000), &[], None);
        assert_eq!((checks[0].reading.value(), checks[0].outcome), (Some(0.71), Outcome::Hard));
    }

    #[test]
    fn a_book_without_groups_has_no_weight_in_one() {
        let mut book = ControlBook { groups: Vec::new(), ..one_asset() };
        book.positions[0].groups.clear();
        assert_eq!(one(&ConcentrationGroup(Levels::hard(0.1)), &book, &[]), (Some(0.0), Outcome::Pass));
    }
}
