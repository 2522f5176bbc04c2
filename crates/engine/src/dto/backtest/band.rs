//! The band of a policy on trial.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::band::{BandName, BandRuleRequest};

/// A band: one half-width, a rule, or the one that computes itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BacktestBand {
    /// The half-width of every asset, a fraction of NAV.
    HalfWidth(f64),
    /// A rule of the target weight.
    Rule(BandRuleRequest),
    /// The band that computes itself from cost and risk aversion.
    Computed,
}

/// A band: one half-width for every asset, a fraction of NAV, a rule, or `"self"` for the self-computed band.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = 0.05)]
pub enum BacktestBandInput {
    /// One half-width, 0 to 1.
    HalfWidth(f64),
    /// A rule.
    #[schema(value_type = BandRuleRequest)]
    Rule(f64),
    /// A named band, computed with the cost of the policy and a risk aversion of 5.
    Named(BandName),
}

impl<'de> Deserialize<'de> for BacktestBand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BandVisitor;

        impl<'de> Visitor<'de> for BandVisitor {
            type Value = BacktestBand;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, an object or \"self\"")
            }

            fn visit_f64<E>(self, value: f64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<BacktestBand, E> {
                Ok(BacktestBand::HalfWidth(value as f64))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<BacktestBand, E> {
                if name == "self" { Ok(BacktestBand::Computed) } else { Err(E::unknown_variant(name, &["self"])) }
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<BacktestBand, A::Error> {
                BandRuleRequest::deserialize(MapAccessDeserializer::new(members)).map(BacktestBand::Rule)
            }
        }

        deserializer.deserialize_any(BandVisitor)
    }
}
