//! Orders that the restricted list forbids.

use crate::{Control, ControlCase, Findings, Levels, Reading, RestrictedList, Subject};

/// Checks each order against the list: 1 for a forbidden order, 0 for any other, with a hard limit of 0.
#[derive(Debug)]
pub(crate) struct Restricted(pub(crate) RestrictedList);

impl Control for Restricted {
    fn name(&self) -> &'static str {
        "restricted_list"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let levels = Levels::hard(0.0);
        for (i, order) in case.orders.iter().enumerate() {
            // An asset without a position was refused when the case was made.
            let asset = case.book.positions.get(order.asset).map_or("", |position| position.asset.as_str());
            let forbidden = self.0.has(asset, order.side);
            findings.add(Subject::Order(i), &levels, Reading::Known(if forbidden { 1.0 } else { 0.0 }));
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &levels, Reading::Known(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{buy, one, one_asset, sell};

    #[test]
    fn each_side_has_its_list() {
        let list = |purchases: &[&str], sales: &[&str]| {
            let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            Restricted(RestrictedList { no_purchases: of(purchases), no_sales: of(sales) })
        };
        let (book, buy, sell) = (one_asset(), [buy("1", "100.00")], [sell("1", "100.00")]);
        for (control, of_buy, of_sell) in [
            (list(&["VTI"], &[]), Outcome::Hard, Outcome::Pass),
            (list(&[], &["VTI"]), Outcome::Pass, Outcome::Hard),
            (list(&["VT"], &["VTIX"]), Outcome::Pass, Outcome::Pass),
        ] {
            assert_eq!(one(&control, &book, &buy).1, of_buy);
            assert_eq!(one(&control, &book, &sell).1, of_sell);
        }
        assert_eq!(one(&list(&["VTI"], &[]), &book, &buy).0, Some(1.0));
        assert_eq!(one(&list(&["VTI"], &[]), &book, &sell).0, Some(0.0));
        assert_eq!(one(&list(&["VTI"], &["VTI"]), &book, &[]), (Some(0.0), Outcome::Pass));
    }
}
