//! The agent that opens a run and closes it.

mod verdict;

use crate::execution::Staged;
use crate::{Agent, AgentId, PipelineError, Portfolio, SupervisorLimits, Veto};

pub(crate) use verdict::concentration;
pub use verdict::{Verdict, VerdictDecision};

/// Admits a portfolio, and gives the verdict on what the others made of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Supervisor {
    /// What plans are held against.
    pub limits: SupervisorLimits,
}

/// A portfolio whose parts fit together, and the limits of the run.
#[derive(Debug, Clone)]
pub struct Admitted {
    pub(crate) portfolio: Portfolio,
    pub(crate) limits: SupervisorLimits,
}

/// A staged plan with the supervisor's verdict.
#[derive(Debug)]
pub struct Judged {
    pub(crate) staged: Staged,
    pub(crate) verdict: Verdict,
}

impl Judged {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

impl Supervisor {
    /// Lets a portfolio in.
    ///
    /// # Errors
    /// A veto for lists of unequal length, numbers outside their range, or limits of its own that are none.
    pub fn admit(&self, portfolio: Portfolio) -> Result<Admitted, Veto> {
        self.limits.check().and_then(|()| check(&portfolio)).map_err(Veto::by(AgentId::Supervisor))?;
        Ok(Admitted { portfolio, limits: self.limits })
    }
}

impl Agent for Supervisor {
    type Input = Staged;
    type Output = Judged;
    const ID: AgentId = AgentId::Supervisor;
    const ROLE: &'static str = "Admits the portfolio, grants a stated number of relaxations, and decides from the \
                                severities of all limits: approved, review required, or rejected.";
    const OBJECTIVE: &'static str = "Decide from the severity of the limits";

    /// # Errors
    /// None; it shares the agents' signature.
    fn act(&self, staged: Staged) -> Result<Judged, Veto> {
        let verdict = Verdict::on(&staged);
        Ok(Judged { staged, verdict })
    }
}

fn check(portfolio: &Portfolio) -> Result<(), PipelineError> {
    let expected = portfolio.names.len();
    if expected == 0 {
        return Err(PipelineError::NoAssets);
    }
    for (list, got) in [
        ("weights.target", portfolio.weights.target.len()),
        ("weights.current", portfolio.weights.current.len()),
        ("price", portfolio.price.len()),
        ("cost_bps", portfolio.cost_bps.len()),
        ("average_daily_volume", portfolio.average_daily_volume.len()),
        ("market_return", portfolio.market_return.len()),
        ("returns", portfolio.returns.len()),
        ("holdings", portfolio.holdings.len()),
    ] {
        if got != expected {
            return Err(PipelineError::Length { list, expected, got });
        }
    }
    let out = |name, value| Err(PipelineError::OutOfRange { name, value });
    if !(portfolio.portfolio_value > 0.0 && portfolio.portfolio_value.is_finite()) {
        return out("portfolio_value", portfolio.portfolio_value);
    }
    if let Some(&value) = portfolio.price.iter().find(|p| !(**p > 0.0 && p.is_finite())) {
        return out("price", value);
    }
    let volumes = portfolio.average_daily_volume.iter().flatten();
    if let Some(&value) = volumes.into_iter().find(|v| !(**v > 0.0 && v.is_finite())) {
        return out("average_daily_volume", value);
    }
    if !(0.0..=1.0).contains(&portfolio.tracking_error_budget) {
        return out("tracking_error_budget", portfolio.tracking_error_budget);
    }
    Ok(portfolio.sizing.check()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn refused(spoil: impl FnOnce(&mut Portfolio)) -> PipelineError {
        let mut portfolio = sample::pair();
        spoil(&mut portfolio);
        let veto = Supervisor::default().admit(portfolio).unwrap_err();
        assert_eq!(veto.agent, AgentId::Supervisor);
        veto.cause
    }

    #[test]
    fn a_portfolio_whose_parts_fit_is_admitted() {
        assert!(Supervisor::default().admit(sample::pair()).is_ok());
    }

    #[test]
    fn lists_that_do_not_fit_are_refused_by_name() {
        let empty = refused(|p| p.names.clear());
        assert_eq!(empty, PipelineError::NoAssets);
        let short = refused(|p| p.price.truncate(1));
        assert_eq!(short, PipelineError::Length { list: "price", expected: 2, got: 1 });
        let long = refused(|p| p.returns.push(Vec::new()));
        assert_eq!(long, PipelineError::Length { list: "returns", expected: 2, got: 3 });
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        assert!(matches!(refused(|p| p.price[0] = 0.0), PipelineError::OutOfRange { name: "price", .. }));
        assert!(matches!(refused(|p| p.portfolio_value = f64::NAN), PipelineError::OutOfRange { .. }));
        assert!(matches!(refused(|p| p.average_daily_volume[1] = Some(-1.0)), PipelineError::OutOfRange { .. }));
        assert!(matches!(refused(|p| p.tracking_error_budget = 2.0), PipelineError::OutOfRange { .. }));
        assert!(matches!(refused(|p| p.sizing.turnover_limit = 0.0), PipelineError::Sizing(_)));
    }

    #[test]
    fn limits_of_its_own_are_checked_too() {
        let mut supervisor = Supervisor::default();
        supervisor.limits.concentration.warning = 0.9;
        let veto = supervisor.admit(sample::pair()).unwrap_err();
        assert_eq!(veto.cause, PipelineError::Limits { measure: "concentration" });
    }
}
