//! The actor whose name an entry of the audit trail records.

use std::borrow::Cow;
use std::fmt;

use crate::GovernanceError;

/// Longest name of an actor, in characters.
const MAX_LENGTH: usize = 128;

/// The person, client or part of the program that requests a stored action.
///
/// A name has 1 to 128 printable ASCII characters and no spaces. The audit trail records it, so a name must always mean
/// the same actor. What an actor may do is decided elsewhere.
///
/// # Example
/// ```
/// use governance::Actor;
///
/// const API: Actor = Actor::from_static("api");
/// assert_eq!(API.as_str(), "api");
/// assert_eq!(Actor::new("desk:lee")?.to_string(), "desk:lee");
/// assert!(Actor::new("two words").is_err());
/// # Ok::<(), governance::GovernanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor(Cow<'static, str>);

impl Actor {
    /// An actor by name.
    ///
    /// # Errors
    /// [`GovernanceError::Actor`] when the name is invalid.
    pub fn new(name: impl Into<String>) -> Result<Self, GovernanceError> {
        let name = name.into();
        if is_name(&name) { Ok(Self(Cow::Owned(name))) } else { Err(GovernanceError::Actor) }
    }

    /// An actor that is part of the program, for constants.
    ///
    /// # Panics
    /// When the name is invalid; a constant with an invalid name does not compile.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_name(name), "an actor's name has 1 to 128 printable ASCII characters and no spaces");
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at].is_ascii_graphic() {
        at += 1;
    }
    at == bytes.len() && at > 0 && at <= MAX_LENGTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_printable() {
        for name in ["a", "api", "run", &"x".repeat(128)] {
            assert_eq!(Actor::new(name).unwrap().as_str(), name);
        }
        for text in ["", " ", "a b", "é", "line\nfeed", &"x".repeat(129)] {
            assert_eq!(Actor::new(text), Err(GovernanceError::Actor), "{text:?}");
        }
    }
}
