//! Rows to train on and rows to test on, without leakage from the test into the training.
//!
//! A label of row `t` looks `label_horizon` rows ahead: it is known after row `t + label_horizon`. A training row whose
//! label overlaps the label of a test row leaks the test; purging removes it. An embargo removes further rows after a
//! test, for features that look back over it.

mod combinatorial;
mod walk_forward;

pub use combinatorial::{CombinatorialSplits, combinatorial_purged};
pub use walk_forward::{TrainWindow, WalkForward};

use std::ops::Range;

/// Rows of one split, as ranges in order of time that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to train on.
    pub train: Vec<Range<usize>>,
    /// Rows to test on.
    pub test: Vec<Range<usize>>,
}

/// The training rows that are removed around a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purge {
    /// Rows that a label looks ahead: 0 for a label that is known with its row.
    pub label_horizon: usize,
    /// Further rows left out after each test range, counted from the end of its last label.
    pub embargo: usize,
}

impl Purge {
    /// The rows of `candidates` that are connected with no test range by a label or the embargo.
    fn apply(self, candidates: &[Range<usize>], test: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut kept = candidates.to_vec();
        for range in test {
            let from = range.start.saturating_sub(self.label_horizon);
            let to = range.end.saturating_add(self.label_horizon).saturating_add(self.embargo);
            kept = kept
                .into_iter()
                .flat_map(|rows| [rows.start..rows.end.min(from), rows.start.max(to)..rows.end])
                .filter(|rows| rows.start < rows.end)
                .collect();
        }
        kept
    }
}

/// Joins neighbouring ranges that touch.
fn joined(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut list: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match list.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => list.push(range),
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purging_takes_out_both_sides_and_the_embargo_one() {
        let purge = Purge { label_horizon: 2, embargo: 3 };
        // Labels of rows 8 and 9 reach row 10; the labels of the test end at row 21, and three more rows are left out.
        assert_eq!(purge.apply(&[0..10, 20..40], &[10..20]), [0..8, 25..40]);
        assert_eq!(Purge::default().apply(&[0..10, 20..40], &[10..20]), [0..10, 20..40]);
    }

    #[test]
    fn touching_ranges_are_one() {
        assert_eq!(joined([0..3, 3..5, 7..9]), [0..5, 7..9]);
    }
}
