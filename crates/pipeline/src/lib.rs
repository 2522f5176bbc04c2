//! Six agents in a fixed order turn a checked portfolio into a plan, a verdict on it, and a record of how it came about.
//!
//! A rebalance needs data, forecasts, risk, trades and orders, made by crates that do not know each other; this is the one
//! place where they meet. Each agent takes what the one before it made, does one thing, checks its own work, and may refuse
//! ([`Veto`]) or ask the supervisor to go on without something ([`Relaxation`]). Types fix the order: a run in another
//! order does not compile.
//!
//! ```text
//! Portfolio ─ Supervisor::admit ─► Admitted ─ MarketDataAgent ─► Surveyed ─ ForecastAgent ─► Forecasted
//!     ─ RiskAgent ─► Assessed ─ OptimizerAgent ─► Proposed ─ ExecutionAgent ─► Staged ─ Supervisor ─► Judged ─► Plan
//! ```
//!
//! # Example
//! ```
//! use std::ops::ControlFlow;
//! use std::time::Duration;
//!
//! use forecast::{EnsembleOptions, ForecastModel};
//! use pipeline::{ContentDigest, Portfolio, Supervisor, VerdictDecision, run};
//! use portfolio_core::{Currency, Money, SizingOptions, Intent, WeightPolicy, resolve_weights};
//!
//! let history = |phase: usize| (0..60).map(|t| [0.004, -0.003, 0.001][(t + phase) % 3]).collect::<Vec<f64>>();
//! let portfolio = Portfolio {
//!     names: vec!["Stocks".to_owned(), "Bonds".to_owned()],
//!     nav: Money::floor(100_000.0, Currency::default())?,
//!     portfolio_value: 100_000.0,
//!     weights: resolve_weights(&[0.6, 0.4], &[0.66, 0.34], WeightPolicy::Strict, Intent::Rebalance)?,
//!     price: vec![95.0, 102.0],
//!     cost_bps: vec![10.0, 10.0],
//!     average_daily_volume: vec![Some(2_000.0), None],
//!     market_return: vec![None, None],
//!     returns: vec![history(0), history(1)],
//!     holdings: vec![Vec::new(), Vec::new()],
//!     benchmark: None,
//!     sizing: SizingOptions::default(),
//!     risk_free_rate: 0.02,
//!     tracking_error_budget: 0.01,
//!     optimization: None,
//!     model: ForecastModel::EnsembleV2(EnsembleOptions::default()),
//!     simulation: None,
//!     simulation_echo: (0, 30, 42),
//!     warnings: Vec::new(),
//! };
//!
//! let source = ContentDigest::of(b"the request this portfolio was made from");
//! let plan = run(portfolio, source, &Supervisor::default(), &|| Duration::ZERO, &mut |stage, _| {
//!     assert!(!stage.sentence.is_empty());
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(plan.verdict.decision, VerdictDecision::Approved);
//! // The sell comes first, and the buy waits for it.
//! assert_eq!((plan.orders[0].asset.as_str(), plan.orders[1].after_orders), ("Stocks", 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! - agent, run, record, words, digest: the order of the agents, and what is written down about each
//! - portfolio: what a run starts from ([`Portfolio`])
//! - market_data: alignment and data quality ([`MarketDataAgent`], [`DataQuality`])
//! - forecasting: one forecast per asset ([`ForecastAgent`])
//! - risk_stage, limits: measures and what they are held against ([`RiskAgent`], [`SupervisorLimits`])
//! - proposal: tilt and trades, or the solution of a convex problem ([`OptimizerAgent`], [`OptimalPlan`])
//! - execution: orders, schedules, their worth, and what waiting would do ([`ExecutionAgent`])
//! - supervisor, relaxation: admission and verdict ([`Supervisor`], [`Verdict`])

mod agent;
mod digest;
mod error;
mod execution;
mod forecasting;
mod limits;
mod market_data;
mod plan;
mod portfolio;
mod proposal;
mod record;
mod relaxation;
mod risk_stage;
mod run;
mod supervisor;
mod warning;
mod words;

#[cfg(test)]
mod sample;

pub use agent::{AGENTS, Agent, AgentCard, AgentId, Veto, orchestration};
pub use digest::ContentDigest;
pub use error::PipelineError;
pub use execution::{
    ExecutionAgent, MAX_PARTICIPATION, OUTLOOK_DAYS, OrderSchedule, PlannedOrder, RISK_AVERSION, ScheduleMethod,
    Staged, WaitFigures, WaitOutlook,
};
pub use forecasting::{ForecastAgent, Forecasted};
pub use limits::{LimitCheck, LimitLevels, LimitPoint, Measure, RiskLimits, Severity, SupervisorLimits};
pub use market_data::{
    AssetQuality, DataQuality, FEW_OBSERVATIONS, MarketDataAgent, QualityIssue, QualityIssueCode, Surveyed,
};
pub use plan::Plan;
pub use portfolio::{Holding, Portfolio};
pub use proposal::{OptimalMethod, OptimalPlan, OptimizerAgent, Proposed, TiltLimitName, TiltedTargets};
pub use record::{RunRecord, StageRecord, StageTrace};
pub use relaxation::{Relaxation, RelaxationKind};
pub use risk_stage::{Assessed, RiskAgent};
pub use run::{plan, run};
pub use supervisor::{Admitted, Judged, Supervisor, Verdict, VerdictDecision};
pub use warning::PlanWarning;
