//! The agent that opens and closes a run.

mod record;
mod verdict;

use portfolio_core::Book;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::config::RunConfig;
use crate::error::PipelineError;
use crate::execution::Staged;
use crate::market::MarketData;
use crate::market_data::Surveyed;
use crate::method::Method;
use crate::proposal::Proposed;
use crate::risk_stage::Assessed;

pub use record::VerdictSummary;
pub use verdict::{Verdict, VerdictDecision};

/// Admits a case, and gives the verdict on the results of the other agents.
#[derive(Debug, Clone, Copy, Default)]
pub struct Supervisor;

/// The supervisor's verdict on a run.
#[derive(Debug)]
pub struct Judged {
    pub(crate) verdict: Verdict,
}

impl Judged {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

impl Agent for Supervisor {
    const ID: AgentId = AgentId::Supervisor;
    const ROLE: &'static str = "Admits the portfolio, grants a stated number of relaxations, and decides from the \
                                severities of all limits: approved, review required, or rejected.";
    const OBJECTIVE: &'static str = "Decide from the severity of the limits";
}

impl Supervisor {
    /// Admits a case whose parts fit together.
    ///
    /// # Errors
    /// A veto for a panel whose assets differ from the book's, lists of unequal length, numbers outside their range, or
    /// limits that are not in ascending order.
    pub fn admit<'a>(
        &self,
        book: &'a Book,
        market: MarketData<'a>,
        config: &'a RunConfig,
    ) -> Result<Admitted<'a>, Veto> {
        check(book, &market, config).map_err(Veto::by(Self::ID))?;
        Ok(Admitted { book, market, config })
    }

    /// Decides from the severities of all measures of the other agents.
    #[must_use]
    pub fn act(
        &self,
        admitted: &Admitted<'_>,
        surveyed: &Surveyed,
        assessed: &Assessed,
        proposed: &Proposed,
        _: &Staged,
    ) -> Judged {
        Judged { verdict: Verdict::on(&admitted.config.limits, surveyed, assessed, proposed) }
    }
}

fn check(book: &Book, market: &MarketData<'_>, config: &RunConfig) -> Result<(), PipelineError> {
    config.limits.check()?;
    config.objective.check()?;
    let expected = book.assets();
    if market.panel.universe() != book.universe() {
        return Err(PipelineError::Universe);
    }
    let per_asset = |list, got: usize| {
        if got == expected { Ok(()) } else { Err(PipelineError::Length { list, expected, got }) }
    };
    per_asset("target weights", config.policy.weights.len())?;
    per_asset("costs", config.costs.assets())?;
    for (list, got) in
        [("volumes", market.average_daily_volumes.len()), ("market returns", market.market_returns.len())]
    {
        if got > 0 {
            per_asset(list, got)?;
        }
    }
    let out = |name, value| Err(PipelineError::OutOfRange { name, value });
    let volumes = market.average_daily_volumes.iter().flatten();
    if let Some(&value) = volumes.into_iter().find(|v| !(**v > 0.0 && v.is_finite())) {
        return out("average daily volume", value);
    }
    if !config.stand_ins.is_empty() {
        per_asset("stand-ins", config.stand_ins.len())?;
    }
    match &config.method {
        Method::Drift { tilt_budget: Some(budget) } if !(0.0..=1.0).contains(budget) => {
            return out("tracking-error budget", *budget);
        }
        Method::Drift { .. } => {}
        Method::Optimal(method) => {
            if let Some(budget) = method.tilt_budget.filter(|budget| !(0.0..=1.0).contains(budget)) {
                return out("tracking-error budget", budget);
            }
            if let Some(path) = &method.path {
                if path.periods == 0 {
                    return out("periods", 0.0);
                }
                if let Some(half_life) =
                    path.forecast_half_life.filter(|half_life| half_life.is_nan() || *half_life <= 0.0)
                {
                    return out("forecast half-life", half_life);
                }
                let mut value = 1.0;
                for flow in path.flows() {
                    value += flow;
                    if !(value > 0.0 && value.is_finite()) {
                        return out("value after cash flows", value);
                    }
                }
            }
            per_asset("lower bounds", method.lower.len())?;
            per_asset("upper bounds", method.upper.len())?;
        }
    }
    if let Some(options) = &config.simulation {
        options.check().map_err(PipelineError::Simulation)?;
    }
    if let Some(rules) = &config.rules {
        rules.check(expected)?;
    }
    Ok(config.sizing.check()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use portfolio_core::{ReturnPanel, Universe};

    fn refused(spoil: impl FnOnce(&mut Case)) -> PipelineError {
        let mut case = Case::pair();
        spoil(&mut case);
        let lent = case.lend();
        let veto = Supervisor.admit(&lent.book, lent.market(), &case.config).unwrap_err();
        assert_eq!(veto.agent, AgentId::Supervisor);
        veto.cause
    }

    #[test]
    fn a_case_whose_parts_fit_is_admitted() {
        let case = Case::pair();
        let lent = case.lend();
        assert!(Supervisor.admit(&lent.book, lent.market(), &case.config).is_ok());
    }

    #[test]
    fn lists_that_do_not_fit_are_refused_by_name() {
        let short = refused(|case| case.config.policy.weights.truncate(1));
        assert_eq!(short, PipelineError::Length { list: "target weights", expected: 2, got: 1 });
        let long = refused(|case| case.volumes.push(None));
        assert_eq!(long, PipelineError::Length { list: "volumes", expected: 2, got: 3 });
        let bounds =
            refused(|case| case.config.method = Method::Optimal(Box::new(crate::method::OptimalMethod::long_only(3))));
        assert_eq!(bounds, PipelineError::Length { list: "lower bounds", expected: 2, got: 3 });
    }

    #[test]
    fn a_panel_of_other_assets_is_refused() {
        let case = Case::pair();
        let lent = case.lend();
        let other = Universe::new(["A1", "A0"]).unwrap();
        let panel = ReturnPanel::new(other, case.returns.clone()).unwrap();
        let veto = Supervisor.admit(&lent.book, MarketData::new(&panel), &case.config).unwrap_err();
        assert_eq!(veto.cause, PipelineError::Universe);
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        assert!(matches!(refused(|c| c.volumes[1] = Some(-1.0)), PipelineError::OutOfRange { .. }));
        let budget = refused(|c| c.config.method = Method::Drift { tilt_budget: Some(2.0) });
        assert!(matches!(budget, PipelineError::OutOfRange { name: "tracking-error budget", .. }));
        assert!(matches!(refused(|c| c.config.sizing.turnover_limit = 0.0), PipelineError::Sizing(_)));
        let paths = refused(|c| c.config.simulation.as_mut().unwrap().paths = 0);
        assert!(matches!(paths, PipelineError::Simulation(_)));
    }

    #[test]
    fn limits_that_do_not_ascend_are_refused() {
        let cause = refused(|case| case.config.limits.concentration.warning = 0.9);
        assert_eq!(cause, PipelineError::Limits { measure: "concentration" });
    }
}
