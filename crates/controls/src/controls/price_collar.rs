//! Limit price compared with the reference price.

use orders::Decimal;

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Limits how far a limit price is from the reference, above and below: a purchase far below does not harm the book,
/// but the price is probably a mistake.
#[derive(Debug)]
pub(crate) struct PriceCollar(pub(crate) Levels);

impl Control for PriceCollar {
    fn name(&self) -> &'static str {
        "price_collar"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        for (i, order) in case.orders.iter().enumerate() {
            let reference = case.book.positions.get(order.asset).and_then(|position| position.reference_price);
            let reading = match (order.price, reference.filter(|price| !price.is_zero())) {
                (None, _) => Reading::Unknown(UnknownReason::MarketOrder),
                (_, None) => Reading::Unknown(UnknownReason::ReferencePrice),
                (Some(price), Some(reference)) => Reading::Known(distance(price, reference)),
            };
            findings.add(Subject::Order(i), &self.0, reading);
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &self.0, Reading::Known(0.0));
        }
    }
}

/// `|price − reference| / reference`, with an exact difference.
fn distance(price: Decimal, reference: Decimal) -> f64 {
    let decimals = price.decimals().max(reference.decimals());
    let digits = |p: Decimal| u128::from(p.digits()) * 10_u128.pow(u32::from(decimals - p.decimals()));
    digits(price).abs_diff(digits(reference)) as f64 / digits(reference) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one, one_asset, sell};
    use crate::{OrderFacts, Outcome};

    #[test]
    fn a_tick_beyond_the_collar_breaches_it_on_either_side() {
        let (control, book) = (PriceCollar(Levels::hard(0.01)), one_asset());
        for (price, outcome) in [
            ("101.00", Outcome::Pass),
            ("101.01", Outcome::Hard),
            ("101.000000000000001", Outcome::Hard),
            ("99.00", Outcome::Pass),
            ("98.99", Outcome::Hard),
        ] {
            assert_eq!(one(&control, &book, &[buy("1", price)]).1, outcome, "{price}");
            assert_eq!(one(&control, &book, &[sell("1", price)]).1, outcome, "{price}");
        }
        assert_eq!(one(&control, &book, &[buy("1", "101.00")]).0, Some(0.01));
    }

    #[test]
    fn without_a_price_or_a_reference_it_is_not_known() {
        let control = PriceCollar(Levels::hard(0.01));
        let market = OrderFacts { price: None, ..buy("1", "100.00") };
        assert_eq!(one(&control, &one_asset(), &[market]), (None, Outcome::Hard));
        for reference in [None, "0".parse().ok()] {
            let mut book = one_asset();
            book.positions[0].reference_price = reference;
            assert_eq!(one(&control, &book, &[buy("1", "100.00")]), (None, Outcome::Hard));
        }
    }

    #[test]
    fn a_plan_without_orders_keeps_it() {
        assert_eq!(one(&PriceCollar(Levels::hard(0.01)), &one_asset(), &[]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn the_distance_does_not_depend_on_decimals() {
        assert_eq!(distance("300".parse().unwrap(), "285.7142857".parse().unwrap()), 14.2857143 / 285.7142857);
        assert_eq!(distance("102.50".parse().unwrap(), "100".parse().unwrap()), 0.025);
    }
}
