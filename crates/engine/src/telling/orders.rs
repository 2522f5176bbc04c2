//! The orders of a plan in the form a broker takes.

use std::error::Error;

use orders::{
    AccountCash, Decimal, OrderError, OrderIdentifiers, OrderInput, OrderLine, OrderList, OrderOptions, OrderSize,
    PriceLimit, SettlementError, SettlementMarket,
};
use portfolio_core::Money;

use crate::dto::identifiers::AssetIdentifiers;
use crate::planning::markets::{is_session, market_of, settles_on};
use crate::planning::plan::PlannedCase;

/// Decimals of a quantity of an asset that trades in fractions.
const FRACTION_DECIMALS: u8 = 8;

/// The orders of a plan, in sequence. Where the settlement of one is not known on the trade date, none is dated: see [`undated`].
///
/// # Errors
/// Figures that exact decimals cannot hold.
pub fn order_list(planned: &PlannedCase, plan_id: &str) -> Result<OrderList, Box<dyn Error + Send + Sync>> {
    let PlannedCase { case, plan } = planned;
    let terms = &case.echo.order_terms;
    let line = |i: usize| -> Result<OrderLine, Box<dyn Error + Send + Sync>> {
        let row = &plan.trades.rows[i];
        let position = &case.book.positions()[i];
        let described = &case.echo.descriptions[i];
        let size = match (described.lot_size, &plan.trades.tickets) {
            (Some(_), Some(fit)) => OrderSize::Lots(fit.lots[i]),
            _ => OrderSize::Value(row.value),
        };
        Ok(OrderLine {
            asset: case.names()[i].clone(),
            name: described.name.clone().unwrap_or_default(),
            identifiers: identifiers(case.echo.identifiers[i].as_ref()),
            // The cash of a book is not divided among accounts, so no order waits for those of one account alone.
            account: None,
            sleeve: described.sleeve.clone(),
            asset_class: described.asset_class.clone(),
            market: market_at(planned, i),
            currency: position.currency,
            price: Decimal::from_f64(position.price)?,
            price_tick: price_tick(position.price),
            lot_step: match described.lot_size {
                Some(lot) => Decimal::from_f64(lot)?,
                None => Decimal::new(1, FRACTION_DECIMALS).unwrap_or(Decimal::ONE),
            },
            size,
            held: None,
            estimated_cost: row.cost,
            reason: copilot::order_reason(row.reason).to_owned(),
        })
    };
    let lines = plan.orders.iter().map(|order| line(order.position)).collect::<Result<Vec<_>, _>>()?;
    let cash = case.book.cash();
    let mut input = OrderInput {
        plan_id: plan_id.to_owned(),
        trade_date: terms.trade_date,
        lines,
        cash: vec![AccountCash { account: None, cash, reserve: Money::from_minor(0, cash.currency()) }],
    };
    let options =
        OrderOptions { limit: PriceLimit::Collar { collar_bps: terms.collar_bps }, ..OrderOptions::default() };
    let mut list = OrderList::build(&input, &options, &is_session);
    if let Err(OrderError::Settlement { .. }) = list {
        input.trade_date = None;
        list = OrderList::build(&input, &options, &is_session);
    }
    let mut list = list?;
    for order in &mut list.orders {
        let position = case.names().iter().position(|name| *name == order.asset);
        order.account = position.and_then(|i| case.echo.descriptions[i].account.clone());
    }
    Ok(list)
}

/// The first order whose settlement is not known on the trade date, by its place among the orders, and why.
#[must_use]
pub fn undated(planned: &PlannedCase) -> Option<(usize, SettlementError)> {
    let trade_date = planned.case.echo.order_terms.trade_date?;
    planned.plan.orders.iter().enumerate().find_map(|(place, order)| {
        let market = market_at(planned, order.position);
        settles_on(trade_date, market).err().map(|reason| (place, reason))
    })
}

/// The market in which an asset trades.
fn market_at(planned: &PlannedCase, i: usize) -> SettlementMarket {
    let described = &planned.case.echo.descriptions[i];
    market_of(described.market, described.asset_class.as_deref(), planned.case.book.positions()[i].currency)
}

/// The increment of limit prices: a cent from one unit of the currency on, and a ten-thousandth below it (Regulation NMS, rule 612), with
/// eight decimals for prices that even this is too coarse for.
fn price_tick(price: f64) -> Decimal {
    let decimals = match price {
        p if p >= 1.0 => 2,
        p if p >= 0.01 => 4,
        _ => 8,
    };
    Decimal::new(1, decimals).unwrap_or(Decimal::ONE)
}

fn identifiers(known: Option<&AssetIdentifiers>) -> OrderIdentifiers {
    fn read<T: std::str::FromStr>(text: Option<&String>) -> Option<T> {
        text.and_then(|text| text.parse().ok())
    }
    let Some(known) = known else { return OrderIdentifiers::default() };
    OrderIdentifiers {
        isin: read(known.isin.as_ref()),
        cusip: read(known.cusip.as_ref()),
        figi: read(known.figi.as_ref()),
        ticker: read(known.ticker.as_ref()),
    }
}
