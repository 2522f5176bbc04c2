//! The writer of LightGBM text models.

use std::fmt::{Display, Write};

use super::tree::{child_number, decision_type};
use crate::{Ensemble, Tree};

impl Ensemble {
    /// The model as a LightGBM text of version 4, which LightGBM and [`Ensemble::from_lightgbm`] read.
    ///
    /// Every number is written so that reading it gives the same bits.
    #[must_use]
    pub fn to_lightgbm(&self) -> String {
        let parts: Vec<String> =
            self.trees().iter().enumerate().map(|(number, tree)| tree_text(number, tree)).collect();
        let names = self.features().iter().map(|feature| feature.name.as_str());
        let ranges = self.features().iter().map(|feature| match feature.range {
            Some((least, largest)) => format!("[{}:{}]", Exact(least), Exact(largest)),
            None => "none".to_owned(),
        });
        let mut text = format!(
            "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={}\n",
            self.features().len() - 1
        );
        let objective = self.objective().to_string();
        if !objective.is_empty() {
            line(&mut text, "objective", [objective]);
        }
        line(&mut text, "feature_names", names);
        line(&mut text, "feature_infos", ranges);
        line(&mut text, "tree_sizes", parts.iter().map(String::len));
        text.push('\n');
        text.extend(parts);
        text.push_str("end of trees\n");
        text
    }
}

/// A tree, and the empty lines after it.
fn tree_text(number: usize, tree: &Tree) -> String {
    let (splits, leaves) = (tree.splits(), tree.leaves());
    let mut text = format!("Tree={number}\nnum_leaves={}\nnum_cat=0\n", leaves.len());
    line(&mut text, "split_feature", splits.iter().map(|split| split.feature));
    line(&mut text, "split_gain", splits.iter().map(|split| Exact(split.gain)));
    line(&mut text, "threshold", splits.iter().map(|split| Exact(split.threshold)));
    line(&mut text, "decision_type", splits.iter().map(decision_type));
    line(&mut text, "left_child", splits.iter().map(|split| child_number(split.left)));
    line(&mut text, "right_child", splits.iter().map(|split| child_number(split.right)));
    line(&mut text, "leaf_value", leaves.iter().map(|leaf| Exact(leaf.value)));
    line(&mut text, "leaf_weight", leaves.iter().map(|leaf| Exact(leaf.weight)));
    line(&mut text, "leaf_count", leaves.iter().map(|leaf| leaf.count));
    line(&mut text, "internal_value", means(tree).into_iter().map(Exact));
    line(&mut text, "internal_weight", tree.sums_below(|leaf| leaf.weight).into_iter().map(Exact));
    line(&mut text, "internal_count", tree.sums_below(|leaf| leaf.count as f64).into_iter().map(|sum| sum as u64));
    text.push_str("is_linear=0\nshrinkage=1\n\n\n");
    text
}

/// The mean of the leaves below each split, over the training rows.
fn means(tree: &Tree) -> Vec<f64> {
    let counts = tree.sums_below(|leaf| leaf.count as f64);
    let sums = tree.sums_below(|leaf| leaf.count as f64 * leaf.value);
    sums.iter().zip(&counts).map(|(sum, count)| if *count > 0.0 { sum / count } else { 0.0 }).collect()
}

fn line(text: &mut String, key: &str, words: impl IntoIterator<Item = impl Display>) {
    text.push_str(key);
    text.push('=');
    for (i, word) in words.into_iter().enumerate() {
        let gap = if i > 0 { " " } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(text, "{gap}{word}");
    }
    text.push('\n');
}

/// A number in the fewest digits that give the same bits when read, with an exponent if they would be many.
struct Exact(f64);

impl Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-5..1e17).contains(&size) { write!(f, "{}", self.0) } else { write!(f, "{:e}", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Child, Split};

    #[test]
    fn numbers_come_back_to_the_bit() {
        for value in [0.0, -0.0, 0.1, 1.0 / 3.0, 1e300, -5e-324, 1e16, 123_456_789.125, f64::MIN_POSITIVE] {
            let back: f64 = Exact(value).to_string().parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{value:e}");
        }
    }

    #[test]
    fn leaves_count_down() {
        assert_eq!((child_number(Child::Split(3)), child_number(Child::Leaf(0))), (3, -1));
        let split = Split {
            feature: 0,
            threshold: 0.0,
            missing: crate::Missing::Nan,
            default_left: true,
            gain: 0.0,
            left: Child::Leaf(0),
            right: Child::Leaf(1),
        };
        assert_eq!(decision_type(&split), 10);
    }
}
