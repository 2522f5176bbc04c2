//! What a track record says about the true Sharpe ratio.

use ::evaluate::{
    EvaluateError, Hypotheses, Judgement, NoFigure, SharpeForm, SharpeMoments, SharpeSample, Trials, expected_maximum,
    planned_false_discovery_rate,
};
use pipeline::FEW_OBSERVATIONS;

use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::discovery::{FalseDiscoveryFigures, FalseDiscoveryRequest, FalseDiscoveryTest};
use crate::dto::evaluate::{
    DeflatedSharpeFigure, MissingEvaluation, SharpeFigure, SharpeInferenceRequest, SharpeInferenceResponse,
    SharpeVerdict, SharpeVerdictBasis,
};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::study::CountedStudy;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// A figure, or why it does not exist.
type Figure<T = f64> = Result<T, EvaluateError>;

/// Collects the figures that do not exist.
#[derive(Default)]
struct Gaps {
    list: Vec<MissingEvaluation>,
}

impl Gaps {
    /// The figure at a pointer of the answer; null with its reason where the input cannot support it.
    fn tell<T>(&mut self, pointer: &str, figure: Figure<T>) -> Result<Option<T>, Refusal> {
        match figure {
            Ok(value) => Ok(Some(value)),
            Err(EvaluateError::Unavailable(reason)) => {
                self.list.push(MissingEvaluation {
                    pointer: pointer.to_owned(),
                    reason,
                    detail: reason.sentence().to_owned(),
                });
                Ok(None)
            }
            Err(error) => Err(refused(&error)),
        }
    }
}

/// What the library refuses although the fields were in range.
fn refused(error: &EvaluateError) -> Refusal {
    let pointer = if matches!(error, EvaluateError::ImpossibleMoments { .. }) { "/kurtosis" } else { "" };
    Refusal::fault(pointer, FaultCode::Value, error.to_string())
}

/// Answers a question about a Sharpe ratio; `study` is what was counted of the study that it names, whose trials are then its `trials`.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be measured.
pub fn sharpe_answer(
    request: &SharpeInferenceRequest,
    study: Option<CountedStudy>,
    context: &RequestContext,
) -> Result<SharpeInferenceResponse, Refusal> {
    let sample = match sample_of(request) {
        Ok(sample) => Ok(sample),
        Err(EvaluateError::Unavailable(reason)) => Err(reason),
        Err(error) => return Err(refused(&error)),
    };
    let benchmark = request.benchmark_sharpe_per_period.unwrap_or_default();
    let significance = request.significance.unwrap_or(absent::SIGNIFICANCE);
    let trials = trials_of(request);
    let mut gaps = Gaps::default();
    let of = |figure: &dyn Fn(&SharpeSample) -> Figure| sample.map_err(EvaluateError::from).and_then(|s| figure(&s));
    let deflated = |figure: &dyn Fn(&SharpeSample, &Trials) -> Figure| of(&|s| figure(s, &trials.clone()?));

    let sharpe_per_period = gaps.tell("/sharpe_per_period", of(&|s| Ok(s.sharpe())))?;
    let standard_error = gaps.tell("/standard_error", of(&|s| Ok(s.standard_error()?)))?;
    let psr = SharpeFigure {
        form_2012_14: gaps.tell("/psr/form_2012_14", of(&|s| s.probabilistic(SharpeForm::Form2012, benchmark)))?,
        form_2025: gaps.tell("/psr/form_2025", of(&|s| s.probabilistic(SharpeForm::Form2025, benchmark)))?,
    };
    let deflated = DeflatedSharpeFigure {
        form_2012_14: gaps
            .tell("/deflated/form_2012_14", deflated(&|s, t| s.deflated_against(SharpeForm::Form2012, benchmark, t)))?,
        form_2025: gaps
            .tell("/deflated/form_2025", deflated(&|s, t| s.deflated_against(SharpeForm::Form2025, benchmark, t)))?,
        form_2025_single: gaps
            .tell("/deflated/form_2025_single", deflated(&|s, t| s.deflated_as_single_against(benchmark, t)))?,
    };
    let expected_maximum_sharpe_per_period =
        gaps.tell("/expected_maximum_sharpe_per_period", trials.clone().map(|trials| expected_maximum(&trials)))?;
    let length = |form| of(&|s| s.minimum_track_record(form, benchmark, significance));
    let minimum_track_record = SharpeFigure {
        form_2012_14: gaps.tell("/minimum_track_record/form_2012_14", length(SharpeForm::Form2012))?,
        form_2025: gaps.tell("/minimum_track_record/form_2025", length(SharpeForm::Form2025))?,
    };
    let asked = request.false_discovery.as_ref().ok_or(NoFigure::NoHypotheses.into());
    let false_discovery = match gaps.tell("/false_discovery", asked)? {
        Some(asked) => Some(discovery(asked, sample, benchmark, significance, &mut gaps)?),
        None => None,
    };
    Ok(SharpeInferenceResponse {
        sharpe_per_period,
        standard_error,
        moments: sample.ok().map(|s| *s.moments()),
        benchmark_sharpe_per_period: benchmark,
        judgement: judgement(&psr, &deflated, request.trials, significance)?,
        psr,
        deflated,
        expected_maximum_sharpe_per_period,
        minimum_track_record,
        study,
        false_discovery,
        unavailable: gaps.list,
        warnings: warnings(request, sample.ok().as_ref()),
        metadata: Metadata::of(context, None, vec![ModelReference::new("sharpe_inference", ENGINE_VERSION)]),
    })
}

/// How many of the strategies that pass have no skill.
fn discovery(
    asked: &FalseDiscoveryRequest,
    sample: Result<SharpeSample, NoFigure>,
    benchmark: f64,
    significance: f64,
    gaps: &mut Gaps,
) -> Result<FalseDiscoveryFigures, Refusal> {
    let FalseDiscoveryRequest { alternative_sharpe_per_period: alternative, prior, rate } = *asked;
    let rate = rate.unwrap_or(absent::FALSE_DISCOVERY_RATE);
    let hypotheses = Hypotheses::new(benchmark, alternative, prior).map_err(|error| refused(&error))?;
    let sample = sample.map_err(EvaluateError::from);
    let power = sample.clone().and_then(|s| s.power(benchmark, alternative, significance));
    let planned = power.clone().and_then(|power| planned_false_discovery_rate(prior, significance, power));
    let observed = sample.clone().and_then(|s| s.observed_false_discovery_rate(&hypotheses));
    let control = sample.and_then(|s| {
        let control = s.false_discovery_control(&hypotheses, rate)?;
        Ok(FalseDiscoveryTest {
            rate,
            critical_sharpe_per_period: control.critical,
            significance: control.significance,
            miss: control.miss,
            is_discovery: s.sharpe() > control.critical,
        })
    });
    Ok(FalseDiscoveryFigures {
        power: gaps.tell("/false_discovery/power", power)?,
        planned_rate: gaps.tell("/false_discovery/planned_rate", planned)?,
        observed_rate: gaps.tell("/false_discovery/observed_rate", observed)?,
        control: gaps.tell("/false_discovery/control", control)?,
    })
}

/// The track record: of the returns, or of the moments that the document was checked to have.
fn sample_of(request: &SharpeInferenceRequest) -> Result<SharpeSample, EvaluateError> {
    if let Some(returns) = &request.returns {
        return SharpeSample::from_returns(returns);
    }
    let missing = f64::NAN;
    SharpeSample::from_moments(SharpeMoments {
        mean: request.mean.unwrap_or(missing),
        sd: request.sd.unwrap_or(missing),
        skewness: request.skewness.unwrap_or(missing),
        kurtosis: request.kurtosis.unwrap_or(missing),
        autocorrelation: request.autocorrelation.unwrap_or_default(),
        observations: request.observations.map_or(0, |count| usize::try_from(count).unwrap_or(usize::MAX)),
    })
}

/// The trials, if enough is known of them: a single one has no variance.
fn trials_of(request: &SharpeInferenceRequest) -> Result<Trials, EvaluateError> {
    match (request.trials, request.trial_variance) {
        (None, _) => Err(NoFigure::NoTrials.into()),
        (Some(count), Some(variance)) => Trials::new(count, variance),
        (Some(1), None) => Trials::new(1, 0.0),
        (Some(_), None) => Err(NoFigure::NoTrialVariance.into()),
    }
}

/// The verdict by the newer form: by the deflated ratio where it exists, else by the probabilistic one.
///
/// Tries can only take from a ratio. The form with the variance of the maximum divides by less than that of a single trial, and where the
/// maximum is expected to be small it would be above the ratio of one try; so the least of the three counts.
fn judgement(
    psr: &SharpeFigure,
    deflated: &DeflatedSharpeFigure,
    trials: Option<u64>,
    significance: f64,
) -> Result<Option<SharpeVerdict>, Refusal> {
    let trials = trials.unwrap_or(1);
    let least = |of: f64| [deflated.form_2025_single, psr.form_2025].into_iter().flatten().fold(of, f64::min);
    let (probability, basis) = match (deflated.form_2025, psr.form_2025) {
        (Some(deflated), _) => (least(deflated), SharpeVerdictBasis::Deflated),
        (None, Some(psr)) if trials > 1 => (psr, SharpeVerdictBasis::PsrBonferroni),
        (None, Some(psr)) => (psr, SharpeVerdictBasis::Psr),
        (None, None) => return Ok(None),
    };
    // Being the best of many cannot make a strategy worse than its benchmark: that side is for the plain ratio to say.
    let against = psr.form_2025.unwrap_or(probability);
    let favourable = against >= 0.5;
    let (p_value, basis) = if favourable {
        (1.0 - probability, basis)
    } else if trials > 1 {
        (against, SharpeVerdictBasis::PsrBonferroni)
    } else {
        (against, SharpeVerdictBasis::Psr)
    };
    let judged = if basis == SharpeVerdictBasis::Deflated {
        Judgement::of(p_value, favourable, significance, trials)
    } else {
        Judgement::bonferroni(p_value, favourable, significance, trials)
    };
    let judged = judged.map_err(|error| refused(&error))?;
    Ok(Some(SharpeVerdict { verdict: judged.verdict, significance, trials, p_value, basis }))
}

/// Autocorrelations at lag one beyond which a first-order autoregression says little of the returns: those of smoothed or alternating
/// prices.
const ODD_AUTOCORRELATION: f64 = 0.9;

/// Few observations, and returns that depend on each other so much that the variance rests on it.
fn warnings(request: &SharpeInferenceRequest, sample: Option<&SharpeSample>) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let (pointer, count) = match &request.returns {
        Some(returns) => ("/returns", returns.len() as u64),
        None => ("/observations", request.observations.unwrap_or(0)),
    };
    if count < FEW_OBSERVATIONS as u64 {
        warnings.push(PlanWarning {
            code: WarningCode::HistoryShort,
            pointer: pointer.to_owned(),
            detail: format!("only {count} observations: the formulas hold for many, and the figures are rough at best"),
        });
    }
    let autocorrelation = sample.map_or(0.0, |sample| sample.moments().autocorrelation);
    if autocorrelation.abs() > ODD_AUTOCORRELATION {
        let effect = if autocorrelation < 0.0 { "certain" } else { "uncertain" };
        warnings.push(PlanWarning {
            code: WarningCode::ImplausibleInput,
            pointer: if request.returns.is_some() { "/returns" } else { "/autocorrelation" }.to_owned(),
            detail: format!(
                "the autocorrelation at lag one is {autocorrelation:.2}: the figures of form_2025 are far more {effect} than those of \
                 independent returns, and rest on it"
            ),
        });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(psr: f64, deflated: Option<f64>) -> (SharpeFigure, DeflatedSharpeFigure) {
        let deflated = DeflatedSharpeFigure { form_2012_14: deflated, form_2025: deflated, form_2025_single: deflated };
        (SharpeFigure { form_2012_14: Some(psr), form_2025: Some(psr) }, deflated)
    }

    #[test]
    fn a_verdict_says_what_it_rests_on() {
        use ::evaluate::Verdict::{Better, NotDistinguishable, Worse};
        for (psr, deflated, trials, verdict, basis) in [
            (0.99, None, None, Better, SharpeVerdictBasis::Psr),
            (0.99, None, Some(10), NotDistinguishable, SharpeVerdictBasis::PsrBonferroni),
            (0.999, None, Some(10), Better, SharpeVerdictBasis::PsrBonferroni),
            (0.99, Some(0.4), Some(10), NotDistinguishable, SharpeVerdictBasis::Deflated),
            (0.999, Some(0.96), Some(10), Better, SharpeVerdictBasis::Deflated),
            // Ten tries do not make of 0.94 what one is not.
            (0.94, Some(0.9993), Some(10), NotDistinguishable, SharpeVerdictBasis::Deflated),
            // An honest benchmark is not made worse by the tries: 0.2 alone is no evidence against it.
            (0.2, Some(0.001), Some(10), NotDistinguishable, SharpeVerdictBasis::PsrBonferroni),
            (0.01, None, None, Worse, SharpeVerdictBasis::Psr),
        ] {
            let (psr_figure, deflated_figure) = figures(psr, deflated);
            let found = judgement(&psr_figure, &deflated_figure, trials, 0.05).unwrap().unwrap();
            assert_eq!((found.verdict, found.basis), (verdict, basis), "{psr} {deflated:?} {trials:?}");
        }
    }
}
