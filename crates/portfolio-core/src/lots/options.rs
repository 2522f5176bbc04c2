//! How long the search for lots continues.

/// Limits of [`fit_lots`](crate::fit_lots).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotOptions {
    /// Largest number of nodes of the search. With more than 64 assets a node counts once for every 64 of them.
    ///
    /// A search that ends at this limit has a plan and a bound like any other; they may be further apart.
    pub nodes: u64,
    /// A plan is good enough when it is proven to be within this distance of the best one, in minor units of deviation;
    /// 0 searches for the best.
    pub gap: f64,
    /// Nodes spent on the best plan before one that is good enough ends the search.
    pub exact_nodes: u64,
}

impl Default for LotOptions {
    fn default() -> Self {
        Self { nodes: 20_000, gap: 0.0, exact_nodes: 0 }
    }
}
