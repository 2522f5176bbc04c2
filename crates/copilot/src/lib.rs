//! Describes the numbers of a rebalance plan in words, and computes nothing.
//!
//! A plan is a table. The person who signs it wants to read what to do, why, what it costs, what remains undone and
//! what the data cannot support. [`brief`] writes this text from [`Facts`], which the planner fills in with the plan's
//! own types. Every number in the text is one of the facts. The text is deterministic, so it can be stored with the
//! plan, replayed and tested.
//!
//! # Example
//! ```
//! use copilot::{
//!     Action, AlertLevels, AssetFacts, Facts, ModelFacts, Stated, TradeReason, VerdictDecision, VerdictFacts, brief,
//! };
//! use risk::{RiskOptions, RiskSummary, summarise};
//!
//! let bonds = AssetFacts {
//!     asset: "Bonds".to_owned(),
//!     action: Action::Hold,
//!     drift: -0.012,
//!     target_weight: 0.4,
//!     optimized_target_weight: 0.4,
//!     current_weight: 0.388,
//!     forecast_annual: 0.0252,
//!     forecast_interval: Stated::from_option(None, "the model states no error"),
//!     forecast_confidence: 0.2,
//!     trade_value: 0.0,
//!     trade_units: 0.0,
//!     estimated_cost: 0.0,
//!     residual_drift: -0.012,
//!     half_width: 0.02,
//!     priority_score: 0.045,
//!     marginal_benefit_bps: None,
//!     reason: TradeReason::WithinBand,
//! };
//! let stocks = AssetFacts {
//!     asset: "Stocks".to_owned(),
//!     drift: 0.012,
//!     target_weight: 0.6,
//!     optimized_target_weight: 0.6,
//!     current_weight: 0.612,
//!     residual_drift: 0.012,
//!     half_width: 0.02,
//!     ..bonds.clone()
//! };
//! // One return is no history: no figure exists. The VaR comes from elsewhere.
//! let none = summarise(&[0.01], None, &RiskOptions::default())?;
//! let facts = Facts {
//!     currency: "USD".to_owned(),
//!     minor_digits: 2,
//!     portfolio_value: 250_000.0,
//!     drift_threshold: 0.02,
//!     turnover_used: 0.0,
//!     turnover_limit: 0.2,
//!     turnover_binding: false,
//!     estimated_total_transaction_cost: 0.0,
//!     cash_weight_before: 0.0,
//!     cash_weight_after: 0.0,
//!     assets: vec![bonds, stocks],
//!     risk: RiskSummary { var_95: Some(0.0412), ..none },
//!     simulation: Stated::from_option(None, "it was switched off"),
//!     tilt: None,
//!     alerts: AlertLevels::default(),
//!     is_liquidation: false,
//!     verdict: VerdictFacts {
//!         decision: VerdictDecision::Approved,
//!         sentence: "Within limits: every limit is clear.".to_owned(),
//!     },
//!     warnings: Vec::new(),
//!     model: ModelFacts { id: "ensemble_v2".to_owned(), version: "2.0.1".to_owned() },
//!     drivers: Vec::new(),
//! };
//!
//! let brief = brief(&facts)?;
//! assert!(brief.narrative.starts_with(
//!     "Portfolio of 250,000.00 USD: no trade. Every asset is within the 2.00% drift threshold."
//! ));
//! assert_eq!(
//!     brief.risk_flags,
//!     [
//!         "VaR95 elevated above 3% (4.12% against a limit of 3.00%)",
//!         "Max drawdown not assessed: the history is too short for this figure",
//!     ]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! - facts and measures: the facts of a brief ([`Facts`], [`Stated`]) and their validation
//! - reason: why a trade that was due was not made
//! - flags: measures above the supervisor's limits ([`RiskFlag`])
//! - actions: the few most important orders ([`TopAction`])
//! - narrative and playbook: the sentences
//! - committee: the questions of an investment committee, each number with its source ([`committee_brief`])
//! - render: that brief as text, Markdown, CSV and a printable HTML report ([`report_html`])
//! - backtest: a backtest as a printable page with its curves, and as a table ([`backtest_html`], [`backtest_csv`])
//! - execution: the result of executing a plan, as a printable page and as a table ([`execution_html`],
//!   [`execution_csv`])
//! - number and quote: how a number becomes text, and how an external name is treated as data

mod actions;
mod backtest;
mod brief;
mod check;
mod committee;
mod execution;
mod facts;
mod figure;
mod flags;
mod measures;
mod narrative;
mod number;
mod phrase;
mod playbook;
mod quote;
mod reason;
mod render;

#[cfg(test)]
extern crate self as copilot;
#[cfg(test)]
#[path = "../examples/brief/book.rs"]
mod sample;

pub use actions::TopAction;
pub use backtest::{
    BACKTEST_STYLE, BacktestFacts, BacktestSource, ComparisonFacts, PolicyFacts, PolicyFigure, PolicyFigureName,
    ReplayedPolicy, backtest_csv, backtest_html,
};
pub use brief::{Brief, brief};
pub use check::CopilotError;
pub use committee::{
    AnnualCited, BenchmarkFacts, BriefSection, BriefSentence, BriefTopic, Cited, CitedNumber, CommitteeAsset,
    CommitteeBrief, CommitteeFacts, ControlBreach, ControlFacts, CostPartFacts, DataIssue, LimitFacts, OrderFacts,
    OrderLine, PathFacts, Piece, PlanSource, PricedLimit, Proposer, RankedAction, RelaxationFacts, RiskLine, WaitFacts,
    committee_brief,
};
pub use execution::{
    CancelFacts, CostFacts, CostSumFacts, EXECUTION_STYLE, ExecutedBookFacts, ExecutedOrderFacts,
    ExecutedPositionFacts, ExecutionFacts, ExecutionHistoryFacts, PlanCostFacts, execution_csv, execution_history_csv,
    execution_html,
};
pub use facts::{AssetFacts, DriverFacts, Facts, ModelFacts, VerdictFacts, WarningFacts};
pub use figure::committee_figures;
pub use flags::{ALL_CLEAR, FlagSeverity, RiskFlag, RiskFlagCode};
pub use measures::{OutcomeFacts, SimulationFacts, Stated, TiltFacts};
pub use pipeline::{AlertLevels, AnnualInterval, DriftChoice, IntervalKind, Severity, VerdictDecision};
pub use portfolio_core::{Action, TradeReason};
pub use reason::of_order as order_reason;
pub use render::{REPORT_STYLE, actions_csv, brief_markdown, brief_text, report_html};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
