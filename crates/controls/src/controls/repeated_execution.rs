//! Orders on the same side of an asset in the window.

use portfolio_core::TradeSide;

use crate::activity::is_within;
use crate::{Control, ControlCase, Findings, Reading, Subject, UnknownReason, WindowLevels};

/// The throttle on repeated execution: limits how often an asset is bought, or sold, within a window, those of the plan
/// included, so that a loop that repeats a strategy stops until a person reviews it.
#[derive(Debug)]
pub(crate) struct RepeatedExecution(pub(crate) WindowLevels);

impl Control for RepeatedExecution {
    fn name(&self) -> &'static str {
        "repeated_execution"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let levels = self.0.levels();
        let mut own = vec![[0_usize; 2]; case.book.positions.len()];
        for order in case.orders {
            if let Some(counts) = own.get_mut(order.asset) {
                counts[place(order.side)] += 1;
            }
        }
        let recent: Option<Vec<_>> = case.activity.map(|activity| {
            activity.orders.iter().filter(|past| is_within(past.at, self.0.window_seconds, case.now)).collect()
        });
        for (i, _) in case.traded() {
            let (asset, counts) = (&case.book.positions[i].asset, own[i]);
            let most = recent.as_ref().map(|recent| {
                let earlier = |side| recent.iter().filter(|past| past.side == side && past.asset == *asset).count();
                let total = |side| if counts[place(side)] == 0 { 0 } else { counts[place(side)] + earlier(side) };
                total(TradeSide::Buy).max(total(TradeSide::Sell)) as f64
            });
            findings.add(Subject::Asset(i), &levels, Reading::of(most, UnknownReason::Activity));
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &levels, Reading::Known(0.0));
        }
    }
}

fn place(side: TradeSide) -> usize {
    match side {
        TradeSide::Buy => 0,
        TradeSide::Sell => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, one_after, one_asset, past, sell};
    use crate::{Activity, OrderFacts, Outcome, PastOrder};

    fn told(orders: &[OrderFacts], earlier: Vec<PastOrder>) -> (Option<f64>, Outcome) {
        let activity = Activity { plans: Vec::new(), orders: earlier };
        one_after(&RepeatedExecution(WindowLevels::hard(3.0, 60)), &one_asset(), orders, Some(&activity))
    }

    #[test]
    fn one_repetition_too_many_breaches_it() {
        let bought = |ages: &[i64]| ages.iter().map(|age| past(TradeSide::Buy, *age, 1)).collect::<Vec<_>>();
        let purchase = [buy("1", "100.00")];
        assert_eq!(told(&purchase, bought(&[1, 2])), (Some(3.0), Outcome::Pass));
        assert_eq!(told(&purchase, bought(&[1, 2, 60])), (Some(4.0), Outcome::Hard));
        assert_eq!(told(&purchase, bought(&[1, 2, 61])), (Some(3.0), Outcome::Pass));
    }

    #[test]
    fn the_other_side_and_other_assets_do_not_count() {
        let sold: Vec<_> = [1, 2, 3, 4].map(|age| past(TradeSide::Sell, age, 1)).into();
        assert_eq!(told(&[buy("1", "100.00")], sold.clone()), (Some(1.0), Outcome::Pass));
        assert_eq!(told(&[sell("1", "100.00")], sold.clone()), (Some(5.0), Outcome::Hard));
        let elsewhere = sold.into_iter().map(|past| PastOrder { asset: "BND".to_owned(), ..past }).collect();
        assert_eq!(told(&[sell("1", "100.00")], elsewhere), (Some(1.0), Outcome::Pass));
        let twice = [buy("1", "100.00"), OrderFacts { id: "B2".to_owned(), ..buy("2", "100.00") }];
        assert_eq!(told(&twice, vec![past(TradeSide::Buy, 1, 1)]), (Some(3.0), Outcome::Pass));
        assert_eq!(told(&[], vec![past(TradeSide::Buy, 1, 1)]), (Some(0.0), Outcome::Pass));
    }

    #[test]
    fn an_unknown_past_is_no_pass() {
        let control = RepeatedExecution(WindowLevels::hard(3.0, 60));
        assert_eq!(one_after(&control, &one_asset(), &[buy("1", "100.00")], None), (None, Outcome::Hard));
    }
}
