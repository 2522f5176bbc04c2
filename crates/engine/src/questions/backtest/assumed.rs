//! What a backtest takes for granted.

use pipeline::FEW_OBSERVATIONS;

use super::Study;
use crate::dto::backtest::{BacktestSeries, WARM_UP};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::segment;

/// What was assumed of the whole backtest.
pub(super) fn assumed(study: &Study) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let series = study.request.series();
    let at = series.pointer();
    let days = study.history.days() - study.options.start;
    if days <= FEW_OBSERVATIONS {
        warnings.push(PlanWarning {
            code: WarningCode::HistoryShort,
            pointer: at.to_owned(),
            detail: format!("only {days} days are replayed: the figures are rough at best"),
        });
    }
    if study.request.plans_ahead() {
        warnings.push(PlanWarning {
            code: WarningCode::HistoriesAligned,
            pointer: at.to_owned(),
            detail: format!("every policy starts after {WARM_UP} returns, because an optimal one needs a history"),
        });
    }
    if let BacktestSeries::Returns(returns) = series {
        warnings.extend(returns.iter().filter_map(|(name, returns)| {
            PlanWarning::of_returns(format!("{at}/{}", segment(name)), returns, study.options.risk.periods_per_year)
        }));
    }
    if let BacktestSeries::Prices(prices) = series {
        warnings.extend(prices.iter().filter_map(|(name, prices)| {
            let detail = absent(prices)?;
            Some(PlanWarning { code: WarningCode::PriceMissing, pointer: format!("{at}/{}", segment(name)), detail })
        }));
    }
    warnings
}

/// What is made of the days on which an asset has no price; `None` when it has one on each.
fn absent(prices: &[Option<f64>]) -> Option<String> {
    let (first, last) = (prices.iter().position(Option::is_some)?, prices.iter().rposition(Option::is_some)?);
    let gaps = prices[first..last].iter().filter(|price| price.is_none()).count();
    let mut parts = Vec::new();
    if first > 0 {
        parts.push(format!("not held before day {first}, its share is spread over the others"));
    }
    if gaps > 0 {
        let days = if gaps == 1 { "day" } else { "days" };
        parts.push(format!(
            "{gaps} {days} without a price inside its series: it keeps its last value and does not trade"
        ));
    }
    if last + 1 < prices.len() {
        parts.push(format!("no price after day {last}: taken to be delisted and paid out in full at its last price"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_absence_is_told() {
        let detail = |prices: &[f64]| {
            absent(&prices.iter().map(|&price| (price > 0.0).then_some(price)).collect::<Vec<_>>()).unwrap_or_default()
        };
        assert_eq!(detail(&[1.0, 2.0, 3.0]), "");
        assert_eq!(detail(&[0.0, 0.0, 3.0]), "not held before day 2, its share is spread over the others");
        assert!(detail(&[1.0, 0.0, 0.0, 3.0]).starts_with("2 days without a price"));
        assert!(detail(&[1.0, 2.0, 0.0]).starts_with("no price after day 1: taken to be delisted"));
        assert_eq!(detail(&[0.0, 1.0, 0.0, 2.0, 0.0]).matches("; ").count(), 2);
    }
}
