//! What a model of boosted trees predicts, and why.

use boosting::Weights;
use governance::Content;
use trees::{Attribution, Cover, Ensemble, ExplainError, Objective, ReadError, ReadLimits, Rows};

use crate::context::RequestContext;
use crate::dto::explain::{ModelExplanationRequest, ModelExplanationResponse, ShapScale};
use crate::dto::metadata::{Metadata, ModelReference};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::inventory::Registered;
use crate::refusal::Refusal;

/// What one text may hold.
const LIMITS: ReadLimits = ReadLimits { bytes: 8 << 20, trees: 10_000, features: 2_000 };
/// Elementary operations of one answer: a few seconds.
const MAX_WORK: u64 = 6_000_000_000;
/// Warnings of one answer.
const MAX_WARNINGS: usize = 20;

/// Answers a question about a model.
///
/// # Errors
/// [`Refusal::Invalid`] for a text that is no model, rows that do not fit it, and more work than one answer may take.
pub(crate) fn explanation_answer(
    request: &ModelExplanationRequest,
    named: Option<&Registered>,
    context: &RequestContext,
) -> Result<ModelExplanationResponse, Refusal> {
    let (model, reference, at) = match named {
        Some(entry) => {
            let weights = Weights::from_bytes(entry.version().weights()).map_err(|error| Refusal::internal(&error))?;
            (weights.trees, ModelReference::of(entry.identity()), "/trained_model")
        }
        None => {
            let text = request.lightgbm_text.as_deref().unwrap_or_default();
            let model = Ensemble::from_lightgbm(text, &LIMITS).map_err(|error| no_model(&error))?;
            (model, reference(text), "/lightgbm_text")
        }
    };
    let rows = rows_of(request, &model)?;
    let expectation = request.expectation.unwrap_or_default();
    let cover = Cover::from(expectation);
    let work = model.explanation_work(cover).map_err(|error| unexplained(&error, at))?;
    if work.saturating_mul(rows.len() as u64) > MAX_WORK {
        let detail = format!("are too many for this model: at most {} are explained at once", MAX_WORK / work);
        return Err(Refusal::fault("/rows", FaultCode::Limit, detail));
    }
    let explained = model.explain(&rows, cover).map_err(|error| unexplained(&error, at))?;
    let mut warnings = warnings(&model, &rows);
    let scale = if model.objective().is_identity() { ShapScale::Prediction } else { ShapScale::RawScore };
    Ok(ModelExplanationResponse {
        transformed_predictions: transformed(model.objective(), &explained, &mut warnings),
        predictions: explained.raw_scores().to_vec(),
        shap: (0..rows.len()).map(|row| explained.row(row).to_vec()).collect(),
        expected_value: explained.expected_value(),
        shap_scale: scale,
        expectation,
        feature_names: model.features().iter().map(|feature| feature.name.clone()).collect(),
        objective: model.objective().to_string(),
        trees: model.trees().len(),
        additivity_error: explained.additivity_error(),
        warnings,
        metadata: Metadata::of(context, None, vec![reference]),
    })
}

fn reference(text: &str) -> ModelReference {
    ModelReference::new("lightgbm_text", Content::new(text.as_bytes().to_vec()).digest().to_string())
}

fn no_model(error: &ReadError) -> Refusal {
    let code = if matches!(error, ReadError::Limit { .. }) { FaultCode::Limit } else { FaultCode::Value };
    Refusal::fault("/lightgbm_text", code, format!("is no model that can be explained: {error}"))
}

fn unexplained(error: &ExplainError, at: &str) -> Refusal {
    let code = match error {
        ExplainError::TooManyFeatures { .. } | ExplainError::TooLarge { .. } => FaultCode::Limit,
        _ => FaultCode::Value,
    };
    Refusal::fault(at, code, format!("cannot be explained: {error}"))
}

/// The rows with one number for each feature; every other row is a fault of its own.
fn rows_of(request: &ModelExplanationRequest, model: &Ensemble) -> Result<Rows, Refusal> {
    let width = model.features().len();
    let mut faults = Faults::default();
    for (i, row) in request.rows.iter().enumerate() {
        if row.len() != width && !faults.is_full() {
            let detail = format!("has {} numbers where the model has {width} features", row.len());
            faults.add(format!("/rows/{i}"), FaultCode::Length, detail);
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let numbers = request.rows.iter().flatten().map(|number| number.unwrap_or(f64::NAN)).collect();
    Rows::new(width, numbers).map_err(|error| Refusal::fault("/rows", FaultCode::Value, error.to_string()))
}

/// The predictions of the objective, or a warning that says why there are none.
fn transformed(objective: &Objective, explained: &Attribution, warnings: &mut Vec<PlanWarning>) -> Option<Vec<f64>> {
    let predictions: Option<Vec<f64>> = explained.raw_scores().iter().map(|raw| objective.transform(*raw)).collect();
    if predictions.is_none() {
        let detail = match objective {
            Objective::Unknown(name) if name.is_empty() => {
                "the model names no objective, so only its raw scores are known".to_owned()
            }
            Objective::Unknown(_) => {
                "the objective of the model has no formula that is known here, so only its raw scores are known"
                    .to_owned()
            }
            _ => "a prediction is too large for a number; the raw scores stand".to_owned(),
        };
        let pointer = "/transformed_predictions".to_owned();
        warnings.push(PlanWarning { code: WarningCode::FigureUnavailable, pointer, detail });
    }
    predictions
}

/// Numbers far from all that the model was trained on: a percentage where it had fractions, or another column.
fn warnings(model: &Ensemble, rows: &Rows) -> Vec<PlanWarning> {
    let mut found = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        for (j, (&number, feature)) in row.iter().zip(model.features()).enumerate() {
            let Some((least, largest)) = feature.range else { continue };
            let slack = largest - least;
            if number < least - slack || number > largest + slack {
                let detail = format!(
                    "{number} is further from the training range of this feature, {least} to {largest}, than that range is wide"
                );
                found.push(PlanWarning {
                    code: WarningCode::ImplausibleInput,
                    pointer: format!("/rows/{i}/{j}"),
                    detail,
                });
                if found.len() == MAX_WARNINGS {
                    return found;
                }
            }
        }
    }
    found
}
