//! Why a text cannot be read as a model.

use std::fmt;

use crate::TreeFault;

/// Why a LightGBM text model is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A limit is exceeded.
    #[error("more than {limit} {what}")]
    Limit {
        /// What exceeds the limit.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// The first line is not `tree`.
    #[error("the text does not begin with the line `tree` of a LightGBM model")]
    NotAModel,
    /// The model uses something that is not supported.
    #[error("{0} are not supported")]
    Unsupported(Unsupported),
    /// The version of the text is not 3 or 4.
    #[error("the version is {0:?}, and v3 and v4 can be read")]
    Version(String),
    /// A member is missing.
    #[error("{place} has no {key}")]
    Missing {
        /// Where it is missing.
        place: Place,
        /// Its name.
        key: &'static str,
    },
    /// A member occurs twice.
    #[error("{place} has {key:?} twice")]
    Twice {
        /// Where it occurs.
        place: Place,
        /// Its name, truncated.
        key: String,
    },
    /// A line is neither a member nor a marker.
    #[error("{place} has the line {line:?}, which is no member")]
    Line {
        /// Where it occurs.
        place: Place,
        /// The line, truncated.
        line: String,
    },
    /// A word is not a number of the expected kind.
    #[error("{word:?} in {key} of {place} is not a number of its kind")]
    Number {
        /// Where it occurs.
        place: Place,
        /// The name of the member.
        key: &'static str,
        /// The word, truncated.
        word: String,
    },
    /// The length of a list differs from what the model states.
    #[error("{key} of {place} has {got} entries where {expected} are expected")]
    Length {
        /// Where it occurs.
        place: Place,
        /// The name of the member.
        key: &'static str,
        /// Expected number of entries.
        expected: usize,
        /// Actual number of entries, or one more than expected.
        got: usize,
    },
    /// The count of a split is not the sum of those below it, so it is unclear what was counted.
    #[error("split {split} of {place} counts {stated} training rows, and the leaves below it {found}")]
    Counts {
        /// The tree.
        place: Place,
        /// The split, from 0.
        split: usize,
        /// The count of the split.
        stated: u64,
        /// The count of its leaves.
        found: u64,
    },
    /// The shape or a number of a tree is impossible.
    #[error("{place}: {fault}")]
    Tree {
        /// The tree.
        place: Place,
        /// What is wrong.
        fault: TreeFault,
    },
    /// The text ends early, or trees are missing.
    #[error("the text is cut off: {0}")]
    Cut(&'static str),
}

/// A feature of LightGBM models that is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// Splits that test membership in a set.
    Categorical,
    /// Leaves that contain a linear model.
    Linear,
    /// Models with several scores for each row.
    Multiclass,
    /// Random forests, whose scores are averages.
    Averages,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Categorical => "categorical splits (num_cat above 0)",
            Self::Linear => "linear trees (is_linear=1)",
            Self::Multiclass => "multiclass models (num_class or num_tree_per_iteration above 1)",
            Self::Averages => "random forests (average_output)",
        })
    }
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the first tree.
    Header,
    /// In the tree with this number, from 0, as in the text.
    Tree(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Tree(tree) => write!(f, "Tree={tree}"),
        }
    }
}

/// The beginning of a word from outside.
pub(super) fn shortened(word: &str) -> String {
    word.chars().take(40).collect()
}
