//! Notionals in the window, money.

use crate::activity::is_within;
use crate::{Control, ControlCase, Findings, Reading, Subject, UnknownReason, WindowLevels};

/// The circuit breaker on money: limits the notionals that are sent within a window, those of the plan included.
#[derive(Debug)]
pub(crate) struct NotionalRate {
    pub(crate) levels: WindowLevels,
    pub(crate) currency: Option<String>,
}

impl Control for NotionalRate {
    fn name(&self) -> &'static str {
        "notional_rate"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        findings.add(Subject::Plan, &self.levels.levels(), self.reading(case));
    }
}

impl NotionalRate {
    fn reading(&self, case: &ControlCase<'_>) -> Reading {
        let Some(activity) = case.activity else { return Reading::Unknown(UnknownReason::Activity) };
        let mut sum = case.notional();
        for past in activity.orders.iter().filter(|past| is_within(past.at, self.levels.window_seconds, case.now)) {
            if past.notional.currency() != case.book.nav.currency() {
                return Reading::Unknown(UnknownReason::OtherCurrency);
            }
            sum += i128::from(past.notional.minor().unsigned_abs());
        }
        case.amount(sum, self.currency.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::{Currency, Money, TradeSide};

    use crate::samples::{buy, one_after, one_asset, past};
    use crate::{Activity, Outcome, PastOrder};

    fn told(orders: Vec<PastOrder>) -> (Option<f64>, Outcome) {
        let control = NotionalRate { levels: WindowLevels::hard(1_500.0, 60), currency: Some("USD".to_owned()) };
        let activity = Activity { plans: Vec::new(), orders };
        one_after(&control, &one_asset(), &[buy("10", "100.00")], Some(&activity))
    }

    #[test]
    fn a_cent_above_the_limit_breaches_it() {
        assert_eq!(told(vec![past(TradeSide::Sell, 10, 50_000)]), (Some(1_500.0), Outcome::Pass));
        assert_eq!(told(vec![past(TradeSide::Buy, 60, 50_001)]), (Some(1_500.01), Outcome::Hard));
        assert_eq!(told(vec![past(TradeSide::Buy, 61, 50_001)]), (Some(1_000.0), Outcome::Pass));
        assert_eq!(told(vec![past(TradeSide::Sell, 10, -50_001)]), (Some(1_500.01), Outcome::Hard));
    }

    #[test]
    fn another_currency_in_the_window_is_not_known() {
        let euro =
            |seconds| PastOrder { notional: Money::from_minor(1, Currency::EUR), ..past(TradeSide::Buy, seconds, 0) };
        assert_eq!(told(vec![euro(10)]), (None, Outcome::Hard));
        assert_eq!(told(vec![euro(61)]), (Some(1_000.0), Outcome::Pass));
        let control = NotionalRate { levels: WindowLevels::hard(1e9, 60), currency: Some("USD".to_owned()) };
        assert_eq!(one_after(&control, &one_asset(), &[], None), (None, Outcome::Hard));
    }
}
