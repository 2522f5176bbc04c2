//! JSON has one kind of number: `30`, `30.0` and `3e1` are the same horizon.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

struct Integer(u64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntegerVisitor;

        impl Visitor<'_> for IntegerVisitor {
            type Value = Integer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of at least 0")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Integer, E> {
                Ok(Integer(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Integer, E> {
                u64::try_from(value).map(Integer).map_err(|_| E::custom("a whole number of at least 0 is needed"))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Integer, E> {
                // Up to 2^53 a double is a whole number exactly or not at all.
                if value.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&value) {
                    Ok(Integer(value as u64))
                } else {
                    Err(E::custom("a whole number of at least 0 is needed"))
                }
            }
        }

        deserializer.deserialize_any(IntegerVisitor)
    }
}

/// For `#[serde(deserialize_with)]`: a whole number of at least 0, however it is written.
///
/// # Errors
/// When the value is not a number, negative, or has a fraction.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Integer::deserialize(deserializer).map(|integer| integer.0)
}

/// For `#[serde(deserialize_with)]`: as [`integer`], or `null` for none.
///
/// # Errors
/// As [`integer`].
pub fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<Integer>::deserialize(deserializer)?.map(|integer| integer.0))
}

/// For `#[serde(deserialize_with)]`: an array of whole numbers of at least 0, however they are written.
///
/// # Errors
/// When the value is not an array, or an entry is not such a number.
pub fn integers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    Ok(Vec::<Integer>::deserialize(deserializer)?.into_iter().map(|integer| integer.0).collect())
}
