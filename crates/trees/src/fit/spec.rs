//! The specification of a fit, and the reasons for refusing one.

use crate::WrongWidth;

/// The loss that a fit minimises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// The squared error; predictions are means.
    Squared,
    /// The quantile loss at a level in (0, 1); predictions are quantiles.
    Quantile(f64),
}

/// How the prediction may change with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Monotone {
    /// Any change.
    #[default]
    Free,
    /// It never falls when the feature rises.
    Increasing,
    /// It never rises when the feature rises.
    Decreasing,
}

/// How an ensemble is grown. Names in parentheses are those of LightGBM.
#[derive(Debug, Clone, PartialEq)]
pub struct GbdtSpec {
    /// The loss.
    pub loss: Loss,
    /// Number of trees, 1 to 100,000 (`num_iterations`).
    pub rounds: usize,
    /// Share of each tree's step that is applied, above 0 and up to 1 (`learning_rate`).
    pub learning_rate: f64,
    /// Largest number of leaves of a tree, 2 to 65,536 (`num_leaves`).
    pub leaves: usize,
    /// Smallest number of rows in a leaf, at least 1 (`min_data_in_leaf`).
    pub rows_in_leaf: usize,
    /// Penalty on the square of a leaf's value, 0 or more (`lambda_l2`).
    pub l2: f64,
    /// Share of the features that each tree may use, above 0 and up to 1 (`feature_fraction`).
    pub feature_fraction: f64,
    /// Number of intervals into which the values of a feature are sorted, 2 to 255 (`max_bin`).
    pub bins: usize,
    /// How the prediction may change with each feature; empty if unconstrained (`monotone_constraints`, method
    /// `basic`).
    pub monotone: Vec<Monotone>,
    /// With a validation set: the number of rounds without a better loss after which the fit stops; the best round is
    /// kept (`early_stopping_round`). Without a value, all rounds are kept.
    pub patience: Option<usize>,
}

impl Default for GbdtSpec {
    /// Squared loss, 100 rounds at 0.1, 31 leaves of at least 20 rows, all features, 255 bins: the defaults of LightGBM.
    fn default() -> Self {
        Self {
            loss: Loss::Squared,
            rounds: 100,
            learning_rate: 0.1,
            leaves: 31,
            rows_in_leaf: 20,
            l2: 0.0,
            feature_fraction: 1.0,
            bins: 255,
            monotone: Vec::new(),
            patience: None,
        }
    }
}

/// Why a fit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// There are no rows.
    #[error("there are no rows to train on")]
    NoRows,
    /// There are more rows than can be indexed.
    #[error("there are more than 4,294,967,295 rows")]
    TooManyRows,
    /// The number of targets differs from the number of rows.
    #[error("{targets} targets for {rows} rows")]
    Targets {
        /// Number of rows.
        rows: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A target is NaN or infinite, or so large that its square is infinite.
    #[error("a target is not finite, or too large to be squared and summed")]
    BadTarget,
    /// Rows do not have one value for each feature.
    #[error(transparent)]
    Width(#[from] WrongWidth),
    /// The name of a feature is empty, or contains a space or a character that a text model cannot contain.
    #[error("the name of feature {} is empty or cannot stand in a text model", feature + 1)]
    Name {
        /// The feature, from 0.
        feature: usize,
    },
    /// A member of the specification is outside its range.
    #[error("{0} is out of its range")]
    Range(&'static str),
    /// Constraints were given for a quantile loss; they can be kept only for the squared loss.
    #[error("monotone constraints go with the squared loss only")]
    MonotoneQuantile,
}

impl GbdtSpec {
    /// Rejects members out of range, and constraints for a different number of features.
    pub(super) fn check(&self, features: usize) -> Result<(), FitError> {
        let level = match self.loss {
            Loss::Squared => 0.5,
            Loss::Quantile(level) => level,
        };
        for (holds, name) in [
            (level > 0.0 && level < 1.0, "the level of the quantile"),
            ((1..=100_000).contains(&self.rounds), "rounds"),
            (self.learning_rate > 0.0 && self.learning_rate <= 1.0, "learning_rate"),
            ((2..=65_536).contains(&self.leaves), "leaves"),
            (self.rows_in_leaf >= 1, "rows_in_leaf"),
            (self.l2 >= 0.0 && self.l2.is_finite(), "l2"),
            (self.feature_fraction > 0.0 && self.feature_fraction <= 1.0, "feature_fraction"),
            ((2..=255).contains(&self.bins), "bins"),
            (self.monotone.is_empty() || self.monotone.len() == features, "the number of monotone constraints"),
            (self.patience != Some(0), "patience"),
        ] {
            if !holds {
                return Err(FitError::Range(name));
            }
        }
        let constrained = self.monotone.iter().any(|constraint| *constraint != Monotone::Free);
        if constrained && self.loss != Loss::Squared { Err(FitError::MonotoneQuantile) } else { Ok(()) }
    }

    /// The constraint of a feature.
    pub(super) fn constraint(&self, feature: usize) -> Monotone {
        self.monotone.get(feature).copied().unwrap_or_default()
    }
}
