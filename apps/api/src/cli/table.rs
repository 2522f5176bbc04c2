//! A plan as a table for a terminal.

use std::fmt::Write;

use engine::planning::plan::PlannedCase;
use engine::telling::present::warnings;
use pipeline::{Measure, Severity, Verdict, measures_in_words};
use portfolio_core::{Action, Money};

/// Characters of a name that fit a line.
pub(super) const NAME_WIDTH: usize = 24;

/// A plan for a person at a terminal.
pub(super) fn table(planned: &PlannedCase) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_table(&mut out, planned);
    out
}

fn write_table(out: &mut String, planned: &PlannedCase) -> std::fmt::Result {
    let PlannedCase { case, plan } = planned;
    let trades = &plan.trades;
    let policy = &case.config.policy;
    writeln!(
        out,
        "{:<NAME_WIDTH$} {:>8} {:>8} {:>8} {:>8}  {:<5} {:>16} {:>16} {:>10}",
        "asset", "current", "target", "drift", "after", "", "value", "units", "cost"
    )?;
    for (i, row) in trades.rows.iter().enumerate() {
        let action = match row.action {
            Action::Buy => "Buy",
            Action::Sell => "Sell",
            Action::Hold => "Hold",
        };
        writeln!(
            out,
            "{:<NAME_WIDTH$} {:>7.2}% {:>7.2}% {:>+7.2}% {:>7.2}%  {action:<5} {:>16} {:>16.4} {:>10}",
            shown(&case.names()[i]),
            100.0 * case.book.weights()[i],
            100.0 * policy.weights[i],
            100.0 * row.drift,
            100.0 * row.weight_after,
            amount(row.value),
            row.units,
            amount(row.cost),
        )?;
    }
    writeln!(
        out,
        "{:<NAME_WIDTH$} {:>7.2}% {:>7.2}% {:>8} {:>7.2}%  {:<5} {:>16}",
        "cash",
        100.0 * trades.cash_weight_before,
        100.0 * policy.cash_weight,
        "",
        100.0 * trades.cash_weight_after,
        "",
        amount(trades.cash_change),
    )?;
    writeln!(
        out,
        "\nNAV {}, after costs {}. Costs {}. Two-way turnover {:.2}% of a limit of {:.2}%{}.",
        case.book.nav(),
        trades.nav_after,
        trades.total_cost,
        100.0 * trades.turnover_two_way,
        100.0 * case.config.sizing.turnover_limit,
        match (trades.turnover_bound, trades.stopped_by_cost) {
            (true, _) => " (binding: less is traded than called for)",
            (_, true) => " (the rest would cost more than it is worth)",
            _ => "",
        },
    )?;
    write_verdict(out, &plan.verdict)?;
    let risk = &plan.risk_now;
    writeln!(
        out,
        "Risk now: volatility {}, VaR95 {} and CVaR95 {} a day, maximum drawdown {}, tracking error {}.",
        percent(risk.volatility),
        percent(risk.var_95),
        percent(risk.cvar_95),
        percent(risk.max_drawdown),
        percent(risk.tracking_error),
    )?;
    for warning in warnings(planned) {
        writeln!(out, "Note {}: {}.", warning.pointer.escape_debug(), warning.detail)?;
    }
    Ok(())
}

/// The decision with its sentence, then each measure that is critical or blocking.
fn write_verdict(out: &mut String, verdict: &Verdict) -> std::fmt::Result {
    writeln!(out, "{}", verdict_line(verdict))?;
    for check in verdict.checks.iter().filter(|check| check.severity >= Severity::Critical) {
        let unit = |value: f64| match check.measure {
            Measure::ImplausibleInputs => format!("{value}"),
            Measure::NetCost => format!("{:.2} bps", 1e4 * value),
            _ => format!("{:.2}%", 100.0 * value),
        };
        let (limit, name) = match (check.severity, check.blocking_above) {
            (Severity::Blocking, Some(limit)) => (limit, "rejected above"),
            _ => (check.critical_above, "critical above"),
        };
        let value = check.value.map_or_else(String::new, |value| format!(" {}, {name} {}", unit(value), unit(limit)));
        let reason = check.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let measure = measures_in_words([(check.measure, check.point)]);
        writeln!(out, "  {}: {measure}{value}{reason}.", capital(&check.severity.to_string()))?;
    }
    Ok(())
}

/// The decision as the API writes it, and its sentence: `Verdict REJECTED. Rejected: …`, in one line.
pub(super) fn verdict_line(verdict: &Verdict) -> String {
    let decision = verdict.decision.to_string().to_uppercase().replace(' ', "_");
    plain(&format!("Verdict {decision}. {}", verdict.sentence))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn amount(money: Money) -> String {
    format!("{:.*}", usize::from(money.currency().minor_digits()), money.major())
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "unavailable".to_owned(), |v| format!("{:.2}%", 100.0 * v))
}

/// A name that cannot move the cursor or break the line.
pub(super) fn shown(name: &str) -> String {
    let plain = plain(name);
    if plain.chars().count() <= NAME_WIDTH {
        plain
    } else {
        plain.chars().take(NAME_WIDTH - 1).chain(['…']).collect()
    }
}

/// A text in one line that cannot move the cursor or turn what stands around it.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if moves_text(c) { '\u{FFFD}' } else { c }).collect()
}

/// Control characters, and the invisible ones that reorder or join what stands around them.
fn moves_text(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn names_cannot_move_the_cursor_or_turn_the_line() {
        assert_eq!(shown("a\u{1b}[2Jb\u{202E}c\nd"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d");
        assert_eq!(shown(&"x".repeat(300)).chars().count(), super::NAME_WIDTH);
    }
}
