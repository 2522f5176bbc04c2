//! Handles a problem that the structured engine has not solved.

use crate::OptimizerError;
#[cfg(feature = "conic")]
use crate::infeasible::Infeasibility;
use crate::model::RiskModel;
use crate::outcome::Engine;
use crate::polish::Candidate;
use crate::problem::RebalanceProblem;
use crate::program::Program;

/// The result of the second engine.
pub(crate) enum Settled {
    /// The limits contradict each other. Only the conic solver finds out which.
    #[cfg(feature = "conic")]
    Infeasible(Box<Infeasibility>),
    /// The better of the two engines' candidates, proven or not; `None` when the limits contradict each other without a
    /// proof.
    Candidate(Option<Candidate>, Engine),
}

/// Diagnoses contradictory limits; if there are none, obtains another candidate from the conic solver.
#[cfg(feature = "conic")]
pub(crate) fn settle(
    problem: &RebalanceProblem,
    program: &Program<'_>,
    model: &RiskModel,
    found: Option<Candidate>,
) -> Result<Settled, OptimizerError> {
    if let Some(why) = crate::infeasible::diagnose(problem, program, model)? {
        return Ok(Settled::Infeasible(Box::new(why)));
    }
    if program.crossed() {
        return Ok(Settled::Candidate(None, Engine::Conic));
    }
    let mut best = (found, Engine::Structured);
    if let Some(point) = crate::conic::minimise(program, model) {
        let polished = crate::polish::polish(program, point.candidate(program), point.active_set(program));
        if best.0.as_ref().is_none_or(|b| polished.distance() < b.distance()) {
            best = (Some(polished), Engine::Conic);
        }
    }
    Ok(Settled::Candidate(best.0, best.1))
}

/// Without the conic solver, the structured engine's candidate is final.
#[cfg(not(feature = "conic"))]
pub(crate) fn settle(
    _problem: &RebalanceProblem,
    program: &Program<'_>,
    _model: &RiskModel,
    found: Option<Candidate>,
) -> Result<Settled, OptimizerError> {
    use crate::error::ConicPurpose;

    match found {
        Some(c) if c.is_proven(program, crate::tolerance::ACCEPTED) => {
            Ok(Settled::Candidate(Some(c), Engine::Structured))
        }
        Some(c) => Err(OptimizerError::NeedsConic { purpose: ConicPurpose::SecondEngine { gap: c.gap } }),
        None => Err(OptimizerError::NeedsConic { purpose: ConicPurpose::Diagnosis }),
    }
}
