//! Pre-trade controls: may these orders be sent?
//!
//! A [`ControlPolicy`] states limits. [`ControlSet::assess`] checks a book and the orders of one plan against them and
//! returns, for each control and subject, the value, the limit, and whether it passes, breaches a soft limit or
//! breaches a hard one. An unknown value does not pass: [`WhenUnknown`] says how it counts, by default as a hard
//! breach. An executable order is a [`CheckedOrder`], and only [`Assessment::release`] makes one: never after a hard
//! breach, and after a soft one only with an acceptance that has a name and a reason.
//!
//! The crate reads no clock and does no I/O: `now` is an argument.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use controls::{ControlBook, ControlPolicy, ControlPosition, ControlSet, Levels, OrderFacts, Outcome, Proposal};
//! use portfolio_core::{Currency, Money, TradeSide};
//!
//! let policy = ControlPolicy { price_collar: Some(Levels::hard(0.05)), leverage: Some(Levels::hard(1.0)), ..ControlPolicy::empty() };
//! let now: DateTime<Utc> = "2026-11-27T14:30:00Z".parse().unwrap();
//! let book = ControlBook {
//!     nav: Money::from_minor(10_000_000, Currency::USD),
//!     positions: vec![ControlPosition {
//!         asset: "VTI".to_owned(),
//!         value: Money::from_minor(6_000_000, Currency::USD),
//!         reference_price: "300.00".parse().ok(),
//!         ..ControlPosition::default()
//!     }],
//!     ..ControlBook::default()
//! };
//! let order = |price: &str| Proposal {
//!     facts: OrderFacts {
//!         id: "BAAAAAAAAAAAAAAAA".to_owned(),
//!         asset: 0,
//!         side: TradeSide::Buy,
//!         quantity: "10".parse().unwrap(),
//!         price: price.parse().ok(),
//!         notional: Money::from_minor(300_000, Currency::USD),
//!         market_value: Money::from_minor(300_000, Currency::USD),
//!     },
//!     order: "what the broker takes",
//! };
//! let controls = ControlSet::of(&policy);
//! // 315.00 is 5 % above the reference: the largest price that passes.
//! let passed = controls.assess(&book, vec![order("315.00")], None, now)?;
//! assert_eq!(passed.outcome(), Outcome::Pass);
//! assert_eq!(passed.release(None)?[0].order(), &"what the broker takes");
//! // One cent more does not, and no order comes out.
//! let broken = controls.assess(&book, vec![order("315.01")], None, now)?;
//! assert_eq!(broken.worst_of("price_collar").unwrap().outcome, Outcome::Hard);
//! assert!(broken.release(None).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`ControlPolicy`], [`Levels`], [`WindowLevels`], [`RestrictedList`], [`Override`], [`ApprovalRules`]: the document.
//! - [`ControlBook`], [`OrderFacts`], [`Activity`]: what is checked against it.
//! - [`Check`], [`Outcome`], [`Subject`], [`Reading`]: the results.
//! - [`Control`], [`ControlSet`]: the controls; add your own with [`ControlSet::with`].
//! - [`Assessment`], [`CheckedOrder`], [`Acceptance`]: from results to orders.

mod activity;
mod approval;
mod assessment;
mod book;
mod case;
mod check;
mod control;
mod controls;
mod error;
mod fingerprint;
mod levels;
mod order;
mod overrides;
mod policy;
mod restricted;
#[cfg(test)]
mod samples;
mod stateless;
mod unit;

pub use activity::{Activity, PastOrder, PastPlan};
pub use approval::ApprovalRules;
pub use assessment::{Acceptance, Assessment, CheckedOrder};
pub use book::{ControlBook, ControlPosition, PlanRisk};
pub use case::ControlCase;
pub use check::{Check, Outcome, Reading, Subject, UnknownReason};
pub use control::{Control, ControlSet, Findings};
pub use error::{ControlError, NotReleased, PolicyFault, PolicyFaultKind, PolicyStep};
pub use fingerprint::PlanFingerprint;
pub use levels::{Levels, WhenUnknown, WindowLevels};
pub use order::{OrderFacts, Proposal};
pub use overrides::{OVERRIDE_DAYS_MAX, Override};
pub use policy::{ControlPolicy, POLICY_FORMAT};
pub use restricted::RestrictedList;
pub use unit::{ControlUnit, unit_of};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
