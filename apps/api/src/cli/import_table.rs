//! A reading of a file as a table for a terminal.

use std::fmt::Write;

use ::import::{Doubt, Reading, Understanding};

use super::table::{NAME_WIDTH, shown};

/// A reading for a person at a terminal.
pub(super) fn table(reading: &Reading) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_table(&mut out, reading);
    out
}

/// A sentence with what a terminal would take for a command made visible; quotation marks stay as they are.
fn plain(sentence: &str) -> String {
    let seen = |c: char| if c == '"' || c == '\'' || c == '\\' { c.to_string() } else { c.escape_debug().to_string() };
    sentence.chars().map(seen).collect()
}

/// How the file was understood, and what each column was taken for.
fn write_understanding(out: &mut String, how: &Understanding) -> std::fmt::Result {
    let parts = [
        how.dialect.as_ref().map(|dialect| format!("a file of {}", shown(dialect))),
        Some(how.encoding.map_or_else(|| "a workbook".to_owned(), |encoding| format!("text in {encoding}"))),
        how.delimiter.map(|sign| format!("cells separated by {sign:?}")),
        Some(how.header_row.map_or_else(|| "no headings".to_owned(), |row| format!("headings in row {row}"))),
    ];
    writeln!(out, "Read as {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))?;
    for (heading, role) in &how.columns {
        writeln!(out, "Column {}: {}", shown(heading), role.name())?;
    }
    Ok(())
}

/// The option that answers a question; nothing where the file has to change.
fn option_for(doubt: &Doubt) -> &'static str {
    match doubt {
        Doubt::Mark { .. } => " (answer with --decimal-mark)",
        Doubt::CashCurrency => " (answer with --currency)",
        Doubt::DayOrMonth { .. } => " (answer with --date-order)",
        Doubt::AssetName => " (answer with --asset-name)",
        Doubt::Prices | Doubt::HistoryUnit => " (answer with --history-unit)",
        Doubt::Split { .. } => " (answer with --adjust-splits)",
        Doubt::Sheets { .. } => " (answer with --sheet)",
        Doubt::TotalOrAsset { .. } | Doubt::CashOrAsset { .. } => " (answer with --row)",
        Doubt::AssetColumn
        | Doubt::UnknownHeadings { .. }
        | Doubt::TwoColumns { .. }
        | Doubt::NumbersAsAssets
        | Doubt::WeightUnit { .. } => " (answer with --column)",
        _ => "",
    }
}

fn write_table(out: &mut String, reading: &Reading) -> std::fmt::Result {
    write_understanding(out, &reading.understanding)?;
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
        let span = history.dates.first().zip(history.dates.last()).map(|(first, last)| format!(", {first} to {last}"));
        writeln!(
            out,
            "History: {} assets, {} aligned returns each{}",
            history.assets.len(),
            history.observations,
            span.unwrap_or_default()
        )?;
    }
    for question in &reading.questions {
        let column = question.column.as_deref().map(|c| format!(" column {}", shown(c))).unwrap_or_default();
        let row = question.row.map(|row| format!(" row {row}")).unwrap_or_default();
        writeln!(out, "Question{column}{row}: {}{}", plain(&question.doubt.to_string()), option_for(&question.doubt))?;
    }
    for note in &reading.notes {
        writeln!(out, "Read row {}: {}", note.row, plain(&note.note.to_string()))?;
    }
    for aside in &reading.set_aside {
        writeln!(out, "Set aside row {}: {}", aside.row, plain(&aside.reason.to_string()))?;
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
