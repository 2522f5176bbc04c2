//! Units sold beyond those held.

use portfolio_core::TradeSide;

use crate::case::number;
use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Largest remainder, in units, that rounding to a lot step may leave when a whole position is sold.
const DUST: f64 = 1e-6;

/// Limits the units of an asset that the plan sells beyond those held: purchases of the plan count against its sales,
/// and orders that reduce a short position do not count as overselling.
#[derive(Debug)]
pub(crate) struct Oversold(pub(crate) Levels);

impl Control for Oversold {
    fn name(&self) -> &'static str {
        "oversold"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let mut sold = vec![0.0; case.book.positions.len()];
        for order in case.orders {
            let units = number(order.quantity);
            if let Some(net) = sold.get_mut(order.asset) {
                *net += match order.side {
                    TradeSide::Sell => units,
                    TradeSide::Buy => -units,
                };
            }
        }
        for (i, _) in case.traded() {
            let held = case.book.positions.get(i).and_then(|position| position.quantity);
            let beyond = held.filter(|held| held.is_finite()).map(|held| sold[i] - held.max(0.0));
            // A purchase needs no holding, so nothing has to be known of it.
            let beyond = if sold[i] <= 0.0 { Some(0.0) } else { beyond };
            let beyond = beyond.map(|units| if units > DUST { units } else { 0.0 });
            findings.add(Subject::Asset(i), &self.0, Reading::of(beyond, UnknownReason::Quantity));
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &self.0, Reading::Known(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one, one_asset, sell};
    use crate::{ControlBook, Outcome};

    fn holding(quantity: Option<f64>) -> ControlBook {
        let mut book = one_asset();
        book.positions[0].quantity = quantity;
        book
    }

    #[test]
    fn a_unit_beyond_the_holding_breaches_it() {
        let control = Oversold(Levels::hard(0.0));
        let sold = |held: f64, units: &str| one(&control, &holding(Some(held)), &[sell(units, "100.00")]);
        assert_eq!(sold(500.0, "500"), (Some(0.0), Outcome::Pass));
        assert_eq!(sold(500.0, "501"), (Some(1.0), Outcome::Hard));
        assert_eq!(sold(0.0, "10"), (Some(10.0), Outcome::Hard));
        // A third of a unit, sold on a step of 1e-8.
        assert_eq!(sold(1.0 / 3.0, "0.33333334"), (Some(0.0), Outcome::Pass));
        // A millionth of a unit is what rounding leaves, and no more than that.
        assert_eq!(sold(0.0, "0.000001"), (Some(0.0), Outcome::Pass));
        assert_eq!(sold(0.0, "0.0000011"), (Some(1.1e-6), Outcome::Hard));
        // A short position is nothing to sell.
        assert_eq!(sold(-5.0, "10"), (Some(10.0), Outcome::Hard));
        assert_eq!(one(&control, &holding(Some(0.0)), &[]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn purchases_of_the_plan_count_against_its_sales() {
        let (control, book) = (Oversold(Levels::hard(0.0)), holding(Some(500.0)));
        let orders = |bought: &str| [sell("700", "100.00"), buy(bought, "100.00")];
        assert_eq!(one(&control, &book, &orders("200")), (Some(0.0), Outcome::Pass));
        assert_eq!(one(&control, &book, &orders("199")), (Some(1.0), Outcome::Hard));
        assert_eq!(one(&control, &holding(Some(-300.0)), &[buy("100", "100.00")]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn without_a_quantity_a_sale_is_not_known_and_a_purchase_is_none() {
        let control = Oversold(Levels::hard(0.0));
        for held in [None, Some(f64::NAN)] {
            assert_eq!(one(&control, &holding(held), &[sell("1", "100.00")]), (None, Outcome::Hard));
            assert_eq!(one(&control, &holding(held), &[buy("1", "100.00")]), (Some(0.0), Outcome::Pass));
        }
    }
}
