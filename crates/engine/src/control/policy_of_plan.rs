//! The version of the control policy that a plan is checked against.

use std::sync::Arc;

use controls::ControlPolicy;

/// A version of the control policy that a plan is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyOfPlan {
    /// Number of the version; 0 is the default, which nobody saved.
    pub version: u64,
    /// The `client_reference` of the plans whose own policy it is; `None` for that of the service.
    pub reference: Option<String>,
    /// The document.
    pub policy: Arc<ControlPolicy>,
}

impl Default for PolicyOfPlan {
    fn default() -> Self {
        Self { version: 0, reference: None, policy: Arc::new(ControlPolicy::default()) }
    }
}
