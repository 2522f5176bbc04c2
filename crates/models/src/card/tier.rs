//! How closely a model is monitored: by what depends on it and how its figures are used.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How much depends on a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Exposure {
    /// It is used only where a request names it.
    WhenNamed,
    /// It is used by plans whose request uses a feature that needs it.
    SomePlans,
    /// It is used by every plan.
    EveryPlan,
}

/// How the figures of a model are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Influence {
    /// They are reported with the plan.
    Informs,
    /// They are checked against limits, which can stop a plan.
    Limits,
    /// They change what is traded.
    Decides,
}

/// How closely a model is monitored: 1, 2 or 3; 1 the most.
///
/// | | informs | limits | decides |
/// |---|---|---|---|
/// | every plan | 2 | 1 | 1 |
/// | some plans | 3 | 2 | 1 |
/// | when named | 3 | 3 | 2 |
///
/// # Example
/// ```
/// use models::{Exposure, Influence, Tier};
///
/// assert_eq!(Tier::of(Exposure::EveryPlan, Influence::Informs).number(), 2);
/// assert_eq!(Tier::of(Exposure::WhenNamed, Influence::Decides).number(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(u8);

impl Tier {
    /// The tier of an exposure and an influence.
    #[must_use]
    pub fn of(exposure: Exposure, influence: Influence) -> Self {
        // Each step less of either is one tier less, from 1 at most to 3 at least.
        let steps = |exposure, influence| 1_u8 + (2 - exposure) + (2 - influence);
        let (exposure, influence) = (exposure as u8, influence as u8);
        Self(steps(exposure, influence).saturating_sub(1).clamp(1, 3))
    }

    /// 1, 2 or 3.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            number @ 1..=3 => Ok(Self(number)),
            _ => Err(de::Error::custom("a tier is 1, 2 or 3")),
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Tier {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .description(Some("How closely a model is watched: 1, 2 or 3; 1 the most."))
            .minimum(Some(1))
            .maximum(Some(3))
            .examples([serde_json::json!(2)])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Tier {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_tiers_is_the_one_in_the_documentation() {
        let tiers = [Exposure::EveryPlan, Exposure::SomePlans, Exposure::WhenNamed].map(|exposure| {
            [Influence::Informs, Influence::Limits, Influence::Decides].map(|influence| Tier::of(exposure, influence).0)
        });
        assert_eq!(tiers, [[2, 1, 1], [3, 2, 1], [3, 3, 2]]);
    }

    #[test]
    fn only_three_tiers_are_read() {
        assert_eq!(serde_json::from_str::<Tier>("2").unwrap(), Tier(2));
        assert!(serde_json::from_str::<Tier>("0").is_err() && serde_json::from_str::<Tier>("4").is_err());
    }
}
