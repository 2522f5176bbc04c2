//! What a key may be used for.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A permission of an API key. Each operation needs one of them; `admin` includes all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KeyScope)]
pub enum Scope {
    /// Read what is stored.
    Read,
    /// Compute, make plans, keep books, start and cancel runs, export orders.
    Plan,
    /// Approve and reject plans, and halt.
    Approve,
    /// Everything: the control policy, the end of a halt, champions of models and webhooks need it.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Plan, Self::Approve, Self::Admin];

    /// The scope as it is written: `read`, `plan`, `approve`, `admin`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Plan => "plan",
            Self::Approve => "approve",
            Self::Admin => "admin",
        }
    }

    /// The scope of a word.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// Whether one of these scopes covers this one.
    #[must_use]
    pub fn is_among(self, held: &[Self]) -> bool {
        held.iter().any(|&scope| scope == self || scope == Self::Admin)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_itself_and_admin_allows_all() {
        for needed in Scope::ALL {
            assert_eq!(Scope::named(needed.as_str()), Some(needed));
            assert_eq!(serde_json::json!(needed), needed.as_str());
            for held in Scope::ALL {
                assert_eq!(needed.is_among(&[held]), held == needed || held == Scope::Admin, "{held} for {needed}");
            }
            assert!(!needed.is_among(&[]));
        }
        assert_eq!(Scope::named("Admin"), None);
    }
}
