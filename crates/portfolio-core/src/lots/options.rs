//! How long the search for lots goes on.

/// Limits of [`fit_lots`](crate::fit_lots).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotOptions {
    /// Most nodes of the search. With more than 64 assets a node counts once for every 64 of them.
    ///
    /// A search that ends here has a plan and a bound as any other; they may be further apart.
    pub nodes: u64,
    /// The search ends as soon as its plan is proven to be this near to the best one, in minor units of deviation; 0 looks for the best.
    pub gap: f64,
}

impl Default for LotOptions {
    fn default() -> Self {
        Self { nodes: 20_000, gap: 0.0 }
    }
}
