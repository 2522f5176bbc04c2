//! Prints the inventory of this build as a table in Markdown.

use std::fmt::Write;
use std::process::ExitCode;

use engine::champions::built_in;
use engine::dto::models::ModelSummary;
use serde::Serialize;

use super::output::{fail, print};

/// Loads every model, which runs its golden cases, and prints one row for each.
pub(super) fn models() -> ExitCode {
    match built_in() {
        Ok(models) => print(&table(&models)),
        Err(refusal) => fail(1, &refusal.to_string()),
    }
}

fn table(models: &[ModelSummary]) -> String {
    let mut out = String::from("| id | version | purpose | kind | tier | status |\n|---|---|---|---|---:|---|\n");
    for model in models {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            model.id,
            model.version,
            word(&model.purpose),
            word(&model.kind),
            model.tier.number(),
            word(&model.status),
        );
    }
    out
}

/// A value as it is on the wire, with blanks.
fn word(value: &impl Serialize) -> String {
    let text = serde_json::to_value(value).ok();
    text.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().replace('_', " ")
}
