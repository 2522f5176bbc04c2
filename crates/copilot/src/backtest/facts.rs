//! The contents of a backtest's report: members of its request and of its answer, none of them computed here.

use portfolio_core::NaiveDate;

/// A backtest as presented in its report.
#[derive(Debug, Clone, PartialEq)]
pub struct BacktestFacts {
    /// Its origin.
    pub source: BacktestSource,
    /// Assets of the history, in its order.
    pub assets: Vec<String>,
    /// The day of the first decision, a row of the history, from 0.
    pub first_day: usize,
    /// The date of each day from the first decision on, as many as entries of each wealth; `None` without dates.
    pub dates: Option<Vec<NaiveDate>>,
    /// The policies with their results, in the order of the request.
    pub policies: Vec<PolicyFacts>,
    /// Each policy except the first, compared with the first.
    pub comparisons: Vec<ComparisonFacts>,
    /// Number of different trials, earlier ones included.
    pub trials: u64,
    /// SHA-256 of history and runs, hexadecimal.
    pub digest: String,
    /// What a reader must know about the assets, such as that they are survivors: whole sentences.
    pub caveats: Vec<String>,
    /// Assumptions and missing data: JSON pointer and words.
    pub warnings: Vec<(String, String)>,
}

/// The origin of a backtest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestSource {
    /// SHA-256 of the bytes of its request, hexadecimal.
    pub request_digest: String,
    /// Its id; `None` if it is not stored.
    pub backtest_id: Option<String>,
    /// When it was answered, UTC, RFC 3339.
    pub created_at: String,
    /// Version of the engine that answered it.
    pub engine_version: String,
}

/// The request for a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayedPolicy {
    /// What it does, in words without a full stop.
    pub rule: String,
    /// Cost of each side of its trades, basis points.
    pub cost_bps: f64,
}

/// A policy and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyFacts {
    /// Its name.
    pub name: String,
    /// The request.
    pub asked: ReplayedPolicy,
    /// Wealth per unit invested at the end of each day, after costs.
    pub wealth: Vec<f64>,
    /// Loss from the peak so far on each of these days, a fraction.
    pub drawdown: Vec<f64>,
    /// Wealth at the end, per unit invested.
    pub terminal_wealth: f64,
    /// Its figures, each listed once.
    pub figures: Vec<PolicyFigure>,
    /// Two-way turnover, fractions of NAV summed over the days.
    pub turnover_two_way: f64,
    /// Costs, fractions of NAV summed over the days.
    pub cost_fraction: f64,
    /// Number of executed trades.
    pub trades: u64,
    /// SHA-256 of the run, hexadecimal.
    pub digest: String,
}

/// The figures of a policy in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFigureName {
    /// Growth rate of wealth a year.
    AnnualGrowth,
    /// Annualised volatility.
    Volatility,
    /// Annualised Sharpe ratio.
    Sharpe,
    /// Largest loss from a peak.
    MaxDrawdown,
    /// Value at risk of a period at 95 %.
    Var95,
    /// Conditional value at risk of a period at 95 %.
    Cvar95,
    /// Annualised tracking error to the first policy.
    TrackingError,
}

/// A figure with its interval; fractions, but for the Sharpe ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyFigure {
    /// Which figure.
    pub name: PolicyFigureName,
    /// Its value; `None` where the history cannot support it.
    pub value: Option<f64>,
    /// The ends of its interval; `None` for an end that does not exist.
    pub interval: (Option<f64>, Option<f64>),
    /// Probability that the interval covers the true value, a fraction; `None` without an interval.
    pub level: Option<f64>,
}

/// One policy compared with another.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonFacts {
    /// The policy that is compared.
    pub a: String,
    /// The policy it is compared with.
    pub b: String,
    /// The verdict in words: `better`, `worse` or `not distinguishable`.
    pub verdict: String,
    /// Two-sided p-value; `None` where the two do not differ or the history is too short.
    pub p_value: Option<f64>,
    /// Significance level over all trials.
    pub significance: f64,
    /// Number of trials that the verdict allows for.
    pub trials: u64,
}
