//! What the trades of a request cost: its own rates, and for assets without one a fitted model or the default rate.

use portfolio_core::{Book, CoreError, CostModel, PowerImpact};

use crate::dto::absent;
use crate::dto::plan::FittedCosts;
use crate::dto::portfolio::{AssetRequest, RebalanceRequest};
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::inventory::fitted_costs::period_volatility;

/// The costs of a request's trades, and the fitted model where an asset uses it: one without a stated rate that has a volatility and an average
/// daily volume. An asset without a rate that lacks one of these has the default rate.
///
/// # Errors
/// A rate that is out of its range.
pub(super) fn costs_of(
    request: &RebalanceRequest,
    book: &Book,
    fitted: Option<FittedCosts>,
) -> Result<(CostModel, Option<FittedCosts>), Vec<Fault>> {
    let stated = |asset: &AssetRequest| asset.transaction_cost_bps.or(request.transaction_cost_bps);
    let coefficients: Vec<Option<f64>> = match &fitted {
        None => vec![None; request.assets.len()],
        Some(fitted) => {
            let assets = request.assets.iter().zip(book.unit_values());
            assets
                .map(|(asset, &unit)| {
                    if stated(asset).is_some() {
                        return None;
                    }
                    let volume = asset.average_daily_volume.filter(|volume| *volume > 0.0)? * unit;
                    let volatility = period_volatility(asset.historical_returns.as_deref()?)?;
                    let coefficient = fitted.impact * volatility * (book.nav().major() / volume).powf(fitted.exponent);
                    Some(coefficient).filter(|coefficient| coefficient.is_finite())
                })
                .collect()
        }
    };
    let rate = |(asset, coefficient): (&AssetRequest, &Option<f64>)| match coefficient {
        Some(_) => 0.0,
        None => stated(asset).unwrap_or(absent::COST_BPS),
    };
    let rates: Vec<f64> = request.assets.iter().zip(&coefficients).map(rate).collect();
    let costs = CostModel::proportional(&rates).map_err(|e| fault(&e))?;
    let Some(fitted) = fitted.filter(|_| coefficients.iter().any(Option::is_some)) else { return Ok((costs, None)) };
    let half_spreads: Vec<f64> =
        coefficients.iter().map(|used| if used.is_some() { fitted.half_spread } else { 0.0 }).collect();
    let impacts: Vec<f64> = coefficients.into_iter().map(Option::unwrap_or_default).collect();
    let term = PowerImpact::new(&fitted.id, &fitted.version, &half_spreads, &impacts, fitted.exponent);
    let costs = term.and_then(|term| costs.with(term)).map_err(|e| fault(&e))?;
    Ok((costs, Some(fitted)))
}

fn fault(detail: &CoreError) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.add("/assets", FaultCode::Value, detail.to_string());
    faults.into_vec()
}

#[cfg(test)]
mod tests {
    use governance::Digest;
    use portfolio_core::{CostTerm, Ticket, TradeSide};

    use super::*;
    use crate::decode::decode;
    use crate::planning::case::Case;

    fn fitted() -> FittedCosts {
        FittedCosts {
            id: "fitted_costs_1".to_owned(),
            version: "1.0.0".to_owned(),
            digest: Digest::ZERO,
            half_spread: 0.0004,
            impact: 0.9,
            exponent: 0.6,
        }
    }

    fn case(request_rate: &str, first: &str, second: &str) -> Case {
        let returns = ["0.01, -0.01"; 15].join(", ");
        let asset = |name: &str, more: &str| {
            format!(
                r#"{{"asset": "{name}", "current_weight": 0.5, "target_weight": 0.5, "price": 20,
                "historical_returns": [{returns}]{more}}}"#
            )
        };
        let body = format!(
            r#"{{"portfolio_value": 100000{request_rate}, "assets": [{}, {}]}}"#,
            asset("A", first),
            asset("B", second)
        );
        Case::with_costs(decode(body.as_bytes()).unwrap(), Some(fitted())).unwrap()
    }

    /// What buying 10,000.00 of an asset, 500 units, costs as a fraction.
    fn rate(case: &Case, asset: usize) -> f64 {
        let ticket = Ticket { asset, side: TradeSide::Buy, value: 1e6, units: 500.0, nav: 1e7, minor_per_major: 100.0 };
        case.config.costs.charged(&ticket) / 1e6
    }

    #[test]
    fn an_asset_without_a_rate_costs_what_the_model_says_of_its_volatility_and_volume() {
        let case = case("", r#", "average_daily_volume": 10000"#, r#", "transaction_cost_bps": 25"#);
        let volatility = 0.01 * (30.0_f64 / 29.0).sqrt();
        let wanted = 0.0004 + 0.9 * volatility * (500.0_f64 / 10_000.0).powf(0.6);
        assert!((rate(&case, 0) / wanted - 1.0).abs() < 1e-12, "{}", rate(&case, 0));
        assert!((rate(&case, 1) - 0.0025).abs() < 1e-15);
        assert_eq!(case.echo.cost_model, Some(fitted()));
        let ids: Vec<&str> = case.config.costs.terms().map(CostTerm::id).collect();
        assert_eq!(ids, ["proportional", "fitted_costs_1"]);
    }

    #[test]
    fn stated_rates_hold_and_without_a_volume_the_default_rate_does() {
        let case = |rate: &str| case(rate, r#", "average_daily_volume": 10000"#, "");
        let default = case("");
        assert!((rate(&default, 1) - absent::COST_BPS / 1e4).abs() < 1e-15);
        let stated = case(r#", "transaction_cost_bps": 3"#);
        assert!((rate(&stated, 0) - 0.0003).abs() < 1e-15 && (rate(&stated, 1) - 0.0003).abs() < 1e-15);
        assert_eq!(stated.echo.cost_model, None);
        assert_eq!(stated.config.costs.terms().count(), 1);
    }
}
