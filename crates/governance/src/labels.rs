//! A client's own names for a plan.

/// A client's own names for a plan. They are stored and returned with it, and have no other use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientLabels {
    /// The client's reference.
    pub reference: Option<String>,
    /// The client's metadata: a JSON object of strings.
    pub metadata: Option<String>,
}

impl ClientLabels {
    /// Whether the client sent neither.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reference.is_none() && self.metadata.is_none()
    }
}
