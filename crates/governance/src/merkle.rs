//! Merkle trees according to RFC 6962, section 2.1: the root over all entries, and the proof that one entry is among
//! them.
//!
//! A leaf is hashed with a zero byte before it, and an inner node with a one byte before its two children, so that an
//! inner node cannot pass as a leaf. The proof of one leaf among `n` has at most `⌈log₂ n⌉` hashes.
//!
//! # Reference
//! Laurie, Langley and Kasper (2013), "Certificate Transparency", RFC 6962; verification as in RFC 9162, section 2.1.3.2.
//!
//! # Example
//! ```
//! use governance::merkle::{inclusion_path, leaf_hash, root, verify_inclusion};
//!
//! let leaves: Vec<_> = ["a", "b", "c"].iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect();
//! let path = inclusion_path(&leaves, 2)?;
//! assert!(verify_inclusion(leaf_hash(b"c"), 2, 3, &path, root(&leaves)));
//! assert!(!verify_inclusion(leaf_hash(b"x"), 2, 3, &path, root(&leaves)));
//! # Ok::<(), governance::GovernanceError>(())
//! ```

use crate::{Digest, GovernanceError};

/// Hash of a leaf: SHA-256 of a zero byte followed by the leaf's bytes.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest::of_bytes(&[&[0], bytes].concat())
}

fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Digest::of_bytes(&bytes)
}

/// Root of the tree over leaf hashes; without leaves, the hash of the empty string.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of_bytes(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(root(left), root(right))
        }
    }
}

/// A full subtree of the tree: `2^level` leaves, the last of which is number `end` (from 1). A list of leaves that grows never changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subtree {
    /// Number of its last leaf, from 1: a multiple of its leaves.
    pub end: u64,
    /// Steps from its leaves to its root.
    pub level: u32,
}

/// The full subtrees of a tree, which decrease from left to right: [`join`] makes its root of their roots.
#[must_use]
pub fn trunk(leaves: u64) -> Vec<Subtree> {
    parts(0, leaves)
}

/// The full subtrees of the leaves after `start`.
fn parts(start: u64, leaves: u64) -> Vec<Subtree> {
    let (mut end, mut left) = (start, leaves);
    let mut parts = Vec::new();
    while let Some(level) = left.checked_ilog2() {
        end += 1 << level;
        left -= 1 << level;
        parts.push(Subtree { end, level });
    }
    parts
}

/// The root over full subtrees that follow each other and decrease; without any, the hash of the empty string.
#[must_use]
pub fn join(roots: impl DoubleEndedIterator<Item = Digest>) -> Digest {
    roots.rev().reduce(|right, left| node_hash(left, right)).unwrap_or_else(|| Digest::of_bytes(&[]))
}

/// The inclusion path of leaf `index` (from 0) as full subtrees: each hash of the path is the [`join`] of one list.
///
/// # Errors
/// [`GovernanceError::Leaf`] when the leaf does not exist.
pub fn path_parts(index: u64, leaves: u64) -> Result<Vec<Vec<Subtree>>, GovernanceError> {
    if index >= leaves {
        return Err(GovernanceError::Leaf { index, leaves });
    }
    let (mut start, mut leaves, mut path) = (0, leaves, Vec::new());
    while leaves > 1 {
        let left = leaves.next_power_of_two() / 2;
        if index - start < left {
            path.push(parts(start + left, leaves - left));
            leaves = left;
        } else {
            path.push(parts(start, left));
            start += left;
            leaves -= left;
        }
    }
    path.reverse();
    Ok(path)
}

/// The largest power of two below `leaves`, which is at least two.
fn split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

/// The hashes that lead from leaf `index` (from 0) to the root, from the bottom up.
///
/// # Errors
/// [`GovernanceError::Leaf`] when the leaf does not exist.
pub fn inclusion_path(leaves: &[Digest], index: usize) -> Result<Vec<Digest>, GovernanceError> {
    if index >= leaves.len() {
        return Err(GovernanceError::Leaf { index: index as u64, leaves: leaves.len() as u64 });
    }
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that `leaf` is number `index` (from 0) of the `leaves` leaves under `root`.
#[must_use]
pub fn verify_inclusion(leaf: Digest, index: u64, leaves: u64, path: &[Digest], root: Digest) -> bool {
    if index >= leaves {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, leaves - 1, leaf);
    for &sibling in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(sibling, hash);
            while at % 2 == 0 && at != 0 {
                at /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        at /= 2;
        last /= 2;
    }
    last == 0 && hash == root
}

/// The root of a growing list of leaves; its memory grows with the logarithm of their number.
#[derive(Debug, Clone, Default)]
pub struct RunningRoot {
    /// Roots of full subtrees with their sizes, which are decreasing powers of two.
    subtrees: Vec<(u64, Digest)>,
}

impl RunningRoot {
    /// The list whose full subtrees, as [`trunk`] lists them, have these roots.
    #[must_use]
    pub fn resume(subtrees: impl IntoIterator<Item = (Subtree, Digest)>) -> Self {
        Self { subtrees: subtrees.into_iter().map(|(subtree, hash)| (1 << subtree.level, hash)).collect() }
    }

    /// Adds a leaf by its bytes. Returns the roots of the full subtrees that end with it, from two leaves up.
    pub fn push(&mut self, leaf: &[u8]) -> Vec<Digest> {
        let mut last = (1, leaf_hash(leaf));
        let mut completed = Vec::new();
        while let Some(&(size, hash)) = self.subtrees.last()
            && size == last.0
        {
            self.subtrees.pop();
            last = (2 * size, node_hash(hash, last.1));
            completed.push(last.1);
        }
        self.subtrees.push(last);
        completed
    }

    /// Root of the leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        join(self.subtrees.iter().map(|&(_, hash)| hash))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Leaves and roots from the test vectors of Certificate Transparency's reference implementation.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [(usize, &str); 5] = [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];

    #[test]
    fn roots_are_the_published_ones() {
        let leaves: Vec<Digest> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
        for (size, published) in ROOTS {
            assert_eq!(root(&leaves[..size]).to_string(), published, "{size} leaves");
        }
    }

    #[test]
    fn every_leaf_of_every_small_tree_has_a_proof_that_proves_nothing_else() {
        let leaves: Vec<Digest> = (0..40_u8).map(|i| leaf_hash(&[i])).collect();
        let mut running = RunningRoot::default();
        for size in 1..=leaves.len() {
            running.push(&[size as u8 - 1]);
            let tree = &leaves[..size];
            let top = root(tree);
            assert_eq!(running.root(), top, "{size}");
            for index in 0..size {
                let path = inclusion_path(tree, index).unwrap();
                let holds = |leaf, at, path: &[Digest]| verify_inclusion(leaf, at, size as u64, path, top);
                assert!(holds(tree[index], index as u64, &path), "{index} of {size}");
                for other in (0..size).filter(|&other| other != index) {
                    assert!(!holds(tree[index], other as u64, &path), "{index} of {size} as {other}");
                    assert!(!holds(tree[other], index as u64, &path));
                }
                assert!(!holds(tree[index], index as u64, &[path.as_slice(), &[top]].concat()), "a longer path");
                assert!(path.is_empty() || !holds(tree[index], index as u64, &path[1..]), "a shorter path");
            }
            assert!(inclusion_path(tree, size).is_err());
        }
    }

    #[test]
    fn full_subtrees_give_the_root_and_every_path_of_a_thousand_trees() {
        let leaves: Vec<Digest> = (0..1_000_u32).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut running = RunningRoot::default();
        let mut kept: HashMap<Subtree, Digest> = HashMap::new();
        for end in 1..=1_000_u64 {
            let leaf = (end as u32 - 1).to_be_bytes();
            let completed = running.push(&leaf);
            assert_eq!(completed.len(), end.trailing_zeros() as usize, "leaf {end}");
            for (level, hash) in (0..).zip([leaf_hash(&leaf)].into_iter().chain(completed)) {
                kept.insert(Subtree { end, level }, hash);
            }
            let tree = &leaves[..end as usize];
            let top = root(tree);
            let joined = |parts: &[Subtree]| join(parts.iter().map(|part| kept[part]));
            assert_eq!(joined(&trunk(end)), top, "{end} leaves");
            let resumed = RunningRoot::resume(trunk(end).into_iter().map(|part| (part, kept[&part])));
            assert_eq!(resumed.root(), top);
            // All leaves of small trees and of the last ones, some of the others: each path costs as much as the tree.
            for index in (0..end).filter(|index| end <= 70 || end > 995 || index % 97 == end % 97) {
                let path: Vec<Digest> = path_parts(index, end).unwrap().iter().map(|parts| joined(parts)).collect();
                assert_eq!(path, inclusion_path(tree, index as usize).unwrap(), "{index} of {end}");
            }
        }
        assert!(path_parts(3, 3).is_err() && path_parts(0, 0).is_err());
    }
}
