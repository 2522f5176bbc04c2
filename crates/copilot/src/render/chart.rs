//! Charts of a report as inline SVG.

use maud::{Markup, html};

use super::text::shown;
use crate::committee::{CommitteeAsset, CommitteeFacts};
use crate::figure::{FigureUnit, FigureWords};
use crate::number;

/// Maximum number of assets in a chart: those furthest from their targets.
const MOST: usize = 12;
/// Height of one asset's band of bars.
const ROW: usize = 46;
/// The left end of the bars, and the length of the longest.
const LEFT: f64 = 190.0;
const WIDTH: f64 = 360.0;

/// Weights before the plan, at target and after the plan, as horizontal bars. Uses attributes only: no style, no
/// script.
pub(super) fn weights(facts: &CommitteeFacts) -> Markup {
    let mut assets: Vec<&CommitteeAsset> = facts.assets.iter().collect();
    assets.sort_by(|a, b| b.drift.value.abs().total_cmp(&a.drift.value.abs()).then_with(|| a.asset.cmp(&b.asset)));
    assets.truncate(MOST);
    let all = assets.iter().flat_map(|a| [a.current.value, a.target.value, a.after.value]);
    let scale = WIDTH / all.fold(1e-9, f64::max);
    let rows = html! {
        @for (row, asset) in assets.iter().enumerate() {
            (label(top(row) + 22, &cut(&asset.asset)))
            (bar(top(row), "before", asset.current.value, scale))
            (bar(top(row) + 12, "target", asset.target.value, scale))
            (bar(top(row) + 24, "after", asset.after.value, scale))
        }
    };
    chart(assets.len(), "Weights before the plan, at target and after the plan", &rows)
}

/// Risk before and after, as horizontal bars; `None` without figures. A figure that is not a fraction, such as a Sharpe
/// ratio, has no bar.
pub(super) fn risk(facts: &CommitteeFacts) -> Option<Markup> {
    let told = facts.risk.iter().map(|line| (FigureWords::of(line.figure), line));
    let fractions = told.filter(|(words, _)| words.unit == FigureUnit::Fraction);
    let lines: Vec<(&str, f64, f64)> = fractions
        .filter_map(|(words, line)| Some((words.name, line.before.as_ref()?.value, line.after.as_ref()?.value)))
        .collect();
    if lines.is_empty() {
        return None;
    }
    let scale = WIDTH / lines.iter().flat_map(|&(_, before, after)| [before, after]).fold(1e-9, f64::max);
    let rows = html! {
        @for (row, (name, before, after)) in lines.iter().enumerate() {
            (label(top(row) + 18, name))
            (bar(top(row), "before", *before, scale))
            (bar(top(row) + 12, "after", *after, scale))
        }
    };
    Some(chart(lines.len(), "Figures of risk before and after the plan", &rows))
}

/// The vertical position of a row.
fn top(row: usize) -> usize {
    row * ROW + 8
}

fn chart(rows: usize, title: &str, body: &Markup) -> Markup {
    let height = rows * ROW + 8;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(title) viewBox={ "0 0 640 " (height) } width="640"
            height=(height) {
            title { (title) }
            (body)
        }
    }
}

fn label(y: usize, name: &str) -> Markup {
    html! { text class="name" x="182" y=(y) text-anchor="end" { (name) } }
}

/// A bar of a fraction, with its percentage at the end.
fn bar(y: usize, class: &str, fraction: f64, scale: f64) -> Markup {
    let width = (fraction * scale).max(0.0);
    html! {
        rect class=(class) x=(LEFT) y=(y) width={ (format_args!("{width:.1}")) } height="10" {}
        text class="value" x={ (format_args!("{:.1}", LEFT + width + 5.0)) } y=(y + 9) { (number::percent(fraction)) }
    }
}

/// A name short enough to fit next to its bars.
fn cut(name: &str) -> String {
    let name = shown(name);
    if name.chars().count() <= 24 { name } else { name.chars().take(23).chain(['…']).collect() }
}
