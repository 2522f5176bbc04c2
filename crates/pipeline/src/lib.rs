//! Six agents in a fixed order turn a book into a plan, a verdict on it, and a record of how the plan was made.
//!
//! A rebalance needs data, forecasts, risk, trades and orders from crates that do not depend on each other; this is the
//! only place where they meet. Each agent borrows the results of the agents before it, does one thing, and checks its
//! own work. It may refuse ([`Veto`]) or ask the supervisor to continue without something ([`Relaxation`]). The
//! arguments of the agents fix their order: a run in another order does not compile.
//!
//! ```text
//! Book, MarketData, RunConfig ─ Supervisor::admit ─► Admitted
//!     MarketDataAgent ─► Surveyed    ForecastAgent ─► Forecasted    RiskAgent ─► Assessed
//!     OptimizerAgent ─► Proposed     ExecutionAgent ─► Staged       Supervisor ─► Judged ─► Plan
//! ```
//!
//! The input is not copied: a backtest can pass windows of one panel to thousands of runs.
//!
//! # Example
//! ```
//! use pipeline::{MarketData, Policy, RunConfig, VerdictDecision, plan};
//! use portfolio_core::{Book, CostModel, Currency, Money, ReturnPanel, Universe};
//!
//! let assets = Universe::new(["Stocks", "Bonds"])?;
//! let history = |phase: usize| (0..60).map(|t| [0.004, -0.003, 0.001][(t + phase) % 3]).collect::<Vec<f64>>();
//! let panel = ReturnPanel::new(assets.clone(), vec![history(0), history(1)])?;
//!
//! // 60/40 is the policy; stocks ran to two thirds.
//! let nav = Money::parse("100000", Currency::USD)?;
//! let book = Book::from_weights(assets, nav, vec![0.66, 0.34], &[95.0, 102.0])?;
//! let config = RunConfig::new(Policy { weights: vec![0.6, 0.4], cash_weight: 0.0 })
//!     .with_costs(CostModel::proportional(&[10.0, 10.0])?);
//!
//! let plan = plan(&book, MarketData::new(&panel), &config)?;
//! assert_eq!(plan.verdict.decision, VerdictDecision::Approved);
//! // The sell comes first, and the buy waits for it.
//! assert_eq!((plan.orders[0].asset.as_str(), plan.orders[1].after_orders), ("Stocks", 1));
//! println!("{}", plan.record.stages[3].summary);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! - config, method, market, admitted: the input of a run ([`RunConfig`], [`Method`], [`MarketData`], [`Admitted`])
//! - agent, run: the definition of an agent, and the order of all agents ([`Agent`], [`AGENTS`], [`plan()`], [`run`])
//! - market_data: alignment and data quality ([`MarketDataAgent`], [`DataQuality`])
//! - forecasting: one forecast per asset ([`ForecastAgent`])
//! - risk_stage, simulation, limits, concentration: measures and their limits ([`RiskAgent`], [`SupervisorLimits`])
//! - objective: the objective of every plan ([`PolicyObjective`])
//! - proposal: tilt and trades, or the solution of a convex problem ([`OptimizerAgent`], [`OptimalPlan`])
//! - execution: orders, schedules, their worth, and the effect of waiting ([`ExecutionAgent`])
//! - supervisor, relaxation: admission and verdict ([`Supervisor`], [`Verdict`])
//! - record, summary, digest, case_digest: the record of a run ([`RunRecord`], [`StageSummary`]); the record of one
//!   agent is next to its `act`

mod admitted;
mod agent;
mod case_digest;
mod concentration;
mod config;
mod digest;
mod error;
mod execution;
mod forecasting;
mod limit_check;
mod limits;
mod market;
mod market_data;
mod measured;
mod method;
mod objective;
mod obstacle;
mod other_trades;
mod plan;
mod plausibility;
mod priced;
mod proposal;
mod record;
mod relaxation;
mod risk_stage;
mod run;
mod sentence;
mod simulation;
mod summary;
mod supervisor;
mod warning;

#[cfg(test)]
mod sample;

pub use admitted::Admitted;
pub use agent::{Agent, AgentCard, AgentId, Veto};
pub use config::{ModelRole, ModelUse, Policy, RunConfig};
pub use error::PipelineError;
pub use execution::{
    ExecutionAgent, MAX_PARTICIPATION, NoOutlook, NoPayback, NoProof, NoRegion, NoTradeRegion, NoWorth, OUTLOOK_DAYS,
    OrderSchedule, PlanWorth, PlannedOrder, QueueSummary, ScheduleMethod, Staged, WaitFigures, WaitOutlook,
    WorthFigures,
};
pub use forecasting::{ForecastAgent, ForecastSummary, Forecasted};
pub use limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
pub use limits::{AlertLevels, LimitLevels, RiskBudget, Severity, SupervisorLimits};
pub use market::MarketData;
pub use market_data::{
    AssetQuality, DataQuality, FEW_OBSERVATIONS, MarketDataAgent, QualityIssue, QualityIssueCode, QualityIssueKind,
    SHORT_HISTORY, SurveySummary, Surveyed,
};
pub use measured::measures_in_words;
pub use method::{Method, OptimalGoal, OptimalMethod, PathMethod};
pub use objective::PolicyObjective;
pub use plan::Plan;
pub use plausibility::{HistoryOf, ImplausibleInput};
pub use proposal::{
    Decision, FoundBy, IntendedPath, NoPath, OptimalPlan, OptimizerAgent, PathStep, PreparedPolicy, ProposalSummary,
    Proposed, RiskSource, TiltLimitName, TiltReason, TiltedTargets,
};
pub use record::{RunRecord, StageRecord, StageTrace};
pub use relaxation::{Relaxation, RelaxationKind, RelaxationReason};
pub use risk_stage::{Assessed, AssessmentSummary, PolicyActiveRisk, RiskAgent};
pub use run::{AGENTS, orchestration, plan, run};
pub use simulation::{DriftChoice, NoSimulation, Simulated, SimulatedBeside, SimulatedDrift};
pub use summary::StageSummary;
pub use supervisor::{Judged, Supervisor, Verdict, VerdictDecision, VerdictSummary};
pub use warning::{AskedBy, MissingFigure, RunWarning};

// Types in the signatures of this crate.
pub use forecast::{AnnualInterval, Forecaster, IntervalKind};
pub use governance::Digest;
pub use optimizer::{RebalanceOutcome, RiskModel};
pub use portfolio_core::{
    Book, CostModel, CostTerm, Currency, Money, Position, ReturnPanel, Seed, SizingOptions, Universe, WeightSide,
};
pub use risk::CovarianceEstimator;
pub use stress::{ShockLaw, SimulationOptions};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
