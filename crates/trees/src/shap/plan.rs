//! The part of an explanation that depends only on the tree, computed once and used for every row.

use super::Cover;
use super::quadrature::GaussLegendre;
use crate::{Child, Leaf, Split, Tree};

/// No edge: the root has none above it, and a feature may have none on the path.
pub(super) const NONE: u32 = u32::MAX;

/// The edge from a split to one of its children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge<const Q: usize> {
    /// Factor of the path below, when the row takes this edge and has taken the last one with the same feature.
    pub(super) taken: [f64; Q],
    /// The same when the row leaves the path here.
    pub(super) left: [f64; Q],
    /// The same when the row has left the path at an earlier edge with this feature.
    pub(super) share: f64,
    /// Weight of the leaves below in the value of the feature, when the row takes this edge.
    pub(super) gain_taken: [f64; Q],
    /// The same when the row leaves the path here.
    pub(super) gain_left: [f64; Q],
    /// Value of the leaf at the end, if there is one.
    pub(super) leaf: Option<f64>,
}

/// A split with its two edges, at positions 2 i and 2 i + 1 for the split at position i.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) split: Split,
    /// The edge leading here.
    pub(super) above: u32,
    /// The nearest edge above with the same feature.
    pub(super) same: u32,
}

/// A tree with its factors: splits from the root down.
pub(super) struct Plan<const Q: usize> {
    pub(super) steps: Vec<Step>,
    pub(super) edges: Vec<Edge<Q>>,
}

/// The shape of a tree from the root down, with the shares on which the explanation is based.
pub(super) struct Outline {
    pub(super) steps: Vec<Step>,
    /// Cover of a child, divided by that of its split; for each edge.
    share: Vec<f64>,
    /// Product of the shares of the edges with the same feature, from the root to this edge.
    product: Vec<f64>,
    leaf: Vec<Option<f64>>,
    /// The largest number of distinct features on a path.
    pub(super) features: usize,
    /// The mean of the leaves under the cover.
    pub(super) expectation: f64,
}

impl Outline {
    /// The outline; none if a split above other splits has no cover, so that shares are undefined.
    ///
    /// `last` holds [`NONE`] for every feature of the model, before and after.
    pub(super) fn of(tree: &Tree, cover: Cover, last: &mut [u32]) -> Option<Self> {
        let below = tree.sums_below(|leaf| cover.of(leaf));
        let n = tree.splits().len();
        let mut above = vec![NONE; n];
        // Of each split, by its place in `steps`: edges above it, and distinct features on the way through it.
        let (mut depth, mut distinct) = (vec![0_usize; n], vec![0_usize; n]);
        // The edges of the way, each with its feature and the edge that had this feature before.
        let mut way: Vec<(usize, u32)> = Vec::new();
        let mut outline = Self {
            steps: Vec::with_capacity(n),
            share: Vec::with_capacity(2 * n),
            product: Vec::with_capacity(2 * n),
            leaf: Vec::with_capacity(2 * n),
            features: 0,
            expectation: expectation(tree, cover)?,
        };
        for (place, &index) in tree.order().iter().enumerate() {
            let split = tree.splits()[index];
            let mut so_far = 0;
            if above[index] != NONE {
                let parent = above[index] as usize / 2;
                so_far = distinct[parent];
                depth[place] = depth[parent] + 1;
                unwind(&mut way, depth[parent], last);
                let feature = outline.steps[parent].split.feature;
                way.push((feature, std::mem::replace(&mut last[feature], above[index])));
            }
            let same = last[split.feature];
            outline.steps.push(Step { split, above: above[index], same });
            distinct[place] = so_far + usize::from(same == NONE);
            outline.features = outline.features.max(distinct[place]);
            let earlier = if same == NONE { 1.0 } else { outline.product[same as usize] };
            for child in [split.left, split.right] {
                let (cover, value) = match child {
                    Child::Leaf(leaf) => (cover.of(&tree.leaves()[leaf]), Some(tree.leaves()[leaf].value)),
                    Child::Split(split) => (below[split], None),
                };
                if let Child::Split(split) = child {
                    above[split] = u32::try_from(outline.share.len()).ok()?;
                }
                let share = cover / below[index];
                if !share.is_finite() {
                    return None;
                }
                outline.share.push(share);
                outline.product.push(share * earlier);
                outline.leaf.push(value);
            }
        }
        unwind(&mut way, 0, last);
        Some(outline)
    }

    /// The factors for `Q` nodes.
    pub(super) fn plan<const Q: usize>(self, rule: &GaussLegendre<Q>) -> Plan<Q> {
        let mut edges = Vec::with_capacity(self.share.len());
        for (e, &share) in self.share.iter().enumerate() {
            let same = self.steps[e / 2].same;
            let earlier = if same == NONE { 1.0 } else { self.product[same as usize] };
            let here = self.product[e];
            let mut edge = Edge {
                taken: [0.0; Q],
                left: [0.0; Q],
                share,
                gain_taken: [0.0; Q],
                gain_left: [0.0; Q],
                leaf: self.leaf[e],
            };
            for q in 0..Q {
                let (t, rest, weight) = (rule.node[q], rule.rest[q], rule.weight[q]);
                let (now, before) = (here * rest + t, earlier * rest + t);
                edge.taken[q] = now / before;
                edge.left[q] = here * rest / before;
                // (1 - z) / (z (1 - t) + t) of this edge, less the same of the earlier edge.
                edge.gain_taken[q] = weight * (earlier - here) / (now * before);
                edge.gain_left[q] = -weight / (rest * before);
            }
            edges.push(edge);
        }
        Plan { steps: self.steps, edges }
    }
}

/// Shortens a path to `edges` edges.
fn unwind(way: &mut Vec<(usize, u32)>, edges: usize, last: &mut [u32]) {
    for (feature, before) in way.drain(edges..).rev() {
        last[feature] = before;
    }
}

/// The mean of the leaves under the cover; none if there is no cover.
fn expectation(tree: &Tree, cover: Cover) -> Option<f64> {
    if let [only] = tree.leaves() {
        return Some(only.value);
    }
    let total: f64 = tree.leaves().iter().map(|leaf| cover.of(leaf)).sum();
    let mean: f64 = tree.leaves().iter().map(|leaf| cover.of(leaf) / total * leaf.value).sum();
    mean.is_finite().then_some(mean)
}

impl Cover {
    fn of(self, leaf: &Leaf) -> f64 {
        match self {
            Self::DataCount => leaf.count as f64,
            Self::HessianWeight => leaf.weight,
        }
    }
}
