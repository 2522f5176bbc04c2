//! Sentences and cells of a backtest's report.

use super::facts::{ComparisonFacts, PolicyFigure, PolicyFigureName};
use crate::number;
use crate::quote;

/// The figures of the table, in its order, with their headings.
pub(super) const FIGURES: [(PolicyFigureName, &str); 7] = [
    (PolicyFigureName::AnnualGrowth, "Growth a year"),
    (PolicyFigureName::Volatility, "Volatility"),
    (PolicyFigureName::Sharpe, "Sharpe ratio"),
    (PolicyFigureName::MaxDrawdown, "Largest drawdown"),
    (PolicyFigureName::Var95, "VaR 95%"),
    (PolicyFigureName::Cvar95, "CVaR 95%"),
    (PolicyFigureName::TrackingError, "Tracking error"),
];

/// The last segments of the pointer of a figure in the answer, under its policy.
pub(super) fn place(name: PolicyFigureName) -> &'static str {
    match name {
        PolicyFigureName::AnnualGrowth => "annual_growth",
        PolicyFigureName::Volatility => "metrics/volatility",
        PolicyFigureName::Sharpe => "metrics/sharpe",
        PolicyFigureName::MaxDrawdown => "metrics/max_drawdown",
        PolicyFigureName::Var95 => "metrics/var_95",
        PolicyFigureName::Cvar95 => "metrics/cvar_95",
        PolicyFigureName::TrackingError => "metrics/tracking_error",
    }
}

/// A value of a figure, with its unit.
pub(super) fn value(name: PolicyFigureName, value: f64) -> String {
    match name {
        PolicyFigureName::Sharpe => number::fixed(value, 2),
        _ => number::percent(value),
    }
}

/// The interval of a figure as text in a cell; `None` without one.
pub(super) fn interval(figure: &PolicyFigure) -> Option<String> {
    let end = |end: Option<f64>| end.map(|end| value(figure.name, end));
    match (end(figure.interval.0), end(figure.interval.1)) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("from {low}")),
        (None, Some(high)) => Some(format!("up to {high}")),
        (None, None) => None,
    }
}

/// A comparison as a sentence.
pub(super) fn comparison(facts: &ComparisonFacts) -> String {
    let ComparisonFacts { a, b, verdict, p_value, significance, trials } = facts;
    let (a, b) = (quote::name(a), quote::name(b));
    let told = match verdict.as_str() {
        "better" => format!("{a} grew faster than {b}"),
        "worse" => format!("{a} grew more slowly than {b}"),
        _ => format!("the growth of {a} is not distinguishable from that of {b}"),
    };
    let tries = if *trials == 1 { "1 trial".to_owned() } else { format!("{} trials", number::whole(*trials)) };
    match p_value {
        Some(p) => format!("{told} (p = {p:.3}, against {} over {tries}).", number::percent(*significance)),
        None => format!("{told}: there is no test of so short a history, or of two that do not differ."),
    }
}
