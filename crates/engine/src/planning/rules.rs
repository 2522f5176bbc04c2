//! The rules of trading that a request states.

use pipeline::{Policy, PolicyObjective};
use portfolio_core::{
    BandRule, Book, CostModel, Intent, Money, NaiveDate, Ticket, TradePermit, TradeSide, TradingRules,
    no_trade_half_width,
};

use crate::dto::absent;
use crate::dto::band::{BandRuleRequest, BandSetting};
use crate::dto::instructions::{IntentKind, PostureName};
use crate::dto::portfolio::{AssetRequest, RebalanceRequest};
use crate::fault::Fault;
use crate::fault_code::FaultCode;
use crate::planning::groups::groups_of;
use crate::planning::markets::{market_of, settles_on};

/// The rules of a request; `None` where it states none beyond one band and one turnover limit.
///
/// # Errors
/// An amount that the currency cannot hold, or that is more than there is.
pub(super) fn rules_of(
    request: &RebalanceRequest,
    book: &Book,
    policy: &Policy,
    costs: &CostModel,
    objective: PolicyObjective,
    drift_threshold: f64,
) -> Result<Option<TradingRules>, Vec<Fault>> {
    if !request.is_instructed() {
        return Ok(None);
    }
    let rates: Vec<f64> = (0..book.assets()).map(|i| cost_rate(book, costs, i)).collect();
    let width = |target: f64, rate: f64| match request.band {
        None => drift_threshold,
        Some(BandSetting::Rule(rule)) => band_rule(rule).half_width(target),
        Some(BandSetting::Computed) => no_trade_half_width(target, rate, objective.risk_aversion),
    };
    // What is held against a target of zero has no tolerance under a relative rule: BandRule::is_breached.
    let width_of_asset = |target: f64, rate: f64| match request.band {
        Some(BandSetting::Rule(rule)) if target == 0.0 && rule.relative.is_some_and(|share| share > 0.0) => 0.0,
        _ => width(target, rate),
    };
    let mean_rate = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    let is_worksheet = request.posture.unwrap_or_default() == PostureName::Worksheet;
    let settles_late = settles_late(request, book)?;
    let permits = request.assets.iter().zip(settles_late).map(|(asset, settles_late)| TradePermit {
        role: asset.role.unwrap_or_default(),
        no_buy: asset.no_buy.unwrap_or(false),
        no_sell: asset.no_sell.unwrap_or(false),
        unpicked: is_worksheet && asset.selected != Some(true),
        settles_late,
    });
    Ok(Some(TradingRules {
        half_widths: policy.weights.iter().zip(&rates).map(|(target, rate)| width_of_asset(*target, *rate)).collect(),
        cash_half_width: Some(request.cash_band.unwrap_or_else(|| match request.band {
            None => drift_threshold,
            Some(_) => width(policy.cash_weight, mean_rate).max(absent::LEAST_CASH_BAND),
        })),
        groups: groups_of(request, &policy.weights, |target, members| {
            let rate = members.iter().map(|i| rates[*i]).sum::<f64>() / members.len().max(1) as f64;
            no_trade_half_width(target, rate, objective.risk_aversion)
        }),
        destination: request.destination.unwrap_or_default(),
        scope: request.scope.unwrap_or_default().into(),
        is_scheduled: false,
        intent: intent_of(request, book)?,
        permits: permits.collect(),
        lots: request.assets.iter().map(|asset| asset.lot_size).collect(),
        units: book.positions().iter().map(portfolio_core::Position::quantity).collect(),
        min_units: request.assets.iter().map(|asset| asset.min_quantity.unwrap_or_default()).collect(),
        min_notional: request.min_notional.map(|least| money(least, book, "/min_notional")).transpose()?,
        max_tickets: request.max_tickets.map(|most| most as usize),
    }))
}

/// Of each asset whether its sale on the trade date settles after the day by which cash is to be raised.
fn settles_late(request: &RebalanceRequest, book: &Book) -> Result<Vec<bool>, Vec<Fault>> {
    let date = |text: &str| text.parse::<NaiveDate>().ok();
    let by = request.intent.as_ref().and_then(|intent| intent.by.as_deref()).and_then(date);
    let (Some(by), Some(trade_date)) = (by, request.trade_date.as_deref().and_then(date)) else {
        return Ok(vec![false; request.assets.len()]);
    };
    let is_late = |(i, asset): (usize, &AssetRequest)| {
        let named = asset.market.as_deref().and_then(|code| code.parse().ok());
        let market = market_of(named, asset.asset_class.as_deref(), book.positions()[i].currency);
        match settles_on(trade_date, market) {
            Ok(day) => Ok(day > by),
            Err(reason) => {
                Err(vec![Fault::in_body("/intent/by", FaultCode::Value, format!("cannot be kept: {reason}"))])
            }
        }
    };
    request.assets.iter().enumerate().map(is_late).collect()
}

/// What a request is for.
pub(super) fn intent_of(request: &RebalanceRequest, book: &Book) -> Result<Intent, Vec<Fault>> {
    if request.liquidate.unwrap_or(false) {
        return Ok(Intent::Liquidate);
    }
    let Some(intent) = &request.intent else { return Ok(Intent::Rebalance) };
    let amount = intent.amount.map(|amount| money(amount, book, "/intent/amount")).transpose()?;
    Ok(match intent.kind {
        IntentKind::Rebalance => Intent::Rebalance,
        IntentKind::InvestCash => {
            if let Some(amount) = amount {
                within(amount, book.cash(), "the cash held")?;
            }
            Intent::InvestCash { amount }
        }
        IntentKind::RaiseCash => {
            let amount = amount.unwrap_or_else(|| Money::from_minor(0, book.currency()));
            within(amount, book.nav(), "the portfolio is worth")?;
            Intent::RaiseCash { amount }
        }
        IntentKind::BuyOnly => Intent::BuyOnly,
        IntentKind::SellOnly => Intent::SellOnly,
        IntentKind::Liquidate => Intent::Liquidate,
    })
}

fn money(amount: f64, book: &Book, pointer: &str) -> Result<Money, Vec<Fault>> {
    Money::floor(amount, book.currency()).map_err(|e| vec![Fault::in_body(pointer, FaultCode::Value, e.to_string())])
}

/// Refuses an amount below one minor unit, or above what there is of it.
fn within(amount: Money, most: Money, what: &str) -> Result<(), Vec<Fault>> {
    let detail = if amount.minor() == 0 {
        "is less than the smallest unit of the currency".to_owned()
    } else if amount.minor() > most.minor() {
        format!("is more than {what}, {most}")
    } else {
        return Ok(());
    };
    Err(vec![Fault::in_body("/intent/amount", FaultCode::Value, detail)])
}

/// The rule of a band, defaults filled in.
pub(crate) fn band_rule(rule: BandRuleRequest) -> BandRule {
    let BandRuleRequest { relative, floor, cap } = rule;
    BandRule {
        relative: relative.unwrap_or(absent::BAND.relative),
        floor: floor.unwrap_or(absent::BAND.floor),
        cap: cap.unwrap_or(absent::BAND.cap),
    }
}

/// The mean cost rate of a small trade of an asset: a thousandth of NAV, one way.
fn cost_rate(book: &Book, costs: &CostModel, asset: usize) -> f64 {
    let minor_per_major = book.currency().minor_per_major();
    let nav = book.nav().minor() as f64;
    let value = nav / 1000.0;
    let ticket = |side| Ticket {
        asset,
        side,
        value,
        units: value / minor_per_major / book.unit_values()[asset],
        nav,
        minor_per_major,
    };
    let charged = |side| costs.charged(&ticket(side)) / value;
    0.5 * (charged(TradeSide::Buy) + charged(TradeSide::Sell))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::dto::portfolio::RebalanceRequest;
    use crate::planning::case::Case;

    #[test]
    fn what_is_held_without_a_target_has_no_tolerance_under_a_relative_band() {
        let widths = |band: serde_json::Value| {
            let request = json!({
                "portfolio_value": 100_000.0,
                "band": band,
                "assets": [
                    {"asset": "Kept", "target_weight": 1.0, "current_weight": 0.995, "price": 10.0},
                    {"asset": "Dropped", "target_weight": 0.0, "current_weight": 0.005, "price": 10.0}
                ]
            });
            let request: RebalanceRequest = serde_json::from_value(request).expect("a request");
            Case::try_from(request).expect("a case").config.rules.expect("rules").half_widths
        };
        assert_eq!(widths(json!({"relative": 0.2, "floor": 0.01})), [0.2, 0.0]);
        // An absolute band treats it like every other asset.
        assert_eq!(widths(json!({"floor": 0.01, "cap": 0.01})), [0.01, 0.01]);
    }
}
