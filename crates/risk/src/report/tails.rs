//! Metrics of the tail and the shape of the distribution.

use portfolio_core::Confidence;

use super::book::Book;
use crate::parametric::{LocationScale, cornish_fisher};
use crate::quantile::QuantileRule;
use crate::reason::{Figure, finite};
use crate::shape::Shape;
use crate::spread::Spread;
use crate::sums::sum_map;
use crate::tail::{Filtered, TailMass};
use crate::{FilteredOptions, UnavailableReason, entropic, student};

/// The metric names of one confidence level.
struct TailNames {
    level: Confidence,
    by_rule: [&'static str; 7],
    cvar_ru: &'static str,
    cvar_tailmean: &'static str,
    normal: [&'static str; 2],
    cornish_fisher: &'static str,
    filtered: [&'static str; 2],
    t_mom: [&'static str; 2],
}

const TAILS: [TailNames; 2] = [
    TailNames {
        level: Confidence::P95,
        by_rule: [
            "var95_linear",
            "var95_lower",
            "var95_higher",
            "var95_inverted_cdf",
            "var95_weibull",
            "var95_hazen",
            "var95_median_unbiased",
        ],
        cvar_ru: "cvar95_ru",
        cvar_tailmean: "cvar95_tailmean",
        normal: ["var95_normal", "cvar95_normal"],
        cornish_fisher: "var95_cornish_fisher",
        filtered: ["var95_filtered", "cvar95_filtered"],
        t_mom: ["var95_t_mom", "cvar95_t_mom"],
    },
    TailNames {
        level: Confidence::P99,
        by_rule: [
            "var99_linear",
            "var99_lower",
            "var99_higher",
            "var99_inverted_cdf",
            "var99_weibull",
            "var99_hazen",
            "var99_median_unbiased",
        ],
        cvar_ru: "cvar99_ru",
        cvar_tailmean: "cvar99_tailmean",
        normal: ["var99_normal", "cvar99_normal"],
        cornish_fisher: "var99_cornish_fisher",
        filtered: ["var99_filtered", "cvar99_filtered"],
        t_mom: ["var99_t_mom", "cvar99_t_mom"],
    },
];

/// Historical, fitted and entropic tails.
pub(super) fn tail_metrics(book: &mut Book, returns: &[f64], spread: &Spread, shape: &Shape) {
    let enough = if returns.len() < 2 { Err(UnavailableReason::TooFewReturns) } else { Ok(()) };
    let mut sorted = returns.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let normal = LocationScale::normal(spread);
    let by_moments = enough.and_then(|()| LocationScale::student_by_moments(spread, shape));
    book.note("t_mom_df", by_moments.and_then(|law| law.degrees_of_freedom.ok_or(UnavailableReason::NoExcessKurtosis)));
    let filtered = Filtered::of(returns, spread, &FilteredOptions::default());
    for names in &TAILS {
        let level = names.level;
        let tail = TailMass::of(level, sorted.len());
        let quantile = |rule: QuantileRule| rule.read(&sorted, level.tail());
        for (rule, &name) in QuantileRule::ALL.iter().zip(&names.by_rule) {
            book.note(name, enough.and_then(|()| finite(0.0 - quantile(*rule))));
        }
        book.note(names.cvar_ru, enough.and_then(|()| finite(tail.cvar(&sorted))));
        book.note(names.cvar_tailmean, enough.and_then(|()| tail_mean(&sorted, quantile(QuantileRule::Linear))));
        let of_today = filtered.as_ref().map_err(|reason| *reason).and_then(|filtered| filtered.tail(level));
        book.note(names.filtered[0], of_today.map(|tail| tail.value_at_risk));
        book.note(names.filtered[1], of_today.map(|tail| tail.conditional_value_at_risk));
        book.note(names.normal[0], normal.and_then(|law| law.value_at_risk(level)));
        book.note(names.normal[1], normal.and_then(|law| law.conditional(level)));
        book.note(names.cornish_fisher, enough.and_then(|()| cornish_fisher(spread, shape, level)));
        book.note(names.t_mom[0], by_moments.and_then(|law| law.value_at_risk(level)));
        book.note(names.t_mom[1], by_moments.and_then(|law| law.conditional(level)));
    }
    let fit = enough.and_then(|()| student::fit(returns, spread, shape));
    book.note("t_mle_df", fit.map(|f| f.degrees_of_freedom));
    book.note("t_mle_loc", fit.map(|f| f.location));
    book.note("t_mle_scale", fit.map(|f| f.scale));
    book.note("t_mle_loglik", fit.map(|f| f.log_likelihood));
    book.note("var95_t_mle", fit.and_then(|f| f.law().value_at_risk(Confidence::P95)));
    book.note("cvar95_t_mle", fit.and_then(|f| f.law().conditional(Confidence::P95)));
    book.note("evar95", enough.and_then(|()| entropic::entropic(returns, Confidence::P95)));
}

/// Minus the mean of the sorted returns at or below the threshold.
fn tail_mean(sorted: &[f64], threshold: f64) -> Figure {
    let count = sorted.partition_point(|&r| r <= threshold);
    finite(0.0 - sum_map(&sorted[..count], |r| r) / count as f64)
}

/// Skewness, kurtosis and extremes.
pub(super) fn shape_metrics(book: &mut Book, returns: &[f64], shape: &Shape) {
    book.note("skew_biased", shape.skew_biased);
    book.note("exkurt_biased", shape.excess_kurtosis_biased);
    book.note("skew_unbiased", shape.skew_unbiased());
    book.note("exkurt_unbiased", shape.excess_kurtosis_unbiased());
    book.note("worst_day", Ok(returns.iter().copied().fold(f64::INFINITY, f64::min)));
    book.note("best_day", Ok(returns.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
}
