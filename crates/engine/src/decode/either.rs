//! One series, or several by name.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use utoipa::ToSchema;

use super::pairs::NamedSeries;
use crate::dto::ranges::PeriodReturn;

/// One series, or several by asset name.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesOrNamed {
    /// A single return series.
    Series(Vec<f64>),
    /// Return series by asset name, in the order sent.
    Named(NamedSeries),
}

/// One return series, or several by asset name.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ReturnsInput, example = json!([0.01, -0.02, 0.005, 0.012, -0.004]))]
pub enum ReturnsInput {
    /// A single series of simple returns, oldest first.
    #[schema(value_type = Vec<PeriodReturn>)]
    Series(Vec<f64>),
    /// Series of simple returns by asset name, all of the same length, oldest first.
    #[schema(value_type = std::collections::BTreeMap<String, Vec<PeriodReturn>>)]
    Named(std::collections::BTreeMap<String, Vec<f64>>),
}

impl<'de> Deserialize<'de> for SeriesOrNamed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor;

        impl<'de> Visitor<'de> for EitherVisitor {
            type Value = SeriesOrNamed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of numbers or an object of such arrays")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<SeriesOrNamed, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(SeriesOrNamed::Series)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<SeriesOrNamed, A::Error> {
                NamedSeries::deserialize(MapAccessDeserializer::new(members)).map(SeriesOrNamed::Named)
            }
        }

        deserializer.deserialize_any(EitherVisitor)
    }
}
