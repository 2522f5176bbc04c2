//! How long the search for lots goes on.

/// Limits of [`fit_lots`](crate::fit_lots).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotOptions {
    /// Most nodes of the search. With more than 64 assets a node counts once for every 64 of them.
    ///
    /// A search that ends here has a plan and a bound as any other; they may be further apart.
    pub nodes: u64,
    /// A plan is good enough when it is proven to be this near to the best one, in minor units of deviation; 0 looks for the best.
    pub gap: f64,
    /// Nodes spent on the best plan before one that is good enough ends the search.
    pub exact_nodes: u64,
}

impl Default for LotOptions {
    fn default() -> Self {
        Self { nodes: 20_000, gap: 0.0, exact_nodes: 0 }
    }
}
