//! The rounding error of returns, and the one rule that decides whether a series is flat.

/// Bound on the rounding error of a return: 64 units in the last place of a growth factor `1 + r` near one.
///
/// A return is the quotient of two prices minus one. Each price, each step of its computation and the quotient are
/// rounded. This shifts the return by a few units in the last place of `1 + r`, however small the return itself is.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Bound on a return, or on a spread of returns, that is zero in exact arithmetic and differs from zero only by
/// rounding: `64·ε·growth_factor`, where `ε` is the distance from one to the next double (2.2e-16).
///
/// `growth_factor`: size of the growth factors `1 + r` behind the returns, 1 for returns near zero. Result: a fraction,
/// like the returns. A value that does not exceed it counts as zero: a series whose standard deviation is this small is
/// flat, and nothing is divided by it.
///
/// # Example
/// ```
/// use portfolio_core::return_rounding;
///
/// // A price that grows by 0.1 % each day: the returns differ in their last digits only.
/// let prices: Vec<f64> = (0..250).map(|day| 100.0 * 1.001_f64.powi(day)).collect();
/// let returns: Vec<f64> = prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
/// let widest = returns.iter().map(|r| (r - returns[0]).abs()).fold(0.0, f64::max);
/// assert!(widest > 0.0 && widest < return_rounding(1.001));
/// ```
#[must_use]
pub fn return_rounding(growth_factor: f64) -> f64 {
    ROUNDING * growth_factor
}
