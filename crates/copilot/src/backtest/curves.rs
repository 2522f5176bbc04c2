//! Curves of a backtest as inline SVG.

use maud::{Markup, html};

use super::facts::BacktestFacts;
use crate::number;
use crate::quote;

/// Number of policies drawn: the first ones.
pub(super) const MOST_CURVES: usize = 8;
/// The plot, in units of the view box.
const LEFT: f64 = 60.0;
const WIDTH: f64 = 570.0;
const TOP: f64 = 10.0;
/// Number of points of a curve: of the days between two points the lowest and the highest are drawn.
const BUCKETS: usize = 240;

/// Wealth of the policies on a logarithmic axis.
pub(super) fn wealth(facts: &BacktestFacts) -> Option<Markup> {
    let curves: Vec<Vec<f64>> = drawn(facts).map(|policy| policy.wealth.iter().map(|w| w.ln()).collect()).collect();
    chart(facts, "Wealth per unit invested, logarithmic", 240.0, &curves, |height| number::fixed(height.exp(), 2))
}

/// Drawdowns of the policies, downwards.
pub(super) fn drawdown(facts: &BacktestFacts) -> Option<Markup> {
    let curves: Vec<Vec<f64>> = drawn(facts).map(|policy| policy.drawdown.iter().map(|d| -d).collect()).collect();
    chart(facts, "Drawdown", 120.0, &curves, number::percent)
}

fn drawn(facts: &BacktestFacts) -> impl Iterator<Item = &super::facts::PolicyFacts> {
    facts.policies.iter().take(MOST_CURVES)
}

/// Several curves over the same days; `None` where nothing can be drawn.
fn chart(
    facts: &BacktestFacts,
    title: &str,
    height: f64,
    curves: &[Vec<f64>],
    label: impl Fn(f64) -> String,
) -> Option<Markup> {
    let finite = || curves.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().reduce(f64::min)?, finite().reduce(f64::max)?);
    let days = curves.iter().map(Vec::len).max().filter(|days| *days > 1)?;
    let span = if high > low { high - low } else { 1.0 };
    let x = |day: usize| LEFT + WIDTH * day as f64 / (days - 1) as f64;
    let y = |value: f64| TOP + height * (high - value) / span;
    let line = |curve: &[f64]| {
        points(curve).map(|(day, value)| format!("{:.1},{:.1}", x(day), y(value))).collect::<Vec<_>>().join(" ")
    };
    let bottom = TOP + height;
    let ends = [0, days - 1].map(|day| match facts.dates.as_ref().and_then(|dates| dates.get(day)) {
        Some(date) => date.to_string(),
        None => format!("day {}", facts.first_day + day),
    });
    Some(html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(title) viewBox={ "0 0 640 " (bottom + 20.0) }
            width="640" height=(bottom + 20.0) {
            title { (title) }
            @for value in [high, low + span / 2.0, low] {
                line class="rule" x1=(LEFT) x2=(LEFT + WIDTH) y1={ (format_args!("{:.1}", y(value))) }
                    y2={ (format_args!("{:.1}", y(value))) } {}
                text class="value" x=(LEFT - 5.0) y={ (format_args!("{:.1}", y(value) + 3.0)) } text-anchor="end" { (label(value)) }
            }
            @for (policy, curve) in curves.iter().enumerate().rev() {
                polyline class={ "curve c" (policy) } points=(line(curve)) {}
            }
            text class="value" x=(LEFT) y=(bottom + 15.0) { (ends[0]) }
            text class="value" x=(LEFT + WIDTH) y=(bottom + 15.0) text-anchor="end" { (ends[1]) }
        }
    })
}

/// The names of the curves, each next to a stroke of its colour.
pub(super) fn key(facts: &BacktestFacts) -> Markup {
    html! {
        p class="key" {
            @for (i, policy) in drawn(facts).enumerate() {
                svg class="stroke" width="24" height="8" viewBox="0 0 24 8" aria-hidden="true" {
                    line class={ "curve c" (i) } x1="0" x2="24" y1="4" y2="4" {}
                }
                " " bdi { (quote::bare(&policy.name)) } " "
            }
            @if facts.policies.len() > MOST_CURVES { "The first " (MOST_CURVES) " policies are drawn." }
        }
    }
}

/// The days of a curve that are drawn, in order.
fn points(curve: &[f64]) -> impl Iterator<Item = (usize, f64)> {
    let step = curve.len().div_ceil(BUCKETS).max(1);
    curve.chunks(step).enumerate().flat_map(move |(bucket, values)| {
        let finite = || (bucket * step..).zip(values.iter().copied()).filter(|(_, value)| value.is_finite());
        let low = finite().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = finite().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut ends: Vec<(usize, f64)> = low.into_iter().chain(high).collect();
        ends.sort_by_key(|(day, _)| *day);
        ends.dedup();
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_lowest_and_highest_day() {
        let mut curve = vec![1.0; 10_000];
        curve[4_321] = 0.2;
        curve[8_765] = 3.0;
        let drawn: Vec<(usize, f64)> = points(&curve).collect();
        assert!(drawn.len() <= 2 * BUCKETS);
        assert!(drawn.contains(&(4_321, 0.2)) && drawn.contains(&(8_765, 3.0)));
        assert!(drawn.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(points(&[1.0, f64::NAN, 2.0]).collect::<Vec<_>>(), [(0, 1.0), (2, 2.0)]);
    }
}
