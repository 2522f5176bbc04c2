//! Implementation shortfall of one order, and its split.

use orders::Decimal;
use portfolio_core::{Money, TradeSide};
use serde::Serialize;

use crate::exact::{Grid, plus, times};
use crate::{NoCost, TcaError};

/// One execution: quantity and price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// Units that traded, above 0.
    pub quantity: Decimal,
    /// Price of one unit in major units, above 0.
    pub price: Decimal,
}

/// An order and its executions. Prices are of one unit, in major units of the currency of `fees`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutedOrder {
    /// Whether the order buys or sells.
    pub side: TradeSide,
    /// Units ordered, above 0.
    pub quantity: Decimal,
    /// Price when the trade was decided, `P_d`: the price that the paper portfolio pays.
    pub decision_price: Decimal,
    /// Price when the order was released, `P_0`.
    pub arrival_price: Decimal,
    /// Price when the order was done or cancelled, `P_n`; needed when part of it was not filled.
    pub end_price: Option<Decimal>,
    /// Commissions and charges, positive for what is paid.
    pub fees: Money,
    /// Volume-weighted average price of the market while the order was working.
    pub vwap: Option<Decimal>,
    /// Half the difference between ask and bid while the order was working.
    pub half_spread: Option<Decimal>,
    /// The expected cost of trading and fees.
    pub estimated_cost: Option<Money>,
    /// The executions, in any order.
    pub fills: Vec<Execution>,
}

/// What an order cost against the decision price (Perold 1988). Every amount is positive for a cost and negative for a gain.
///
/// With the side `s` (+1 to buy, −1 to sell), the quantity `X`, the fills `x_j` at `p_j` and the fees `F`:
///
/// ```text
/// shortfall = s·Σx_j·(p_j − P_d) + s·(X − Σx_j)·(P_n − P_d) + F
/// ```
///
/// | component | Wagner and Edwards | Kissell |
/// |---|---|---|
/// | delay | `s·Σx_j·(P_0 − P_d)` | `s·X·(P_0 − P_d)` |
/// | trading | `s·Σx_j·(p_j − P_0)` | the same |
/// | opportunity | `s·(X − Σx_j)·(P_n − P_d)` | `s·(X − Σx_j)·(P_n − P_0)` |
///
/// Rounding: every running total (delay, then delay and trading, then all three) is computed exactly and rounded once
/// to the minor unit, ties to even; a component is the difference of two consecutive totals. So the components add up
/// to the shortfall without a residual, and each is less than one minor unit from its exact value. The spread is
/// rounded in the same way between delay and trading.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// `X·P_d`.
    pub decision_value: Money,
    /// Units filled over units ordered, a fraction.
    pub filled: f64,
    /// Average price paid or received.
    pub average_price: Result<f64, NoCost>,
    /// Implementation shortfall.
    pub shortfall: Result<Money, NoCost>,
    /// Delay on the filled units.
    pub delay: Money,
    /// Cost of trading against the arrival price.
    pub trading: Money,
    /// The half-spread on the filled units, part of `trading`.
    pub spread: Result<Money, NoCost>,
    /// The rest of `trading` after the spread.
    pub impact: Result<Money, NoCost>,
    /// Cost of the move since the decision on the units that were not filled.
    pub opportunity: Result<Money, NoCost>,
    /// Commissions and charges.
    pub fees: Money,
    /// Delay on all units ordered (Kissell).
    pub delay_on_all: Money,
    /// Cost of the move since arrival on the units that were not filled (Kissell).
    pub opportunity_since_arrival: Result<Money, NoCost>,
    /// Cost of the fills against the market's average price, `s·Σx_j·(p_j − VWAP)`.
    pub against_vwap: Result<Money, NoCost>,
    /// `trading + fees` less the share of the estimate that was filled, `estimate·Σx_j/X`, rounded once to the minor unit, ties to even.
    pub beyond_estimate: Result<Money, NoCost>,
}

/// The progress of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Nothing was filled.
    Open,
    /// Part of it was filled.
    Partial,
    /// All of it was filled.
    Filled,
    /// More than the ordered quantity was filled.
    Overfilled,
    /// It was cancelled before all of it was filled.
    Cancelled,
}

/// The filled and the open part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderProgress {
    /// Its state.
    pub state: OrderState,
    /// Units filled.
    pub filled: Decimal,
    /// Units ordered, not filled and not cancelled; 0 if the order was overfilled.
    pub open: Decimal,
    /// Units cancelled.
    pub cancelled: Decimal,
}

impl OrderProgress {
    /// The progress of the order after a cancel: what was open is cancelled. An order that was filled stays filled.
    #[must_use]
    pub fn after_cancel(self) -> Self {
        if self.open.is_zero() {
            return self;
        }
        let (open, cancelled) = (self.cancelled, self.open);
        Self { state: OrderState::Cancelled, open, cancelled, ..self }
    }
}

impl ExecutedOrder {
    /// The implementation shortfall and its split. For an order that was filled beyond its quantity, the figures about
    /// the filled units are those of the fills as reported; the shortfall, the opportunity and the difference from the
    /// estimate do not exist.
    ///
    /// # Errors
    /// [`TcaError`] for an order or a fill with quantity zero, a price of zero, two currencies, or digits that cannot
    /// be multiplied exactly.
    pub fn shortfall(&self) -> Result<Shortfall, TcaError> {
        self.check()?;
        let grid = self.grid();
        let sign = match self.side {
            TradeSide::Buy => 1,
            TradeSide::Sell => -1,
        };
        let (decision, arrival) = (grid.price(self.decision_price)?, grid.price(self.arrival_price)?);
        let ordered = grid.quantity(self.quantity)?;
        let (mut filled, mut paid) = (0, 0);
        for fill in &self.fills {
            let quantity = grid.quantity(fill.quantity)?;
            filled = plus(filled, quantity)?;
            paid = plus(paid, times(quantity, grid.price(fill.price)?)?)?;
        }
        let open = ordered - filled;
        // Exact amounts: of filled units since the decision, of all units since the decision, of what was paid since arrival.
        let delay = times(sign * filled, arrival - decision)?;
        let trading = plus(sign * paid, -times(sign * filled, arrival)?)?;
        let opportunity = match (open, self.end_price) {
            (..0, _) => Err(NoCost::Overfilled),
            (0, _) => Ok(0),
            (_, Some(end)) => Ok(times(sign * open, grid.price(end)? - decision)?),
            (_, None) => Err(NoCost::NoEndPrice),
        };
        let delay_on_all = times(sign * ordered, arrival - decision)?;

        let market = [delay, trading];
        let [delay, trading] = steps(grid, market)?;
        let spread = match self.half_spread {
            Some(half) => Ok(steps(grid, [market[0], times(filled, grid.price(half)?)?]).map(|[_, s]| s)?),
            None => Err(NoCost::NoHalfSpread),
        };
        let before_fees = match opportunity {
            Ok(open) => Ok(grid.round(plus(plus(market[0], market[1])?, open)?)?),
            Err(reason) => Err(reason),
        };
        let opportunity = before_fees.map(|total| less(less(total, delay), trading));
        let delay_on_all = grid.round(delay_on_all)?;
        let against_vwap = match self.vwap {
            None => Err(NoCost::NoVwap),
            Some(_) if filled == 0 => Err(NoCost::NoFills),
            Some(vwap) => Ok(grid.round(plus(sign * paid, -times(sign * filled, grid.price(vwap)?)?)?)?),
        };
        let beyond_estimate = match self.estimated_cost {
            None => Err(NoCost::NoEstimate),
            Some(_) if open < 0 => Err(NoCost::Overfilled),
            Some(estimate) => Ok(less(add(trading, self.fees), grid.share(estimate, filled, ordered)?)),
        };
        Ok(Shortfall {
            decision_value: grid.round(times(ordered, decision)?)?,
            filled: filled as f64 / ordered as f64,
            average_price: grid.average(paid, filled).ok_or(NoCost::NoFills),
            shortfall: before_fees.map(|total| add(total, self.fees)),
            delay,
            trading,
            spread,
            impact: spread.map(|spread| less(trading, spread)),
            opportunity,
            fees: self.fees,
            delay_on_all,
            opportunity_since_arrival: before_fees.map(|total| less(less(total, delay_on_all), trading)),
            against_vwap,
            beyond_estimate,
        })
    }

    /// The total of the fills without fees, `Σx_j·p_j`: computed exactly and rounded once to the minor unit, ties to
    /// even.
    ///
    /// # Errors
    /// [`TcaError::TooManyDigits`] for digits that cannot be multiplied exactly.
    pub fn consideration(&self) -> Result<Money, TcaError> {
        let grid = self.grid();
        let paid = self
            .fills
            .iter()
            .try_fold(0, |paid, fill| plus(paid, times(grid.quantity(fill.quantity)?, grid.price(fill.price)?)?))?;
        grid.round(paid)
    }

    /// Units filled and units open, exactly; [`OrderProgress::after_cancel`] counts a cancel.
    ///
    /// # Errors
    /// [`TcaError::TooManyDigits`].
    pub fn progress(&self) -> Result<OrderProgress, TcaError> {
        let grid = self.grid();
        let ordered = grid.quantity(self.quantity)?;
        let filled = self.fills.iter().try_fold(0, |sum, fill| plus(sum, grid.quantity(fill.quantity)?))?;
        let open = ordered - filled;
        let state = match (filled, open) {
            (_, ..0) => OrderState::Overfilled,
            (0, _) => OrderState::Open,
            (_, 0) => OrderState::Filled,
            _ => OrderState::Partial,
        };
        let (filled, open, cancelled) = (grid.decimal(filled)?, grid.decimal(open.max(0))?, grid.decimal(0)?);
        Ok(OrderProgress { state, filled, open, cancelled })
    }

    /// Refuses an order that was filled beyond its quantity, for callers that cannot measure such an order.
    ///
    /// # Errors
    /// [`TcaError::Overfilled`], [`TcaError::TooManyDigits`].
    pub fn refuse_overfill(&self) -> Result<(), TcaError> {
        match self.progress()?.state {
            OrderState::Overfilled => Err(TcaError::Overfilled),
            _ => Ok(()),
        }
    }

    fn check(&self) -> Result<(), TcaError> {
        if self.quantity.is_zero() {
            return Err(TcaError::NothingOrdered);
        }
        if let Some(index) = self.fills.iter().position(|fill| fill.quantity.is_zero()) {
            return Err(TcaError::EmptyFill { index });
        }
        let prices = [Some(self.decision_price), Some(self.arrival_price), self.end_price, self.vwap];
        if prices.into_iter().flatten().chain(self.fills.iter().map(|fill| fill.price)).any(Decimal::is_zero) {
            return Err(TcaError::FreePrice);
        }
        if self.estimated_cost.is_some_and(|estimate| estimate.currency() != self.fees.currency()) {
            return Err(TcaError::MixedCurrencies);
        }
        Ok(())
    }

    fn grid(&self) -> Grid {
        let prices = [Some(self.decision_price), Some(self.arrival_price), self.end_price, self.vwap, self.half_spread];
        Grid::of(
            self.fills.iter().map(|fill| fill.quantity).chain([self.quantity]),
            prices.into_iter().flatten().chain(self.fills.iter().map(|fill| fill.price)),
            self.fees.currency(),
        )
    }
}

/// The running totals of two exact amounts, each rounded once, as steps.
fn steps(grid: Grid, [first, second]: [i128; 2]) -> Result<[Money; 2], TcaError> {
    let start = grid.round(first)?;
    Ok([start, less(grid.round(plus(first, second)?)?, start)])
}

// Amounts of one order have one currency and at most 2^53 minor units, so their sums fit.

fn add(left: Money, right: Money) -> Money {
    Money::from_minor(left.minor().saturating_add(right.minor()), left.currency())
}

fn less(left: Money, right: Money) -> Money {
    Money::from_minor(left.minor().saturating_sub(right.minor()), left.currency())
}
