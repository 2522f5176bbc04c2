//! The cost of execution: fills, implementation shortfall, and its parts.
//!
//! ```
//! use orders::Decimal;
//! use portfolio_core::{Currency, Money, TradeSide};
//! use tca::{ExecutedOrder, Execution};
//!
//! let read = |text: &str| text.parse::<Decimal>();
//! // Buy 1,000 at 40.00. Released at 40.04; 700 are filled at 40.05; the rest is cancelled at 40.08.
//! let order = ExecutedOrder {
//!     side: TradeSide::Buy,
//!     quantity: read("1000")?,
//!     decision_price: read("40.00")?,
//!     arrival_price: read("40.04")?,
//!     end_price: Some(read("40.08")?),
//!     fees: Money::parse("17", Currency::USD)?,
//!     vwap: None,
//!     half_spread: None,
//!     estimated_cost: None,
//!     fills: vec![Execution { quantity: read("700")?, price: read("40.05")? }],
//! };
//! let cost = order.shortfall()?;
//! assert_eq!(cost.shortfall.unwrap().to_string(), "76.00 USD");
//! assert_eq!((cost.delay.minor(), cost.trading.minor(), cost.opportunity.unwrap().minor()), (2_800, 700, 2_400));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Overview
//!
//! * What was filled and cancelled, from events in any order: [`settle`].
//! * The progress of an order, and the value of its fills: [`ExecutedOrder::progress`],
//!   [`ExecutedOrder::consideration`].
//! * What it cost: [`ExecutedOrder::shortfall`].
//! * A model of future trading costs, fitted to past costs: [`refit`].
//!
//! # Conventions
//!
//! Quantities and prices are exact decimals, amounts are whole minor units, costs are positive. Each amount is computed exactly and
//! rounded once, and the parts add up to the whole without a residual. A figure that the input cannot support is a reason
//! ([`NoCost`]), never NaN. No clock is read.

mod error;
mod exact;
mod fills;
mod gap;
mod normal_equations;
mod refit;
mod shortfall;

pub use error::TcaError;
pub use fills::{Fill, FillChange, FillEvent, FillFlag, OrderCancel, Settlement, settle};
pub use gap::NoCost;
pub use refit::{CostFit, Estimate, RealisedCost, RefitError, refit};
pub use shortfall::{ExecutedOrder, Execution, OrderProgress, OrderState, Shortfall};
