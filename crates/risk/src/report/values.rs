use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The value of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MetricValue {
    /// A finite number.
    Number(f64),
    /// A date, as it was given.
    Date(String),
    /// The metric does not exist for this input; `unavailable` of the report says why.
    Absent,
}

impl MetricValue {
    /// The number, when it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The date, when it is one.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        match self {
            Self::Date(date) => Some(date),
            _ => None,
        }
    }
}

/// Written by hand: derived, the null variant would allow anything.
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

/// Metrics by name, in a fixed order. Serialises as an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricValues(pub(super) Vec<(&'static str, MetricValue)>);

impl MetricValues {
    /// The value under a name, `None` for a name that is not in the report.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MetricValue> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &MetricValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// How many metrics there are, absent ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no metric.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// Dates of a return series, for the dates of its drawdown. They are repeated as given, not interpreted.
#[derive(Debug, Clone, Copy)]
pub struct ReturnDates<'a> {
    /// Date of the price before the first return: the date of the starting wealth.
    pub start: Option<&'a str>,
    /// Date of each return, length `T`.
    pub dates: &'a [&'a str],
}

impl ReturnDates<'_> {
    /// The date of a wealth position: 0 is the start, `t` follows return `t`.
    pub(super) fn at(&self, position: usize) -> Option<&str> {
        if position == 0 { self.start } else { self.dates.get(position - 1).copied() }
    }
}
