//! One tree of a LightGBM text model.

use super::error::{Place, ReadError, Unsupported};
use super::members::Members;
use crate::{Child, Leaf, Missing, Split, Tree};

const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

/// The value that LightGBM writes for the type of a numeric split.
pub(super) fn decision_type(split: &Split) -> u8 {
    let missing = match split.missing {
        Missing::Never => 0,
        Missing::Zero => 1,
        Missing::Nan => 2,
    };
    (missing << 2) | if split.default_left { DEFAULT_LEFT } else { 0 }
}

/// LightGBM numbers splits from 0 up and leaves from -1 down.
pub(super) fn child_number(child: Child) -> i64 {
    match child {
        Child::Split(split) => i64::try_from(split).unwrap_or(i64::MAX),
        Child::Leaf(leaf) => -1 - i64::try_from(leaf).unwrap_or(i64::MAX - 1),
    }
}

fn child(number: i64) -> Child {
    match usize::try_from(number) {
        Ok(split) => Child::Split(split),
        // What does not fit is beyond every leaf, and refused as such.
        Err(_) => Child::Leaf(usize::try_from(-1 - number).unwrap_or(usize::MAX)),
    }
}

pub(super) fn read_tree(number: usize, part: &Members<'_>, features: usize) -> Result<Tree, ReadError> {
    let place = Place::Tree(number);
    let fault = |fault| ReadError::Tree { place, fault };
    if part.number::<u64>("num_cat")? != 0 {
        return Err(ReadError::Unsupported(Unsupported::Categorical));
    }
    if part.get("is_linear").is_some_and(|word| word != "0") {
        return Err(ReadError::Unsupported(Unsupported::Linear));
    }
    let leaves: usize = part.number("num_leaves")?;
    if leaves == 0 {
        return Err(ReadError::Length { place, key: "leaf_value", expected: 1, got: 0 });
    }
    let values: Vec<f64> = part.list("leaf_value", leaves)?;
    if leaves == 1 {
        // LightGBM leaves the other members of such a tree out, or empty.
        let sent = |key| part.get(key).is_some_and(|words| !words.is_empty());
        let count = if sent("leaf_count") { part.number("leaf_count")? } else { 0 };
        let weight = if sent("leaf_weight") { part.number("leaf_weight")? } else { 0.0 };
        return Tree::new(features, Vec::new(), vec![Leaf { value: values[0], count, weight }]).map_err(fault);
    }
    let splits = leaves - 1;
    let feature: Vec<usize> = part.list("split_feature", splits)?;
    let threshold: Vec<f64> = part.list("threshold", splits)?;
    let kind: Vec<u8> = part.list("decision_type", splits)?;
    let left: Vec<i64> = part.list("left_child", splits)?;
    let right: Vec<i64> = part.list("right_child", splits)?;
    let gain: Vec<f64> = if part.has("split_gain") { part.list("split_gain", splits)? } else { vec![0.0; splits] };
    let count: Vec<u64> = part.list("leaf_count", leaves)?;
    let weight: Vec<f64> = if part.has("leaf_weight") { part.list("leaf_weight", leaves)? } else { vec![0.0; leaves] };
    let stated: Vec<u64> = part.list("internal_count", splits)?;

    let mut nodes = Vec::with_capacity(splits);
    for i in 0..splits {
        if kind[i] & CATEGORICAL != 0 {
            return Err(ReadError::Unsupported(Unsupported::Categorical));
        }
        let missing = match kind[i] >> 2 {
            0 => Missing::Never,
            1 => Missing::Zero,
            2 => Missing::Nan,
            _ => return Err(ReadError::Number { place, key: "decision_type", word: kind[i].to_string() }),
        };
        nodes.push(Split {
            feature: feature[i],
            threshold: threshold[i],
            missing,
            default_left: kind[i] & DEFAULT_LEFT != 0,
            gain: gain[i],
            left: child(left[i]),
            right: child(right[i]),
        });
    }
    let leaf = |i| Leaf { value: values[i], count: count[i], weight: weight[i] };
    let tree = Tree::new(features, nodes, (0..leaves).map(leaf).collect()).map_err(fault)?;
    check_counts(place, &tree, &stated)?;
    Ok(tree)
}

/// SHAP values depend on the counts: where splits and leaves disagree, two explanations are possible.
fn check_counts(place: Place, tree: &Tree, stated: &[u64]) -> Result<(), ReadError> {
    let found = tree.sums_below(|leaf| leaf.count as f64);
    for (split, (&stated, found)) in stated.iter().zip(found).enumerate() {
        if stated as f64 != found {
            return Err(ReadError::Counts { place, split, stated, found: found as u64 });
        }
    }
    Ok(())
}
