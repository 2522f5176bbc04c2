//! The inputs and the size of a model.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::TftError;
use crate::error::require;

/// A static covariate of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StaticInput {
    /// One of `values` categories, such as the asset itself.
    Category {
        /// Its name.
        name: String,
        /// Number of categories, at least 1.
        values: usize,
    },
    /// A number.
    Number {
        /// Its name.
        name: String,
    },
}

impl StaticInput {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Category { name, .. } | Self::Number { name } => name,
        }
    }
}

/// A known input that is a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCategory {
    /// Its name among the known inputs.
    pub name: String,
    /// Number of categories, at least 1: its column holds whole numbers below it.
    pub values: usize,
}

/// What a series of a training was called, and how its target was scaled: the target in its own unit is `mean` plus
/// `spread` times the scaled one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesScale {
    /// Its name.
    pub name: String,
    /// What was taken from each target.
    pub mean: f64,
    /// By what the rest was divided, positive.
    pub spread: f64,
}

/// Inputs and sizes of a [`crate::Tft`].
///
/// # Example
/// ```
/// use tft::{StaticInput, TftSpec};
///
/// let asset = StaticInput::Category { name: "asset".into(), values: 20 };
/// let spec = TftSpec::new(vec![asset], &["return", "volume"], &["day of week"], 63, 21);
/// assert!(spec.check().is_ok());
/// assert!(TftSpec { heads: 3, ..spec }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TftSpec {
    /// Static covariates, at least one.
    pub statics: Vec<StaticInput>,
    /// Names of the inputs known only up to the origin, at least one; the past of the target is one only if listed
    /// here.
    pub observed: Vec<String>,
    /// Names of the inputs also known over the horizon, at least one.
    pub known: Vec<String>,
    /// Which of the known inputs are categories: each has a vector for every category, in place of a linear map of a
    /// number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_categories: Vec<KnownCategory>,
    /// Number of steps up to the origin that are read, at least 1.
    pub lookback: usize,
    /// Number of steps after the origin that are forecast, at least 1.
    pub horizon: usize,
    /// Length of each vector of the network, at least 1 and a multiple of `heads`.
    pub width: usize,
    /// Number of attention heads, at least 1.
    pub heads: usize,
    /// Levels of the forecast quantiles, ascending, inside (0, 1); the middle one is the centre.
    pub quantiles: Vec<f64>,
    /// Share of entries dropped in training, in [0, 1).
    pub dropout: f64,
    /// The series of its training, by category; empty where the caller scales and keeps the scales.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SeriesScale>,
}

/// Largest number of steps, vector length, or number of inputs of one kind: a larger one is taken to be a mistake.
const MOST: usize = 4096;

impl TftSpec {
    /// Width 16, four heads, quantiles .05, .25, .5, .75, .95, dropout 0.1.
    #[must_use]
    pub fn new(statics: Vec<StaticInput>, observed: &[&str], known: &[&str], lookback: usize, horizon: usize) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            statics,
            observed: owned(observed),
            known: owned(known),
            known_categories: Vec::new(),
            lookback,
            horizon,
            width: 16,
            heads: 4,
            quantiles: vec![0.05, 0.25, 0.5, 0.75, 0.95],
            dropout: 0.1,
            series: Vec::new(),
        }
    }

    /// Checks that a model can be built from it.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] with the member, [`TftError::Name`].
    pub fn check(&self) -> Result<(), TftError> {
        let some = 1..=MOST;
        let counts = [
            ("statics", self.statics.len()),
            ("observed", self.observed.len()),
            ("known", self.known.len()),
            ("lookback", self.lookback),
            ("horizon", self.horizon),
            ("width", self.width),
            ("heads", self.heads),
            ("quantiles", self.quantiles.len()),
        ];
        for (member, count) in counts {
            require(some.contains(&count), member, count as f64, "from 1 to 4096")?;
        }
        require(self.width.is_multiple_of(self.heads), "width", self.width as f64, "a multiple of heads")?;
        require((0.0..1.0).contains(&self.dropout), "dropout", self.dropout, "at least 0 and below 1")?;
        let mut before = 0.0;
        for level in &self.quantiles {
            require(before < *level && *level < 1.0, "quantiles", *level, "inside (0, 1) and above the one before")?;
            before = *level;
        }
        for input in &self.statics {
            if let StaticInput::Category { values, .. } = input {
                require((1..=1_000_000).contains(values), "statics", *values as f64, "1 to 1000000 categories")?;
            }
        }
        let mut names = BTreeSet::new();
        let inputs = self.observed.iter().chain(&self.known).map(String::as_str);
        for name in self.statics.iter().map(StaticInput::name).chain(inputs) {
            if name.is_empty() || !names.insert(name) {
                return Err(TftError::Name { name: name.to_owned() });
            }
        }
        let mut categories = BTreeSet::new();
        for KnownCategory { name, values } in &self.known_categories {
            if !self.known.contains(name) || !categories.insert(name) {
                return Err(TftError::Name { name: name.clone() });
            }
            require((1..=MOST).contains(values), "known_categories", *values as f64, "of 1 to 4096 values")?;
        }
        require(self.series.len() <= MOST, "series", self.series.len() as f64, "at most 4096")?;
        let mut names = BTreeSet::new();
        for SeriesScale { name, mean, spread } in &self.series {
            if name.is_empty() || !names.insert(name) {
                return Err(TftError::Name { name: name.clone() });
            }
            require(mean.is_finite(), "series", *mean, "scaled by a finite mean")?;
            require(*spread > 0.0 && spread.is_finite(), "series", *spread, "scaled by a positive spread")?;
        }
        Ok(())
    }

    /// For each known input the number of its categories, `None` for a number.
    pub(crate) fn known_values(&self) -> Vec<Option<usize>> {
        let values = |name: &String| self.known_categories.iter().find(|one| one.name == *name).map(|one| one.values);
        self.known.iter().map(values).collect()
    }

    /// The column of the centre.
    pub(crate) fn middle(&self) -> usize {
        self.quantiles.len() / 2
    }

    /// Names of the inputs that the past selection weights: observed ones, then known ones.
    pub(crate) fn past(&self) -> Vec<&str> {
        self.observed.iter().chain(&self.known).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_model_is_refused_by_its_member() {
        let asset = || StaticInput::Category { name: "asset".into(), values: 2 };
        let good = || TftSpec::new(vec![asset()], &["x"], &["k"], 4, 2);
        let member = |spec: TftSpec| match spec.check() {
            Err(TftError::OutOfRange { member, .. }) => member,
            other => panic!("{other:?}"),
        };
        assert_eq!(member(TftSpec { quantiles: vec![0.5, 0.5], ..good() }), "quantiles");
        assert_eq!(member(TftSpec { quantiles: vec![f64::NAN], ..good() }), "quantiles");
        assert_eq!(member(TftSpec { dropout: 1.0, ..good() }), "dropout");
        assert_eq!(member(TftSpec { horizon: 0, ..good() }), "horizon");
        assert_eq!(member(TftSpec { statics: vec![], ..good() }), "statics");
        let twice = TftSpec { known: vec!["x".into()], ..good() };
        assert_eq!(twice.check(), Err(TftError::Name { name: "x".into() }));
        let category = |name: &str, values| KnownCategory { name: name.into(), values };
        let known = |known_categories| TftSpec { known_categories, ..good() };
        assert_eq!(known(vec![category("k", 7)]).check(), Ok(()));
        assert_eq!(member(known(vec![category("k", 0)])), "known_categories");
        for wrong in [vec![category("x", 2)], vec![category("k", 2), category("k", 2)]] {
            assert!(matches!(known(wrong).check(), Err(TftError::Name { .. })));
        }
        let scale = |name: &str, spread| SeriesScale { name: name.into(), mean: 0.0, spread };
        let scaled = |series: &[SeriesScale]| TftSpec { series: series.to_vec(), ..good() };
        assert_eq!(scaled(&[scale("a", 0.01), scale("b", 0.02)]).check(), Ok(()));
        assert_eq!(member(scaled(&[scale("a", 0.0)])), "series");
        let twice = scaled(&[scale("a", 1.0), scale("a", 1.0)]);
        assert_eq!(twice.check(), Err(TftError::Name { name: "a".into() }));
    }

    #[test]
    fn a_specification_without_scales_is_written_as_before_there_were_any() {
        let asset = StaticInput::Category { name: "asset".into(), values: 2 };
        let text = serde_json::to_string(&TftSpec::new(vec![asset], &["x"], &["k"], 4, 2)).unwrap();
        assert!(text.ends_with("\"dropout\":0.1}"), "{text}");
        assert!(serde_json::from_str::<TftSpec>(&text).unwrap().series.is_empty());
    }
}
