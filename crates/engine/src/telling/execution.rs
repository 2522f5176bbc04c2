//! The formats in which the execution of a plan is reported.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The formats of the execution of a plan other than JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionForm {
    /// One printable page.
    Html,
    /// One line for each order and one for all, for a spreadsheet.
    Csv,
}

/// The format of an answer about execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionFormName {
    /// The whole answer.
    #[default]
    Json,
    /// One line for each order and one for all.
    Csv,
    /// One printable page.
    Html,
}

impl ExecutionFormName {
    /// The form of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [("json", Self::Json), ("csv", Self::Csv), ("html", Self::Html)]
            .into_iter()
            .find_map(|(known, form)| (known == name).then_some(form))
    }
}

/// The names of the forms of what has no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionTableName {
    /// The whole answer.
    #[default]
    Json,
    /// One line for each plan and one for each currency.
    Csv,
}

impl ExecutionTableName {
    /// The form of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [("json", Self::Json), ("csv", Self::Csv)].into_iter().find_map(|(known, form)| (known == name).then_some(form))
    }
}
