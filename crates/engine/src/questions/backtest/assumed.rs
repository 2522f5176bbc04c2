//! The assumptions of a backtest.

use pipeline::FEW_OBSERVATIONS;
use risk::RiskOptions;

use super::Study;
use super::survivors::survivors;
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
    if let Some(detail) = survivors(series.names()) {
        warnings.push(PlanWarning { code: WarningCode::SurvivorsOnly, pointer: at.to_owned(), detail });
    }
    let (periods, usual) = (study.options.risk.periods_per_year, RiskOptions::default().periods_per_year);
    if study.request.periods_per_year.is_none() && periods != usual {
        warnings.push(PlanWarning {
            code: WarningCode::PeriodsInferred,
            pointer: "/dates".to_owned(),
            detail: format!(
                "the dates are those of {periods} periods a year, which the annual figures are for, and not {usual}"
            ),
        });
    }
    let policies = study.request.policies.iter().enumerate();
    warnings.extend(policies.filter(|(_, policy)| policy.has_idle_cadence()).map(|(i, _)| PlanWarning {
        code: WarningCode::CadenceIgnored,
        pointer: format!("/policies/{i}/rebalance"),
        detail: "a policy that buys and holds trades on the first day only, however often it is to decide".to_owned(),
    }));
    if study.request.plans_ahead() {
        warnings.push(PlanWarning {
            code: WarningCode::HistoriesAligned,
            pointer: at.to_owned(),
            detail: format!("every policy starts after {WARM_UP} returns, because one that plans needs a history"),
        });
    }
    if let BacktestSeries::Returns(returns) = series {
        warnings.extend(returns.iter().filter_map(|(name, returns)| {
            PlanWarning::of_returns(format!("{at}/{}", segment(name)), returns, study.options.risk.periods_per_year)
        }));
    }
    if let BacktestSeries::Prices(prices) = series {
        warnings.extend(prices.iter().filter_map(|(name, prices)| {
            let recoveries = study.request.recoveries.as_ref().map_or(&[][..], |recoveries| recoveries.0.as_slice());
            let recovery = recoveries.iter().find(|(asset, _)| asset.trim() == name.trim()).map(|(_, paid)| *paid);
            let detail = absent(prices, recovery)?;
            Some(PlanWarning { code: WarningCode::PriceMissing, pointer: format!("{at}/{}", segment(name)), detail })
        }));
    }
    warnings
}

/// What is made of the days on which an asset has no price; `None` when it has one on each. `recovery`: what its end was said to pay.
fn absent(prices: &[Option<f64>], recovery: Option<f64>) -> Option<String> {
    let lost = prices.iter().position(|price| *price == Some(0.0));
    let prices = &prices[..lost.unwrap_or(prices.len())];
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
    match (lost, recovery) {
        (Some(day), _) => parts.push(format!("worth nothing from day {day}: its position is lost")),
        (None, Some(paid)) if last + 1 < prices.len() => {
            parts.push(format!("no price after day {last}: delisted, and {paid} of its last price is paid out"));
        }
        (None, None) if last + 1 < prices.len() => parts.push(format!(
            "no price after day {last}: taken to be delisted and paid out in full at its last price, unless recoveries says what it paid"
        )),
        (None, _) => {}
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_absence_is_told() {
        let detail = |prices: &[f64]| {
            let prices: Vec<_> = prices.iter().map(|&price| (price > 0.0).then_some(price)).collect();
            absent(&prices, None).unwrap_or_default()
        };
        assert_eq!(detail(&[1.0, 2.0, 3.0]), "");
        assert_eq!(detail(&[0.0, 0.0, 3.0]), "not held before day 2, its share is spread over the others");
        assert!(detail(&[1.0, 0.0, 0.0, 3.0]).starts_with("2 days without a price"));
        assert!(detail(&[1.0, 2.0, 0.0]).starts_with("no price after day 1: taken to be delisted"));
        assert_eq!(detail(&[0.0, 1.0, 0.0, 2.0, 0.0]).matches("; ").count(), 2);
        let lost = [Some(1.0), Some(0.0), None];
        assert_eq!(absent(&lost, None).unwrap(), "worth nothing from day 1: its position is lost");
        let paid = absent(&[Some(1.0), None, None], Some(0.3)).unwrap();
        assert_eq!(paid, "no price after day 0: delisted, and 0.3 of its last price is paid out");
    }
}
