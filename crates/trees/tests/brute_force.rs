//! SHAP values are the definition of Shapley, term by term over all coalitions.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use proptest::prelude::*;
use support::{Noise, random_model, random_rows, random_tree};
use trees::{Child, Cover, Ensemble, ExplainError, Feature, Leaf, Missing, Objective, Rows, Split, Tree};

fn cover(tree: &Tree, of: Cover, at: Child) -> f64 {
    match at {
        Child::Leaf(leaf) => match of {
            Cover::DataCount => tree.leaves()[leaf].count as f64,
            Cover::HessianWeight => tree.leaves()[leaf].weight,
        },
        Child::Split(split) => cover(tree, of, tree.splits()[split].left) + cover(tree, of, tree.splits()[split].right),
    }
}

/// The value of a coalition: features outside of it are averaged over both sides of each split.
fn worth(tree: &Tree, of: Cover, at: Child, row: &[f64], coalition: usize) -> f64 {
    let split = match at {
        Child::Leaf(leaf) => return tree.leaves()[leaf].value,
        Child::Split(split) => &tree.splits()[split],
    };
    if coalition >> split.feature & 1 == 1 {
        let value = row[split.feature];
        let left = match split.missing {
            Missing::Nan if value.is_nan() => split.default_left,
            Missing::Zero if value.is_nan() || value == 0.0 => split.default_left,
            _ if value.is_nan() => 0.0 <= split.threshold,
            _ => value <= split.threshold,
        };
        return worth(tree, of, if left { split.left } else { split.right }, row, coalition);
    }
    let [left, right] = [split.left, split.right].map(|child| (cover(tree, of, child), child));
    let below = |(_, child)| worth(tree, of, child, row, coalition);
    (left.0 * below(left) + right.0 * below(right)) / (left.0 + right.0)
}

fn shapley(model: &Ensemble, of: Cover, row: &[f64]) -> Vec<f64> {
    let m = model.features().len();
    let root = |tree: &Tree| if tree.splits().is_empty() { Child::Leaf(0) } else { Child::Split(0) };
    let worths: Vec<f64> = (0..1_usize << m)
        .map(|coalition| model.trees().iter().map(|tree| worth(tree, of, root(tree), row, coalition)).sum())
        .collect();
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let mut values = vec![0.0; m];
    for (feature, value) in values.iter_mut().enumerate() {
        for coalition in (0..1_usize << m).filter(|coalition| coalition >> feature & 1 == 0) {
            let size = coalition.count_ones() as usize;
            let weight = factorial(size) * factorial(m - size - 1) / factorial(m);
            *value += weight * (worths[coalition | 1 << feature] - worths[coalition]);
        }
    }
    values
}

fn worst(model: &Ensemble, of: Cover, rows: &Rows) -> f64 {
    let explained = model.explain(rows, of).unwrap();
    let mut worst = explained.additivity_error();
    for (r, row) in rows.iter().enumerate() {
        for (ours, exact) in explained.row(r).iter().zip(shapley(model, of, row)) {
            worst = worst.max((ours - exact).abs());
        }
    }
    worst
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn values_are_those_of_all_coalitions(seed: u64, features in 1_usize..9, trees in 1_usize..4, splits in 0_usize..24) {
        let mut noise = Noise::new(seed);
        let model = random_model(&mut noise, features, trees, splits);
        let rows = random_rows(&mut noise, features, 3);
        for of in [Cover::DataCount, Cover::HessianWeight] {
            let worst = worst(&model, of, &rows);
            prop_assert!(worst <= 1e-12, "{worst:e}");
        }
    }

    #[test]
    fn values_add_up_on_deep_trees(seed: u64, features in 1_usize..100, splits in 100_usize..400) {
        let mut noise = Noise::new(seed);
        let model = random_model(&mut noise, features, 2, splits);
        let rows = random_rows(&mut noise, features, 5);
        let explained = model.explain(&rows, Cover::DataCount).unwrap();
        prop_assert!(explained.additivity_error() <= 1e-13);
        let predicted = model.predict(&rows).unwrap();
        prop_assert_eq!(explained.raw_scores(), predicted.as_slice());
    }
}

#[test]
fn twelve_features() {
    let mut noise = Noise::new(12);
    let model = random_model(&mut noise, 12, 2, 40);
    let rows = random_rows(&mut noise, 12, 2);
    let worst = worst(&model, Cover::DataCount, &rows);
    assert!(worst <= 1e-12, "{worst:e}");
}

/// A chain that asks for each of `features` features once, with one leaf at each.
fn chain(features: usize, counts: &[u64]) -> Ensemble {
    let splits = (0..features)
        .map(|i| Split {
            feature: i,
            threshold: 0.5,
            missing: Missing::Nan,
            default_left: i % 3 == 0,
            gain: 0.0,
            left: Child::Leaf(i),
            right: if i + 1 == features { Child::Leaf(features) } else { Child::Split(i + 1) },
        })
        .collect();
    let leaf = |i: usize| Leaf { value: (i as f64).sin(), count: counts[i % counts.len()], weight: 1.0 };
    let tree = Tree::new(features, splits, (0..=features).map(leaf).collect()).unwrap();
    let feature = |i| Feature { name: format!("f{i}"), range: None };
    Ensemble::new((0..features).map(feature).collect(), Objective::Identity("regression".to_owned()), vec![tree])
        .unwrap()
}

#[test]
fn the_longest_way_is_explained_and_a_longer_one_refused() {
    let mut noise = Noise::new(5);
    for features in [10, 12, 16, 32, 33, 100, 128] {
        let rows = random_rows(&mut noise, features, 20);
        let explained = chain(features, &[40, 1, 7]).explain(&rows, Cover::DataCount).unwrap();
        assert!(explained.additivity_error() <= 1e-13, "{features}: {:e}", explained.additivity_error());
    }
    let rows = random_rows(&mut noise, 129, 1);
    let refused = chain(129, &[1]).explain(&rows, Cover::DataCount).unwrap_err();
    assert_eq!(refused, ExplainError::TooManyFeatures { tree: 0, features: 129 });
    assert_eq!(refused.to_string(), "a way of tree 1 asks for 129 features; up to 128 are explained");
}

#[test]
fn a_side_without_training_rows_counts_nothing() {
    let mut noise = Noise::new(9);
    let rows = random_rows(&mut noise, 5, 20);
    let model = chain(5, &[4, 0]);
    let worst = worst(&model, Cover::DataCount, &rows);
    assert!(worst <= 1e-12, "{worst:e}");
    // With nothing on either side, there is no expectation.
    let empty = chain(5, &[0]).explain(&rows, Cover::DataCount);
    assert_eq!(empty, Err(ExplainError::NoCover { tree: 0 }));
    assert!(chain(5, &[0]).explain(&rows, Cover::HessianWeight).is_ok());
}

#[test]
fn a_model_of_one_leaf_is_its_expected_value() {
    let mut noise = Noise::new(3);
    let tree = random_tree(&mut noise, 1, 0);
    let value = tree.leaves()[0].value;
    let feature = Feature { name: "f".to_owned(), range: None };
    let model = Ensemble::new(vec![feature], Objective::Identity("regression".to_owned()), vec![tree]).unwrap();
    let explained = model.explain(&Rows::new(1, vec![f64::NAN]).unwrap(), Cover::DataCount).unwrap();
    assert_eq!((explained.expected_value(), explained.row(0)), (value, &[0.0][..]));
}
