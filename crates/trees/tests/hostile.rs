//! No text makes the reader panic, and what it cannot read it refuses by name.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Read;

use flate2::read::GzDecoder;
use proptest::prelude::*;
use serde_json::Value;
use support::{Noise, random_model, random_rows};
use trees::{Cover, Ensemble, Place, ReadError, ReadLimits, TreeFault, Unsupported};

fn golden() -> String {
    let mut text = String::new();
    GzDecoder::new(&include_bytes!("golden/lightgbm_shap.json.gz")[..]).read_to_string(&mut text).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    let model = case["inputs"]["model_text"].as_str().unwrap();
    model[..model.find("feature_importances").unwrap()].to_owned()
}

fn read(text: &str) -> Result<Ensemble, ReadError> {
    Ensemble::from_lightgbm(text, &ReadLimits::default())
}

/// The golden model with the first `from` replaced.
#[track_caller]
fn refused(from: &str, to: &str) -> ReadError {
    let text = golden();
    assert!(text.contains(from), "{from}");
    read(&text.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn what_is_not_supported_is_named() {
    let unsupported = ReadError::Unsupported;
    assert_eq!(refused("num_cat=0", "num_cat=1"), unsupported(Unsupported::Categorical));
    assert_eq!(refused("decision_type=2 2", "decision_type=2 1"), unsupported(Unsupported::Categorical));
    assert_eq!(refused("is_linear=0", "is_linear=1"), unsupported(Unsupported::Linear));
    assert_eq!(refused("num_class=1", "num_class=3"), unsupported(Unsupported::Multiclass));
    assert_eq!(refused("num_tree_per_iteration=1", "num_tree_per_iteration=3"), unsupported(Unsupported::Multiclass));
    assert_eq!(refused("label_index=0", "average_output"), unsupported(Unsupported::Averages));
    assert_eq!(refused("version=v4", "version=v2"), ReadError::Version("v2".to_owned()));
    let words = refused("num_cat=0", "num_cat=1").to_string();
    assert_eq!(words, "categorical splits (num_cat above 0) are not supported");
}

#[test]
fn version_3_is_read() {
    assert!(read(&golden().replacen("version=v4", "version=v3", 1)).is_ok());
}

#[test]
fn a_child_that_leads_back_is_no_tree() {
    let first = |fault| ReadError::Tree { place: Place::Tree(0), fault };
    // In order of the list: split 0 itself, the root again, a leaf twice, a child beyond the end.
    for (children, fault) in [
        ("0 -2 3 -1 5 6 -4", TreeFault::NotATree { split: 0 }),
        ("2 -2 0 -1 5 6 -4", TreeFault::NotATree { split: 2 }),
        ("2 -2 3 -2 5 6 -4", TreeFault::NotATree { split: 1 }),
        ("2 -2 3 -1 5 7 -4", TreeFault::NoSuchChild { split: 5 }),
        ("2 -2 3 -1 5 6 -9", TreeFault::NoSuchChild { split: 6 }),
        ("2 -2 3 -1 5 6 -9223372036854775808", TreeFault::NoSuchChild { split: 6 }),
    ] {
        assert_eq!(refused("left_child=2 -2 3 -1 5 6 -4", &format!("left_child={children}")), first(fault));
    }
    let beyond = refused("split_feature=4 6", "split_feature=4 7");
    assert_eq!(beyond, first(TreeFault::NoSuchFeature { split: 1 }));
    let infinite = refused("threshold=0.25457554500000007", "threshold=inf");
    assert_eq!(infinite, first(TreeFault::BadNumber));
}

#[test]
fn a_text_that_is_cut_off_is_no_smaller_model() {
    let text = golden();
    assert_eq!(read(""), Err(ReadError::NotAModel));
    assert_eq!(read("{}"), Err(ReadError::NotAModel));
    // Cut at the end of each tree, the rest is a well-formed list of fewer trees.
    for (at, _) in text.match_indices("\nTree=") {
        assert!(matches!(read(&text[..at]), Err(ReadError::Cut(_))));
        assert!(matches!(read(&format!("{}\nend of trees\n", &text[..at])), Err(ReadError::Cut(_))));
    }
    let swapped = text.replacen("Tree=1\n", "Tree=2\n", 1);
    assert!(matches!(read(&swapped), Err(ReadError::Line { .. })));
}

#[test]
fn lists_have_the_length_of_the_tree() {
    let place = Place::Tree(0);
    let short = refused("leaf_count=274 17", "leaf_count=274");
    assert_eq!(short, ReadError::Length { place, key: "leaf_count", expected: 8, got: 7 });
    let long = refused("leaf_count=274", "leaf_count=1 274");
    assert_eq!(long, ReadError::Length { place, key: "leaf_count", expected: 8, got: 9 });
    // A length that is only claimed takes no memory.
    let claimed = refused("num_leaves=8", "num_leaves=18446744073709551615");
    assert_eq!(claimed, ReadError::Length { place, key: "leaf_value", expected: usize::MAX, got: 8 });
    let claimed = refused("max_feature_idx=6", "max_feature_idx=18446744073709551615");
    assert_eq!(claimed, ReadError::Limit { what: "features", limit: 100_000 });
    let word = refused("leaf_count=274", "leaf_count=many");
    assert_eq!(word.to_string(), "\"many\" in leaf_count of Tree=0 is not a number of its kind");
    let missing = refused("leaf_count=274", "leaf_number=274");
    assert_eq!(missing.to_string(), "Tree=0 has no leaf_count");
    let twice = refused("num_cat=0", "num_cat=0\nnum_cat=0");
    assert_eq!(twice, ReadError::Twice { place, key: "num_cat".to_owned() });
}

#[test]
fn counts_that_contradict_each_other_are_no_cover() {
    let wrong = refused("leaf_count=274", "leaf_count=275");
    assert_eq!(wrong, ReadError::Counts { place: Place::Tree(0), split: 0, stated: 449, found: 450 });
}

#[test]
fn limits_are_kept() {
    let text = golden();
    let limits = ReadLimits { bytes: text.len() - 1, ..ReadLimits::default() };
    let over = Ensemble::from_lightgbm(&text, &limits).unwrap_err();
    assert_eq!(over, ReadError::Limit { what: "bytes", limit: text.len() - 1 });
    let over = Ensemble::from_lightgbm(&text, &ReadLimits { trees: 24, ..ReadLimits::default() }).unwrap_err();
    assert_eq!(over, ReadError::Limit { what: "trees", limit: 24 });
    let over = Ensemble::from_lightgbm(&text, &ReadLimits { features: 6, ..ReadLimits::default() }).unwrap_err();
    assert_eq!(over, ReadError::Limit { what: "features", limit: 6 });
}

/// A way of a hundred thousand splits is read, followed and explained without a stack of that depth.
#[test]
fn depth_is_no_stack() {
    let n = 100_000;
    let list = |word: &dyn Fn(usize) -> String, count: usize| (0..count).map(word).collect::<Vec<_>>().join(" ");
    let right = list(&|i| if i + 1 == n { format!("-{}", n + 1) } else { (i + 1).to_string() }, n);
    let text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nfeature_names=f\n\nTree=0\nnum_leaves={}\n\
         num_cat=0\nsplit_feature={}\nthreshold={}\ndecision_type={}\nleft_child={}\nright_child={right}\nleaf_value={}\n\
         leaf_count={}\ninternal_count={}\nend of trees\n",
        n + 1,
        list(&|_| "0".to_owned(), n),
        list(&|i| i.to_string(), n),
        list(&|_| "2".to_owned(), n),
        list(&|i| format!("-{}", i + 1), n),
        list(&|_| "1".to_owned(), n + 1),
        list(&|_| "1".to_owned(), n + 1),
        list(&|i| (n + 1 - i).to_string(), n),
    );
    let model = read(&text).unwrap();
    let rows = random_rows(&mut Noise::new(1), 1, 1);
    assert!(model.explain(&rows, Cover::DataCount).unwrap().additivity_error() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_damaged_text_is_refused_or_explained(places in prop::collection::vec((0_usize..8000, any::<u8>()), 1..6)) {
        let mut bytes = golden().into_bytes();
        for (place, byte) in places {
            let place = place % bytes.len();
            bytes[place] = if byte < 128 { byte } else { b"0123456789- .=\n"[usize::from(byte) % 15] };
        }
        if let Ok(model) = read(std::str::from_utf8(&bytes).unwrap()) {
            let rows = random_rows(&mut Noise::new(4), model.features().len(), 2);
            if let Ok(explained) = model.explain(&rows, Cover::DataCount) {
                prop_assert!(explained.raw_scores().iter().all(|value| value.is_finite()));
            }
        }
    }

    #[test]
    fn any_text_is_no_model(text in "\\PC*") {
        prop_assert_eq!(read(&text), Err(ReadError::NotAModel));
    }

    #[test]
    fn random_models_come_back_to_the_bit(seed: u64, features in 1_usize..6, splits in 0_usize..20) {
        let model = random_model(&mut Noise::new(seed), features, 3, splits);
        let text = model.to_lightgbm();
        let again = read(&text).unwrap();
        prop_assert_eq!(again.to_lightgbm(), text);
        prop_assert_eq!(again, model);
    }
}
