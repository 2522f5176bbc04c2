//! Which period's limits contradict each other.

use super::problem::MultiPeriodProblem;
use crate::OptimizerError;
use crate::infeasible::Infeasibility;
use crate::model::AsRiskModel;
use crate::outcome::RebalanceOutcome;
use crate::problem::RebalanceProblem;
use crate::settings::SolveOptions;
use crate::solve::solve;

/// A period that no path can reach within its limits, and what is told of such a problem of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct PathConflict {
    /// The period, from 0.
    pub period: usize,
    /// The limits in conflict, their proof, and the smallest repair of this period: what is necessary, and not always
    /// all that is.
    pub infeasibility: Infeasibility,
    /// What contradicts itself: the weights of that period, with the trades of all periods up to it.
    pub problem: RebalanceProblem,
}

/// The first period whose weights cannot be within their limits, however the periods before it are traded; `None` where
/// there is none, or none can be proven.
///
/// The trades up to period `h` together are at most `h` times those of one, so a contradiction of that problem of one
/// period is one of the path.
///
/// # Errors
/// When the problem or an option is malformed.
pub fn path_conflict(
    problem: &MultiPeriodProblem,
    model: &impl AsRiskModel,
    options: &SolveOptions,
) -> Result<Option<PathConflict>, OptimizerError> {
    let model = model.as_risk_model();
    for period in 0..problem.periods() {
        let reachable = problem.reachable(period);
        match solve(&reachable, model.as_ref(), options) {
            Ok(RebalanceOutcome::Infeasible(infeasibility)) => {
                return Ok(Some(PathConflict { period, infeasibility, problem: reachable }));
            }
            Ok(RebalanceOutcome::Optimal(_))
            | Err(OptimizerError::NotProven { .. } | OptimizerError::NeedsConic { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
