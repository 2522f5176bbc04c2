//! Random models and rows.

#![allow(dead_code, reason = "not every test uses every function")]

use trees::{Child, Ensemble, Feature, Leaf, Missing, Objective, Rows, Split, Tree};

/// Numbers without a dependency: a linear congruential generator.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Uniform on [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }
}

/// A tree of `splits` random splits: any leaf is split next, so ways are of different lengths and repeat features.
pub(crate) fn random_tree(noise: &mut Noise, features: usize, splits: usize) -> Tree {
    let mut nodes: Vec<Split> = Vec::new();
    let mut owners: Vec<Option<(usize, bool)>> = vec![None];
    for _ in 0..splits {
        let leaf = noise.below(owners.len());
        let number = nodes.len();
        match owners[leaf] {
            Some((parent, true)) => nodes[parent].left = Child::Split(number),
            Some((parent, false)) => nodes[parent].right = Child::Split(number),
            None => {}
        }
        nodes.push(Split {
            feature: noise.below(features),
            threshold: noise.uniform(),
            missing: [Missing::Never, Missing::Zero, Missing::Nan][noise.below(3)],
            default_left: noise.below(2) == 0,
            gain: noise.uniform(),
            left: Child::Leaf(leaf),
            right: Child::Leaf(owners.len()),
        });
        owners[leaf] = Some((number, true));
        owners.push(Some((number, false)));
    }
    let leaf = |noise: &mut Noise| Leaf {
        value: noise.uniform() - 0.5,
        count: 1 + noise.below(100) as u64,
        weight: 0.01 + noise.uniform(),
    };
    let leaves = (0..owners.len()).map(|_| leaf(noise)).collect();
    Tree::new(features, nodes, leaves).unwrap()
}

pub(crate) fn random_model(noise: &mut Noise, features: usize, trees: usize, splits: usize) -> Ensemble {
    let trees = (0..trees).map(|_| random_tree(noise, features, splits)).collect();
    let feature = |i| Feature { name: format!("f{i}"), range: None };
    Ensemble::new((0..features).map(feature).collect(), Objective::Identity("regression".to_owned()), trees).unwrap()
}

/// Rows of which a tenth of the numbers is missing and a tenth zero.
pub(crate) fn random_rows(noise: &mut Noise, features: usize, rows: usize) -> Rows {
    let number = |_| match noise.below(10) {
        0 => f64::NAN,
        1 => 0.0,
        _ => noise.uniform(),
    };
    Rows::new(features, (0..features * rows).map(number).collect()).unwrap()
}
