//! Questions about a Sharpe ratio, and their answers.

use ::evaluate::{NoFigure, SharpeMoments, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, optional_integer, optional_object};
use crate::dto::absent;
use crate::dto::checks::{check_returns, check_total_returns};
use crate::dto::discovery::{FalseDiscoveryFigures, FalseDiscoveryRequest};
use crate::dto::metadata::Metadata;
use crate::dto::ranges::PeriodReturn;
use crate::dto::study::{CountedStudy, check_study};
use crate::dto::warning::PlanWarning;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// A track record whose Sharpe ratio is to be evaluated: its returns, or their moments.
///
/// Rules beyond the ranges: either `returns`, or `mean`, `sd`, `skewness`, `kurtosis` and `observations` (and
/// `autocorrelation`); `kurtosis` is at least 1 + skewness²; `trial_variance` goes with `trials` or `study`, of which one is sent; the ratio of `false_discovery` is above
/// the benchmark's; at most 100,000 returns.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "mean": 0.036, "sd": 0.079, "skewness": -2.448, "kurtosis": 10.164, "autocorrelation": 0.2, "observations": 24,
    "trials": 10, "trial_variance": 0.1
}))]
pub struct SharpeInferenceRequest {
    /// Simple returns above the riskless rate, oldest first.
    #[schema(value_type = Option<Vec<PeriodReturn>>, example = json!([0.02, -0.01, 0.03, 0.01]), min_items = 1, max_items = 100_000)]
    pub returns: Option<Vec<f64>>,
    /// Mean return per period above the riskless rate, a fraction.
    #[schema(example = 0.036, minimum = -1.0, maximum = 100.0)]
    #[validate(range(min = -1.0, max = 100.0))]
    pub mean: Option<f64>,
    /// Standard deviation per period, a fraction.
    #[schema(example = 0.079, exclusive_minimum = 0.0, maximum = 1000.0)]
    #[validate(range(exclusive_min = 0.0, max = 1000.0))]
    pub sd: Option<f64>,
    /// Skewness, negative when the large moves are losses.
    #[schema(example = -2.448, minimum = -1000.0, maximum = 1000.0)]
    #[validate(range(min = -1000.0, max = 1000.0))]
    pub skewness: Option<f64>,
    /// Raw kurtosis, 3 for the normal law: not the excess.
    #[schema(example = 10.164, minimum = 1.0, maximum = 10_000_000.0)]
    #[validate(range(min = 1.0, max = 10_000_000.0))]
    pub kurtosis: Option<f64>,
    /// Autocorrelation at lag one; that of `returns` is estimated.
    #[schema(default = 0.0, example = 0.2, minimum = -0.99, maximum = 0.99)]
    #[validate(range(min = -0.99, max = 0.99))]
    pub autocorrelation: Option<f64>,
    /// Number of returns behind the moments.
    #[schema(example = 24, minimum = 2, maximum = 1_000_000_000)]
    #[validate(range(min = 2, max = 1_000_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub observations: Option<u64>,
    /// Sharpe ratio per period that the strategy has to beat.
    #[schema(default = 0.0, example = 0.0, minimum = -100.0, maximum = 100.0)]
    #[validate(range(min = -100.0, max = 100.0))]
    pub benchmark_sharpe_per_period: Option<f64>,
    /// Significance level of the one-sided test.
    #[schema(default = json!(absent::SIGNIFICANCE), example = 0.05, minimum = 0.0001, maximum = 0.5)]
    #[validate(range(min = 0.0001, max = 0.5))]
    pub significance: Option<f64>,
    /// Number of strategies that were tried, this one included; strategies that resemble each other count as one.
    #[schema(example = 10, minimum = 1, maximum = 1_000_000_000)]
    #[validate(range(min = 1, max = 1_000_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub trials: Option<u64>,
    /// Variance of the Sharpe ratios per period of the trials.
    #[schema(example = 0.1, minimum = 0.0, maximum = 10_000.0)]
    #[validate(range(min = 0.0, max = 10_000.0))]
    pub trial_variance: Option<f64>,
    /// Name of a study whose trials are the number of strategies that were tried, in place of `trials`. It takes part as it stands: the track
    /// record is one of its trials.
    #[schema(example = "fund-7", min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    pub study: Option<String>,
    /// Assumptions about strategies with skill, for the false discovery rates.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub false_discovery: Option<FalseDiscoveryRequest>,
}

impl SharpeInferenceRequest {
    /// The moments that were sent, by name; the last one is not required.
    fn sent(&self) -> [(&'static str, bool); 6] {
        [
            ("mean", self.mean.is_some()),
            ("sd", self.sd.is_some()),
            ("skewness", self.skewness.is_some()),
            ("kurtosis", self.kurtosis.is_some()),
            ("observations", self.observations.is_some()),
            ("autocorrelation", self.autocorrelation.is_some()),
        ]
    }
}

impl Document for SharpeInferenceRequest {
    fn check_size(&self, faults: &mut Faults) {
        check_total_returns(self.returns.as_ref().map_or(0, Vec::len), "/returns", faults);
    }

    fn check(&self, faults: &mut Faults) {
        let sent = self.sent();
        if let Some(returns) = &self.returns {
            for (name, _) in sent.iter().filter(|(_, is_sent)| *is_sent) {
                faults.add(
                    format!("/{name}"),
                    FaultCode::Value,
                    "goes without returns, which have moments of their own",
                );
            }
            if returns.is_empty() {
                faults.add("/returns", FaultCode::Length, "must have at least 1 return");
            }
            check_returns(returns, |t| format!("/returns/{t}"), faults);
        } else if sent.iter().any(|(_, is_sent)| *is_sent) {
            for (name, _) in sent[..5].iter().filter(|(_, is_sent)| !is_sent) {
                faults.add(format!("/{name}"), FaultCode::Required, "is required without returns");
            }
        } else {
            let detail = "is required, or mean, sd, skewness, kurtosis and observations";
            faults.add("/returns", FaultCode::Required, detail);
        }
        if let (Some(skewness), Some(kurtosis)) = (self.skewness, self.kurtosis)
            // Below 1 it is out of its range, which is told already.
            && kurtosis >= 1.0
            && kurtosis < (1.0 + skewness * skewness) * (1.0 - 1e-9)
        {
            let detail = "must be at least 1 + skewness², as every distribution has it: is it the excess kurtosis?";
            faults.add("/kurtosis", FaultCode::Value, detail);
        }
        check_study(self.study.as_deref(), faults);
        if self.study.is_some() && self.trials.is_some() {
            faults.add("/trials", FaultCode::Value, "goes without study, which counts the trials");
        }
        if self.trial_variance.is_some() && self.trials.is_none() && self.study.is_none() {
            faults.add("/trials", FaultCode::Required, "is required with trial_variance, or a study");
        }
        if let Some(asked) = &self.false_discovery {
            asked.check(self.benchmark_sharpe_per_period.unwrap_or_default(), faults);
        }
    }
}

/// A figure in the two forms in use.
///
/// `form_2012_14`: Bailey and López de Prado (2012, 2014); the variance is evaluated at the observed ratio and assumes
/// that returns are independent. `form_2025`: López de Prado, Lipton and Zoonekynd (2025); the variance is evaluated at
/// the ratio of the hypothesis and allows for autocorrelation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct SharpeFigure {
    /// By the formulas of 2012 and 2014; null with a reason in `unavailable`.
    #[schema(required, example = 0.938)]
    pub form_2012_14: Option<f64>,
    /// By the formulas of 2025; null with a reason in `unavailable`.
    #[schema(required, example = 0.939)]
    pub form_2025: Option<f64>,
}

/// The deflated Sharpe ratio in the two forms in use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct DeflatedSharpeFigure {
    /// By the formulas of 2014; null with a reason in `unavailable`.
    #[schema(required, example = 0.448)]
    pub form_2012_14: Option<f64>,
    /// By the formulas of 2025, with the variance of the maximum of all trials; null with a reason in `unavailable`.
    #[schema(required, example = 0.416)]
    pub form_2025: Option<f64>,
    /// By the formulas of 2025, with the variance of a single trial; null with a reason in `unavailable`.
    #[schema(required, example = 0.451)]
    pub form_2025_single: Option<f64>,
}

/// What the p-value of a verdict was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharpeVerdictBasis {
    /// `psr.form_2025`: no trials were named.
    Psr,
    /// The least of `deflated.form_2025`, `deflated.form_2025_single` and `psr.form_2025`: the trials are in the p-value.
    Deflated,
    /// `psr.form_2025` against the level divided by the number of trials (Bonferroni): their variance was not given.
    PsrBonferroni,
}

/// Whether a strategy is better than its benchmark, and the basis of that verdict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct SharpeVerdict {
    /// The answer.
    pub verdict: Verdict,
    /// Significance level, over all trials.
    #[schema(example = 0.05)]
    pub significance: f64,
    /// Number of trials that it allows for.
    #[schema(example = 10)]
    pub trials: u64,
    /// One-sided p-value, of the side on which the ratio lies.
    #[schema(example = 0.584)]
    pub p_value: f64,
    /// What the p-value was computed from.
    pub basis: SharpeVerdictBasis,
}

/// A figure of an evaluation that does not exist, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingEvaluation {
    /// JSON pointer to the figure in this answer.
    #[schema(example = "/deflated/form_2025")]
    pub pointer: String,
    /// Machine-readable cause.
    pub reason: NoFigure,
    /// The cause as a sentence.
    #[schema(example = "the number of trials was not given")]
    pub detail: String,
}

/// What a track record says about the true Sharpe ratio.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharpeInferenceResponse {
    /// Observed Sharpe ratio per period, not annualised; null with a reason in `unavailable`.
    #[schema(required, example = 0.456)]
    pub sharpe_per_period: Option<f64>,
    /// Its standard error at the observed ratio, with autocorrelation; null with a reason in `unavailable`.
    #[schema(required, example = 0.379)]
    pub standard_error: Option<f64>,
    /// The moments on which the figures are based; null when the returns have none.
    #[schema(required)]
    pub moments: Option<SharpeMoments>,
    /// Sharpe ratio per period that had to be beaten.
    #[schema(example = 0.0)]
    pub benchmark_sharpe_per_period: f64,
    /// Probabilistic Sharpe ratio: one minus the p-value of the hypothesis that the true ratio is that of the benchmark.
    pub psr: SharpeFigure,
    /// Deflated Sharpe ratio: the probabilistic ratio against the benchmark plus what the best of all trials is expected to reach
    /// without skill.
    pub deflated: DeflatedSharpeFigure,
    /// What the best of all trials is expected to reach without skill, per period; null with a reason in `unavailable`.
    #[schema(required, example = 0.498)]
    pub expected_maximum_sharpe_per_period: Option<f64>,
    /// Number of periods with these moments that would show, at the level, that the ratio is above the benchmark.
    pub minimum_track_record: SharpeFigure,
    /// The study that was counted; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub study: Option<CountedStudy>,
    /// How many of the strategies that pass have no skill; null with a reason in `unavailable` unless `false_discovery`
    /// was sent.
    #[schema(required)]
    pub false_discovery: Option<FalseDiscoveryFigures>,
    /// The verdict; null when no p-value exists.
    #[schema(required)]
    pub judgement: Option<SharpeVerdict>,
    /// Figures that do not exist, and why.
    pub unavailable: Vec<MissingEvaluation>,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
