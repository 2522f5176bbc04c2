//! The proposer of a plan.

use serde::Serialize;

/// How the audit trail names whoever asks without a key.
const WITHOUT_KEY: &str = "api";

/// Who proposes a plan: the software, on behalf of whoever asked for it. It approves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proposer {
    /// Name of the software.
    #[cfg_attr(feature = "openapi", schema(example = "Smart Portfolio Rebalancer"))]
    pub software: &'static str,
    /// Its version when it made the plan.
    #[cfg_attr(feature = "openapi", schema(example = "0.1.0"))]
    pub version: String,
    /// Who asked for the plan, as named in the audit trail; absent when nobody is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "api"))]
    pub actor: Option<String>,
}

impl Proposer {
    /// This software in a version, on behalf of an actor.
    ///
    /// # Example
    /// ```
    /// let proposer = copilot::Proposer::of("0.1.0", Some("api"));
    /// assert_eq!(proposer.sentence(), "Proposed by Smart Portfolio Rebalancer, version 0.1.0, for a caller without a key.");
    /// ```
    #[must_use]
    pub fn of(version: &str, actor: Option<&str>) -> Self {
        Self {
            software: "Smart Portfolio Rebalancer",
            version: version.to_owned(),
            actor: actor.map(ToOwned::to_owned),
        }
    }

    /// The line of a report.
    #[must_use]
    pub fn sentence(&self) -> String {
        let by = format!("Proposed by {}, version {}", self.software, self.version);
        match self.actor.as_deref() {
            Some(WITHOUT_KEY) => format!("{by}, for a caller without a key."),
            Some(actor) => format!("{by}, for {actor}."),
            None => format!("{by}."),
        }
    }
}
