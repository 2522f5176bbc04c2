//! The errors of weights, options and inputs of a plan.

/// The weight vector an error refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightSide {
    /// The policy's weights.
    Target,
    /// The weights held now.
    Current,
    /// Target weights after the forecast tilt.
    Optimized,
}

/// Why a plan cannot be made from its input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// Two per-asset inputs differ in length.
    #[error("one entry per asset is needed: expected {expected}, got {got}")]
    Lengths {
        /// Assets.
        expected: usize,
        /// Entries given.
        got: usize,
    },
    /// A weight is negative or not finite.
    #[error("{side:?} weight {value} of asset {} is not a non-negative number", asset + 1, value = crate::Written(*value))]
    Weight {
        /// The weight vector at fault.
        side: WeightSide,
        /// Index of the asset.
        asset: usize,
        /// The rejected weight.
        value: f64,
    },
    /// The policy rejects the sum of the weights.
    #[error("{side:?} weights sum to {sum}", sum = crate::Written(*sum))]
    WeightSum {
        /// The weight vector at fault.
        side: WeightSide,
        /// Its sum.
        sum: f64,
    },
    /// All target weights are zero, but liquidation was not requested.
    #[error("all target weights are zero")]
    AllTargetsZero,
    /// Liquidation was requested, but a target weight is not zero.
    #[error("a liquidation has no target weights")]
    TargetsInLiquidation,
    /// An option or per-asset value is outside its range.
    #[error("{name} = {value} is out of range", value = crate::Written(*value))]
    OutOfRange {
        /// Name of the field.
        name: &'static str,
        /// The rejected value.
        value: f64,
    },
    /// A group names an asset that does not exist, or one twice.
    #[error("group {} names asset {} twice, or there is no such asset", group + 1, asset + 1)]
    GroupAsset {
        /// Index of the group.
        group: usize,
        /// The rejected index of an asset.
        asset: usize,
    },
    /// The trigger waits for scheduled days, and there is no schedule.
    #[error("the trigger needs a schedule")]
    NoSchedule,
    /// A history that is replayed by its dates has none.
    #[error("the history has no dates")]
    NoDates,
}
