//! Portfolio risk measures and covariance estimators with every convention stated.

mod backtest;
mod benchmark;
mod contributions;
mod covariance;
mod drawdown;
mod entropic;
mod error;
mod growth;
mod inference;
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
mod volatility;

pub use backtest::{CoverageTest, ShortfallTest, acerbi_szekely_test, christoffersen_test, kupiec_test};
pub use benchmark::{CaptureSide, beta, capture_ratio, information_ratio, tracking_error};
pub use contributions::{RiskContributions, contributions};
pub use covariance::{Covariance, CovarianceEstimate, CovarianceEstimator, estimate_covariance};
pub use drawdown::{Drawdown, drawdown_series, max_drawdown};
pub use entropic::entropic_value_at_risk;
pub use error::RiskError;
pub use inference::{
    BlockBootstrap, BootstrapInterval, EstimateInterval, OrderStatisticInterval, SharpeError, aggregate_sharpe,
    block_bootstrap, cvar_interval, sharpe_interval, suggest_block_length, var_interval,
};
pub use moments::{mean_return, standard_deviation, volatility_annual};
pub use options::RiskOptions;
pub use portfolio::{Rebalancing, portfolio_returns};
pub use portfolio_core::{Confidence, Seed};
pub use quantile::{QuantileRule, value_at_risk_by};
pub use ratios::{omega_ratio, sharpe_ratio, sortino_ratio};
pub use reason::{Unavailable, UnavailableReason};
pub use report::{MetricValue, MetricValues, MetricsReport, ReturnDates, RiskConventions, measure};
pub use student::{StudentFit, fit_student};
pub use summary::{RiskSummary, summarise};
pub use tail::{conditional_value_at_risk, value_at_risk};
pub use volatility::{EwmaStart, GarchFit, GarchInnovations, GarchMean, GarchOptions, ewma_volatility, fit_garch};
