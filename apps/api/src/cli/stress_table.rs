//! Scenarios and a simulation as tables and a text histogram.

use std::fmt::Write;

use engine::dto::scenarios::{HistoricalScenario, NotAssessedAsset, ReverseScenario, ShockScenario};
use engine::dto::stress::{DriftRuleName, MonteCarloSimulationResponse};
use engine::questions::scenarios::StressedFile;

use super::table::{NAME_WIDTH, shown};

/// Lines of a histogram.
const LINES: usize = 16;
/// Characters of its longest bar.
const BAR: u64 = 50;
/// Assets of the most likely loss that are printed: those that lose most.
const ASSETS: usize = 8;

/// What stress says of a file, for a person at a terminal.
pub(super) fn stress_table(answer: &StressedFile) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_tables(&mut out, answer);
    out
}

fn write_tables(out: &mut String, answer: &StressedFile) -> std::fmt::Result {
    let scenarios = &answer.scenarios;
    writeln!(
        out,
        "{:<44} {:>10} {:>10} {:>9} {:>16} {:>21} {:>8}",
        "scenario", "from", "to", "return", "gain or loss", "worst point", "covered"
    )?;
    for scenario in &scenarios.scenarios {
        write_scenario(out, scenario)?;
    }
    for shock in &scenarios.shocks {
        write_shock(out, shock)?;
    }
    if let Some(left_out) = scenarios.scenarios.last().filter(|s| !s.not_assessed.is_empty()) {
        writeln!(out, "\nnot assessed in {}: {}", left_out.id, listed(&left_out.not_assessed))?;
    }
    if let Some(reverse) = &scenarios.reverse {
        write_reverse(out, reverse)?;
    }
    if let Some(simulation) = &answer.simulation {
        write_simulation(out, simulation)?;
    }
    for warning in &scenarios.warnings {
        writeln!(out, "Note {}: {}.", warning.pointer.escape_debug(), warning.detail.escape_debug())?;
    }
    Ok(())
}

fn write_scenario(out: &mut String, scenario: &HistoricalScenario) -> std::fmt::Result {
    let worst = scenario
        .worst_point
        .as_ref()
        .map_or_else(|| "-".to_owned(), |worst| format!("{} on {}", percent(Some(worst.book_return)), worst.date));
    writeln!(
        out,
        "{:<44} {:>10} {:>10} {:>9} {:>16} {worst:>21} {:>7.0}%",
        scenario.name,
        scenario.start,
        scenario.end,
        percent(scenario.book_return),
        amount(scenario.profit_and_loss),
        100.0 * scenario.covered_weight,
    )
}

fn write_shock(out: &mut String, shock: &ShockScenario) -> std::fmt::Result {
    writeln!(
        out,
        "{:<44} {:>10} {:>10} {:>9} {:>16} {:>21} {:>7.0}%",
        shown(&shock.name),
        "",
        "",
        percent(shock.book_return),
        amount(shock.profit_and_loss),
        "",
        100.0 * shock.covered_weight,
    )
}

fn listed(assets: &[NotAssessedAsset]) -> String {
    let first: Vec<String> =
        assets.iter().take(ASSETS).map(|asset| format!("{} ({})", shown(&asset.asset), asset.detail)).collect();
    let more = assets.len().saturating_sub(ASSETS);
    if more > 0 { format!("{} and {more} more", first.join("; ")) } else { first.join("; ") }
}

fn write_reverse(out: &mut String, reverse: &ReverseScenario) -> std::fmt::Result {
    writeln!(
        out,
        "\nThe most likely move over {} days that loses {}: {:.2} standard deviations away; under the normal law a loss of that size has the \
         probability {:.2e} (KKT residual {:.0e}).",
        reverse.horizon_days,
        percent(Some(reverse.loss)),
        reverse.mahalanobis_distance,
        reverse.normal_probability,
        reverse.kkt_residual,
    )?;
    let mut assets: Vec<_> = reverse.by_asset.iter().collect();
    assets.sort_by(|a, b| a.profit_and_loss.total_cmp(&b.profit_and_loss));
    for asset in assets.iter().take(ASSETS) {
        writeln!(
            out,
            "  {:<NAME_WIDTH$} {:>9} {:>16.2}",
            shown(&asset.asset),
            percent(Some(asset.asset_return)),
            asset.profit_and_loss
        )?;
    }
    Ok(())
}

fn write_simulation(out: &mut String, simulation: &MonteCarloSimulationResponse) -> std::fmt::Result {
    let report = &simulation.report;
    let figures = &report.statistics;
    writeln!(
        out,
        "\nSimulation of {} paths over {} days, seed {}, by the covariance of the returns; the assets are expected to earn {}:",
        report.paths_used,
        report.horizon_days,
        report.seed.0,
        drift_in_words(simulation.drift)
    )?;
    for (name, figure) in [
        ("mean value", &figures.mean_terminal_value),
        ("5 % quantile", &figures.terminal_quantile_05),
        ("VaR 95 %", &figures.var_95),
        ("CVaR 95 %", &figures.cvar_95),
        ("probability of loss", &figures.probability_of_loss),
    ] {
        let error = figure.standard_error.map_or_else(|| "error unknown".to_owned(), |error| format!("± {error:.4}"));
        writeln!(out, "  {name:<20} {:>9.4} {error}", figure.value)?;
    }
    match &report.terminal_histogram {
        Some(histogram) => write_histogram(out, &histogram.edges, &histogram.counts),
        None => writeln!(out, "  every path ends at the same value"),
    }
}

/// What the assets are expected to earn.
fn drift_in_words(drift: DriftRuleName) -> &'static str {
    match drift {
        DriftRuleName::Given => "what the request says (given)",
        DriftRuleName::Historical => "the mean of their history (historical)",
        DriftRuleName::Forecast => "forecasts shrunk by their confidence (forecast)",
        DriftRuleName::RiskFreePlusPremium => "the risk-free rate and a premium for risk (risk_free_plus_premium)",
        DriftRuleName::ZeroExcess => "the risk-free rate alone (zero_excess)",
    }
}

/// Neighbouring bins together, so that the histogram fits a screen.
fn write_histogram(out: &mut String, edges: &[f64], counts: &[u64]) -> std::fmt::Result {
    let together = counts.len().div_ceil(LINES).max(1);
    let counts: Vec<u64> = counts.chunks(together).map(|bins| bins.iter().sum()).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    writeln!(out, "value at the end, per unit invested")?;
    for (line, count) in counts.iter().enumerate() {
        let edge = edges.get(line * together).copied().unwrap_or_default();
        // A bin with a path has a bar.
        let length = (count * BAR).div_ceil(most) as usize;
        writeln!(out, "  {edge:>8.4} | {:<width$} {count}", "#".repeat(length), width = BAR as usize)?;
    }
    Ok(())
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.2}%", 100.0 * value))
}

fn amount(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_in_a_line_of_the_histogram() {
        let edges: Vec<f64> = (0..=64).map(|i| 0.9 + 0.01 * f64::from(i)).collect();
        let counts: Vec<u64> = (0..64).map(|i| if i == 40 { 1000 } else { u64::from(i == 3) }).collect();
        let mut out = String::new();
        write_histogram(&mut out, &edges, &counts).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 1 + LINES);
        assert!(lines[1].trim_end().ends_with(" 1") && lines[1].contains("| # "), "{out}");
        assert!(lines[11].contains(&"#".repeat(50)) && lines[11].ends_with(" 1000"), "{out}");
        assert!(lines[11].trim_start().starts_with("1.3000"), "{out}");
    }
}
