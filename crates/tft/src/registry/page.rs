//! A version as a printable page: what it is, what its trial found, what it looks at, and its fan beside another.

use maud::{DOCTYPE, Markup, html};

use super::TftVersion;
use crate::{AttentionAhead, Explanation, Forecast, Weight};

/// The quantiles of one forecast, beside the intervals of another method and the outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fan {
    /// What is forecast, and from when.
    pub title: String,
    /// The forecast of the model.
    pub forecast: Forecast,
    /// For each step: the bounds of a conformal interval in the unit of the forecast, or why there is none.
    pub conformal: Vec<Result<[f64; 2], String>>,
    /// Share of outcomes that those intervals should contain.
    pub coverage: f64,
    /// The outcomes as far as they are known, in the unit of the forecast.
    pub outcomes: Vec<f64>,
}

const STYLE: &str = "\
body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1917}\
table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}\
th,td{text-align:right;padding:.2rem .4rem;border-bottom:1px solid #d6d3d1;vertical-align:top}\
th:first-child,td:first-child{text-align:left}caption{text-align:left;font-weight:600;padding:.5rem 0}\
svg{width:100%;height:auto}.wide{overflow-x:auto}code{overflow-wrap:anywhere}\
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}";

impl TftVersion {
    /// The page, in HTML without a script: card, trial, selection weights, attention by step of the horizon, and the
    /// fan. Every figure of a drawing is in a table beside it.
    #[must_use]
    pub fn page(&self, told: &Explanation, fan: &Fan) -> String {
        let card = self.version().card();
        let levels = &self.model().spec().quantiles;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (card.id) " " (card.version) }
                    style { (maud::PreEscaped(STYLE)) }
                }
                body { main {
                    h1 { (card.id) " " (card.version) }
                    p { (card.summary) }
                    p { "SHA-256 " code { (self.version().digest().to_string()) } }
                    @if let Some(span) = &card.training_span { p { "Trained on " (span.from) " to " (span.to) "." } }
                    p { strong { (card.outcomes_analysis) } " " (card.intended_use) }
                    ul { @for limit in &card.known_limits { li { (limit) } } }
                    (trial(self))
                    h2 { "What it looks at" }
                    p {
                        "Means over " (told.windows) " forecasts. "
                        "They show which inputs the network uses, not what causes the target."
                    }
                    (selection("Static covariates", &told.statics))
                    (selection("Inputs up to the origin", &told.past))
                    (selection("Inputs known ahead", &told.future))
                    (attention(&told.attention))
                    (fan_of(fan, levels))
                } }
            }
        };
        page.into_string()
    }
}

fn trial(version: &TftVersion) -> Markup {
    let is_figure = |name: &str| !name.starts_with("selection weight") && !name.starts_with("attention");
    let figures = version.version().card().metrics.iter().filter(|metric| is_figure(&metric.name));
    html! {
        h2 { "Examination and trial" }
        table {
            caption { "Figures of the card" }
            thead { tr { th scope="col" { "figure" } th scope="col" { "value" } th scope="col" { "verdict" } } }
            tbody { @for metric in figures {
                tr { th scope="row" { (metric.name) } td { (number(metric.value)) } td { (metric.verdict) } }
            } }
        }
    }
}

fn number(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { format!("{x:+.4}") }
}

fn selection(name: &str, weights: &[Weight]) -> Markup {
    html! {
        table {
            caption { (name) ": selection weights" }
            thead { tr { th scope="col" { "input" } th scope="col" { "weight" } th scope="col" { "bar" } } }
            tbody { @for Weight { name, weight } in weights {
                tr {
                    th scope="row" { (name) }
                    td { (format!("{weight:.3}")) }
                    td style="width:50%" { svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true" {
                        rect width=(format!("{:.2}", 100.0 * weight)) height="5" fill="#1d4ed8" {}
                    } }
                }
            } }
        }
    }
}

/// A row per step ahead, a column per step that is seen.
fn attention(all: &[AttentionAhead]) -> Markup {
    let columns = all.iter().map(|ahead| ahead.weights.len()).max().unwrap_or(0);
    let most = all.iter().flat_map(|ahead| &ahead.weights).copied().fold(0.0, f64::max);
    let lookback = all.first().map_or(0, |first| first.weights.len().saturating_sub(first.ahead));
    // 0 is the origin.
    let place = |column: usize| column as i64 + 1 - lookback as i64;
    html! {
        h3 { "Attention by horizon" }
        svg viewBox=(format!("0 0 {} {}", 10 * columns, 10 * all.len())) role="img"
            aria-label="Attention of each step ahead, from above, to each step seen, from the oldest; darker is more" {
            @for (row, ahead) in all.iter().enumerate() { @for (column, weight) in ahead.weights.iter().enumerate() {
                rect x=(10 * column) y=(10 * row) width="10" height="10" fill="#1d4ed8"
                    fill-opacity=(format!("{:.3}", if most > 0.0 { weight / most } else { 0.0 })) {}
            } }
        }
        div class="wide" { table {
            caption { "Mean attention, percent: a row per step ahead, a column per step seen; 0 is the origin" }
            thead { tr { th scope="col" { "ahead" } @for column in 0..columns { th scope="col" { (place(column)) } } } }
            tbody { @for AttentionAhead { ahead, weights } in all {
                tr { th scope="row" { (ahead) } @for weight in weights { td { (format!("{:.1}", 100.0 * weight)) } } }
            } }
        } }
    }
}

fn fan_of(fan: &Fan, levels: &[f64]) -> Markup {
    let quantiles = &fan.forecast.quantiles;
    let steps = quantiles.rows();
    let bounds = fan.conformal.iter().flatten().flatten().chain(quantiles.data()).chain(&fan.outcomes).copied();
    let (low, high) = bounds.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let scale = if high > low { 200.0 / (high - low) } else { 1.0 };
    let (x, y) = (|step: usize| 140.0 * (step as f64 + 0.5), |value: f64| 210.0 - scale * (value - low));
    let line = |column: usize| -> String {
        (0..steps).map(|step| format!("{:.1},{:.1} ", x(step), y(quantiles.row(step)[column]))).collect()
    };
    html! {
        h2 { "Fan of quantiles beside the conformal interval" }
        p { (fan.title) }
        svg viewBox=(format!("0 0 {} 220", 140 * steps)) role="img"
            aria-label="Quantiles as lines, conformal intervals as bars, outcomes as dots; the table has the numbers" {
            @for (step, interval) in fan.conformal.iter().enumerate() { @if let Ok([lower, upper]) = interval {
                rect x=(format!("{:.1}", x(step) - 8.0)) width="16" y=(format!("{:.1}", y(*upper)))
                    height=(format!("{:.1}", y(*lower) - y(*upper))) fill="#f59e0b" fill-opacity="0.4" {}
            } }
            @for column in 0..levels.len() {
                polyline points=(line(column)) fill="none" stroke="#1d4ed8" stroke-width="1.5" {}
            }
            @for (step, outcome) in fan.outcomes.iter().enumerate() {
                circle cx=(format!("{:.1}", x(step))) cy=(format!("{:.1}", y(*outcome))) r="3.5" fill="#1c1917" {}
            }
        }
        div class="wide" { table {
            caption { "By step ahead; the conformal interval is one of " (format!("{:.0}", 100.0 * fan.coverage)) " %" }
            thead { tr {
                th scope="col" { "ahead" }
                @for level in levels { th scope="col" { "quantile " (level) } }
                th scope="col" { "conformal" }
                th scope="col" { "outcome" }
            } }
            tbody { @for step in 0..steps { tr {
                th scope="row" { (step + 1) }
                @for q in quantiles.row(step) { td { (format!("{q:.3}")) } }
                td { @match fan.conformal.get(step) {
                    Some(Ok([lower, upper])) => (format!("{lower:.3} to {upper:.3}")),
                    Some(Err(why)) => (why),
                    None => "not asked for",
                } }
                td { @match fan.outcomes.get(step) {
                    Some(outcome) => (format!("{outcome:.3}")),
                    None => "not known yet",
                } }
            } } }
        } }
    }
}
