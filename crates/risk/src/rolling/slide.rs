//! The summary of every window at constant cost per step.
//!
//! A window is cut at a multiple of its length into the tail of one block and the head of the next. Tails and heads are
//! accumulated once per block, and each window merges one of each. Nothing is ever subtracted, so an outlier that
//! leaves the window leaves no rounding error behind.

/// A summary of consecutive observations that can be merged with the summary of those that follow.
pub(super) trait Merge: Copy {
    fn merge(self, later: Self) -> Self;
}

/// The summaries of all windows, in order.
pub(super) fn slide<M: Merge>(count: usize, window: usize, one: impl Fn(usize) -> M) -> impl Iterator<Item = M> {
    // heads[t]: from the start of the block of t up to t; tails[t]: from t to the end of its block.
    let mut heads: Vec<M> = Vec::with_capacity(count);
    for t in 0..count {
        let item = one(t);
        heads.push(if t % window == 0 { item } else { heads[t - 1].merge(item) });
    }
    let mut tails = heads.clone();
    for t in (0..count).rev() {
        let ends_block = (t + 1) % window == 0 || t + 1 == count;
        tails[t] = if ends_block { one(t) } else { one(t).merge(tails[t + 1]) };
    }
    (0..count.saturating_sub(window - 1)).map(move |start| {
        let last = start + window - 1;
        if start % window == 0 { heads[last] } else { tails[start].merge(heads[last]) }
    })
}
