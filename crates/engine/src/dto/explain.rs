//! Questions about a model of boosted trees, and their answers.

use serde::{Deserialize, Serialize};
use trees::Cover;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::Document;
use crate::dto::metadata::Metadata;
use crate::dto::warning::PlanWarning;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Numbers of all rows together.
const MAX_NUMBERS: usize = 200_000;

/// A LightGBM model, or one that was trained here, and the rows whose predictions are to be explained.
///
/// Rules beyond the ranges: each row has one number for each feature of the model, in its order; all rows together have at most 200,000
/// numbers. The model has at most 10,000 trees and 2,000 features, and the body at most 8 MiB. Categorical splits, linear trees, several
/// classes and random forests are refused.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lightgbm_text": "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\nfeature_names=momentum volatility\nfeature_infos=[-1:1] [0:1]\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=0 0.2\ndecision_type=2 2\nleft_child=-1 -2\nright_child=1 -3\nleaf_value=-0.01 0.03 0.01\nleaf_count=50 30 20\ninternal_count=100 50\n\nend of trees\n",
    "rows": [[0.4, 0.1], [-0.2, null]]
}))]
pub struct ModelExplanationRequest {
    /// The text of the model, version 3 or 4, as `Booster.save_model` writes it. Either it or `trained_model` is sent.
    #[schema(min_length = 1, nullable = false)]
    pub lightgbm_text: Option<String>,
    /// A version that `POST /api/models/train` made, by its id; its features are ranks among the assets.
    #[validate(length(min = 1, max = 64))]
    #[schema(example = "boosted_trees_1", min_length = 1, max_length = 64)]
    pub trained_model: Option<String>,
    /// Rows of features; null is a missing number.
    #[schema(min_items = 1, max_items = 200_000, example = json!([[0.4, 0.1], [-0.2, null]]))]
    pub rows: Vec<Vec<Option<f64>>>,
    /// How an unknown feature is treated.
    #[schema(default = json!(ShapExpectation::default()))]
    pub expectation: Option<ShapExpectation>,
}

/// How SHAP values treat an unknown feature.
///
/// Both are the path-dependent expectation of TreeSHAP: a split on an unknown feature is the mean of its two sides,
/// weighted by the training data that reached each of them. Programs with different weights give different SHAP values,
/// although both are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShapExpectation {
    /// By the number of training rows, as LightGBM's `pred_contrib`.
    #[default]
    DataCount,
    /// By the sum of the second derivatives of the loss (`leaf_weight`), as XGBoost.
    HessianWeight,
}

impl From<ShapExpectation> for Cover {
    fn from(expectation: ShapExpectation) -> Self {
        match expectation {
            ShapExpectation::DataCount => Self::DataCount,
            ShapExpectation::HessianWeight => Self::HessianWeight,
        }
    }
}

/// What SHAP values add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShapScale {
    /// The prediction itself: the objective of the model leaves the sum of its trees as it is.
    Prediction,
    /// The raw score, which the objective turns into the prediction, such as the log-odds of a `binary` model.
    RawScore,
}

impl Document for ModelExplanationRequest {
    fn check_size(&self, faults: &mut Faults) {
        let numbers: usize = self.rows.iter().map(Vec::len).sum();
        if numbers > MAX_NUMBERS || self.rows.len() > MAX_NUMBERS {
            let detail = format!("holds {numbers} numbers in all; at most {MAX_NUMBERS} are accepted");
            faults.add("/rows", FaultCode::Limit, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        match (&self.lightgbm_text, &self.trained_model) {
            (None, None) => {
                faults.add("/lightgbm_text", FaultCode::Required, "must be sent, or trained_model in its place");
            }
            (Some(_), Some(_)) => {
                faults.add("/trained_model", FaultCode::Value, "goes without lightgbm_text: one model is explained");
            }
            _ => {}
        }
        if self.rows.is_empty() {
            faults.add("/rows", FaultCode::Length, "must have at least 1 row");
        }
    }
}

/// Predictions of a model, and what each feature adds to them.
///
/// `expected_value` plus the row of `shap` is the entry of `predictions`. The values say what the model computes, not what causes a return.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelExplanationResponse {
    /// Raw score of each row, the sum of its leaves, as LightGBM's `raw_score`.
    #[schema(example = json!([0.03, -0.01]))]
    pub predictions: Vec<f64>,
    /// The raw scores transformed by the objective, such as the probability of a `binary` model; null with a warning
    /// where the objective has no known formula or a value overflows.
    #[schema(required, example = json!([0.03, -0.01]))]
    pub transformed_predictions: Option<Vec<f64>>,
    /// SHAP value of each feature, for each row, in the unit of `predictions`.
    #[schema(example = json!([[0.018, 0.006], [-0.016, 0.0]]))]
    pub shap: Vec<Vec<f64>>,
    /// Raw score of a row with no known feature.
    #[schema(example = 0.006)]
    pub expected_value: f64,
    /// What the values add up to.
    pub shap_scale: ShapScale,
    /// How an unknown feature is treated.
    pub expectation: ShapExpectation,
    /// Names of the features, in the order of a row.
    #[schema(example = json!(["momentum", "volatility"]))]
    pub feature_names: Vec<String>,
    /// The objective of the training, as stated in the text of the model.
    #[schema(example = "regression")]
    pub objective: String,
    /// Number of trees.
    #[schema(example = 1)]
    pub trees: usize,
    /// Largest difference between a prediction and the expected value plus the values of its row; it is due to rounding
    /// only.
    #[schema(example = 1e-17)]
    pub additivity_error: f64,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made; the model is listed there with the SHA-256 of its
    /// text as its version.
    pub metadata: Metadata,
}
