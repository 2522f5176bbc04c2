//! From an agent's veto to the refusal of a request.

use pipeline::{PipelineError, Veto};

use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// Why a request is refused whose run ended early: a fault of its numbers, or one of ours, which goes to the log.
#[must_use]
pub fn refusal(veto: &Veto) -> Refusal {
    let pointer = match &veto.cause {
        PipelineError::NoHistory { .. } | PipelineError::ShortHistory { .. } | PipelineError::Covariance(_) => {
            "/method"
        }
        PipelineError::UnmeasuredGoal => "/optimization/goal",
        PipelineError::UnmeasuredTrackingError => "/optimization/tracking_error_max",
        PipelineError::Solve(_) => "/optimization",
        // Whoever watched the run ended it: nobody reads this.
        PipelineError::Stopped => return Refusal::Internal,
        _ => {
            tracing::error!(cause = %veto, "an invariant is broken");
            return Refusal::Internal;
        }
    };
    let source = std::error::Error::source(&veto.cause).map_or(String::new(), |cause| format!(": {cause}"));
    Refusal::fault(pointer, FaultCode::Value, format!("{}{source}", veto.cause))
}
