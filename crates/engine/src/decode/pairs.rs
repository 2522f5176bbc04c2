//! Members of an object in the order sent, all with different names.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// Return series by asset name, in the order sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NamedSeries(pub Vec<(String, Vec<f64>)>);

impl<'de> Deserialize<'de> for NamedSeries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

/// The members of an object of `T`, in the order sent.
///
/// # Errors
/// When the value is no such object, or a name appears twice.
pub fn pairs<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<(String, T)>, D::Error> {
    struct PairsVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut seen = HashSet::new();
            let mut pairs = Vec::new();
            while let Some(name) = map.next_key::<String>()? {
                if !seen.insert(name.clone()) {
                    return Err(A::Error::custom("a name appears twice"));
                }
                pairs.push((name, map.next_value()?));
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_map(PairsVisitor(PhantomData))
}

/// For `#[serde(deserialize_with)]`: an object of series in which no name appears twice, or `null` for none.
///
/// # Errors
/// When the value is neither.
pub fn optional_named_series<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NamedSeries>, D::Error> {
    Option::deserialize(deserializer)
}
