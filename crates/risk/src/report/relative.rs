//! Metrics relative to a benchmark.

use super::book::Book;
use crate::benchmark::{Comovement, alpha, information};
use crate::capture::{CaptureSide, capture_arithmetic, capture_geometric};
use crate::moments::volatility;
use crate::spread::Spread;
use crate::{RiskOptions, UnavailableReason};

const RELATIVE: [&str; 9] = [
    "tracking_error",
    "information_ratio",
    "beta",
    "correlation",
    "alpha_arith",
    "up_capture_geo",
    "up_capture_arith",
    "down_capture_geo",
    "down_capture_arith",
];

/// Figures relative to the benchmark.
pub(super) fn benchmark_metrics(
    book: &mut Book,
    returns: &[f64],
    spread: &Spread,
    benchmark: Option<&[f64]>,
    options: &RiskOptions,
) {
    let Some(benchmark) = benchmark else {
        for name in RELATIVE {
            book.note(name, Err(UnavailableReason::NoBenchmark));
        }
        return;
    };
    let benchmark_spread = Spread::of(benchmark);
    let difference = Spread::of_difference(returns, benchmark);
    let together = Comovement::of(returns, spread, benchmark, &benchmark_spread);
    let captures = [
        capture_geometric(returns, benchmark, CaptureSide::Up, options),
        capture_arithmetic(returns, benchmark, CaptureSide::Up),
        capture_geometric(returns, benchmark, CaptureSide::Down, options),
        capture_arithmetic(returns, benchmark, CaptureSide::Down),
    ];
    let figures = [
        volatility(&difference, options),
        information(&difference, options),
        together.beta,
        together.correlation,
        alpha(spread.mean, benchmark_spread.mean, together.beta, options),
    ];
    for (name, figure) in RELATIVE.into_iter().zip(figures.into_iter().chain(captures)) {
        book.note(name, figure);
    }
}
