//! The ordered asset names that label vectors, matrices and panels.

use std::collections::HashSet;
use std::ops::Index;
use std::sync::Arc;

/// The ordered asset names that label every vector and matrix; cloning shares the names.
///
/// # Example
/// ```
/// use portfolio_core::Universe;
///
/// let universe = Universe::new(["ETF", "Gold"])?;
/// assert_eq!((&universe[1], universe.position("Gold")), ("Gold", Some(1)));
/// assert!(Universe::new(["ETF", "ETF"]).is_err());
/// # Ok::<(), portfolio_core::UniverseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Universe(Arc<[String]>);

/// Why names cannot label a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UniverseError {
    /// The list of assets is empty.
    #[error("a portfolio needs at least one asset")]
    Empty,
    /// An asset has no name.
    #[error("asset {} has no name", index + 1)]
    Blank {
        /// Index of the unnamed asset.
        index: usize,
    },
    /// A name appears twice.
    #[error("asset {} repeats the name of an earlier asset", index + 1)]
    Repeated {
        /// Index of the second occurrence.
        index: usize,
    },
    /// There is no asset at this position.
    #[error("there is no asset {}", index + 1)]
    Position {
        /// The rejected position.
        index: usize,
    },
}

impl Universe {
    /// Checks names and fixes their order.
    ///
    /// # Errors
    /// [`UniverseError`] for no names, a blank name or a repeated one.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self, UniverseError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
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
        drop(seen);
        Ok(Self(names.into()))
    }

    /// Assets numbered from 1, for data without asset names.
    ///
    /// # Errors
    /// [`UniverseError::Empty`] for no assets.
    pub fn numbered(assets: usize) -> Result<Self, UniverseError> {
        if assets == 0 {
            return Err(UniverseError::Empty);
        }
        Ok(Self((1..=assets).map(|i| i.to_string()).collect()))
    }

    /// A selection of the assets, in the order given. Selecting all of them in their own order shares the names.
    ///
    /// # Errors
    /// [`UniverseError::Position`] for an asset that does not exist, [`UniverseError::Empty`] and [`UniverseError::Repeated`].
    pub fn select(&self, assets: &[usize]) -> Result<Self, UniverseError> {
        if assets.len() == self.len() && assets.iter().enumerate().all(|(i, &asset)| i == asset) {
            return Ok(self.clone());
        }
        let name = |&index: &usize| self.0.get(index).cloned().ok_or(UniverseError::Position { index });
        Self::new(assets.iter().map(name).collect::<Result<Vec<String>, _>>()?)
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The name of an asset; `None` when there is no asset at this position.
    #[must_use]
    pub fn get(&self, asset: usize) -> Option<&str> {
        self.0.get(asset).map(String::as_str)
    }

    /// Position of an asset.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|own| own == name)
    }

    /// Number of assets, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a universe is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }
}

impl Index<usize> for Universe {
    type Output = str;

    fn index(&self, asset: usize) -> &str {
        &self.0[asset]
    }
}

impl<'a> IntoIterator for &'a Universe {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_label_are_refused_with_their_position() {
        assert_eq!(Universe::new(Vec::<String>::new()), Err(UniverseError::Empty));
        assert_eq!(Universe::numbered(0), Err(UniverseError::Empty));
        assert_eq!(Universe::new(["A", " "]), Err(UniverseError::Blank { index: 1 }));
        assert_eq!(Universe::new(["A", "B", "A"]), Err(UniverseError::Repeated { index: 2 }));
    }

    #[test]
    fn a_selection_keeps_its_order_and_the_whole_shares_its_names() {
        let all = Universe::new(["A", "B", "C"]).unwrap();
        assert_eq!(all.select(&[2, 0]).unwrap(), Universe::new(["C", "A"]).unwrap());
        let same = all.select(&[0, 1, 2]).unwrap();
        assert!(Arc::ptr_eq(&same.0, &all.0));
        assert_eq!(all.select(&[3]), Err(UniverseError::Position { index: 3 }));
        assert_eq!(Universe::numbered(2).unwrap().names(), ["1", "2"]);
    }
}
