//! From a request to a trained transformer.

use std::ops::ControlFlow;
use std::sync::Arc;

use governance::Digest;
use models::canonical_json;
use portfolio_core::Seed;
use tft::returns::{Histories, Outcome, ReturnsError, ReturnsSpec, train};
use tft::{Examination, Refusal as Finding, TftError};

use super::make::{Made, NewModel, Step, Work, known_or_trials};
use crate::dto::training::ModelTrainingRequest;
use crate::dto::transformer::{
    TransformerExamination, TransformerReport, TransformerRival, TransformerTrainingRequest, TransformerTrial,
};
use crate::fault::Fault;
use crate::fault_code::FaultCode;
use crate::inventory::Registered;
use crate::inventory::transformer::weekdays;
use crate::refusal::Refusal;

/// The training of a request. `earlier`: from where it goes on.
///
/// # Errors
/// What cannot be trained on, and every reason for which the trained network is refused.
pub(super) fn made(
    request: &ModelTrainingRequest,
    transformer: &TransformerTrainingRequest,
    known: &[&'static Registered],
    earlier: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    let spec = transformer.spec(request);
    let names: Vec<&str> = request.assets.iter().map(|asset| asset.asset.trim()).collect();
    let returns: Vec<&[f64]> = request.assets.iter().map(|asset| asset.historical_returns.as_slice()).collect();
    let data = canonical_json(&(&names, &returns, &transformer.dates)).map_err(|error| Refusal::internal(&error))?;
    let facts = match known_or_trials(request, known, Digest::of_bytes(&data), summary(&spec)) {
        Ok(facts) => facts,
        Err(identity) => return Ok(Made::Known(Work::Transformer, identity)),
    };
    let weekdays = weekdays(&transformer.dates);
    let histories = Histories { names: &names, returns: &returns, weekdays: &weekdays };
    let (trials, seed) = (u64::from(facts.trials), Seed(facts.seed));
    let mut told = |step: tft::returns::Step<'_>| {
        let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        tell(Step { done: whole(step.done), all: whole(step.all), state: step.state, can_be_put_off: true })
    };
    let mut outcome = train(&histories, &spec, trials, seed, earlier, &mut told);
    if earlier.is_some()
        && matches!(outcome, Err(ReturnsError::OtherState | ReturnsError::Tft(TftError::Checkpoint(_))))
    {
        tracing::warn!("a training begins anew: what was kept of it is of another one");
        outcome = train(&histories, &spec, trials, seed, None, &mut told);
    }
    match outcome.map_err(|error| refused(&error))? {
        Outcome::Admitted(trained) => {
            Ok(Made::New(Box::new(NewModel::of_transformer(Arc::new(*trained), Arc::new(facts)))))
        }
        Outcome::Refused { refusals, .. } => Err(Refusal::Invalid(refusals.iter().map(found).collect())),
    }
}

/// A reason for which a network is refused, as a fault: no version is made of it.
fn found(finding: &Finding) -> Fault {
    let some = |names: &[String]| names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let why = match finding {
        Finding::Untouched(names) => {
            format!("the loss does not depend on {} of its tensors ({})", names.len(), some(names))
        }
        Finding::WrongGradient(differences) => {
            let names: Vec<String> = differences.iter().map(|one| one.tensor.clone()).collect();
            format!("the derivatives of {} of its tensors are wrong ({})", names.len(), some(&names))
        }
        Finding::LearntNothing(told) => format!(
            "on {} days that it had not seen its pinball loss is {:.4}, and that of unconditional quantiles {:.4} (Diebold-Mariano, p = \
             {:.3}, {} at {:.0} % in all): it is not shown to have learnt anything",
            told.origins,
            told.model,
            told.unconditional,
            told.judgement.p_value,
            if told.judgement.trials == 1 { "1 test".to_owned() } else { format!("{} tests", told.judgement.trials) },
            100.0 * told.judgement.level
        ),
        other => format!("{other:?}"),
    };
    let detail = format!("the trained network was refused and no version was made: {why}");
    Fault::in_body("/transformer", FaultCode::Value, detail)
}

fn refused(error: &ReturnsError) -> Refusal {
    let (pointer, code) = match error {
        // Nobody waits for it any more, or its run was cancelled.
        ReturnsError::Stopped => return Refusal::Internal,
        ReturnsError::Still { asset } => (format!("/assets/{asset}/historical_returns"), FaultCode::Value),
        ReturnsError::Short { .. } => ("/transformer/dates".to_owned(), FaultCode::Length),
        ReturnsError::Tft(TftError::Diverged { .. }) => ("/transformer/learning_rate".to_owned(), FaultCode::Value),
        _ => ("/assets".to_owned(), FaultCode::Value),
    };
    Refusal::fault(&pointer, code, error.to_string())
}

/// Every setting of a training, in a sentence.
fn summary(spec: &ReturnsSpec) -> String {
    let ReturnsSpec { horizon, lookback, width, steps, rate, refits, refit_days } = spec;
    format!(
        "Temporal Fusion Transformer: quantiles of the returns of the {horizon} coming days from the latest {lookback}; width {width}, {steps} \
         steps at {rate}, trained {refits} times, {refit_days} days apart; the days after the last training examined it."
    )
}

/// What was found in a trained network.
pub(super) fn report(trained: &tft::returns::Trained, trials: u32) -> TransformerReport {
    let Examination { tensors, comparison, .. } = trained.admitted().examination();
    let trial = trained.trial();
    let rivals = trial.rivals.iter().map(|rival| TransformerRival {
        name: rival.name.clone(),
        pinball_loss: rival.loss,
        verdict: rival.judgement.verdict,
        p_value: rival.judgement.p_value,
    });
    TransformerReport {
        examination: TransformerExamination {
            tensors: *tensors,
            origins: comparison.origins,
            pinball_loss: comparison.model,
            unconditional_pinball_loss: comparison.unconditional,
            p_value: comparison.judgement.p_value,
        },
        trial: TransformerTrial {
            origins: trial.origins,
            pinball_loss: trial.loss,
            rivals: rivals.collect(),
            has_edge: trial.shows_edge(),
        },
        trials,
    }
}
