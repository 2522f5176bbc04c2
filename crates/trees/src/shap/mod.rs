//! Exact SHAP values of trees.
//!
//! The game of a leaf with features `i` on its path has the value v Π f_i, where f_i is 1 for a known feature that
//! leads to the leaf, 0 for one that does not (o_i), and z_i for an unknown one: the product of the cover shares of its
//! edges. The Shapley value of feature `i` is the integral (Owen's multilinear extension)
//!
//! φ_i = v ∫₀¹ (o_i − z_i) Π_{j ≠ i} (z_j (1 − t) + o_j t) dt,
//!
//! whose integrand is a polynomial of degree d − 1 for d distinct features. Gauss-Legendre quadrature with ⌈d/2⌉ nodes gives
//! it exactly, and no terms in it cancel, so the precision does not fall with the depth. The products of all leaves are
//! formed on one walk down and one up, as in the linear TreeSHAP of Yu, Xu, Bifet and Read (2022): time is proportional
//! to nodes × ⌈d/2⌉ for each row.

mod plan;
mod quadrature;
mod walk;

use self::plan::{NONE, Outline, Plan};
use self::quadrature::GaussLegendre;
use self::walk::add_values;
use crate::{Ensemble, Rows, WrongWidth};
use portfolio_core::interrupt::checkpoint;

/// Largest number of distinct features on the path to a leaf for which a model is explained.
pub const MOST_FEATURES_ON_A_WAY: usize = 128;

/// Largest number of edges times nodes of a tree that is explained: the factors take 32 bytes for each.
const MOST_FACTORS: usize = 1 << 22;

/// What replaces an unknown feature: the path-dependent expectation of TreeSHAP, weighted by what went to each side in
/// training.
///
/// Two programs whose values are both called exact can differ in this choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cover {
    /// Training rows of each side, as LightGBM's `pred_contrib`.
    DataCount,
    /// Second derivatives of the loss over the training rows of each side, as XGBoost.
    HessianWeight,
}

/// SHAP values of rows: what each feature adds to the raw score, above the expected value.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    expected_value: f64,
    width: usize,
    values: Vec<f64>,
    raw: Vec<f64>,
}

/// Why a model cannot be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The rows do not fit the model.
    #[error(transparent)]
    Width(#[from] WrongWidth),
    /// A split has no training rows or weight below it, so the shares of its sides are undefined.
    #[error("a split of tree {} has no cover below it", tree + 1)]
    NoCover {
        /// The tree, from 0.
        tree: usize,
    },
    /// A path uses too many features.
    #[error("a way of tree {} asks for {features} features; up to {MOST_FEATURES_ON_A_WAY} are explained", tree + 1)]
    TooManyFeatures {
        /// The tree, from 0.
        tree: usize,
        /// Distinct features on the path.
        features: usize,
    },
    /// A tree has so many leaves that its factors would take more than 128 MiB.
    #[error("tree {} has too many leaves to be explained", tree + 1)]
    TooLarge {
        /// The tree, from 0.
        tree: usize,
    },
    /// The numbers of the model are so large that a sum overflows.
    #[error("the numbers of the model are so large that a sum is not finite")]
    Overflow,
}

impl Attribution {
    /// The mean raw score under the cover: the value of a row about which nothing is known.
    #[must_use]
    pub const fn expected_value(&self) -> f64 {
        self.expected_value
    }

    /// The value of each feature for row `index`, in the unit of the raw score.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.width..(index + 1) * self.width]
    }

    /// The raw score of each row.
    #[must_use]
    pub fn raw_scores(&self) -> &[f64] {
        &self.raw
    }

    /// The largest difference between a raw score and the expected value plus the values of its row; it is due to
    /// rounding only.
    #[must_use]
    pub fn additivity_error(&self) -> f64 {
        let rows = self.values.chunks_exact(self.width);
        let error = |(row, raw): (&[f64], &f64)| (self.expected_value + row.iter().sum::<f64>() - raw).abs();
        rows.zip(&self.raw).map(error).fold(0.0, f64::max)
    }
}

impl Ensemble {
    /// Work of [`Ensemble::explain`] for one row, in elementary operations; multiply by the number of rows.
    ///
    /// # Errors
    /// A model that cannot be explained for any rows.
    pub fn explanation_work(&self, cover: Cover) -> Result<u64, ExplainError> {
        let mut last = vec![NONE; self.features().len()];
        let mut work = 0_u64;
        for (number, tree) in self.trees().iter().enumerate() {
            let outline = Outline::of(tree, cover, &mut last).ok_or(ExplainError::NoCover { tree: number })?;
            // Each node of a rule is read and written on the way down and up.
            work += 16 + (outline.steps.len() as u64) * (8 + 8 * nodes_of(number, &outline)? as u64);
        }
        Ok(work)
    }

    /// SHAP values of the raw score of each row.
    ///
    /// # Errors
    /// Rows of a different width, a split without cover, a path with more than [`MOST_FEATURES_ON_A_WAY`] features, or
    /// trees whose factors take more than 128 MiB.
    pub fn explain(&self, rows: &Rows, cover: Cover) -> Result<Attribution, ExplainError> {
        let raw = self.predict(rows)?;
        let width = self.features().len();
        let mut values = vec![0.0; width * rows.len()];
        let mut expected_value = 0.0;
        let rules = Rules::new();
        let mut last = vec![NONE; width];
        for (number, tree) in self.trees().iter().enumerate() {
            let outline = Outline::of(tree, cover, &mut last).ok_or(ExplainError::NoCover { tree: number })?;
            expected_value += outline.expectation;
            match nodes_of(number, &outline)? {
                0 => {}
                1 => explain_tree(&outline.plan(&rules.one), rows, &mut values),
                2 => explain_tree(&outline.plan(&rules.two), rows, &mut values),
                4 => explain_tree(&outline.plan(&rules.four), rows, &mut values),
                6 => explain_tree(&outline.plan(&rules.six), rows, &mut values),
                8 => explain_tree(&outline.plan(&rules.eight), rows, &mut values),
                16 => explain_tree(&outline.plan(&rules.sixteen), rows, &mut values),
                _ => explain_tree(&outline.plan(&rules.sixty_four), rows, &mut values),
            }
        }
        let finite = raw.iter().chain(&values).all(|value| value.is_finite()) && expected_value.is_finite();
        if !finite {
            return Err(ExplainError::Overflow);
        }
        Ok(Attribution { expected_value, width, values, raw })
    }
}

/// Number of nodes of the rule that is exact for a tree: 0, 1, 2, 4, 6, 8, 16 or 64.
fn nodes_of(tree: usize, outline: &Outline) -> Result<usize, ExplainError> {
    let nodes = match outline.features.div_ceil(2) {
        few @ (0..=2) => few,
        3..=8 => outline.features.div_ceil(4) * 2,
        9..=16 => 16,
        17..=64 => 64,
        _ => return Err(ExplainError::TooManyFeatures { tree, features: outline.features }),
    };
    if 2 * outline.steps.len() * nodes > MOST_FACTORS {
        return Err(ExplainError::TooLarge { tree });
    }
    Ok(nodes)
}

/// The rules used to explain trees: even numbers of nodes fill the vector lanes of a processor.
struct Rules {
    one: GaussLegendre<1>,
    two: GaussLegendre<2>,
    four: GaussLegendre<4>,
    six: GaussLegendre<6>,
    eight: GaussLegendre<8>,
    sixteen: GaussLegendre<16>,
    sixty_four: GaussLegendre<64>,
}

impl Rules {
    fn new() -> Self {
        Self {
            one: GaussLegendre::new(),
            two: GaussLegendre::new(),
            four: GaussLegendre::new(),
            six: GaussLegendre::new(),
            eight: GaussLegendre::new(),
            sixteen: GaussLegendre::new(),
            sixty_four: GaussLegendre::new(),
        }
    }
}

/// Adds the values of one tree for all rows.
fn explain_tree<const Q: usize>(plan: &Plan<Q>, rows: &Rows, values: &mut [f64]) {
    let mut way = vec![[0.0; Q]; plan.edges.len()];
    let mut on = vec![false; plan.edges.len()];
    for (row, values) in rows.iter().zip(values.chunks_exact_mut(rows.width())) {
        checkpoint();
        add_values(plan, row, &mut way, &mut on, values);
    }
}
