//! The histories of a run: sent once, and named by its portfolios.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::json;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::decode::NamedSeries;
use crate::dto::checks::{MAX_ASSETS, MAX_RETURNS, check_name, check_returns};
use crate::dto::ranges::PeriodReturn;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Histories of one run: as many as one portfolio has assets.
pub const MAX_HISTORIES: usize = MAX_ASSETS;
/// Characters of a name before trimming.
const MAX_SENT_NAME: usize = 1000;

/// Histories of a run by name, each as `historical_returns` of an asset takes it. Names are compared after trimming.
#[derive(Debug, Clone, Default)]
pub struct RunHistories {
    series: NamedSeries,
    /// Lengths by trimmed name.
    lengths: HashMap<String, usize>,
}

impl RunHistories {
    /// How many returns the history of a name has; `None` without such a history.
    #[must_use]
    pub fn length(&self, name: &str) -> Option<usize> {
        self.lengths.get(name.trim()).copied()
    }

    /// The number of histories, and how long each may be.
    pub(super) fn check_size(&self, faults: &mut Faults) {
        if self.series.0.len() > MAX_HISTORIES {
            let detail = format!("must have at most {MAX_HISTORIES} entries");
            return faults.add("/histories", FaultCode::Limit, detail);
        }
        for (name, returns) in &self.series.0 {
            if returns.len() > MAX_RETURNS {
                let detail = format!("must have at most {MAX_RETURNS} entries");
                faults.add(format!("/histories/{}", segment(name)), FaultCode::Limit, detail);
            }
        }
    }

    /// Names and returns, as those of assets are checked.
    pub(super) fn check(&self, faults: &mut Faults) {
        for (name, returns) in &self.series.0 {
            if faults.is_full() {
                return;
            }
            let at = format!("/histories/{}", segment(name));
            check_name(name, || at.clone(), faults);
            check_returns(returns, |t| format!("{at}/{t}"), faults);
        }
    }
}

impl<'de> Deserialize<'de> for RunHistories {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let series = NamedSeries::deserialize(deserializer)?;
        let mut lengths = HashMap::with_capacity(series.0.len());
        for (name, returns) in &series.0 {
            if lengths.insert(name.trim().to_owned(), returns.len()).is_some() {
                return Err(D::Error::custom("a name appears twice"));
            }
        }
        Ok(Self { series, lengths })
    }
}

/// Written by hand: derived, it would not state its limits.
impl PartialSchema for RunHistories {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX_SENT_NAME));
        let returns = Ref::from_schema_name(PeriodReturn::name());
        let history = ArrayBuilder::new().items(RefOr::Ref(returns)).max_items(Some(MAX_RETURNS)).build();
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(name.build()))
            .additional_properties(Some(AdditionalProperties::from(Schema::from(history))))
            .max_properties(Some(MAX_HISTORIES))
            .examples([json!({"SPY": [0.004, -0.003, 0.001, 0.002, -0.001]})])
            .description(Some(
                "Histories by name, at most 2,000: each holds simple returns per trading day, oldest first, all ending on the same \
                 day, as `historical_returns` of an asset does.",
            ))
            .into()
    }
}

impl ToSchema for RunHistories {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((PeriodReturn::name().into_owned(), PeriodReturn::schema()));
        PeriodReturn::schemas(schemas);
    }
}

/// The name of a history, at `pointer`: it stands for one of the run's, and nothing is sent beside it.
pub(super) fn check_reference(
    name: Option<&str>,
    has_returns: bool,
    returns_member: &str,
    pointer: impl Fn() -> String,
    histories: Option<&RunHistories>,
    faults: &mut Faults,
) {
    let Some(name) = name else { return };
    let detail = match histories {
        _ if has_returns => format!("goes without {returns_member}: send one of the two"),
        None => format!("names a history of a run: a portfolio that is sent alone has its returns in {returns_member}"),
        Some(histories) if histories.length(name).is_none() => "names no entry of histories".to_owned(),
        Some(_) => return,
    };
    faults.add(pointer(), FaultCode::Value, detail);
}
