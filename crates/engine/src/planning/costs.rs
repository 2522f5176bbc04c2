//! What the trades of a request cost: its own rates and tariff, and for assets without either a fitted model or the default rate.

use portfolio_core::{
    AssetRole, Book, CoreError, CostModel, Duty, MarketImpact, MinimumCommission, PerShare, PowerImpact, Ticket,
    TradePlan, TradeSide,
};

use crate::dto::absent;
use crate::dto::costs::{CostPart, CostsRequest};
use crate::dto::plan::FittedCosts;
use crate::dto::portfolio::{AssetRequest, RebalanceRequest};
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::inventory::fitted_costs::period_volatility;

/// The costs of a request's trades, and the fitted model where an asset uses it: one without a stated rate or tariff that has a volatility and an
/// average daily volume. An asset without a rate that lacks one of these has the default rate.
///
/// # Errors
/// A rate that is out of its range, and an impact of an asset that lacks a volume or a volatility.
pub(super) fn costs_of(
    request: &RebalanceRequest,
    book: &Book,
    fitted: Option<FittedCosts>,
) -> Result<(CostModel, Option<FittedCosts>), Vec<Fault>> {
    let tariffs: Vec<CostsRequest> = request.assets.iter().map(|asset| tariff_of(request, asset)).collect();
    let stated = |i: usize| {
        let rate = request.assets[i].transaction_cost_bps.or(request.transaction_cost_bps);
        rate.or(tariffs[i].states_any().then_some(0.0))
    };
    let coefficients: Vec<Option<f64>> = match &fitted {
        None => vec![None; request.assets.len()],
        Some(fitted) => {
            let assets = request.assets.iter().zip(book.unit_values()).enumerate();
            assets
                .map(|(i, (asset, &unit))| {
                    if stated(i).is_some() {
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
    let rate = |(i, coefficient): (usize, &Option<f64>)| match coefficient {
        Some(_) => 0.0,
        None => stated(i).unwrap_or(absent::COST_BPS),
    };
    let rates: Vec<f64> = coefficients.iter().enumerate().map(rate).collect();
    let costs = CostModel::proportional(&rates).map_err(|e| fault(&e))?;
    let costs =
        with_tariffs(costs, &tariffs, &impacts(request, book, &tariffs, &coefficients)?).map_err(|e| fault(&e))?;
    let Some(fitted) = fitted.filter(|_| coefficients.iter().any(Option::is_some)) else { return Ok((costs, None)) };
    let half_spreads: Vec<f64> =
        coefficients.iter().map(|used| if used.is_some() { fitted.half_spread } else { 0.0 }).collect();
    let impacts: Vec<f64> = coefficients.into_iter().map(Option::unwrap_or_default).collect();
    let term = PowerImpact::new(&fitted.id, &fitted.version, &half_spreads, &impacts, fitted.exponent);
    let costs = term.and_then(|term| costs.with(term)).map_err(|e| fault(&e))?;
    Ok((costs, Some(fitted)))
}

/// What a request states of the costs of an asset beside its rate.
fn tariff_of(request: &RebalanceRequest, asset: &AssetRequest) -> CostsRequest {
    asset.costs.unwrap_or_default().or(request.costs.unwrap_or_default())
}

/// Whether a request states costs beside rates.
pub(super) fn states_tariffs(request: &RebalanceRequest) -> bool {
    request.assets.iter().any(|asset| tariff_of(request, asset).states_any())
}

/// The model with the terms of which an asset has any.
fn with_tariffs(mut costs: CostModel, tariffs: &[CostsRequest], impacts: &[f64]) -> Result<CostModel, CoreError> {
    let each = |member: fn(&CostsRequest) -> Option<f64>| -> Vec<f64> {
        tariffs.iter().map(|tariff| member(tariff).unwrap_or_default()).collect()
    };
    let any = |values: &[f64]| values.iter().any(|value| *value != 0.0);
    let (least, commission) = (each(|tariff| tariff.commission_min), each(|tariff| tariff.commission_bps));
    if any(&least) || any(&commission) {
        costs = costs.with(MinimumCommission::new(&least, &commission)?)?;
    }
    let fees = each(|tariff| tariff.fee_per_unit);
    if any(&fees) {
        costs = costs.with(PerShare::new(&fees)?)?;
    }
    for (side, duties) in
        [(TradeSide::Buy, each(|tariff| tariff.duty_buy_bps)), (TradeSide::Sell, each(|tariff| tariff.duty_sell_bps))]
    {
        if any(&duties) {
            costs = costs.with(Duty::new(side, &duties)?)?;
        }
    }
    if any(impacts) {
        costs = costs.with(MarketImpact::new(impacts)?)?;
    }
    Ok(costs)
}

/// The coefficient of each asset's market impact, of a trade of all of the portfolio: `impact·σ·√(NAV/V)` for a volume of the value `V`.
///
/// An asset whose request states no factor has the default one where it has a volume and returns, unless the `fitted` model or the method states its
/// impact.
fn impacts(
    request: &RebalanceRequest,
    book: &Book,
    tariffs: &[CostsRequest],
    fitted: &[Option<f64>],
) -> Result<Vec<f64>, Vec<Fault>> {
    let of_method = request.optimization.as_ref().is_some_and(|options| options.market_impact.is_some());
    let mut faults = Faults::default();
    let mut coefficients = vec![0.0; tariffs.len()];
    for (i, (asset, tariff)) in request.assets.iter().zip(tariffs).enumerate() {
        let volatility = asset.historical_returns.as_deref().and_then(period_volatility);
        let is_measured = asset.average_daily_volume.is_some() && volatility.is_some();
        let by_default = (is_measured && !of_method && fitted[i].is_none()).then_some(absent::IMPACT);
        let Some(factor) = tariff.impact.or(by_default).filter(|factor| *factor > 0.0) else { continue };
        if asset.role.is_some_and(|role| role != AssetRole::Tradable) {
            continue;
        }
        let mut needs = |member: &str, what: &str| {
            let detail =
                format!("the impact of the costs needs {what}: send it, or \"costs\": {{\"impact\": 0}} of this asset");
            faults.add(format!("/assets/{i}/{member}"), FaultCode::Required, detail);
        };
        match (asset.average_daily_volume, volatility) {
            (None, _) => needs("average_daily_volume", "a volume"),
            (_, None) => needs("historical_returns", "at least 20 returns that vary"),
            (Some(volume), Some(volatility)) => {
                let day = volume * book.unit_values()[i];
                coefficients[i] = factor * volatility * (book.nav().major() / day).sqrt();
            }
        }
    }
    if faults.is_empty() { Ok(coefficients) } else { Err(faults.into_vec()) }
}

/// What trades cost in each part of a model, in the order of its terms. Each sum is rounded to the minor unit for itself, and the cost of each
/// trade is too: they may differ by as many minor units as there are trades.
pub(crate) fn parts_of(costs: &CostModel, book: &Book, trades: &TradePlan) -> Vec<CostPart> {
    let minor_per_major = book.currency().minor_per_major();
    let tickets: Vec<Ticket> = trades
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.value.minor() != 0)
        .map(|(asset, row)| Ticket {
            asset,
            side: if row.value.minor() < 0 { TradeSide::Sell } else { TradeSide::Buy },
            value: row.value.minor().unsigned_abs() as f64,
            units: row.units.abs(),
            nav: book.nav().minor() as f64,
            minor_per_major,
        })
        .collect();
    costs
        .terms()
        .map(|term| {
            // A sum of no floats is −0.0.
            let minor = tickets.iter().fold(0.0, |sum, ticket| sum + term.cost(ticket));
            CostPart {
                part: term.id().to_owned(),
                kind: term.kind().into(),
                estimated_cost: minor.round_ties_even() / minor_per_major,
            }
        })
        .collect()
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
        let terms: Vec<&str> = stated.config.costs.terms().map(CostTerm::id).collect();
        assert_eq!(terms, ["proportional", "market_impact"], "the volume has an impact beside a stated rate");
    }

    /// Whole shares at 20.00 in a book of 100,000.00: 3,000 of A and 1,000 of B, 60 % and 20 %; the policy has half of each.
    fn tariffed(of_all: &str, of_second: &str) -> Result<Case, Vec<Fault>> {
        let returns = ["0.01, -0.01"; 15].join(", ");
        let body = format!(
            r#"{{"cash": 20000, "turnover_limit": 2, "drift_threshold": 0{of_all}, "assets": [
            {{"asset": "A", "quantity": 3000, "target_weight": 0.5, "price": 20, "lot_size": 1, "historical_returns": [{returns}]}},
            {{"asset": "B", "quantity": 1000, "target_weight": 0.49, "price": 20, "lot_size": 1{of_second}}}]}}"#
        );
        Case::try_from(decode::<RebalanceRequest>(body.as_bytes())?)
    }

    #[test]
    fn every_part_of_a_tariff_is_in_the_trades_that_are_planned() {
        let of_all = r#", "costs": {"commission_bps": 5, "commission_min": 20, "fee_per_unit": 0.01, "duty_buy_bps": 50, "duty_sell_bps": 2}"#;
        let planned = crate::planning::plan::make_plan(
            tariffed(of_all, r#", "costs": {"commission_bps": 0, "commission_min": 1}"#).unwrap(),
        );
        let planned = planned.unwrap();
        let (case, trades) = (&planned.case, &planned.plan.trades);
        let [sale, purchase] = [&trades.rows[0], &trades.rows[1]].map(|row| (row.value.minor(), row.cost.minor()));
        assert!(sale.0 < 0 && purchase.0 > 0, "{sale:?} {purchase:?}");
        let (sold, bought) = (-sale.0 as f64, purchase.0 as f64);
        // 20.00 at least of a commission of 5 bp, 1 cent a share of 20.00, 2 bp of duty; no default rate beside a tariff.
        assert_eq!(sale.1, (f64::max(2_000.0, 0.0005 * sold) + 0.0005 * sold + 0.0002 * sold).round() as i64);
        // 1.00 a ticket, 1 cent a share, 50 bp of duty.
        assert_eq!(purchase.1, (100.0 + 0.0005 * bought + 0.005 * bought).round() as i64);
        let parts = parts_of(&case.config.costs, &case.book, trades);
        let told: Vec<(&str, f64)> = parts.iter().map(|part| (part.part.as_str(), part.estimated_cost)).collect();
        let money = |minor: f64| minor.round() / 100.0;
        let wanted = [
            ("proportional", 0.0),
            ("minimum_commission", money(f64::max(2_000.0, 0.0005 * sold) + 100.0)),
            ("per_share", money(0.0005 * (sold + bought))),
            ("duty_on_buys", money(0.005 * bought)),
            ("duty_on_sells", money(0.0002 * sold)),
        ];
        assert_eq!(told, wanted);
        assert!(trades.cash_after.minor() >= 0);
    }

    #[test]
    fn impact_follows_the_square_root_law_and_is_not_booked() {
        let case = case(
            r#", "costs": {"impact": 0.8}"#,
            r#", "average_daily_volume": 10000"#,
            r#", "costs": {"impact": 0}, "transaction_cost_bps": 3"#,
        );
        // 500 of 10,000 shares: 0.8·σ·√0.05, at no other cost.
        let ticket =
            |asset| Ticket { asset, side: TradeSide::Buy, value: 1e6, units: 500.0, nav: 1e7, minor_per_major: 100.0 };
        let volatility = 0.01 * (30.0_f64 / 29.0).sqrt();
        let expected = case.config.costs.expected(&ticket(0)) / 1e6;
        assert!((expected / (0.8 * volatility * 0.05_f64.sqrt()) - 1.0).abs() < 1e-12, "{expected}");
        assert_eq!(case.config.costs.charged(&ticket(0)), 0.0);
        assert!((case.config.costs.expected(&ticket(1)) / 1e6 - 0.0003).abs() < 1e-15);
    }

    #[test]
    fn a_volume_and_returns_have_an_impact_and_what_is_stated_takes_its_place() {
        let volume = r#", "average_daily_volume": 10000"#;
        let impact = |of_all: &str, first: &str| case(of_all, first, "").config.costs.convex(0, 20.0).impact;
        // σ·√(NAV/V): a book of 100,000.00, and 10,000 shares at 20.00 a day.
        let wanted = 0.01 * (30.0_f64 / 29.0).sqrt() * (100_000.0_f64 / 200_000.0).sqrt();
        assert!((impact(r#", "transaction_cost_bps": 3"#, volume) / wanted - 1.0).abs() < 1e-12);
        assert_eq!(impact(r#", "transaction_cost_bps": 3, "costs": {"impact": 0}"#, volume), 0.0);
        let half = impact(r#", "transaction_cost_bps": 3"#, &format!(r#"{volume}, "costs": {{"impact": 0.5}}"#));
        assert!((half / (0.5 * wanted) - 1.0).abs() < 1e-12, "{half}");
        assert_eq!(impact(r#", "transaction_cost_bps": 3"#, ""), 0.0, "no volume");
        // The fitted model has an impact of its own.
        assert_eq!(case("", volume, "").config.costs.terms().filter(|term| term.id() == "market_impact").count(), 0);
        let of_method =
            r#", "transaction_cost_bps": 3, "method": "optimal", "optimization": {"market_impact": [0.1, 0]}"#;
        assert_eq!(case(of_method, volume, "").config.costs.convex(0, 20.0).impact, 0.0);
    }

    #[test]
    fn an_impact_without_what_it_is_made_of_is_refused() {
        let pointers = |of_all: &str, of_second: &str| -> Vec<Option<String>> {
            tariffed(of_all, of_second).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
        };
        let at = |pointer: &str| Some(pointer.to_owned());
        let both = pointers(r#", "costs": {"impact": 1}"#, r#", "average_daily_volume": 100"#);
        assert_eq!(both, [at("/assets/0/average_daily_volume"), at("/assets/1/historical_returns")]);
        let second = pointers("", r#", "costs": {"impact": 1}"#);
        assert_eq!(second, [at("/assets/1/average_daily_volume")]);
        assert_eq!(pointers(r#", "costs": {"commission_min": -1}"#, ""), [at("/costs/commission_min")]);
        assert!(tariffed("", r#", "costs": {"impact": 0}"#).is_ok());
    }

    #[test]
    fn a_tariff_takes_the_place_of_the_default_rate_and_of_the_fitted_model() {
        let case = case("", r#", "average_daily_volume": 10000, "costs": {"commission_min": 5}"#, "");
        assert!(
            (rate(&case, 0) - 500.0 / 1e6).abs() < 1e-15 && (rate(&case, 1) - absent::COST_BPS / 1e4).abs() < 1e-15
        );
        assert_eq!(case.echo.cost_model, None);
    }
}
