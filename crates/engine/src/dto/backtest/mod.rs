//! Backtests: what is replayed, and the results.

mod answer;
mod band;
mod plan;
mod policy;
mod request;
mod series;
mod weights;

pub use answer::{
    BacktestComparison, BacktestDecision, BacktestPolicyResult, BacktestTrade, ComparisonTest, PolicyBacktestResponse,
};
pub use band::{BacktestBand, BacktestBandInput};
pub use plan::BacktestPlan;
pub use policy::{BacktestPolicyKind, BacktestPolicyRequest, RebalanceCadence};
pub use request::{
    MAX_ANSWER_BYTES, MAX_CELLS, MAX_KEPT_BYTES, MAX_NUMBERS, MAX_PLANS, MAX_POLICIES, MAX_QUEUED_PLANS,
    PolicyBacktestRequest, WARM_UP,
};
pub use series::{AssetPrice, BacktestSeries, RecoveredFraction};
pub use weights::{BacktestWeights, BacktestWeightsInput};
