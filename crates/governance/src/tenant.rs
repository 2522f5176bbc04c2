//! The tenant to whom records belong.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::GovernanceError;

/// Longest name of a tenant, in characters.
const MAX_LENGTH: usize = 40;

/// A tenant: everything that is recorded for one is out of reach of every other.
///
/// A name has 1 to 40 small letters, digits and underscores, and begins with a letter: it is part of the name of a folder and of a schema
/// of PostgreSQL, so that no name may mean another place.
///
/// # Example
/// ```
/// use governance::Tenant;
///
/// assert_eq!(Tenant::new("acme_eu")?.as_str(), "acme_eu");
/// for other in ["", "Acme", "../acme", "1acme", "acme;"] {
///     assert!(Tenant::new(other).is_err());
/// }
/// # Ok::<(), governance::GovernanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// A tenant by name.
    ///
    /// # Errors
    /// [`GovernanceError::Tenant`] when the name is invalid.
    pub fn new(name: impl Into<String>) -> Result<Self, GovernanceError> {
        let name = name.into();
        let is_kept = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = name.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        if begins && name.len() <= MAX_LENGTH && name.bytes().all(is_kept) {
            Ok(Self(name))
        } else {
            Err(GovernanceError::Tenant)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tenant {
    type Err = GovernanceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for Tenant {
    type Error = GovernanceError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_safe_as_names_of_folders_and_schemas() {
        for name in ["a", "acme", "acme_2", &"x".repeat(40)] {
            assert_eq!(Tenant::new(name).unwrap().as_str(), name);
        }
        for text in ["", "_a", "2a", "A", "a-b", "a.b", "a/b", "a b", "é", "a\0", &"x".repeat(41)] {
            assert_eq!(Tenant::new(text), Err(GovernanceError::Tenant), "{text:?}");
        }
    }

    #[test]
    fn a_document_with_another_name_is_no_tenant() {
        assert_eq!(serde_json::from_str::<Tenant>("\"acme\"").unwrap(), Tenant::new("acme").unwrap());
        assert!(serde_json::from_str::<Tenant>("\"../acme\"").is_err());
    }
}
