//! Splits in which every combination of groups is the test set once.

use std::ops::Range;

use super::{Purge, Split, joined};
use crate::EvaluateError;
use crate::error::{EvaluateParameter, require};

/// The splits of combinatorial purged cross-validation, and the paths that they make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CombinatorialSplits {
    /// Rows of each group, in order of time.
    pub groups: Vec<Range<usize>>,
    /// The `N over k` splits, by their test groups in lexicographic order.
    pub splits: Vec<Split>,
    /// The test groups of each split, ascending.
    pub test_groups: Vec<Vec<usize>>,
    /// Paths through the whole history, `(N − 1) over (k − 1)` of them: for each group the split that tests it.
    ///
    /// Path `p` takes each group from the `p`-th of the splits that test it, so that each split tests each of its groups in
    /// exactly one path.
    pub paths: Vec<Vec<usize>>,
}

/// Combinatorial purged cross-validation of `N` groups with `k` test groups in each split.
///
/// Every combination of `k` groups is the test of one split, and the rest, purged, is its training. The tests combine into
/// paths, each a backtest of the whole history by models that were not trained on their test rows: for `N = 6` and
/// `k = 2` there are 15 splits and 5 paths. Groups are consecutive rows, and their sizes differ by at most one.
///
/// `rows`: rows of the history; `groups`: `N`, 2 to 20; `test_groups`: `k`, below `N`.
///
/// # Errors
/// [`EvaluateError::OutOfRange`] for groups or test groups outside their range.
///
/// # Reference
/// López de Prado (2018), "Advances in Financial Machine Learning", chapters 7 and 12.
///
/// # Example
/// ```
/// use evaluate::split::{Purge, combinatorial_purged};
///
/// let cross = combinatorial_purged(60, 6, 2, Purge { label_horizon: 1, embargo: 2 })?;
/// assert_eq!((cross.splits.len(), cross.paths.len()), (15, 5));
/// // Groups 0 and 1 are tested first: their labels end with row 20, and two more rows are left out.
/// assert_eq!((cross.splits[0].test[0].clone(), cross.splits[0].train[0].clone()), (0..20, 23..60));
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn combinatorial_purged(
    rows: usize,
    groups: usize,
    test_groups: usize,
    purge: Purge,
) -> Result<CombinatorialSplits, EvaluateError> {
    require((2..=20).contains(&groups) && groups <= rows, EvaluateParameter::Groups, groups as f64)?;
    require((1..groups).contains(&test_groups), EvaluateParameter::TestGroups, test_groups as f64)?;
    // The edges `⌊g·T/N⌋` without the product, which may overflow.
    let edge = |group: usize| group * (rows / groups) + group * (rows % groups) / groups;
    let ranges: Vec<Range<usize>> = (0..groups).map(|group| edge(group)..edge(group + 1)).collect();
    let chosen = combinations(groups, test_groups);
    let splits = chosen
        .iter()
        .map(|tested| {
            let of = |is_test: bool| {
                joined((0..groups).filter(|g| tested.contains(g) == is_test).map(|g| ranges[g].clone()))
            };
            let test = of(true);
            Split { train: purge.apply(&of(false), &test), test }
        })
        .collect();
    let testing = |group: usize| (0..chosen.len()).filter(|&split| chosen[split].contains(&group)).collect::<Vec<_>>();
    let by_group: Vec<Vec<usize>> = (0..groups).map(testing).collect();
    let paths = (0..by_group[0].len()).map(|path| by_group.iter().map(|splits| splits[path]).collect()).collect();
    Ok(CombinatorialSplits { groups: ranges, splits, test_groups: chosen, paths })
}

/// All ascending choices of `size` numbers below `count`, in lexicographic order.
fn combinations(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let mut current: Vec<usize> = (0..size).collect();
    loop {
        all.push(current.clone());
        // The last position that can still move up.
        let Some(position) = (0..size).rev().find(|&i| current[i] < count - size + i) else { return all };
        current[position] += 1;
        for i in position + 1..size {
            current[i] = current[i - 1] + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_complete_and_in_order() {
        assert_eq!(combinations(4, 2), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(combinations(20, 10).len(), 184_756);
    }

    #[test]
    fn each_split_tests_each_of_its_groups_in_one_path() {
        let cross = combinatorial_purged(100, 6, 2, Purge::default()).unwrap();
        let mut uses = vec![0; cross.splits.len()];
        for path in &cross.paths {
            for (group, &split) in path.iter().enumerate() {
                assert!(cross.test_groups[split].contains(&group));
                uses[split] += 1;
            }
        }
        assert!(uses.iter().all(|&count| count == 2), "{uses:?}");
    }

    #[test]
    fn impossible_choices_are_refused() {
        for (rows, groups, tested) in [(5, 6, 2), (60, 1, 1), (60, 21, 2), (60, 6, 0), (60, 6, 6)] {
            assert!(combinatorial_purged(rows, groups, tested, Purge::default()).is_err(), "{rows} {groups} {tested}");
        }
    }
}
