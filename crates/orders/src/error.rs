//! Why no orders are made.

use portfolio_core::Currency;

use crate::{Decimal, SettlementError};

/// A figure of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineFigure {
    /// The reference price.
    Price,
    /// The price tick.
    PriceTick,
    /// The lot step.
    LotStep,
    /// The quantity computed from the size.
    Quantity,
    /// The quantity at the reference price.
    Notional,
    /// The limit price.
    LimitPrice,
    /// The estimated cost.
    EstimatedCost,
    /// The size, when it is a value.
    Value,
}

impl std::fmt::Display for LineFigure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Price => "price",
            Self::PriceTick => "price tick",
            Self::LotStep => "lot step",
            Self::Quantity => "quantity",
            Self::Notional => "notional",
            Self::LimitPrice => "limit price",
            Self::EstimatedCost => "estimated cost",
            Self::Value => "value",
        })
    }
}

/// Why no orders are made of an input. `line` and `entry` are positions in its lists, from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The plan has no id.
    #[error("the plan id is empty")]
    NoPlanId,
    /// The collar is as wide as the price, or wider.
    #[error("a collar of {collar_bps} basis points leaves a sale without a limit")]
    Collar {
        /// The rejected collar.
        collar_bps: u32,
    },
    /// Two lines trade the same asset in the same account.
    #[error("line {line} trades the asset and account of line {earlier}")]
    Repeated {
        /// The later line.
        line: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// A figure that must be above zero is zero.
    #[error("the {figure} of line {line} is zero")]
    Zero {
        /// The line.
        line: usize,
        /// Which figure.
        figure: LineFigure,
    },
    /// A cost or a reserve is negative.
    #[error("the {figure} of line {line} is negative")]
    Negative {
        /// The line.
        line: usize,
        /// Which figure.
        figure: LineFigure,
    },
    /// A figure is too large to be represented exactly.
    #[error("the {figure} of line {line} is more than can be counted exactly")]
    OutOfRange {
        /// The line.
        line: usize,
        /// Which figure.
        figure: LineFigure,
    },
    /// An amount is in another currency than its line.
    #[error("the {figure} of line {line} is in {got}, not in {expected}")]
    Mixed {
        /// The line.
        line: usize,
        /// Which figure.
        figure: LineFigure,
        /// Currency of the line.
        expected: Currency,
        /// Currency of the amount.
        got: Currency,
    },
    /// A sale is larger than the holding.
    #[error("line {line} sells {sold} of {held} held")]
    MoreThanHeld {
        /// The line.
        line: usize,
        /// What it sells.
        sold: Decimal,
        /// What is held.
        held: Decimal,
    },
    /// The limit price of a purchase is rounded down to zero.
    #[error("the limit price of line {line} is below its price tick {price_tick}")]
    TickTooCoarse {
        /// The line.
        line: usize,
        /// The tick.
        price_tick: Decimal,
    },
    /// A line has no settlement date.
    #[error("cannot date the settlement of line {line}")]
    Settlement {
        /// The line.
        line: usize,
        /// Why.
        source: SettlementError,
    },
    /// Two entries of the cash are for the same account and currency.
    #[error("entry {entry} of the cash repeats the account and currency of entry {earlier}")]
    RepeatedCash {
        /// The later entry.
        entry: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// A reserve is negative or in another currency than its cash.
    #[error("the reserve of entry {entry} of the cash is negative or in another currency")]
    Reserve {
        /// The entry.
        entry: usize,
    },
    /// The cash after all orders is more than can be booked.
    #[error("the cash after all orders is more than can be booked in {currency}")]
    CashOutOfRange {
        /// The currency.
        currency: Currency,
    },
}
