//! A book and orders checked against the policy; nothing is stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use controls::{ControlBook, ControlError, ControlPosition, ControlSet, OrderFacts, PlanRisk, Proposal};
use orders::Decimal;
use portfolio_core::{Currency, Money, Rounding, TradeSide, Written};

use super::assess::{entries_of, recent_activity};
use super::policy;
use crate::context::RequestContext;
use crate::dto::controls::{ControlBookRequest, ControlCheckRequest, ControlCheckResponse, ControlOrderRequest};
use crate::dto::metadata::Metadata;
use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::Refusal;

/// A stated value agrees with quantity and price to within this share of the larger.
const AGREES: f64 = 1e-6;
/// A price may be this far ahead of the clock of this machine: clocks differ.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// Holds a book and orders against the policy of the request, or that of the service.
///
/// # Errors
/// The faults of the request, or records that cannot be read.
pub async fn check(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<ControlCheckResponse, Refusal> {
    let request: ControlCheckRequest = engine.read(body).await?;
    let (policy, policy_version, policy_reference) = match &request.policy {
        Some(sent) => (sent.0.clone(), None, None),
        None => {
            let standing = policy::read(engine, request.client_reference.as_deref()).await?;
            (standing.policy, Some(standing.version), standing.reference)
        }
    };
    let (store, own) = (engine.records().store(), policy_reference.as_deref());
    let activity = recent_activity(store, &policy, own, context.received_at, None).await?;
    let mut faults = Faults::default();
    let (mut book, proposals) = case_of(&request, &mut faults);
    for (i, position) in request.book.positions.iter().enumerate() {
        if position.priced_at.is_some_and(|priced_at| priced_at > context.received_at + AHEAD) {
            let detail = "must not be in the future";
            faults.add(format!("/book/positions/{i}/priced_at"), FaultCode::Range, detail);
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    for position in &mut book.positions {
        position.priced_at = position.priced_at.map(|priced_at| priced_at.min(context.received_at));
    }
    let assessment = ControlSet::of(&policy).assess(&book, proposals, Some(&activity), context.received_at);
    let assessment = assessment.map_err(|error| match error {
        ControlError::RepeatedId { .. } => Refusal::fault("/orders", FaultCode::DuplicateName, error.to_string()),
        other => Refusal::internal(&other),
    })?;
    let orders: Vec<&OrderFacts> = assessment.proposals().collect();
    Ok(ControlCheckResponse {
        outcome: assessment.outcome(),
        checks: entries_of(assessment.checks(), &book, &orders, &policy),
        policy_version,
        policy_reference,
        metadata: Metadata::plain(context),
    })
}

fn case_of(request: &ControlCheckRequest, faults: &mut Faults) -> (ControlBook, Vec<Proposal<()>>) {
    let Ok(currency) = request.book.currency.as_deref().map_or(Ok(Currency::USD), str::parse) else {
        faults.add("/book/currency", FaultCode::Value, "must be a currency of ISO 4217");
        return (ControlBook::default(), Vec::new());
    };
    let mut book = book_of(&request.book, currency, faults);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (i, position) in book.positions.iter().enumerate() {
        if places.insert(position.asset.clone(), i).is_some() {
            let detail = "must differ from the assets of the positions before it";
            faults.add(format!("/book/positions/{i}/asset"), FaultCode::DuplicateName, detail);
        }
    }
    let mut proposals = Vec::with_capacity(request.orders.len());
    for (i, order) in request.orders.iter().enumerate() {
        let asset = *places.entry(order.asset.clone()).or_insert_with(|| {
            let value = Money::from_minor(0, currency);
            let none = ControlPosition { asset: order.asset.clone(), value, ..ControlPosition::default() };
            book.positions.push(ControlPosition { quantity: Some(0.0), ..none });
            book.positions.len() - 1
        });
        let price = request.book.positions.get(asset).and_then(|position| position.price);
        if let Some(facts) = facts_of(i, order, asset, price, currency, faults) {
            proposals.push(Proposal { facts, order: () });
        }
    }
    (book, proposals)
}

fn facts_of(
    i: usize,
    order: &ControlOrderRequest,
    asset: usize,
    reference: Option<f64>,
    currency: Currency,
    faults: &mut Faults,
) -> Option<OrderFacts> {
    let Some(at) = reference.or(order.limit_price) else {
        let detail = "is required where the asset's position has no price";
        faults.add(format!("/orders/{i}/limit_price"), FaultCode::Required, detail);
        return None;
    };
    let quantity = decimal(order.quantity, || format!("/orders/{i}/quantity"), faults);
    let limit = order.limit_price.map(|price| decimal(price, || format!("/orders/{i}/limit_price"), faults));
    // What a purchase may cost is what its limit allows; a sale brings what it is worth.
    let price = match (order.side.into(), order.limit_price) {
        (TradeSide::Buy, Some(limit)) => at.max(limit),
        _ => at,
    };
    let market_value = money(order.quantity * at, currency, || format!("/orders/{i}/quantity"), faults);
    let notional = money(order.quantity * price, currency, || format!("/orders/{i}/quantity"), faults);
    Some(OrderFacts {
        id: order.id.clone().unwrap_or_else(|| (i + 1).to_string()),
        asset,
        side: order.side.into(),
        quantity: quantity?,
        price: match limit {
            Some(read) => Some(read?),
            None => None,
        },
        notional: notional?,
        market_value: market_value?,
    })
}

fn book_of(request: &ControlBookRequest, currency: Currency, faults: &mut Faults) -> ControlBook {
    let groups: BTreeSet<&String> =
        request.positions.iter().flat_map(|position| position.groups.iter().flatten()).collect();
    let groups: Vec<String> = groups.into_iter().cloned().collect();
    let mut positions = Vec::with_capacity(request.positions.len());
    let mut sum = request.cash.and_then(|cash| money(cash, currency, || "/book/cash".to_owned(), faults));
    for (i, sent) in request.positions.iter().enumerate() {
        let pointer = |member: &str| format!("/book/positions/{i}/{member}");
        let value = sent.value.or_else(|| Some(sent.quantity? * sent.price?));
        let Some(value) = value else {
            faults.add(pointer("value"), FaultCode::Required, "is required without a quantity and a price");
            continue;
        };
        if let (Some(quantity), Some(price)) = (sent.quantity, sent.price)
            && (value - quantity * price).abs() > AGREES * value.abs().max((quantity * price).abs())
        {
            let detail = format!("is {}, but quantity and price come to {}", Written(value), Written(quantity * price));
            faults.add(pointer("value"), FaultCode::Value, detail);
        }
        let Some(value) = money(value, currency, || pointer("value"), faults) else { continue };
        sum = match sum {
            None => Some(value),
            Some(sum) => sum.checked_add(value).ok(),
        };
        let own: BTreeSet<usize> =
            sent.groups.iter().flatten().filter_map(|name| groups.binary_search(name).ok()).collect();
        positions.push(ControlPosition {
            asset: sent.asset.clone(),
            value,
            // A value is rounded to the minor unit: the position may be half of one larger.
            quantity: sent.quantity.or_else(|| {
                Some((sent.value? + 0.5 * sent.value?.signum() / currency.minor_per_major()) / sent.price?)
            }),
            groups: own.into_iter().collect(),
            reference_price: sent.price.and_then(|price| decimal(price, || pointer("price"), faults)),
            priced_at: sent.priced_at,
            average_daily_volume: sent.average_daily_volume,
        });
    }
    // Without cash the rest of NAV is taken for cash; with it the book says what it is worth.
    if let (Some(nav), Some(_), Some(sum)) = (request.nav, request.cash, sum)
        && (nav - sum.major()).abs() > AGREES * request.gross().max(nav.abs())
    {
        let detail = format!("is {}, but positions and cash come to {}", Written(nav), Written(sum.major()));
        faults.add("/book/nav", FaultCode::Value, detail);
    }
    let nav = match request.nav {
        Some(nav) => money(nav, currency, || "/book/nav".to_owned(), faults),
        None => sum,
    };
    let risk = request.risk.unwrap_or_default();
    ControlBook {
        nav: nav.unwrap_or(Money::from_minor(0, currency)),
        positions,
        groups,
        risk: PlanRisk { tracking_error: risk.tracking_error, var_95: risk.var_95, drawdown: risk.drawdown },
    }
}

fn decimal(value: f64, pointer: impl FnOnce() -> String, faults: &mut Faults) -> Option<Decimal> {
    let read = Decimal::from_f64(value);
    if let Err(error) = &read {
        faults.add(pointer(), FaultCode::Range, error.to_string());
    }
    read.ok()
}

fn money(major: f64, currency: Currency, pointer: impl FnOnce() -> String, faults: &mut Faults) -> Option<Money> {
    let read = Money::from_major(major, currency, Rounding::HalfEven);
    if let Err(error) = &read {
        faults.add(pointer(), FaultCode::Range, error.to_string());
    }
    read.ok()
}
