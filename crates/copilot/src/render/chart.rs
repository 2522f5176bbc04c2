//! Charts of a report as inline SVG.

use super::html::escape;
use super::text::shown;
use risk::RiskFigure;

use crate::committee::{CommitteeAsset, CommitteeFacts, figure};
use crate::number;

/// Assets a chart shows: those furthest from their targets.
const MOST: usize = 12;
/// Height of one asset's band of bars.
const ROW: usize = 46;
/// Where bars start, and how long the longest is.
const LEFT: f64 = 190.0;
const WIDTH: f64 = 360.0;

/// Weights before, wanted and after, as horizontal bars. Attributes only: no style, no script.
pub(super) fn weights(facts: &CommitteeFacts) -> String {
    let mut assets: Vec<&CommitteeAsset> = facts.assets.iter().collect();
    assets.sort_by(|a, b| b.drift.value.abs().total_cmp(&a.drift.value.abs()).then_with(|| a.asset.cmp(&b.asset)));
    assets.truncate(MOST);
    let all = assets.iter().flat_map(|a| [a.current.value, a.target.value, a.after.value]);
    let scale = WIDTH / all.fold(1e-9, f64::max);
    let mut body = String::new();
    for (row, asset) in assets.iter().enumerate() {
        let top = row * ROW + 8;
        let bars = [("before", &asset.current), ("target", &asset.target), ("after", &asset.after)];
        body += &label(top + 22, &cut(&asset.asset));
        for (i, (class, cited)) in bars.into_iter().enumerate() {
            body += &bar(top + 12 * i, class, cited.value * scale, &number::percent(cited.value));
        }
    }
    chart(assets.len() * ROW + 8, "Weights before the plan, at target and after the plan", &body)
}

/// Risk before and after, as horizontal bars; empty without figures. A Sharpe ratio is no fraction and has no bar.
pub(super) fn risk(facts: &CommitteeFacts) -> String {
    let fractions = facts.risk.iter().filter(|line| line.figure != RiskFigure::Sharpe);
    let lines: Vec<(&str, f64, f64)> = fractions
        .filter_map(|line| Some((figure(line.figure), line.before.as_ref()?.value, line.after.as_ref()?.value)))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let scale = WIDTH / lines.iter().flat_map(|&(_, before, after)| [before, after]).fold(1e-9, f64::max);
    let mut body = String::new();
    for (row, (name, before, after)) in lines.iter().enumerate() {
        let top = row * ROW + 8;
        body += &label(top + 18, name);
        body += &bar(top, "before", before * scale, &number::percent(*before));
        body += &bar(top + 12, "after", after * scale, &number::percent(*after));
    }
    chart(lines.len() * ROW + 8, "Figures of risk before and after the plan", &body)
}

fn chart(height: usize, title: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{title}\" viewBox=\"0 0 640 {height}\" \
         width=\"640\" height=\"{height}\"><title>{title}</title>{body}</svg>\n"
    )
}

fn label(y: usize, name: &str) -> String {
    format!("<text class=\"name\" x=\"182\" y=\"{y}\" text-anchor=\"end\">{}</text>", escape(name))
}

fn bar(y: usize, class: &str, width: f64, value: &str) -> String {
    let width = width.max(0.0);
    let end = LEFT + width + 5.0;
    format!(
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"10\"/>\
         <text class=\"value\" x=\"{end:.1}\" y=\"{}\">{}</text>",
        y + 9,
        escape(value)
    )
}

/// A name that fits beside its bars.
fn cut(name: &str) -> String {
    let name = shown(name);
    if name.chars().count() <= 24 { name } else { name.chars().take(23).chain(['…']).collect() }
}
