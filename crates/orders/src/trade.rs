//! A line of the input as a checked trade: side, whole quantity, prices, amounts, settlement date.

use portfolio_core::{Money, NaiveDate, TradeSide};

use crate::exact::{amount, limit, lots_within};
use crate::funding::Flow;
use crate::{
    Decimal, LineFigure, OrderError, OrderLine, OrderOptions, OrderSize, OrderType, PriceLimit, SettlementMarket,
    settlement_date,
};

/// A checked trade.
pub(crate) struct Trade<'a> {
    pub(crate) line: &'a OrderLine,
    pub(crate) side: TradeSide,
    pub(crate) quantity: Decimal,
    pub(crate) limit_price: Option<Decimal>,
    pub(crate) notional: Money,
    /// The quantity at the limit price, or at the reference price without one.
    pub(crate) notional_at_limit: Money,
    pub(crate) settles_on: Option<NaiveDate>,
}

impl<'a> Trade<'a> {
    pub(crate) fn order_type(&self) -> OrderType {
        if self.limit_price.is_some() { OrderType::Limit } else { OrderType::Market }
    }

    /// The account and the code of the currency.
    pub(crate) fn pool(&self) -> (Option<&'a str>, &'static str) {
        (self.line.account.as_deref(), self.line.currency.code())
    }

    /// The effect of the trade on cash at a notional, after its cost. Both have at most 2^53 minor units.
    pub(crate) fn effect(&self, notional: Money) -> i64 {
        let cost = self.line.estimated_cost.minor();
        match self.side {
            TradeSide::Buy => -notional.minor() - cost,
            TradeSide::Sell => notional.minor() - cost,
        }
    }

    pub(crate) fn flow(&self) -> Flow {
        Flow { effect: self.effect(self.notional), settles_on: self.settles_on }
    }
}

impl OrderSize {
    /// Whether nothing is to be traded.
    pub(crate) fn is_zero(self) -> bool {
        match self {
            Self::Lots(lots) => lots == 0,
            Self::Value(value) => value.minor() == 0,
        }
    }

    fn side(self) -> TradeSide {
        let is_sale = match self {
            Self::Lots(lots) => lots < 0,
            Self::Value(value) => value.minor() < 0,
        };
        if is_sale { TradeSide::Sell } else { TradeSide::Buy }
    }
}

/// The trade of line `i`; `None` when it is smaller than one lot.
pub(crate) fn trade<'a>(
    i: usize,
    line: &'a OrderLine,
    trade_date: Option<NaiveDate>,
    options: &OrderOptions,
    is_session: &dyn Fn(SettlementMarket, NaiveDate) -> bool,
) -> Result<Option<Trade<'a>>, OrderError> {
    check(i, line)?;
    let out_of_range = |figure| OrderError::OutOfRange { line: i, figure };
    let side = line.size.side();
    let lots = match line.size {
        OrderSize::Lots(lots) => Some(lots.unsigned_abs()),
        OrderSize::Value(value) => lots_within(value, line.price, line.lot_step),
    };
    let quantity = lots.and_then(|lots| line.lot_step.times(lots));
    let quantity = quantity.ok_or(out_of_range(LineFigure::Quantity))?;
    if quantity.is_zero() {
        return Ok(None);
    }
    if let (TradeSide::Sell, Some(held)) = (side, line.held)
        && quantity > held
    {
        return Err(OrderError::MoreThanHeld { line: i, sold: quantity, held });
    }
    let limit_price = match options.limit {
        PriceLimit::None => None,
        PriceLimit::Collar { collar_bps } => {
            let price = limit(side, line.price, collar_bps, line.price_tick);
            let price = price.ok_or(out_of_range(LineFigure::LimitPrice))?;
            if price.is_zero() {
                return Err(OrderError::TickTooCoarse { line: i, price_tick: line.price_tick });
            }
            Some(price)
        }
    };
    let at = |price| amount(quantity, price, line.currency).ok_or(out_of_range(LineFigure::Notional));
    let settles_on = trade_date.map(|date| settlement_date(date, line.market, &|day| is_session(line.market, day)));
    Ok(Some(Trade {
        line,
        side,
        quantity,
        limit_price,
        notional: at(line.price)?,
        notional_at_limit: at(limit_price.unwrap_or(line.price))?,
        settles_on: settles_on.transpose().map_err(|source| OrderError::Settlement { line: i, source })?,
    }))
}

fn check(i: usize, line: &OrderLine) -> Result<(), OrderError> {
    let positive = [
        (LineFigure::Price, line.price),
        (LineFigure::PriceTick, line.price_tick),
        (LineFigure::LotStep, line.lot_step),
    ];
    if let Some(&(figure, _)) = positive.iter().find(|(_, number)| number.is_zero()) {
        return Err(OrderError::Zero { line: i, figure });
    }
    let value = match line.size {
        OrderSize::Lots(_) => None,
        OrderSize::Value(value) => Some((LineFigure::Value, value)),
    };
    for (figure, money) in value.into_iter().chain([(LineFigure::EstimatedCost, line.estimated_cost)]) {
        if money.currency() != line.currency {
            return Err(OrderError::Mixed { line: i, figure, expected: line.currency, got: money.currency() });
        }
        if money.minor().unsigned_abs() > MAX_MINOR {
            return Err(OrderError::OutOfRange { line: i, figure });
        }
    }
    if line.estimated_cost.minor() < 0 {
        return Err(OrderError::Negative { line: i, figure: LineFigure::EstimatedCost });
    }
    Ok(())
}

/// Largest number of minor units that a double represents exactly (2^53).
const MAX_MINOR: u64 = 1 << 53;
