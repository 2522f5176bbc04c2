//! Ranges of the numbers in lists and matrices, and the checks of their shapes.

use utoipa::ToSchema;

use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Smallest and largest value of a kind of number.
pub type Range = (f64, f64);

/// Weights and benchmark weights.
pub const WEIGHT: Range = (-100.0, 100.0);
/// Limits of weights: wide enough for the repair of any problem within reason.
pub const BOUND: Range = (-10_000.0, 10_000.0);
/// Expected annual returns.
pub const RETURN: Range = (-100.0, 100.0);
/// Cost coefficients.
pub const COST: Range = (0.0, 100.0);
/// Cash flows, amounts of money.
pub const FLOW: Range = (-1e15, 1e15);
/// Trade sizes.
pub const TRADE: Range = (0.0, 200.0);
/// Exposures to factors.
pub const LOADING: Range = (-1000.0, 1000.0);
/// Entries of a covariance.
pub const COVARIANCE: Range = (-1000.0, 1000.0);
/// Specific variances.
pub const SPECIFIC: Range = (0.0, 1000.0);

/// A simple return of one period, a fraction: −1 is a total loss.
#[derive(ToSchema)]
#[schema(minimum = -1.0, maximum = 100.0, example = 0.004)]
#[expect(dead_code, reason = "describes the numbers of a series; the series itself is a plain vector")]
pub struct PeriodReturn(f64);

/// A weight of a portfolio to measure or simulate, a fraction of its value; negative is short.
#[derive(ToSchema)]
#[schema(minimum = -1000.0, maximum = 1000.0, example = 0.6)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct PortfolioWeight(f64);

/// A weight, a fraction of the book; negative is short.
#[derive(ToSchema)]
#[schema(minimum = -100.0, maximum = 100.0, example = 0.25)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct AssetWeight(f64);

/// A limit of a weight, a fraction of the book.
#[derive(ToSchema)]
#[schema(minimum = -10_000.0, maximum = 10_000.0, example = 0.4)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct WeightBound(f64);

/// An expected annual return, a fraction.
#[derive(ToSchema)]
#[schema(minimum = -100.0, maximum = 100.0, example = 0.06)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct ExpectedReturn(f64);

/// A cost coefficient, a fraction of the book per unit traded (to the power 1.5 for impact).
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 100.0, example = 0.001)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct CostRate(f64);

/// An amount that comes in or, negative, goes out, in the portfolio's currency.
#[derive(ToSchema)]
#[schema(minimum = -1e15, maximum = 1e15, example = 50000.0)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct CashFlow(f64);

/// A size of a trade, a fraction of the book.
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 200.0, example = 0.05)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct TradeLimit(f64);

/// Exposure of one asset to one factor, per unit of weight.
#[derive(ToSchema)]
#[schema(minimum = -1000.0, maximum = 1000.0, example = 1.1)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct FactorLoading(f64);

/// An entry of a covariance of annual returns.
#[derive(ToSchema)]
#[schema(minimum = -1000.0, maximum = 1000.0, example = 0.04)]
#[expect(dead_code, reason = "describes the numbers of a matrix; the matrix itself is plain vectors")]
pub struct CovarianceEntry(f64);

/// An annual specific variance.
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 1000.0, example = 0.02)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct SpecificVariance(f64);

/// Position of an asset, from 0.
#[derive(ToSchema)]
#[schema(minimum = 0, maximum = 1999, example = 0)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct AssetPosition(u64);

/// `n` numbers within `range`.
pub fn check_vector(values: &[f64], n: usize, range: Range, pointer: &str, faults: &mut Faults) {
    if values.len() != n {
        faults.add(pointer, FaultCode::Length, format!("must have {n} entries"));
    }
    let (least, most) = range;
    for (i, value) in values.iter().enumerate() {
        if faults.is_full() {
            return;
        }
        if !(least..=most).contains(value) {
            faults.add(
                format!("{pointer}/{i}"),
                FaultCode::Range,
                format!("must be at least {least} and at most {most}"),
            );
        }
    }
}

/// `rows × columns` numbers within `range`.
pub fn check_matrix(
    values: &[Vec<f64>],
    rows: usize,
    columns: usize,
    range: Range,
    pointer: &str,
    faults: &mut Faults,
) {
    if values.len() != rows {
        faults.add(pointer, FaultCode::Length, format!("must have {rows} rows"));
    }
    for (i, row) in values.iter().enumerate() {
        if faults.is_full() {
            return;
        }
        check_vector(row, columns, range, &format!("{pointer}/{i}"), faults);
    }
}
