//! One tree, whose shape is checked when it is created.

use crate::Missing;

/// Where a split sends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Child {
    /// The split at this position, from 0.
    Split(usize),
    /// The leaf at this position, from 0.
    Leaf(usize),
}

/// A test of one feature: a value up to the threshold goes left, a larger one right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Position of the feature in a row, from 0.
    pub feature: usize,
    /// The largest value that goes left.
    pub threshold: f64,
    /// Which values take the default direction.
    pub missing: Missing,
    /// Whether the default direction is left.
    pub default_left: bool,
    /// Reduction of the training loss, as stated by the trainer; 0 when unknown.
    pub gain: f64,
    /// Where values up to the threshold go.
    pub left: Child,
    /// Where larger values go.
    pub right: Child,
}

impl Split {
    /// Whether a row goes left.
    #[inline]
    pub(crate) fn goes_left(&self, row: &[f64]) -> bool {
        match self.missing.compared(row[self.feature]) {
            Some(value) => value <= self.threshold,
            None => self.default_left,
        }
    }
}

/// A leaf of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaf {
    /// What the tree adds to the prediction, including shrinkage.
    pub value: f64,
    /// Number of training rows that ended here.
    pub count: u64,
    /// Sum of the second derivatives of the loss over these rows.
    pub weight: f64,
}

/// What is wrong with the shape or the numbers of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeFault {
    /// The number of leaves is not the number of splits plus one.
    #[error("{splits} splits need {} leaves, and there are {leaves}", splits + 1)]
    LeavesDoNotMatch {
        /// Number of splits.
        splits: usize,
        /// Number of leaves.
        leaves: usize,
    },
    /// A child does not exist.
    #[error("a child of split {split} does not exist")]
    NoSuchChild {
        /// The split, from 0.
        split: usize,
    },
    /// A child has two parents, or is above its own parent: following it would never end.
    #[error("a child of split {split} is reached on another way too, so the splits are no tree")]
    NotATree {
        /// The split, from 0.
        split: usize,
    },
    /// A split cannot be reached from the root.
    #[error("no way from the root leads to split {split}")]
    Unreached {
        /// The split, from 0.
        split: usize,
    },
    /// A split does not use a feature of the model.
    #[error("split {split} asks for a feature that the model does not have")]
    NoSuchFeature {
        /// The split, from 0.
        split: usize,
    },
    /// A number is NaN or infinite, or a weight is negative.
    #[error("a number of the tree is not finite, or a weight is negative")]
    BadNumber,
    /// There are more training rows than can be counted.
    #[error("the leaves count more training rows than 2^53")]
    TooManyRows,
}

/// A binary tree of splits. The first split is the root, and a tree with one leaf has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    splits: Vec<Split>,
    leaves: Vec<Leaf>,
    /// Splits from the root down: a parent precedes its children.
    order: Vec<usize>,
}

impl Tree {
    /// A tree over rows of `features` values.
    ///
    /// # Errors
    /// What is wrong with its shape or numbers. Splits that form a loop are refused here, so walks through a tree end.
    pub fn new(features: usize, splits: Vec<Split>, leaves: Vec<Leaf>) -> Result<Self, TreeFault> {
        if leaves.len() != splits.len() + 1 {
            return Err(TreeFault::LeavesDoNotMatch { splits: splits.len(), leaves: leaves.len() });
        }
        if let Some(split) = splits.iter().position(|split| split.feature >= features) {
            return Err(TreeFault::NoSuchFeature { split });
        }
        let finite = splits.iter().all(|split| split.threshold.is_finite() && split.gain.is_finite())
            && leaves.iter().all(|leaf| leaf.value.is_finite() && leaf.weight.is_finite() && leaf.weight >= 0.0);
        if !finite {
            return Err(TreeFault::BadNumber);
        }
        // Up to here a count is exact as a double.
        let rows = leaves.iter().try_fold(0_u64, |sum, leaf| sum.checked_add(leaf.count));
        if rows.is_none_or(|rows| rows > 1 << 53) {
            return Err(TreeFault::TooManyRows);
        }
        let order = preorder(&splits, leaves.len())?;
        Ok(Self { splits, leaves, order })
    }

    /// The splits; the first one is the root.
    #[must_use]
    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// The leaves.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The splits from the root down: a parent precedes its children.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The root.
    pub(crate) const fn root(&self) -> Child {
        if self.splits.is_empty() { Child::Leaf(0) } else { Child::Split(0) }
    }

    /// Position of the leaf in which a row ends.
    ///
    /// # Panics
    /// If the row has fewer values than the tree has features.
    #[must_use]
    pub fn leaf_of(&self, row: &[f64]) -> usize {
        let mut at = self.root();
        loop {
            match at {
                Child::Leaf(leaf) => return leaf,
                Child::Split(split) => {
                    let split = &self.splits[split];
                    at = if split.goes_left(row) { split.left } else { split.right };
                }
            }
        }
    }

    /// What the tree adds to the prediction of a row.
    ///
    /// # Panics
    /// If the row has fewer values than the tree has features.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> f64 {
        self.leaves[self.leaf_of(row)].value
    }

    /// The sum of a figure over the leaves below each split.
    pub(crate) fn sums_below(&self, of_leaf: impl Fn(&Leaf) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.splits.len()];
        for &split in self.order.iter().rev() {
            let of = |child: Child| match child {
                Child::Split(below) => sums[below],
                Child::Leaf(leaf) => of_leaf(&self.leaves[leaf]),
            };
            sums[split] = of(self.splits[split].left) + of(self.splits[split].right);
        }
        sums
    }
}

/// The splits from the root down, each exactly once.
fn preorder(splits: &[Split], leaves: usize) -> Result<Vec<usize>, TreeFault> {
    let (mut seen_split, mut seen_leaf) = (vec![false; splits.len()], vec![false; leaves]);
    let mut order = Vec::with_capacity(splits.len());
    let mut waiting = Vec::new();
    if let Some(root) = seen_split.first_mut() {
        *root = true;
        waiting.push(0);
    }
    while let Some(split) = waiting.pop() {
        order.push(split);
        for child in [splits[split].right, splits[split].left] {
            let seen = match child {
                Child::Split(below) => seen_split.get_mut(below),
                Child::Leaf(leaf) => seen_leaf.get_mut(leaf),
            };
            let seen = seen.ok_or(TreeFault::NoSuchChild { split })?;
            if std::mem::replace(seen, true) {
                return Err(TreeFault::NotATree { split });
            }
            if let Child::Split(below) = child {
                waiting.push(below);
            }
        }
    }
    // Where every split is reached once, so is every leaf: n splits have n + 1 children that are no splits.
    match seen_split.iter().position(|seen| !seen) {
        Some(split) => Err(TreeFault::Unreached { split }),
        None => Ok(order),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(left: Child, right: Child) -> Split {
        Split { feature: 0, threshold: 0.5, missing: Missing::Nan, default_left: true, gain: 0.0, left, right }
    }

    const LEAF: Leaf = Leaf { value: 1.0, count: 1, weight: 1.0 };

    #[test]
    fn a_loop_is_no_tree() {
        use Child::{Leaf as L, Split as S};
        let tree = |splits: Vec<Split>| {
            let leaves = vec![LEAF; splits.len() + 1];
            Tree::new(1, splits, leaves).map(|_| ())
        };
        assert_eq!(tree(vec![split(L(0), L(1))]), Ok(()));
        assert_eq!(tree(vec![split(S(0), L(1))]), Err(TreeFault::NotATree { split: 0 }));
        assert_eq!(tree(vec![split(S(1), L(0)), split(S(0), L(1))]), Err(TreeFault::NotATree { split: 1 }));
        assert_eq!(tree(vec![split(L(0), L(0))]), Err(TreeFault::NotATree { split: 0 }));
        assert_eq!(tree(vec![split(L(0), L(2))]), Err(TreeFault::NoSuchChild { split: 0 }));
        let apart = vec![split(L(0), L(1)), split(S(2), L(2)), split(S(1), L(3))];
        assert_eq!(tree(apart), Err(TreeFault::Unreached { split: 1 }));
    }

    #[test]
    fn numbers_are_finite_and_features_exist() {
        let leaves = vec![LEAF; 2];
        let ends = split(Child::Leaf(0), Child::Leaf(1));
        let with = |split, leaves| Tree::new(1, vec![split], leaves).map(|_| ());
        assert_eq!(with(Split { threshold: f64::NAN, ..ends }, leaves.clone()), Err(TreeFault::BadNumber));
        assert_eq!(with(Split { feature: 1, ..ends }, leaves.clone()), Err(TreeFault::NoSuchFeature { split: 0 }));
        assert_eq!(with(ends, vec![LEAF]), Err(TreeFault::LeavesDoNotMatch { splits: 1, leaves: 1 }));
        assert_eq!(with(ends, vec![Leaf { weight: -1.0, ..LEAF }, LEAF]), Err(TreeFault::BadNumber));
        assert_eq!(with(ends, vec![Leaf { count: u64::MAX, ..LEAF }, LEAF]), Err(TreeFault::TooManyRows));
    }

    #[test]
    fn a_missing_number_takes_the_default_direction() {
        let leaves = vec![LEAF, Leaf { value: 2.0, ..LEAF }];
        let tree = Tree::new(1, vec![split(Child::Leaf(0), Child::Leaf(1))], leaves).unwrap();
        assert_eq!((tree.predict(&[0.5]), tree.predict(&[0.6]), tree.predict(&[f64::NAN])), (1.0, 2.0, 1.0));
    }
}
