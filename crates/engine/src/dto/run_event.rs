//! Events of a run on the wire.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::dto::jobs::{RunItemState, RunProgress, RunStatusName};

/// The data of an event of a run. `kind` is the name of the event, its `event` field.
///
/// An event is stored when it happens and never changes: `status` and `progress` are those of that moment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("progress" = "#/components/schemas/RunProgressEvent"),
    ("item" = "#/components/schemas/RunItemEvent"),
    ("done" = "#/components/schemas/RunDoneEvent")
)))]
pub enum RunEvent<'a> {
    /// The run began, or was cancelled while an item was running.
    Progress(RunProgressEvent<'a>),
    /// An item ended.
    Item(Box<RunItemEvent<'a>>),
    /// The run ended.
    Done(RunDoneEvent<'a>),
}

/// The run began, or was cancelled while an item was running.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunProgressEvent<'a> {
    /// Always `progress`.
    #[schema(schema_with = progress_kind)]
    pub kind: &'static str,
    /// The run's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub run_id: &'a str,
    /// The status of the run: `running` or `cancelled`.
    pub status: RunStatusName,
    /// Number of items by status.
    pub progress: RunProgress,
}

/// An item of a run ended, successfully or with a problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunItemEvent<'a> {
    /// Always `item`.
    #[schema(schema_with = item_kind)]
    pub kind: &'static str,
    /// The run's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub run_id: &'a str,
    /// The status of the run: `running`, also with its last item, or `cancelled`.
    pub status: RunStatusName,
    /// Number of items by status, this one included.
    pub progress: RunProgress,
    /// The item, without its result.
    pub item: RunItemState<'a>,
}

/// The run ended: the last event.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunDoneEvent<'a> {
    /// Always `done`.
    #[schema(schema_with = done_kind)]
    pub kind: &'static str,
    /// The run's id.
    #[schema(example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")]
    pub run_id: &'a str,
    /// How the run ended: `finished` or `cancelled`.
    pub status: RunStatusName,
    /// Number of items by their final status.
    pub progress: RunProgress,
}

fn progress_kind() -> RefOr<Schema> {
    only("progress")
}

fn item_kind() -> RefOr<Schema> {
    only("item")
}

fn done_kind() -> RefOr<Schema> {
    only("done")
}

/// The schema of a member with one value.
fn only(name: &'static str) -> RefOr<Schema> {
    let description = format!("Always `{name}`.");
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([name])).description(Some(description)).into()
}
