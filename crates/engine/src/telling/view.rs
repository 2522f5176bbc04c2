//! A plan cut to the requested parts, each in the bytes that were stored.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::decode::pairs;
use crate::dto::plan_part::{CHECKS, PlanPart};
use crate::refusal::Refusal;

/// The parts of a plan that a reader asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanParts(Vec<PlanPart>);

impl PlanParts {
    /// The parts of these names.
    ///
    /// # Errors
    /// The first name that is no part's.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut parts = Vec::new();
        for name in names {
            let part = PlanPart::ALL.into_iter().find(|part| part.name() == name).ok_or(name)?;
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.sort_by_key(|part| part.name());
        Ok(Self(parts))
    }

    /// Every part.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![PlanPart::All])
    }

    /// Whether a part was asked for.
    #[must_use]
    pub fn contains(&self, part: PlanPart) -> bool {
        self.0.contains(&part) || self.0.contains(&PlanPart::All)
    }

    /// The names of the parts, in order, with commas: the same for equal sets.
    #[must_use]
    pub fn names(&self) -> String {
        self.0.iter().map(|part| part.name()).collect::<Vec<_>>().join(",")
    }

    /// A plan, cut to these parts.
    ///
    /// # Errors
    /// When `plan` is no JSON object.
    pub fn of<'a>(&self, plan: &'a RawValue) -> serde_json::Result<Cow<'a, RawValue>> {
        if self.contains(PlanPart::All) {
            return Ok(Cow::Borrowed(plan));
        }
        let left_out = PlanPart::ALL.into_iter().filter(|part| !self.contains(*part)).flat_map(PlanPart::members);
        let left_out: Vec<&str> = left_out.copied().collect();
        let mut members: Members<'_> = serde_json::from_str(plan.get())?;
        members.0.retain(|(name, _)| !left_out.contains(&name.as_str()));
        if !self.contains(PlanPart::Checks) {
            for (_, verdict) in members.0.iter_mut().filter(|(name, _)| name == "verdict") {
                let mut inner: Members<'_> = serde_json::from_str(verdict.get())?;
                inner.0.retain(|(name, _)| name != CHECKS);
                *verdict = Cow::Owned(serde_json::value::to_raw_value(&inner)?);
            }
        }
        serde_json::value::to_raw_value(&members).map(Cow::Owned)
    }
}

impl PlanParts {
    /// A plan that was kept, cut to these parts.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] when its bytes are no JSON object.
    pub fn cut<'a>(&self, kept: &'a [u8]) -> Result<Cow<'a, RawValue>, Refusal> {
        serde_json::from_slice(kept).and_then(|plan| self.of(plan)).map_err(|_| Refusal::RecordChanged)
    }
}

/// The members of an object in their order, unread.
struct Members<'a>(Vec<(String, Cow<'a, RawValue>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = pairs::<D, &'de RawValue>(deserializer)?;
        Ok(Self(members.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))).collect()))
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, &**value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{"weights":[0.10],"tilt":{"a":1},"verdict":{"decision":"APPROVED","checks":[1,2],"severity":"ok"},"house_view":{},"outlook":null,"multi_agent_blueprint":{},"asset_drilldown":{},"metadata":{"checks":1}}"#;

    fn view(names: &[&str]) -> String {
        let plan: &RawValue = serde_json::from_str(PLAN).unwrap();
        PlanParts::read(names.iter().copied()).unwrap().of(plan).unwrap().get().to_owned()
    }

    #[test]
    fn a_desk_reads_a_plan_without_its_parts_in_the_bytes_that_were_kept() {
        assert_eq!(
            view(&[]),
            r#"{"weights":[0.10],"verdict":{"decision":"APPROVED","severity":"ok"},"metadata":{"checks":1}}"#
        );
    }

    #[test]
    fn parts_that_are_asked_for_stand_in_their_places() {
        assert_eq!(
            view(&["demo", "checks"]),
            r#"{"weights":[0.10],"verdict":{"decision":"APPROVED","checks":[1,2],"severity":"ok"},"multi_agent_blueprint":{},"asset_drilldown":{},"metadata":{"checks":1}}"#
        );
        assert_eq!(view(&["all"]), PLAN);
        let every: Vec<&str> = PlanPart::ALL.iter().map(|part| part.name()).filter(|name| *name != "all").collect();
        assert_eq!(view(&every), PLAN);
    }

    #[test]
    fn a_set_of_parts_has_one_name_and_unknown_names_are_said() {
        let parts = PlanParts::read(["tilt", "checks", "tilt"]).unwrap();
        assert_eq!(parts.names(), "checks,tilt");
        assert_eq!(parts, PlanParts::read(["checks", "tilt"]).unwrap());
        assert_eq!(PlanParts::read(["tilt", "trades"]), Err("trades"));
    }
}
