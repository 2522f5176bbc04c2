//! Age of the prices of the assets that trade.

use crate::{Control, ControlCase, Findings, Levels, Reading, Subject, UnknownReason};

/// Limits the age of the price of an asset that trades, seconds.
#[derive(Debug)]
pub(crate) struct StalePrices(pub(crate) Levels);

impl Control for StalePrices {
    fn name(&self) -> &'static str {
        "stale_prices"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        for (i, _) in case.traded() {
            let reading = match case.book.positions.get(i).and_then(|position| position.priced_at) {
                None => Reading::Unknown(UnknownReason::PriceTime),
                Some(at) if at > case.now => Reading::Unknown(UnknownReason::PriceFromFuture),
                Some(at) => Reading::Known(case.now.signed_duration_since(at).num_milliseconds() as f64 / 1e3),
            };
            findings.add(Subject::Asset(i), &self.0, reading);
        }
        if case.orders.is_empty() {
            findings.add(Subject::Plan, &self.0, Reading::Known(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    use crate::Outcome;
    use crate::samples::{buy, checks_of, now, one, one_asset};

    #[test]
    fn a_moment_beyond_the_age_breaches_it() {
        let (control, mut book) = (StalePrices(Levels::hard(900.0)), one_asset());
        let mut aged = |milliseconds| {
            book.positions[0].priced_at = Some(now() - TimeDelta::milliseconds(milliseconds));
            one(&control, &book, &[buy("1", "100.00")])
        };
        assert_eq!(aged(0), (Some(0.0), Outcome::Pass));
        assert_eq!(aged(900_000), (Some(900.0), Outcome::Pass));
        assert_eq!(aged(900_001), (Some(900.001), Outcome::Hard));
        assert_eq!(aged(-1), (None, Outcome::Hard));
    }

    #[test]
    fn only_what_trades_needs_a_price() {
        let (control, mut book) = (StalePrices(Levels::hard(900.0)), one_asset());
        book.positions[0].priced_at = None;
        assert_eq!(one(&control, &book, &[buy("1", "100.00")]), (None, Outcome::Hard));
        assert_eq!(one(&control, &book, &[]), (Some(0.0), Outcome::Pass));
        let reading = checks_of(&control, &book, &[buy("1", "100.00")], None)[0].reading;
        assert_eq!(reading, Reading::Unknown(UnknownReason::PriceTime));
    }
}
