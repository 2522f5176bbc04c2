//! The errors of weights, options and inputs of a plan.

/// Which of the two weight vectors is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightSide {
    /// The policy's weights.
    Target,
    /// What is held now.
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
        /// Which vector.
        side: WeightSide,
        /// Position of the asset.
        asset: usize,
        /// The weight refused.
        value: f64,
    },
    /// A sum of weights that the policy refuses.
    #[error("{side:?} weights sum to {sum}", sum = crate::Written(*sum))]
    WeightSum {
        /// Which vector.
        side: WeightSide,
        /// Its sum.
        sum: f64,
    },
    /// All target weights are zero and liquidation was not asked for.
    #[error("all target weights are zero")]
    AllTargetsZero,
    /// Liquidation was asked for, but a target weight is not zero.
    #[error("a liquidation has no target weights")]
    TargetsInLiquidation,
    /// An option or per-asset figure outside its range.
    #[error("{name} = {value} is out of range", value = crate::Written(*value))]
    OutOfRange {
        /// Name of the field.
        name: &'static str,
        /// The value refused.
        value: f64,
    },
}
