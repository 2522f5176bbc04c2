//! Wealth and drawdown of policies as a text chart, and their figures as a table.

use std::fmt::Write;

use engine::dto::backtest::{BacktestPolicyResult, PolicyBacktestResponse};

use super::table::{NAME_WIDTH, shown};

/// Characters of a chart from left to right.
const WIDTH: usize = 72;
/// Lines of the chart of wealth.
const WEALTH_LINES: usize = 16;
/// Lines of the chart of drawdown.
const DRAWDOWN_LINES: usize = 6;
/// Marks of the policies, in their order; a policy beyond them has the mark of an earlier one.
const MARKS: [char; 8] = ['*', 'o', '+', 'x', '#', '@', '%', '='];
/// Colours of the marks on a terminal, in their order.
const COLOURS: [u8; 8] = [36, 33, 35, 32, 34, 31, 96, 93];

/// A backtest for a person at a terminal.
pub(super) fn chart(answer: &PolicyBacktestResponse, is_coloured: bool) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_chart(&mut out, answer, is_coloured);
    out
}

fn write_chart(out: &mut String, answer: &PolicyBacktestResponse, is_coloured: bool) -> std::fmt::Result {
    let policies = &answer.policies;
    writeln!(out, "wealth per unit invested, logarithmic")?;
    let wealth: Vec<Vec<f64>> = policies.iter().map(|policy| policy.wealth.iter().map(|w| w.ln()).collect()).collect();
    write_lines(out, &wealth, WEALTH_LINES, is_coloured, |value| format!("{:.3}", value.exp()))?;
    writeln!(out, "drawdown")?;
    let falls: Vec<Vec<f64>> = policies.iter().map(|policy| policy.drawdown.iter().map(|d| -d).collect()).collect();
    write_lines(out, &falls, DRAWDOWN_LINES, is_coloured, |value| format!("{:.1} %", 100.0 * value))?;
    writeln!(
        out,
        "\n  {:<NAME_WIDTH$} {:>10} {:>10} {:>10} {:>10} {:>12} {:>8}",
        "policy", "wealth", "a year", "drawdown", "turnover", "costs", "trades"
    )?;
    for (i, policy) in policies.iter().enumerate() {
        write_row(out, policy, marked(i, is_coloured))?;
    }
    for comparison in &answer.comparisons {
        let p_value = comparison.p_value.map_or_else(|| "no p-value".to_owned(), |p| format!("p = {p:.3}"));
        writeln!(
            out,
            "{} beside {}: {} ({p_value}, level {}, {} trials)",
            shown(&comparison.a),
            shown(&comparison.b),
            comparison.verdict,
            comparison.significance,
            comparison.trials
        )?;
    }
    for warning in &answer.warnings {
        writeln!(out, "warning: {}: {}", warning.pointer.escape_debug(), warning.detail.escape_debug())?;
    }
    Ok(())
}

fn write_row(out: &mut String, policy: &BacktestPolicyResult, mark: String) -> std::fmt::Result {
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.2} %", 100.0 * value));
    writeln!(
        out,
        "{mark} {:<NAME_WIDTH$} {:>10.4} {:>10} {:>10} {:>10.2} {:>12.2} {:>8}",
        shown(&policy.name),
        policy.terminal_wealth,
        percent(policy.annual_growth),
        percent(policy.metrics.max_drawdown),
        policy.turnover_two_way,
        policy.costs,
        policy.trades,
    )
}

/// The mark of a policy, in its colour.
fn marked(policy: usize, is_coloured: bool) -> String {
    let at = policy % MARKS.len();
    if is_coloured { format!("\u{1b}[{}m{}\u{1b}[0m", COLOURS[at], MARKS[at]) } else { MARKS[at].to_string() }
}

/// Several curves of one length over the same axes: of the days behind one character the last is drawn, and of curves in one place the
/// first.
fn write_lines(
    out: &mut String,
    curves: &[Vec<f64>],
    lines: usize,
    is_coloured: bool,
    label: impl Fn(f64) -> String,
) -> std::fmt::Result {
    let finite = || curves.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let days = curves.iter().map(Vec::len).max().unwrap_or(0);
    if days == 0 || low > high {
        return writeln!(out, "  nothing to draw");
    }
    let span = if high > low { high - low } else { 1.0 };
    let width = WIDTH.min(days);
    let mut cells = vec![None; lines * width];
    for (policy, curve) in curves.iter().enumerate().rev() {
        for column in 0..width {
            let day = ((column + 1) * days / width).saturating_sub(1);
            if let Some(value) = curve.get(day).filter(|value| value.is_finite()) {
                // From 0 at the top to the last line at the bottom.
                let line = ((high - value) / span * (lines - 1) as f64).round() as usize;
                cells[line.min(lines - 1) * width + column] = Some(policy);
            }
        }
    }
    for (line, row) in cells.chunks(width).enumerate() {
        let value = high - span * line as f64 / (lines - 1) as f64;
        let drawn: String =
            row.iter().map(|cell| cell.map_or_else(|| " ".to_owned(), |policy| marked(policy, is_coloured))).collect();
        writeln!(out, "{:>10} |{}", label(value), drawn.trim_end())?;
    }
    writeln!(out, "{:>10} +{}", "", "-".repeat(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_its_ends() {
        let mut out = String::new();
        let rising: Vec<f64> = (0..100).map(f64::from).collect();
        write_lines(&mut out, &[rising, vec![0.0; 100]], 5, false, |value| format!("{value:.0}")).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[0].starts_with("        99 |") && lines[0].ends_with('*'), "{out}");
        // The flat curve lies at the bottom, under the rising one where they meet.
        assert!(lines[4].starts_with("         0 |*") && lines[4].ends_with('o'), "{out}");
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let mut out = String::new();
        write_lines(&mut out, &[vec![f64::NAN; 3]], 5, false, |value| value.to_string()).unwrap();
        assert_eq!(out, "  nothing to draw\n");
    }
}
