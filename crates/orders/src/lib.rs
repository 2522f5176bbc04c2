//! Broker orders, made from the trades of a plan.
//!
//! A plan says how much of each asset to trade. A broker needs whole quantities, limit prices on a tick, an id that
//! makes a repeated order harmless, and purchases that are funded when they settle. [`OrderList::build`] makes these
//! orders in exact arithmetic, puts sales before purchases, and says which sales each purchase waits for. The list is
//! written as JSON, as CSV for a spreadsheet, as a basket of Interactive Brokers, and as FIX 4.4 messages.
//!
//! The crate reads no clock and sends nothing: dates and times are arguments, and the files are texts.
//!
//! ```
//! use orders::{AccountCash, Decimal, OrderFunding, OrderIdentifiers, OrderInput, OrderLine, OrderList, OrderOptions, OrderSize};
//! use orders::{FixSession, SettlementMarket, new_order_singles, orders_csv};
//! use portfolio_core::{Currency, Money};
//!
//! let line = |asset: &str, price: &str, lots| OrderLine {
//!     asset: asset.to_owned(),
//!     name: String::new(),
//!     identifiers: OrderIdentifiers { ticker: asset.parse().ok(), ..Default::default() },
//!     account: None,
//!     sleeve: None,
//!     asset_class: None,
//!     market: SettlementMarket::UnitedStates,
//!     currency: Currency::USD,
//!     price: price.parse().unwrap(),
//!     price_tick: "0.01".parse().unwrap(),
//!     lot_step: Decimal::ONE,
//!     size: OrderSize::Lots(lots),
//!     held: None,
//!     estimated_cost: Money::from_minor(100, Currency::USD),
//!     reason: String::new(),
//! };
//! let input = OrderInput {
//!     plan_id: "plan-7".to_owned(),
//!     trade_date: None,
//!     lines: vec![line("BND", "73.20", 130), line("VTI", "287.59", -40)],
//!     cash: vec![AccountCash {
//!         account: None,
//!         cash: Money::from_minor(200_000, Currency::USD),
//!         reserve: Money::from_minor(150_000, Currency::USD),
//!     }],
//! };
//! let list = OrderList::build(&input, &OrderOptions::default(), &|_, _| true)?;
//! let [sale, purchase] = &list.orders[..] else { panic!("two orders") };
//! assert_eq!(sale.client_order_id, "SRQGCXBIYMWB5S6KM");
//! // 287.59 less 50 basis points is 286.15205: a sale is rounded up to the cent.
//! assert_eq!(sale.limit_price.unwrap().to_string(), "286.16");
//! // 500.00 of cash are beyond the reserve; 130 · 73.20 + 1.00 = 9,517.00 needs the sale as well.
//! assert_eq!(purchase.funding, OrderFunding::Sales);
//! assert_eq!(purchase.waits_for, [sale.client_order_id.clone()]);
//!
//! assert_eq!(orders_csv(&list.orders).lines().count(), 3);
//! let session = FixSession {
//!     sender_comp_id: "HOUSEHOLD".to_owned(),
//!     target_comp_id: "BROKER".to_owned(),
//!     next_sequence_number: 1,
//!     sending_time: "2026-11-27T14:30:00Z".parse().unwrap(),
//!     transact_time: "2026-11-27T14:30:00Z".parse().unwrap(),
//! };
//! assert!(new_order_singles(&list.orders, &session).unwrap()[0].starts_with("8=FIX.4.4\u{1}9="));
//! # Ok::<(), orders::OrderError>(())
//! ```
//!
//! - [`OrderInput`], [`OrderLine`], [`AccountCash`], [`OrderOptions`]: the input.
//! - [`OrderList`], [`Order`], [`OrderFunding`]: the orders, and their funding.
//! - [`Decimal`]: exact quantities and prices.
//! - [`SettlementMarket`], [`settlement_date`]: when a trade settles.
//! - [`orders_csv`], [`basket`], [`new_order_singles`]: the files; JSON is written by `serde`.

mod basket;
mod client_order_id;
mod csv;
mod cycles;
mod decimal;
mod error;
mod exact;
mod fix;
mod funding;
mod identifiers;
mod input;
mod list;
mod options;
mod order;
mod pool;
mod settlement;
mod trade;

pub use basket::{Basket, LeftOut, LeftOutReason, basket};
pub use csv::orders_csv;
pub use decimal::{Decimal, DecimalError};
pub use error::{LineFigure, OrderError};
pub use fix::{FixError, FixSession, new_order_singles};
pub use identifiers::OrderIdentifiers;
pub use input::{AccountCash, OrderInput, OrderLine, OrderSize};
pub use list::{BelowOneLot, OrderList};
pub use options::{OrderOptions, PriceLimit, TimeInForce};
pub use order::{Order, OrderFunding, OrderType};
pub use pool::OrderCash;
pub use settlement::{SettlementError, SettlementMarket, settlement_date};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
