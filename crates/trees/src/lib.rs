//! Boosted regression trees.
//!
//! An [`Ensemble`] is read from a LightGBM text model ([`Ensemble::from_lightgbm`]) or trained ([`Ensemble::fit`]), predicts
//! [`Rows`], and explains each prediction by exact SHAP values ([`Ensemble::explain`]).
//!
//! # Conventions
//!
//! NaN in a row always means a missing value. A raw score is the sum of the leaves of a row; SHAP values explain raw
//! scores, and [`Objective::transform`] turns them into predictions. Every answer is determined by its arguments to the
//! last bit.

mod ensemble;
mod fit;
mod lightgbm;
mod missing;
mod objective;
mod rows;
mod shap;
mod tree;

pub use ensemble::{Ensemble, EnsembleError, Feature, WrongWidth};
pub use fit::{FitError, Fitted, GbdtSpec, Loss, Monotone, Validation};
pub use lightgbm::{Place, ReadError, ReadLimits, Unsupported};
pub use missing::Missing;
pub use objective::Objective;
pub use rows::{Rows, RowsError};
pub use shap::{Attribution, Cover, ExplainError, MOST_FEATURES_ON_A_WAY};
pub use tree::{Child, Leaf, Split, Tree, TreeFault};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
