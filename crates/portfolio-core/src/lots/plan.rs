//! The trades in whole lots, and the proof of how good they are.

/// A plan in whole lots with a lower bound on the deviation of every plan.
#[derive(Debug, Clone, PartialEq)]
pub struct LotPlan {
    /// Lots to trade per asset; negative lots are sold.
    pub lots: Vec<i64>,
    /// The deviation that this plan leaves, minor units: the objective of a [`LotProblem`](crate::LotProblem).
    pub deviation: f64,
    /// No allowed plan leaves less deviation than this, up to `1e-9` of the amounts involved; minor units.
    pub bound: f64,
    /// Whether deviation and bound are less than half a minor unit apart.
    pub is_exact: bool,
    /// Nodes that the search examined.
    pub nodes: u64,
}
