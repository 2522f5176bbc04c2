//! The third agent: what the book risks now and at its targets, and a gauge for whatever the next agent proposes.

use std::sync::Arc;

use risk::{RiskOptions, RiskSummary, summarise};
use stress::{PortfolioLaw, SimulationReport, StressError, simulate};

use crate::forecasting::Forecasted;
use crate::limits::{LimitCheck, LimitPoint, Measure, RiskLimits};
use crate::relaxation::{Relaxation, RelaxationKind};
use crate::{Agent, AgentId, PipelineError, PlanWarning, Portfolio, Veto};

/// Measures the book and compares limits.
#[derive(Debug, Clone, Copy, Default)]
pub struct RiskAgent;

/// A forecasted portfolio with its risk now and at its targets.
#[derive(Debug)]
pub struct Assessed {
    pub(crate) forecasted: Forecasted,
    pub(crate) gauge: RiskGauge,
    pub(crate) current_returns: Vec<f64>,
    pub(crate) now: RiskSummary,
    pub(crate) target: RiskSummary,
    pub(crate) simulation: Result<SimulationReport, String>,
    pub(crate) checks: Arc<[LimitCheck]>,
    pub(crate) asked: Vec<Relaxation>,
    pub(crate) warnings: Vec<PlanWarning>,
    pub(crate) simulation_warning: Option<PlanWarning>,
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

    /// What the agent asks the supervisor to do without.
    #[must_use]
    pub fn asked(&self) -> &[Relaxation] {
        &self.asked
    }
}

impl Agent for RiskAgent {
    type Input = Forecasted;
    type Output = Assessed;
    const ID: AgentId = AgentId::Risk;
    const ROLE: &'static str = "Measures the current and the target book on their own history, simulates the current one, \
                                compares limits, and gauges what the optimizer proposes.";
    const OBJECTIVE: &'static str = "Measure the book on its own history and compare limits";

    /// # Errors
    /// A veto when a figure refuses its input.
    fn act(&self, forecasted: Forecasted) -> Result<Assessed, Veto> {
        let portfolio = &forecasted.surveyed.admitted.portfolio;
        let market = &forecasted.surveyed.market;
        let limits = &forecasted.surveyed.admitted.limits.risk;
        let current = market.returns_of(&portfolio.weights.current);
        let target = market.returns_of(&portfolio.weights.target);
        let mut warnings = Vec::new();
        let benchmark = match &portfolio.benchmark {
            Some(sent) => {
                if sent.len() < current.len() {
                    let detail =
                        format!("the benchmark is shorter: tracking error uses its {} observations", sent.len());
                    warnings.push(PlanWarning::new("benchmark_aligned", "/benchmark_returns", detail));
                }
                sent.clone()
            }
            None => target.clone(),
        };
        let gauge = RiskGauge { benchmark, risk_free_rate: portfolio.risk_free_rate };
        let now = gauge.measure(&current).map_err(Veto::by(Self::ID))?;
        let simulation = simulation(portfolio, &current);
        let target = gauge.measure(&target).map_err(Veto::by(Self::ID))?;
        warnings.extend(now.unavailable.iter().map(|missing| {
            let pointer = format!("/risk_metrics/{}", missing.metric);
            PlanWarning::new("figure_unavailable", pointer, missing.reason.to_string())
        }));
        warnings.extend(first_missing("/target_risk_metrics", &target));
        let simulation_warning =
            simulation.as_ref().err().map(|reason| PlanWarning::new("figure_unavailable", "/monte_carlo", reason));
        let mut asked = Vec::new();
        if now.var_95.is_none() {
            let reason = "the histories support no risk figures";
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutRiskFigures, reason));
        }
        if portfolio.simulation.is_some()
            && let Err(reason) = &simulation
        {
            asked.push(Relaxation::ask(Self::ID, RelaxationKind::WithoutSimulation, reason));
        }
        Ok(Assessed {
            checks: checks(limits, LimitPoint::Before, &now).into(),
            gauge,
            current_returns: current,
            now,
            target,
            simulation,
            asked,
            warnings,
            simulation_warning,
            forecasted,
        })
    }
}

/// The risk figures with a limit, against their limits.
pub(crate) fn checks(limits: &RiskLimits, point: LimitPoint, summary: &RiskSummary) -> Vec<LimitCheck> {
    let reason = |metric: &str| {
        let missing = summary.unavailable.iter().find(|missing| missing.metric == metric);
        missing.map_or_else(|| "it is unavailable".to_owned(), |missing| missing.reason.to_string())
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

/// Of the target and the planned book, the first figure that is missing speaks for all.
pub(crate) fn first_missing(pointer: &str, summary: &RiskSummary) -> Option<PlanWarning> {
    let missing = summary.unavailable.first()?;
    Some(PlanWarning::new("figure_unavailable", pointer, missing.reason.to_string()))
}

/// One yardstick for every set of weights: the same benchmark, the same rate, the same conventions.
#[derive(Debug)]
pub(crate) struct RiskGauge {
    benchmark: Vec<f64>,
    risk_free_rate: f64,
}

impl RiskGauge {
    /// The seven figures of a return series; tracking error over the tail that series and benchmark share.
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

/// Simulates the current weights by their own return law, or says why that cannot be done.
///
/// With fixed weights the portfolio is one geometric Brownian motion, so the cost does not grow with the assets.
fn simulation(portfolio: &Portfolio, current_returns: &[f64]) -> Result<SimulationReport, String> {
    let Some(options) = &portfolio.simulation else {
        return Err("paths is 0: the simulation is switched off".to_owned());
    };
    PortfolioLaw::from_portfolio_returns(current_returns, RiskOptions::default().periods_per_year)
        .and_then(|law| simulate(law, options))
        .map_err(|error| law_words(&error))
}

/// Why a history has no law to simulate, in words.
pub(crate) fn law_words(error: &StressError) -> String {
    match error {
        StressError::TooFewReturns { .. } => "fewer than two common observations".to_owned(),
        StressError::TotalLoss { .. } => "the history holds a day on which the portfolio lost everything".to_owned(),
        StressError::Diverges { .. } | StressError::PortfolioLaw { .. } => {
            "the history is too extreme to be projected".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Severity;
    use crate::sample;

    #[test]
    fn the_book_is_measured_before_and_against_its_limits() {
        let assessed = RiskAgent.act(sample::forecasted(sample::pair())).unwrap();
        assert!(assessed.now().var_95.is_some() && assessed.asked().is_empty());
        assert!(assessed.checks().iter().all(|check| check.severity == Severity::Clear), "{:?}", assessed.checks());
        assert!(assessed.simulation.is_ok());
    }

    #[test]
    fn a_wild_book_passes_its_limits_visibly() {
        let mut portfolio = sample::pair();
        portfolio.returns.iter_mut().flatten().for_each(|r| *r *= 11.0);
        let assessed = RiskAgent.act(sample::forecasted(portfolio)).unwrap();
        let var = &assessed.checks()[0];
        assert_eq!((var.measure, var.severity), (Measure::Var95, Severity::Critical), "{var:?}");
    }

    #[test]
    fn without_a_history_it_asks_to_go_on_without_figures() {
        let mut portfolio = sample::pair();
        portfolio.returns[0].clear();
        let assessed = RiskAgent.act(sample::forecasted(portfolio)).unwrap();
        let kinds: Vec<RelaxationKind> = assessed.asked().iter().map(|asked| asked.kind).collect();
        assert_eq!(kinds, [RelaxationKind::WithoutRiskFigures, RelaxationKind::WithoutSimulation]);
        assert!(assessed.checks().iter().all(|check| check.severity == Severity::NotAssessed));
    }

    #[test]
    fn a_short_benchmark_moves_the_tracking_error_only() {
        let full = RiskAgent.act(sample::forecasted(sample::pair())).unwrap();
        let mut portfolio = sample::pair();
        portfolio.benchmark = Some(portfolio.returns[0][30..].to_vec());
        let short = RiskAgent.act(sample::forecasted(portfolio)).unwrap();
        assert_eq!(short.warnings[0].code, "benchmark_aligned");
        assert_eq!(short.now().var_95, full.now().var_95);
        assert_ne!(short.now().tracking_error, full.now().tracking_error);
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        let mut portfolio = sample::pair();
        portfolio.risk_free_rate = f64::NAN;
        let veto = RiskAgent.act(sample::forecasted(portfolio)).unwrap_err();
        assert_eq!(veto.agent, AgentId::Risk);
        assert!(matches!(veto.cause, PipelineError::Risk(_)));
    }
}
