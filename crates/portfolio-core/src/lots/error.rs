//! Why a plan in whole lots cannot be made.

use crate::Written;

/// Why [`fit_lots`](crate::fit_lots) has no plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LotError {
    /// A value of an asset is outside its range.
    #[error("{name} of asset {} is out of range: {value}", asset + 1, value = Written(*value))]
    Asset {
        /// Index of the asset.
        asset: usize,
        /// Name of the field.
        name: &'static str,
        /// The rejected value.
        value: f64,
    },
    /// A value of the problem is outside its range.
    #[error("{name} = {value} is out of range", value = Written(*value))]
    OutOfRange {
        /// Name of the field.
        name: &'static str,
        /// The rejected value.
        value: f64,
    },
    /// The cost of a trade is negative or not finite.
    #[error("the cost of {lots} lots of asset {} is not a non-negative number: {value}", asset + 1, value = Written(*value))]
    Cost {
        /// Index of the asset.
        asset: usize,
        /// Lots traded; negative when sold.
        lots: i64,
        /// The rejected cost.
        value: f64,
    },
    /// No allowed sales raise the cash to the minimum that must remain.
    #[error("allowed sales leave the cash {shortfall} below its minimum", shortfall = Written(*shortfall))]
    Infeasible {
        /// The cash still missing, in minor units, after the sales that leave the smallest shortfall, within the gap of
        /// the options.
        shortfall: f64,
    },
}
