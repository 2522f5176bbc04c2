//! The result of a step, in the figures of its agent.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// The result of a step. Display gives a sentence with its full stop.
///
/// Each agent has its own type of summary, such as [`SurveySummary`](crate::SurveySummary) or
/// [`ProposalSummary`](crate::ProposalSummary).
#[derive(Debug, Clone)]
pub struct StageSummary(Arc<dyn AgentSummary>);

impl StageSummary {
    pub(crate) fn new(summary: impl AgentSummary) -> Self {
        Self(Arc::new(summary))
    }

    /// The figures behind the sentence, if `T` is the type of this agent's summary; otherwise `None`.
    #[must_use]
    pub fn figures<T: Any>(&self) -> Option<&T> {
        let summary: &dyn Any = &*self.0;
        summary.downcast_ref()
    }
}

impl fmt::Display for StageSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for StageSummary {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(&*other.0)
    }
}

/// The summary of one agent: figures that can be compared, and displayed as a sentence.
pub(crate) trait AgentSummary: fmt::Debug + fmt::Display + Any + Send + Sync {
    /// Whether the other summary belongs to the same agent and has the same figures.
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: fmt::Debug + fmt::Display + PartialEq + Any + Send + Sync> AgentSummary for T {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::QueueSummary;
    use crate::market_data::SurveySummary;

    #[test]
    fn a_summary_is_read_by_the_type_of_its_agent_and_compared_by_its_figures() {
        let queue = QueueSummary { sells: 1, buys: 2, slices: 7 };
        let summary = StageSummary::new(queue.clone());
        assert_eq!(summary.figures(), Some(&queue));
        assert_eq!(summary.figures::<SurveySummary>(), None);
        assert_eq!(summary, StageSummary::new(queue.clone()));
        assert_ne!(summary, StageSummary::new(QueueSummary { slices: 8, ..queue }));
        let survey = SurveySummary { assets: 1, observations: 0, score: None, issues: 0 };
        assert_ne!(summary, StageSummary::new(survey));
    }
}
