//! What the tracking error of a plan is measured against.

use serde::Serialize;
use utoipa::ToSchema;

/// What the tracking error of a plan is measured against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BenchmarkEntry {
    /// The policy, or returns that were sent.
    pub kind: BenchmarkKind,
    /// `benchmark_name` of the request; null where none was sent.
    #[schema(required = true, example = "S&P 500 TR")]
    pub name: Option<String>,
}

/// What a benchmark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BenchmarkKind {
    /// The target weights, rebalanced daily.
    Policy,
    /// The returns of `benchmark_returns`.
    Returns,
}

impl BenchmarkEntry {
    /// Of a plan with these benchmark returns, and the name they were sent with.
    #[must_use]
    pub fn of(returns: Option<&[f64]>, name: Option<&str>) -> Self {
        let kind = if returns.is_some() { BenchmarkKind::Returns } else { BenchmarkKind::Policy };
        Self { kind, name: name.map(ToOwned::to_owned) }
    }
}
