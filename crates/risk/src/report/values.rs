//! Metrics by name.

use std::fmt;

use chrono::NaiveDate;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The value of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MetricValue {
    /// A finite number.
    Number(f64),
    /// A date, ISO 8601 when serialised.
    Date(NaiveDate),
    /// The metric does not exist for this input; `unavailable` of the report says why.
    Absent,
}

impl MetricValue {
    /// The number, when it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The date, when it is one.
    #[must_use]
    pub fn date(&self) -> Option<NaiveDate> {
        match *self {
            Self::Date(date) => Some(date),
            _ => None,
        }
    }
}

impl fmt::Display for MetricValue {
    /// The number (to the requested precision), the date in ISO 8601, or a dash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            // Width without precision, which would cut the date.
            Self::Date(date) => match f.width() {
                Some(width) => write!(f, "{:>width$}", date.to_string()),
                None => date.fmt(f),
            },
            Self::Absent => f.pad("-"),
        }
    }
}

/// Written by hand, because the derived schema of the null variant would allow anything.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for MetricValue {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Number, Type::String, Type::Null]))
            .description(Some("The value of one metric: a finite number, a date as it was given, or null."))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for MetricValue {}

/// Metrics by name, in a fixed order; serialises as an object.
///
/// # Example
/// ```
/// let report = risk::measure(&[0.02, -0.04, 0.01], None, None, &risk::RiskOptions::default())?;
/// assert_eq!(report.metrics.get("worst_day").and_then(|metric| metric.number()), Some(-0.04));
/// for (name, value) in &report.metrics {
///     assert!(!name.is_empty() && value.number().is_none_or(f64::is_finite));
/// }
/// # Ok::<(), risk::RiskError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricValues(pub(super) Vec<(&'static str, MetricValue)>);

impl MetricValues {
    /// The value of a metric; `None` for a name that is not in the report.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MetricValue> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &MetricValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Number of metrics, including absent ones.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the report has no metric at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for MetricValues {
    type Item = (&'static str, MetricValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a MetricValues {
    type Item = &'a (&'static str, MetricValue);
    type IntoIter = std::slice::Iter<'a, (&'static str, MetricValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for MetricValues {
    /// One line per metric: its name and its value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let end = if i + 1 == self.0.len() { "" } else { "\n" };
            write!(f, "{name:<24}{value:>14.6}{end}")?;
        }
        Ok(())
    }
}

impl Serialize for MetricValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
