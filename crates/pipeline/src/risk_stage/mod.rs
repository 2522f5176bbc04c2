//! The third agent: the risk of the book now and at its targets, and a gauge for the proposal of the next agent.

mod active;
mod doubt;
mod record;
mod stress_loss;

use std::borrow::Cow;
use std::sync::Arc;

use portfolio_core::Confidence;
use risk::inference::{FigureIntervals, figure_intervals};
use risk::{RiskFigure, RiskOptions, RiskSummary, UnavailableReason, summarise, tracking_error};

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::error::PipelineError;
use crate::forecasting::Forecasted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{RiskBudget, Severity};
use crate::market_data::{Evidence, Surveyed};
use crate::relaxation::{Relaxation, RelaxationKind, RelaxationReason};
use crate::simulation::{BookDrift, BookHistory, NoSimulation, Simulated, SimulatedBeside, Simulator, missing_beside};
use crate::warning::{MissingFigure, RunWarning};
use doubt::beside_policy;
use stress_loss::StressGauge;

pub use active::PolicyActiveRisk;
pub(crate) use doubt::Doubt;
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
    pub(crate) intervals: FigureIntervals,
    pub(crate) intervals_target: FigureIntervals,
    pub(crate) simulator: Simulator,
    pub(crate) simulation: Result<Simulated, NoSimulation>,
    pub(crate) simulation_target: Result<SimulatedBeside, NoSimulation>,
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

    /// Limit checks of the current weights.
    #[must_use]
    pub fn checks(&self) -> &[LimitCheck] {
        &self.checks
    }

    /// The relaxations that the agent requests.
    #[must_use]
    pub fn asked(&self) -> &[Relaxation] {
        &self.asked
    }
}

impl Agent for RiskAgent {
    const ID: AgentId = AgentId::Risk;
    const ROLE: &'static str = "Measures the current and the target book on their own history, simulates both, \
                                compares limits, and gauges what the optimizer proposes.";
    const OBJECTIVE: &'static str = "Measure the book on its own history and compare limits";
}

impl RiskAgent {
    /// Measures a forecasted case.
    ///
    /// # Errors
    /// A veto when a figure rejects its input.
    pub fn act(&self, admitted: &Admitted<'_>, surveyed: &Surveyed, forecasted: &Forecasted) -> Result<Assessed, Veto> {
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
        let yardstick = Yardstick { benchmark: benchmark.into_owned(), risk_free_rate: config.risk_free_rate };
        let now = yardstick.measure(&current).map_err(Veto::by(Self::ID))?;
        let simulator = Simulator::of(config, BookDrift::of(config, forecasted.forecasts(), &target));
        let simulation = simulator.simulate(BookHistory { weights: admitted.current(), returns: &current });
        let simulation_target = simulator.beside(BookHistory { weights: admitted.target(), returns: &target });
        let measured = yardstick.measure(&target).map_err(Veto::by(Self::ID))?;
        let intervals = yardstick.intervals(&current).map_err(Veto::by(Self::ID))?;
        let intervals_target = yardstick.intervals(&target).map_err(Veto::by(Self::ID))?;
        let gauge = RiskGauge {
            yardstick,
            budget: config.limits.risk,
            policy: measured.clone(),
            policy_returns: target,
            stress: StressGauge::of(admitted),
            evidence: surveyed.common.evidence(admitted),
        };
        let target = measured;
        warnings.extend(now.unavailable.iter().map(|missing| RunWarning::FigureUnavailable {
            figure: MissingFigure::RiskNow { metric: missing.metric, reason: missing.reason },
        }));
        warnings.extend(first_missing(&target, |reason| MissingFigure::RiskTarget { reason }));
        let missing = simulation.as_ref().err().map(|reason| MissingFigure::Simulation { reason: reason.clone() });
        let missing = missing.or_else(|| {
            let reason = missing_beside(&simulation, &simulation_target)?;
            Some(MissingFigure::SimulationTarget { reason: reason.clone() })
        });
        let simulation_warning = missing.map(|figure| RunWarning::FigureUnavailable { figure });
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
        let checks = gauge.checks(LimitPoint::Before, admitted.current(), &current, &now);
        // A plan trades nothing that is neither held nor in the policy, so the book after it lacks no other series.
        let unassessed = checks.iter().filter(|check| check.is_stress_unassessed()).filter_map(|check| check.reason);
        warnings.extend(
            unassessed.map(|reason| RunWarning::FigureUnavailable { figure: MissingFigure::StressLoss { reason } }),
        );
        Ok(Assessed {
            checks: checks.into(),
            gauge,
            current_returns: current,
            now,
            target,
            active: active.map_err(Veto::by(Self::ID))?,
            intervals,
            intervals_target,
            simulator,
            simulation,
            simulation_target,
            asked,
            warnings,
            simulation_warning,
        })
    }
}

/// For the target and the planned book, one warning names the first missing figure.
pub(crate) fn first_missing(
    summary: &RiskSummary,
    figure: impl FnOnce(risk::UnavailableReason) -> MissingFigure,
) -> Option<RunWarning> {
    summary.unavailable.first().map(|missing| RunWarning::FigureUnavailable { figure: figure(missing.reason) })
}

/// Computes the figures of a return series with the same benchmark, rate and conventions for every set of weights.
#[derive(Debug)]
pub(crate) struct Yardstick {
    benchmark: Vec<f64>,
    risk_free_rate: f64,
}

impl Yardstick {
    fn options(&self) -> RiskOptions {
        RiskOptions { risk_free_rate: self.risk_free_rate, ..RiskOptions::default() }
    }

    /// The uncertainty of the figures of a return series, at 95 %.
    fn intervals(&self, returns: &[f64]) -> Result<FigureIntervals, PipelineError> {
        Ok(figure_intervals(returns, Confidence::P95, &self.options())?)
    }

    /// The figures of a return series; the tracking error is over the tail that series and benchmark share.
    fn measure(&self, returns: &[f64]) -> Result<RiskSummary, PipelineError> {
        let options = self.options();
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

/// Measures the risk of a set of weights, and its severity relative to the risk of the policy.
#[derive(Debug)]
pub(crate) struct RiskGauge {
    yardstick: Yardstick,
    budget: RiskBudget,
    policy: RiskSummary,
    policy_returns: Vec<f64>,
    stress: StressGauge,
    evidence: Evidence,
}

impl RiskGauge {
    /// The figures of a return series.
    pub(crate) fn measure(&self, returns: &[f64]) -> Result<RiskSummary, PipelineError> {
        self.yardstick.measure(returns)
    }

    /// The uncertainty of the figures of a return series, at 95 %.
    pub(crate) fn intervals(&self, returns: &[f64]) -> Result<FigureIntervals, PipelineError> {
        self.yardstick.intervals(returns)
    }

    /// The relative errors of a figure because a history was completed, beside an independent error of the policy's.
    pub(crate) fn doubt(&self, measure: Measure) -> Doubt {
        Doubt::of(self.evidence, measure, beside_policy(measure, 1.0))
    }

    /// The checks of the figures with a limit, where the limits follow from the risk of the policy.
    ///
    /// Less data never gives a milder check. A figure counts as not assessed if an asset with a short history enters it, unless it is
    /// blocking; it is critical at least if completed histories leave open whether it exceeds its critical level, and a warning at least if
    /// they leave open whether it exceeds that level. How far a completed history can be below the whole one is `Evidence::doubt`.
    pub(crate) fn checks(
        &self,
        point: LimitPoint,
        weights: &[f64],
        returns: &[f64],
        summary: &RiskSummary,
    ) -> Vec<LimitCheck> {
        let (budget, policy) = (&self.budget, &self.policy);
        let to_policy = tracking_error(returns, &self.policy_returns, &self.yardstick.options());
        let figure = |figure: RiskFigure| summary.figure(figure);
        let to_policy = to_policy.map_err(|_| UnavailableReason::TooFewReturns);
        let apart = match (to_policy, policy.volatility) {
            (Ok(tracking), Some(volatility)) if volatility > 0.0 => tracking / volatility,
            _ => 1.0,
        };
        [
            (Measure::Volatility, budget.volatility(policy), figure(RiskFigure::Volatility)),
            (Measure::Var95, budget.var_95(policy), figure(RiskFigure::Var95)),
            (Measure::Cvar95, budget.cvar_95(policy), figure(RiskFigure::Cvar95)),
            (Measure::TrackingError, budget.tracking_error(policy), to_policy),
        ]
        .into_iter()
        .map(|(measure, levels, value)| {
            let reason = || value.err().map_or(CheckReason::Unavailable, CheckReason::Missing);
            let check = LimitCheck::of(measure, point, levels, value.ok(), reason);
            let check = match measure {
                Measure::Var95 => {
                    let severity = RiskBudget::implausibility(policy);
                    check.at_least(severity, CheckReason::ImplausibleHistory)
                }
                _ => check,
            };
            if self.evidence.is_short() {
                return check.at_least(Severity::NotAssessed, CheckReason::ShortHistory);
            }
            // A level that the figure exceeds by itself is no matter of doubt.
            let might_be = Doubt::of(self.evidence, measure, beside_policy(measure, apart)).severity(&check);
            match might_be {
                Severity::Critical if check.severity < might_be => {
                    check.at_least(might_be, CheckReason::CompletedHistory)
                }
                Severity::Warning if check.severity < might_be => {
                    check.at_least(might_be, CheckReason::CompletedHistoryWarns)
                }
                _ => check,
            }
        })
        .chain(self.stress.check(point, weights))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Policy;
    use crate::sample::Case;

    #[test]
    fn the_book_is_measured_before_and_against_its_limits() {
        let assessed = Case::pair().lend().assessed();
        assert!(assessed.now().var_95.is_some() && assessed.asked().is_empty());
        assert!(assessed.checks().iter().all(|check| check.severity == Severity::Clear), "{:?}", assessed.checks());
        assert!(assessed.simulation.is_ok());
    }

    #[test]
    fn a_book_is_wild_or_calm_beside_its_policy() {
        let mut case = Case::pair();
        case.returns.iter_mut().flatten().for_each(|r| *r *= 11.0);
        let assessed = case.lend().assessed();
        let var = assessed.checks().iter().find(|check| check.measure == Measure::Var95).unwrap();
        assert_eq!(var.severity, Severity::Clear, "the policy is as wild: {var:?}");
        // The same book under a policy with half in cash.
        case.config.policy = Policy { weights: vec![0.3, 0.2], cash_weight: 0.5 };
        let assessed = case.lend().assessed();
        let graves: Vec<Severity> = assessed.checks().iter().map(|check| check.severity).collect();
        assert_eq!(graves, [Severity::Critical; 4], "{:?}", assessed.checks());
    }

    #[test]
    fn a_figure_above_its_level_on_whole_histories_leaves_nothing_open() {
        let mut case = Case::pair();
        case.config.policy = Policy { weights: vec![0.48, 0.32], cash_weight: 0.2 };
        let assessed = case.lend().assessed();
        let above = assessed.checks().iter().filter(|check| check.severity == Severity::Warning);
        let reasons: Vec<_> = above.map(|check| check.reason).collect();
        assert!(!reasons.is_empty(), "{:?}", assessed.checks());
        assert!(reasons.iter().all(Option::is_none), "{reasons:?}");
    }

    #[test]
    fn a_short_history_leaves_the_risk_unassessed_with_its_value() {
        let mut case = Case::pair();
        case.returns[1].drain(..20);
        let assessed = case.lend().assessed();
        for check in assessed.checks() {
            assert_eq!((check.severity, check.reason), (Severity::NotAssessed, Some(CheckReason::ShortHistory)));
            assert!(check.value.is_some());
        }
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
        // The default model uses the rate too, and would reject it first.
        case.config = case.config.with_forecaster(forecast::Ensemble::default());
        let lent = case.lend();
        let (admitted, surveyed) = (lent.admitted(), lent.surveyed());
        let veto = RiskAgent.act(&admitted, &surveyed, &lent.forecasted()).unwrap_err();
        assert_eq!(veto.agent, AgentId::Risk);
        assert!(matches!(veto.cause, PipelineError::Risk(_)));
    }
}
