use std::collections::HashSet;
use std::sync::Arc;

/// The ordered asset names that label every vector and matrix; cloning shares the names.
///
/// # Example
/// ```
/// use portfolio_core::Universe;
///
/// let universe = Universe::new(vec!["ETF".into(), "Gold".into()])?;
/// assert_eq!(universe.names()[1], "Gold");
/// assert!(Universe::new(vec!["ETF".into(), "ETF".into()]).is_err());
/// # Ok::<(), portfolio_core::UniverseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Universe(Arc<[String]>);

/// Names that cannot label a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UniverseError {
    /// There is no asset at all.
    #[error("a portfolio needs at least one asset")]
    Empty,
    /// An asset has no name.
    #[error("asset {index} has no name")]
    Blank {
        /// Position of the nameless asset.
        index: usize,
    },
    /// A name appears twice.
    #[error("asset {index} repeats the name of an earlier asset")]
    Repeated {
        /// Position of the second appearance.
        index: usize,
    },
}

impl Universe {
    /// Checks names and fixes their order.
    ///
    /// # Errors
    /// [`UniverseError`] for no names, a blank name or a repeated one.
    pub fn new(names: Vec<String>) -> Result<Self, UniverseError> {
        if names.is_empty() {
            return Err(UniverseError::Empty);
        }
        let mut seen = HashSet::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            if name.trim().is_empty() {
                return Err(UniverseError::Blank { index });
            }
            if !seen.insert(name.as_str()) {
                return Err(UniverseError::Repeated { index });
            }
        }
        Ok(Self(names.into()))
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// How many assets there are; never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a universe is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
