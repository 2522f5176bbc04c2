//! Sum of absolute positions after the orders, money.

use crate::{Control, ControlCase, Findings, Levels, Subject};

/// Limits the gross exposure: the amount at risk in the market, whatever the NAV.
#[derive(Debug)]
pub(crate) struct GrossExposure {
    pub(crate) levels: Levels,
    pub(crate) currency: Option<String>,
}

impl Control for GrossExposure {
    fn name(&self) -> &'static str {
        "gross_exposure"
    }

    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
        let reading = case.amount(case.gross_after(), self.currency.as_deref());
        findings.add(Subject::Plan, &self.levels, reading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use crate::samples::{buy, one, one_asset, sell, usd};

    #[test]
    fn a_cent_above_the_limit_breaches_it() {
        let control = |limit| GrossExposure { levels: Levels::hard(limit), currency: Some("USD".to_owned()) };
        let (book, orders) = (one_asset(), [buy("10", "100.00")]);
        assert_eq!(one(&control(51_000.0), &book, &orders), (Some(51_000.0), Outcome::Pass));
        assert_eq!(one(&control(50_999.99), &book, &orders), (Some(51_000.0), Outcome::Hard));
    }

    #[test]
    fn a_short_position_counts_and_another_currency_is_not_known() {
        let mut book = one_asset();
        book.positions[0].value = usd(-5_000_000);
        let control = |code: &str| GrossExposure { levels: Levels::hard(50_500.0), currency: Some(code.to_owned()) };
        assert_eq!(one(&control("USD"), &book, &[sell("5", "100.00")]), (Some(50_500.0), Outcome::Pass));
        assert_eq!(one(&control("EUR"), &book, &[]), (None, Outcome::Hard));
    }
}
