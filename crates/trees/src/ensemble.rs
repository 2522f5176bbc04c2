//! Trees whose values add up.

use crate::{Objective, Rows, Tree, TreeFault};

/// A feature of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its smallest and largest value in training, if the model states them.
    pub range: Option<(f64, f64)>,
}

/// A boosted ensemble: its raw score is the sum of its trees' values for a row.
///
/// # Example
/// ```
/// use trees::{Child, Ensemble, Feature, Leaf, Missing, Objective, Rows, Split, Tree};
///
/// let leaf = |value, count| Leaf { value, count, weight: count as f64 };
/// let split = Split {
///     feature: 0, threshold: 1.0, missing: Missing::Nan, default_left: true, gain: 0.0,
///     left: Child::Leaf(0), right: Child::Leaf(1),
/// };
/// let tree = Tree::new(1, vec![split], vec![leaf(-1.0, 30), leaf(2.0, 10)])?;
/// let features = vec![Feature { name: "momentum".to_owned(), range: None }];
/// let model = Ensemble::new(features, Objective::Identity("regression".to_owned()), vec![tree]).unwrap();
/// let rows = Rows::new(1, vec![0.5, 1.5, f64::NAN]).unwrap();
/// assert_eq!(model.predict(&rows).unwrap(), [-1.0, 2.0, -1.0]);
/// # Ok::<(), trees::TreeFault>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    features: Vec<Feature>,
    objective: Objective,
    trees: Vec<Tree>,
}

/// Rows whose number of features differs from the model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rows of {got} numbers, where the model has {expected} features")]
pub struct WrongWidth {
    /// Features of the model.
    pub expected: usize,
    /// Numbers in each row.
    pub got: usize,
}

/// A model has no features, or a tree uses one that the model does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnsembleError {
    /// There are no features.
    #[error("a model needs at least one feature")]
    NoFeatures,
    /// There are no trees.
    #[error("a model needs at least one tree")]
    NoTrees,
    /// A tree does not fit the features.
    #[error("tree {}: {fault}", tree + 1)]
    Tree {
        /// The tree, from 0.
        tree: usize,
        /// What is wrong with it.
        fault: TreeFault,
    },
}

impl Ensemble {
    /// A model from trees over these features.
    ///
    /// # Errors
    /// A model without features or trees, or a tree that uses another feature.
    pub fn new(features: Vec<Feature>, objective: Objective, trees: Vec<Tree>) -> Result<Self, EnsembleError> {
        if features.is_empty() {
            return Err(EnsembleError::NoFeatures);
        }
        if trees.is_empty() {
            return Err(EnsembleError::NoTrees);
        }
        for (tree, shape) in trees.iter().enumerate() {
            if let Some(split) = shape.splits().iter().position(|split| split.feature >= features.len()) {
                return Err(EnsembleError::Tree { tree, fault: TreeFault::NoSuchFeature { split } });
            }
        }
        Ok(Self { features, objective, trees })
    }

    /// The features, in the order of a row.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The objective of the training.
    #[must_use]
    pub const fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Number of splits of all trees.
    #[must_use]
    pub fn split_count(&self) -> usize {
        self.trees.iter().map(|tree| tree.splits().len()).sum()
    }

    /// The raw score of each row: the sum of its leaves. [`Objective::transform`] turns it into the prediction.
    ///
    /// # Errors
    /// Rows of a different width.
    pub fn predict(&self, rows: &Rows) -> Result<Vec<f64>, WrongWidth> {
        self.check_width(rows)?;
        Ok(rows.iter().map(|row| self.trees.iter().map(|tree| tree.predict(row)).sum()).collect())
    }

    /// Reduction of the training loss by the splits on each feature, as stated by the trainer.
    #[must_use]
    pub fn gain_importance(&self) -> Vec<f64> {
        let mut gains = vec![0.0; self.features.len()];
        for split in self.trees.iter().flat_map(Tree::splits) {
            gains[split.feature] += split.gain;
        }
        gains
    }

    pub(crate) fn check_width(&self, rows: &Rows) -> Result<(), WrongWidth> {
        let (expected, got) = (self.features.len(), rows.width());
        if expected == got { Ok(()) } else { Err(WrongWidth { expected, got }) }
    }
}
