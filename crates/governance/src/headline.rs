//! The summary of a plan in lists.

/// What a list shows of a plan, and the words by which it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanHeadline {
    /// Title, value, number of orders and decision: a JSON object.
    pub shown: String,
    /// The words by which the plan is found, in lower case.
    pub words: String,
}
