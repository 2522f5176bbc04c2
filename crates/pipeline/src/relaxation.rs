//! Relaxations: what an agent may ask the supervisor to waive, and the answer.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::agent::AgentId;
use crate::proposal::TiltReason;
use crate::simulation::NoSimulation;

/// Something an agent asked the supervisor to allow, and the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Relaxation {
    /// The agent that requested it.
    pub agent: AgentId,
    /// What was requested.
    pub kind: RelaxationKind,
    /// Whether it was granted. A limit that the request sets is never relaxed.
    pub granted: bool,
    /// Why it was requested, in a sentence.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "the histories support no risk figures"))]
    pub reason: RelaxationReason,
}

/// Why a relaxation was requested. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RelaxationReason {
    /// The histories support no risk figures.
    NoRiskFigures,
    /// The book cannot be simulated.
    NoSimulation(NoSimulation),
    /// The targets cannot be tilted.
    NoTilt(TiltReason),
    /// The turnover limit leaves assets outside their bands.
    OutsideBands {
        /// Number of assets.
        assets: usize,
    },
    /// The limits of the optimal method contradict each other.
    LimitsConflict,
}

impl fmt::Display for RelaxationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRiskFigures => f.write_str("the histories support no risk figures"),
            Self::NoSimulation(reason) => write!(f, "{reason}"),
            Self::NoTilt(reason) => write!(f, "{reason}"),
            Self::OutsideBands { assets: 1 } => f.write_str("the turnover limit leaves one asset outside its band"),
            Self::OutsideBands { assets } => write!(f, "the turnover limit leaves {assets} assets outside their bands"),
            Self::LimitsConflict => f.write_str("no portfolio keeps all of them"),
        }
    }
}

impl Serialize for RelaxationReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What can be requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RelaxationKind {
    /// To plan without figures of risk.
    WithoutRiskFigures,
    /// To plan without the requested simulation.
    WithoutSimulation,
    /// To use the policy targets without the requested forecast tilt.
    WithoutTilt,
    /// To trade more than the request's turnover limit, because an asset stays outside its band.
    LargerTurnover,
    /// To loosen limits of the optimal method that contradict each other; until then nothing trades.
    LooserLimits,
}

impl RelaxationKind {
    /// Whether the request itself forbids it.
    fn is_bound_by_request(self) -> bool {
        matches!(self, Self::LargerTurnover | Self::LooserLimits)
    }
}

impl Relaxation {
    /// A relaxation that is not answered yet.
    pub(crate) fn ask(agent: AgentId, kind: RelaxationKind, reason: RelaxationReason) -> Self {
        Self { agent, kind, granted: false, reason }
    }
}

/// Grants at most `most` relaxations, in order; never one of a limit set by the request itself.
pub(crate) fn answer(mut asked: Vec<Relaxation>, most: usize) -> Vec<Relaxation> {
    let mut left = most;
    for relaxation in &mut asked {
        if !relaxation.kind.is_bound_by_request() && left > 0 {
            relaxation.granted = true;
            left -= 1;
        }
    }
    asked
}

/// Whether there is no plan until the request's limits change.
pub(crate) fn is_without_plan(answered: &[Relaxation]) -> bool {
    answered.iter().any(|relaxation| relaxation.kind == RelaxationKind::LooserLimits)
}

/// Whether a relaxation was needed and not granted: the plan then lacks something essential.
pub(crate) fn is_refused(answered: &[Relaxation]) -> bool {
    answered.iter().any(|relaxation| !relaxation.granted && !relaxation.kind.is_bound_by_request())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kinds: &[RelaxationKind]) -> Vec<Relaxation> {
        kinds.iter().map(|&kind| Relaxation::ask(AgentId::Risk, kind, RelaxationReason::NoRiskFigures)).collect()
    }

    #[test]
    fn at_most_the_stated_number_is_granted_in_order() {
        use RelaxationKind::{WithoutRiskFigures, WithoutSimulation, WithoutTilt};
        let all = asked(&[WithoutRiskFigures, WithoutSimulation, WithoutTilt]);
        let two = answer(all.clone(), 2);
        assert_eq!(two.iter().map(|r| r.granted).collect::<Vec<_>>(), [true, true, false]);
        assert!(is_refused(&two) && !is_refused(&answer(all, 3)));
    }

    #[test]
    fn the_limit_of_the_request_is_not_the_supervisors_to_relax() {
        let answered = answer(asked(&[RelaxationKind::LargerTurnover]), 3);
        assert!(!answered[0].granted && !is_refused(&answered));
    }
}
