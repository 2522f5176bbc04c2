//! The third agent: what the book risks now and at its targets, and a gauge for whatever the next agent proposes.

mod active;
mod record;

use std::borrow::Cow;
use std::sync::Arc;

use risk::{RiskOptions, RiskSummary, summarise};
use stress::SimulationReport;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::error::PipelineError;
use crate::forecasting::Forecasted;
use crate::limits::{CheckReason, LimitCheck, LimitPoint, Measure, RiskLimits};
use crate::market_data::Surveyed;
use crate::relaxation::{Relaxation, RelaxationKind, RelaxationReason};
use crate::simulation::{NoSimulation, simulation};
use crate::warning::{MissingFigure, RunWarning};

pub use active::PolicyActiveRisk;
pub use record::AssessmentSummary;

/// Measures the book and compares limits.
#[derive(Debug, Clone, Copy, Default)]
pub struct RiskAgent;

/// The risk of a book now and at its targets.
#[derive(Debug)]
pub struct Assessed {
    pub(crate) gauge: RiskGauge,
    pub(crate) current_returns: Vec<f64>,
    pub(crate) now: RiskSummary,
    pub(crate) target: RiskSummary,
    pub(crate) active: PolicyActiveRisk,
    pub(crate) simulation: Result<SimulationReport, NoSimulation>,
    pub(crate) checks: Arc<[LimitCheck]>,
    pub(crate) asked: Vec<Relaxation>,
    pub(crate) warnings: Vec<RunWarning>,
    pub(crate) simulation_warning: Option<RunWarning>,
}

impl Assessed {
    /// Risk of the current weights.
    #[must_use]
    pub fn now(&self) -> &RiskSummary {
        &self.now
    }

    /// Limits against the current weights.
    #[must_use]
    pub fn checks(&self) -> &[LimitCheck] {
        &self.checks
    }

    /// What the agent asks the supervisor to waive.
    #[must_use]
    pub fn asked(&self) -> &[Relaxation] {
        &self.asked
    }
}

impl Agent for RiskAgent {
    const ID: AgentId = AgentId::Risk;
    const ROLE: &'static str = "Measures the current and the target book on their own history, simulates the current one, \
                                compares limits, and gauges what the optimizer proposes.";
    const OBJECTIVE: &'static str = "Measure the book on its own history and compare limits";
}

impl RiskAgent {
    /// Measures a forecasted case.
    ///
    /// # Errors
    /// A veto when a figure refuses its input.
    pub fn act(&self, admitted: &Admitted<'_>, surveyed: &Surveyed, _: &Forecasted) -> Result<Assessed, Veto> {
        let config = admitted.config;
        let current = surveyed.common.returns_of(admitted.current());
        let target = surveyed.common.returns_of(admitted.target());
        let mut warnings = Vec::new();
        let benchmark = match admitted.market.benchmark {
            Some(sent) => {
                if sent.len() < current.len() {
                    warnings.push(RunWarning::BenchmarkAligned { observations: sent.len() });
                }
                Cow::Borrowed(sent)
            }
            None => Cow::Borrowed(target.as_slice()),
        };
        let gauge = RiskGauge { benchmark: benchmark.into_owned(), risk_free_rate: config.risk_free_rate };
        let now = gauge.measure(&current).map_err(Veto::by(Self::ID))?;
        let simulation = simulation(config.simulation.as_ref(), &current);
        let target = gauge.measure(&target).map_err(Veto::by(Self::ID))?;
        warnings.extend(now.unavailable.iter().map(|missing| RunWarning::FigureUnavailable {
            figure: MissingFigure::RiskNow { metric: missing.metric, reason: missing.reason },
        }));
        warnings.extend(first_missing(&target, |reason| MissingFigure::RiskTarget { reason }));
        let simulation_warning = simulation.as_ref().err().map(|reason| RunWarning::FigureUnavailable {
            figure: MissingFigure::Simulation { reason: reason.clone() },
        });
        let active = PolicyActiveRisk::of(&surveyed.common, admitted.current(), admitted.target());
        let mut asked = Vec::new();
        if now.var_95.is_none() {
            let reason = RelaxationReason::NoRiskFigures;
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutRiskFigures, reason));
        }
        if config.simulation.is_some()
            && let Err(reason) = &simulation
        {
            let reason = RelaxationReason::NoSimulation(reason.clone());
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutSimulation, reason));
        }
        Ok(Assessed {
            checks: checks(&config.limits.risk, LimitPoint::Before, &now).into(),
            gauge,
            current_returns: current,
            now,
            target,
            active: active.map_err(Veto::by(Self::ID))?,
            simulation,
            asked,
            warnings,
            simulation_warning,
        })
    }
}

/// The risk figures with a limit, against their limits.
pub(crate) fn checks(limits: &RiskLimits, point: LimitPoint, summary: &RiskSummary) -> Vec<LimitCheck> {
    let reason = |metric: &str| {
        let missing = summary.unavailable.iter().find(|missing| missing.metric == metric);
        missing.map_or(CheckReason::Unavailable, |missing| CheckReason::Missing(missing.reason))
    };
    let check = |measure, levels, value, metric| LimitCheck::of(measure, point, levels, value, || reason(metric));
    let mut checks = vec![
        check(Measure::Var95, limits.var_95, summary.var_95, "var_95"),
        check(Measure::MaxDrawdown, limits.max_drawdown, summary.max_drawdown, "max_drawdown"),
    ];
    if point == LimitPoint::After {
        checks.push(check(Measure::TrackingError, limits.tracking_error, summary.tracking_error, "tracking_error"));
    }
    checks
}

/// For the target and the planned book, one warning names the first missing figure.
pub(crate) fn first_missing(
    summary: &RiskSummary,
    figure: impl FnOnce(risk::UnavailableReason) -> MissingFigure,
) -> Option<RunWarning> {
    summary.unavailable.first().map(|missing| RunWarning::FigureUnavailable { figure: figure(missing.reason) })
}

/// One yardstick for every set of weights: the same benchmark, the same rate, the same conventions.
#[derive(Debug)]
pub(crate) struct RiskGauge {
    benchmark: Vec<f64>,
    risk_free_rate: f64,
}

impl RiskGauge {
    /// The figures of a return series; tracking error over the tail that series and benchmark share.
    pub(crate) fn measure(&self, returns: &[f64]) -> Result<RiskSummary, PipelineError> {
        let options = RiskOptions { risk_free_rate: self.risk_free_rate, ..RiskOptions::default() };
        let common = self.benchmark.len().min(returns.len());
        let benchmark = &self.benchmark[self.benchmark.len() - common..];
        if common == returns.len() {
            return Ok(summarise(returns, Some(benchmark), &options)?);
        }
        let mut all = summarise(returns, None, &options)?;
        let shared = summarise(&returns[returns.len() - common..], Some(benchmark), &options)?;
        all.tracking_error = shared.tracking_error;
        all.unavailable.retain(|u| u.metric != "tracking_error");
        all.unavailable.extend(shared.unavailable.into_iter().filter(|u| u.metric == "tracking_error"));
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Severity;
    use crate::sample::Case;

    #[test]
    fn the_book_is_measured_before_and_against_its_limits() {
        let assessed = Case::pair().lend().assessed();
        assert!(assessed.now().var_95.is_some() && assessed.asked().is_empty());
        assert!(assessed.checks().iter().all(|check| check.severity == Severity::Clear), "{:?}", assessed.checks());
        assert!(assessed.simulation.is_ok());
    }

    #[test]
    fn a_wild_book_passes_its_limits_visibly() {
        let mut case = Case::pair();
        case.returns.iter_mut().flatten().for_each(|r| *r *= 11.0);
        let assessed = case.lend().assessed();
        let var = &assessed.checks()[0];
        assert_eq!((var.measure, var.severity), (Measure::Var95, Severity::Critical), "{var:?}");
    }

    #[test]
    fn without_a_history_it_asks_to_go_on_without_figures() {
        let mut case = Case::pair();
        case.returns[0].clear();
        let assessed = case.lend().assessed();
        let kinds: Vec<RelaxationKind> = assessed.asked().iter().map(|asked| asked.kind).collect();
        assert_eq!(kinds, [RelaxationKind::WithoutRiskFigures, RelaxationKind::WithoutSimulation]);
        assert!(assessed.checks().iter().all(|check| check.severity == Severity::NotAssessed));
    }

    #[test]
    fn a_short_benchmark_moves_the_tracking_error_only() {
        let full = Case::pair().lend().assessed();
        let mut case = Case::pair();
        case.benchmark = Some(case.returns[0][30..].to_vec());
        let short = case.lend().assessed();
        assert_eq!(short.warnings[0], RunWarning::BenchmarkAligned { observations: 30 });
        assert_eq!(short.now().var_95, full.now().var_95);
        assert_ne!(short.now().tracking_error, full.now().tracking_error);
    }

    #[test]
    fn a_rate_that_is_not_a_number_is_refused() {
        let mut case = Case::pair();
        case.config.risk_free_rate = f64::NAN;
        let lent = case.lend();
        let (admitted, surveyed) = (lent.admitted(), lent.surveyed());
        let veto = RiskAgent.act(&admitted, &surveyed, &lent.forecasted()).unwrap_err();
        assert_eq!(veto.agent, AgentId::Risk);
        assert!(matches!(veto.cause, PipelineError::Risk(_)));
    }
}
