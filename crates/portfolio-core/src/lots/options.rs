//! How long the search for lots goes on.

/// Limits of [`fit_lots`](crate::fit_lots).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotOptions {
    /// Most nodes of the search. With more than 64 assets a node counts once for every 64 of them.
    ///
    /// A search that ends here has a plan and a bound as any other; they may be further apart.
    pub nodes: u64,
}

impl Default for LotOptions {
    fn default() -> Self {
        Self { nodes: 20_000 }
    }
}
