//! A reading of a file as a table for a terminal.

use std::fmt::Write;

use ::import::Reading;

use super::table::{NAME_WIDTH, shown};

/// A reading for a person at a terminal.
pub(super) fn table(reading: &Reading) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_table(&mut out, reading);
    out
}

fn write_table(out: &mut String, reading: &Reading) -> std::fmt::Result {
    if !reading.positions.is_empty() {
        writeln!(
            out,
            "{:<NAME_WIDTH$} {:>16} {:>14} {:>16} {:>8} {:>8}",
            "asset", "quantity", "price", "value", "current", "target"
        )?;
    }
    for position in &reading.positions {
        writeln!(
            out,
            "{:<NAME_WIDTH$} {:>16} {:>14} {:>16} {:>8} {:>8}",
            shown(&position.asset),
            number(position.quantity),
            number(position.price),
            amount(position.value),
            percent(position.current_weight),
            percent(position.target_weight),
        )?;
    }
    for cash in &reading.cash {
        writeln!(out, "Cash: {:.2} {}", cash.amount, shown(&cash.currency))?;
    }
    if let Some(nav) = reading.nav {
        writeln!(out, "NAV: {nav:.2}")?;
    }
    if let Some(history) = &reading.history {
        writeln!(out, "History: {} assets, {} aligned returns each", history.assets.len(), history.observations)?;
    }
    for question in &reading.questions {
        let column = question.column.as_deref().map(|c| format!(" column {}", shown(c))).unwrap_or_default();
        let row = question.row.map(|row| format!(" row {row}")).unwrap_or_default();
        writeln!(out, "Question{column}{row}: {}", question.doubt.to_string().escape_debug())?;
    }
    for note in &reading.notes {
        writeln!(out, "Read row {}: {}", note.row, note.note.to_string().escape_debug())?;
    }
    for aside in &reading.set_aside {
        writeln!(out, "Set aside row {}: {}", aside.row, aside.reason.to_string().escape_debug())?;
    }
    Ok(())
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn amount(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:.2}"))
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{:.2}%", 100.0 * v))
}
