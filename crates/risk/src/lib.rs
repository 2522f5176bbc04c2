//! Portfolio risk measures and covariance estimators with every convention stated.

mod benchmark;
mod drawdown;
mod entropic;
mod error;
mod growth;
mod minimise;
mod moments;
mod normal;
mod options;
mod parametric;
mod portfolio;
mod quantile;
mod ratios;
mod reason;
mod report;
mod student;
mod summary;
mod tail;

pub use benchmark::{CaptureSide, beta, capture_ratio, information_ratio, tracking_error};
pub use drawdown::{Drawdown, drawdown_series, max_drawdown};
pub use entropic::entropic_value_at_risk;
pub use error::RiskError;
pub use moments::{mean_return, standard_deviation, volatility_annual};
pub use options::RiskOptions;
pub use portfolio_core::{Confidence, Seed};
pub use portfolio::{Rebalancing, portfolio_returns};
pub use quantile::{QuantileRule, value_at_risk_by};
pub use ratios::{omega_ratio, sharpe_ratio, sortino_ratio};
pub use reason::{Unavailable, UnavailableReason};
pub use report::{MetricValue, MetricValues, MetricsReport, ReturnDates, RiskConventions, measure};
pub use student::{StudentFit, fit_student};
pub use summary::{RiskSummary, summarise};
pub use tail::{conditional_value_at_risk, value_at_risk};
