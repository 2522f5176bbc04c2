//! One number for every asset, or one for each.

use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};

/// One number for every asset, or one for each.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberOrList {
    /// The same number everywhere.
    Number(f64),
    /// A number per asset, in input order.
    List(Vec<f64>),
}

impl NumberOrList {
    /// One number per asset.
    #[must_use]
    pub fn spread(&self, assets: usize) -> Vec<f64> {
        match self {
            Self::Number(value) => vec![*value; assets],
            Self::List(values) => values.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for NumberOrList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrListVisitor;

        impl<'de> Visitor<'de> for NumberOrListVisitor {
            type Value = NumberOrList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or an array of numbers")
            }

            fn visit_f64<E>(self, value: f64) -> Result<NumberOrList, E> {
                Ok(NumberOrList::Number(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<NumberOrList, E> {
                Ok(NumberOrList::Number(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<NumberOrList, E> {
                Ok(NumberOrList::Number(value as f64))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<NumberOrList, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(NumberOrList::List)
            }
        }

        deserializer.deserialize_any(NumberOrListVisitor)
    }
}
