//! How wide a band is, as a client says it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::absent;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// The rule of a band: its half-width is `relative · target weight`, at least `floor` and at most `cap`.
///
/// `{"relative": 0.25, "cap": 0.05}` is the 5/25 rule, `{"relative": 0.2, "floor": 0.01}` a hybrid band, and a floor equal to the cap an
/// absolute one.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"relative": 0.25, "floor": 0.0, "cap": 0.05}))]
pub struct BandRuleRequest {
    /// Share of the target weight.
    #[schema(default = json!(absent::BAND.relative), example = 0.25, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub relative: Option<f64>,
    /// Smallest half-width, a fraction of NAV.
    #[schema(default = json!(absent::BAND.floor), example = 0.0, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub floor: Option<f64>,
    /// Largest half-width, a fraction of NAV, at least the floor.
    #[schema(default = json!(absent::BAND.cap), example = 0.05, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cap: Option<f64>,
}

/// The name of the self-computed band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BandName {
    /// The half-width at which the cost of trading balances the price of tracking error: the cube root of
    /// `3/2 · cost/risk_aversion · t²(1 − t)²`.
    #[serde(rename = "self")]
    Computed,
}

/// How wide bands are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BandSetting {
    /// The band that computes itself from cost and risk aversion.
    Computed,
    /// A stated rule.
    Rule(BandRuleRequest),
}

/// Width of the bands: a rule, or `"self"` for the self-computed band.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"relative": 0.25, "floor": 0.0, "cap": 0.05}))]
pub enum BandInput {
    /// A rule.
    #[schema(value_type = BandRuleRequest)]
    Rule(BandName),
    /// A named band.
    Named(BandName),
}

impl<'de> Deserialize<'de> for BandSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BandVisitor;

        impl<'de> Visitor<'de> for BandVisitor {
            type Value = BandSetting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or \"self\"")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<BandSetting, E> {
                if name == "self" { Ok(BandSetting::Computed) } else { Err(E::unknown_variant(name, &["self"])) }
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<BandSetting, A::Error> {
                BandRuleRequest::deserialize(MapAccessDeserializer::new(members)).map(BandSetting::Rule)
            }
        }

        deserializer.deserialize_any(BandVisitor)
    }
}

/// The numbers of a band at this pointer.
pub(super) fn check_band_setting(pointer: &str, band: &BandSetting, faults: &mut Faults) {
    let BandSetting::Rule(rule) = band else { return };
    for (name, value) in [("relative", rule.relative), ("floor", rule.floor), ("cap", rule.cap)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            faults.add(format!("{pointer}/{name}"), FaultCode::Range, "must be at least 0 and at most 1");
        }
    }
    match (rule.floor, rule.cap) {
        (Some(floor), Some(cap)) if floor > cap => {
            faults.add(format!("{pointer}/floor"), FaultCode::Value, "must not be above the cap");
        }
        _ => {}
    }
    if rule.relative.is_none() && rule.floor.is_none() {
        faults.add(pointer, FaultCode::Value, "needs a relative width or a floor: without either it has no width");
    }
}
