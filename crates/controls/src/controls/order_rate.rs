//! Orders in the window.

use crate::activity::is_within;
use crate::{Control, ControlCase, Findings, Reading, Subject, UnknownReason, WindowLevels};

/// The circuit breaker on messages: limits how many orders are sent within a window, those of the plan included.
#[derive(Debug)]
pub(crate) struct OrderRate(pub(crate) WindowLevels);

impl Control for OrderRate {
    fn name(&self) -> &'static str {
        "order_rate"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let count = case.activity.map(|activity| {
            let earlier =
                activity.orders.iter().filter(|past| is_within(past.at, self.0.window_seconds, case.now)).count();
            (earlier + case.orders.len()) as f64
        });
        findings.add(Subject::Plan, &self.0.levels(), Reading::of(count, UnknownReason::Activity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::TradeSide;

    use crate::samples::{buy, one_after, one_asset, past, sell};
    use crate::{Activity, Outcome};

    #[test]
    fn one_order_too_many_breaches_it() {
        let control = OrderRate(WindowLevels::hard(3.0, 60));
        let activity = |ages: &[i64]| Activity {
            plans: Vec::new(),
            orders: ages.iter().map(|age| past(TradeSide::Buy, *age, 1)).collect(),
        };
        let orders = [buy("1", "100.00"), sell("1", "100.00")];
        let told = |ages: &[i64]| one_after(&control, &one_asset(), &orders, Some(&activity(ages)));
        assert_eq!(told(&[10]), (Some(3.0), Outcome::Pass));
        assert_eq!(told(&[10, 60]), (Some(4.0), Outcome::Hard));
        assert_eq!(told(&[10, 61]), (Some(3.0), Outcome::Pass));
        assert_eq!(one_after(&control, &one_asset(), &orders, None), (None, Outcome::Hard));
    }
}
