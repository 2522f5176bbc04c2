//! One tree, grown leaf by leaf.

use super::bins::BinnedRows;
use super::histogram::Histogram;
use super::spec::GbdtSpec;
use super::split::{Bounds, Candidate, Totals, best_split};
use crate::{Child, Missing, Split};

/// A tree while it is grown: its splits, and the rows and value of each leaf.
pub(super) struct Grown {
    pub(super) splits: Vec<Split>,
    pub(super) leaves: Vec<GrownLeaf>,
}

/// A leaf with its rows.
pub(super) struct GrownLeaf {
    /// Its rows, in ascending order.
    pub(super) rows: Vec<u32>,
    /// The value that minimises the loss within the bounds.
    pub(super) value: f64,
    bounds: Bounds,
    histogram: Histogram,
    best: Option<Candidate>,
    /// The parent split, and whether this is its left side.
    owner: Option<(usize, bool)>,
}

/// The input of growing a tree.
pub(super) struct Ground<'a> {
    pub(super) spec: &'a GbdtSpec,
    pub(super) binned: &'a BinnedRows,
    /// Features that this tree may use, ascending.
    pub(super) used: &'a [usize],
    pub(super) gradients: &'a [f64],
}

impl Ground<'_> {
    /// Splits the leaf with the largest gain until no split has a gain or there are enough leaves.
    pub(super) fn grow(&self) -> Grown {
        let rows: Vec<u32> = (0..u32::try_from(self.gradients.len()).unwrap_or(u32::MAX)).collect();
        let histogram = Histogram::of(self.binned, self.used, &rows, self.gradients);
        let free = Bounds { least: f64::NEG_INFINITY, largest: f64::INFINITY };
        let mut grown = Grown { splits: Vec::new(), leaves: vec![self.leaf(rows, histogram, free, None)] };
        while grown.leaves.len() < self.spec.leaves {
            let Some((index, candidate)) = next_split(&grown.leaves) else { break };
            self.split(&mut grown, index, &candidate);
        }
        grown
    }

    fn leaf(&self, rows: Vec<u32>, histogram: Histogram, bounds: Bounds, owner: Option<(usize, bool)>) -> GrownLeaf {
        let gradient = rows.iter().map(|row| self.gradients[*row as usize]).sum();
        let totals = Totals { gradient, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX) };
        let best = best_split(self.spec, self.binned, self.used, &histogram, totals, bounds);
        GrownLeaf { value: totals.value(self.spec.l2, bounds), rows, bounds, histogram, best, owner }
    }

    /// Makes a split: the left side keeps the number of the leaf, the right side gets the next one.
    fn split(&self, grown: &mut Grown, index: usize, candidate: &Candidate) {
        let (number, right) = (grown.splits.len(), grown.leaves.len());
        let upper = &self.binned.features[candidate.feature].upper;
        grown.splits.push(Split {
            feature: candidate.feature,
            // Every number goes left when only missing ones go right.
            threshold: upper.get(candidate.last_left).copied().unwrap_or(f64::MAX),
            missing: Missing::Nan,
            default_left: candidate.missing_left,
            gain: candidate.gain,
            left: Child::Leaf(index),
            right: Child::Leaf(right),
        });
        let leaf = &mut grown.leaves[index];
        match leaf.owner {
            Some((owner, true)) => grown.splits[owner].left = Child::Split(number),
            Some((owner, false)) => grown.splits[owner].right = Child::Split(number),
            None => {}
        }
        let rows = std::mem::take(&mut leaf.rows);
        let whole = std::mem::replace(&mut leaf.histogram, Histogram::empty());
        let (at_left, at_right): (Vec<u32>, Vec<u32>) =
            rows.into_iter().partition(|row| candidate.takes_left(self.binned.row(*row)[candidate.feature]));
        // The smaller side is counted, the larger one is the rest.
        let count = |rows: &[u32]| Histogram::of(self.binned, self.used, rows, self.gradients);
        let (of_left, of_right) = if at_left.len() <= at_right.len() {
            let of_left = count(&at_left);
            let of_right = whole.without(&of_left);
            (of_left, of_right)
        } else {
            let of_right = count(&at_right);
            (whole.without(&of_right), of_right)
        };
        let (below, beyond) = candidate.bounds(self.spec, leaf.bounds);
        *leaf = self.leaf(at_left, of_left, below, Some((number, true)));
        grown.leaves.push(self.leaf(at_right, of_right, beyond, Some((number, false))));
    }
}

/// The leaf whose split has the largest gain; of equal ones, the first.
fn next_split(leaves: &[GrownLeaf]) -> Option<(usize, Candidate)> {
    let mut next: Option<(usize, Candidate)> = None;
    for (index, leaf) in leaves.iter().enumerate() {
        if let Some(best) = leaf.best
            && next.is_none_or(|(_, so_far)| best.gain > so_far.gain)
        {
            next = Some((index, best));
        }
    }
    next
}
