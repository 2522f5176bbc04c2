//! A cost model from realised costs: half-spread, impact coefficient and exponent, with standard errors.

use crate::normal_equations::inverse;

/// Minimum number of observations for a refit.
const FEWEST: usize = 30;
/// Range of exponents in which the minimum is searched.
const EXPONENTS: (f64, f64) = (0.05, 3.0);
/// Steps of the search for a start, and of the Gauss–Newton iteration.
const GRID: u32 = 24;
const STEPS: usize = 60;
/// Largest correlation of two estimates at which they count as identified separately.
const MAX_CORRELATION: f64 = 0.9999;

/// The cost of one fill, and how difficult it was to trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RealisedCost {
    /// Cost against arrival as a fraction of the value traded, negative for a gain.
    pub cost: f64,
    /// Volatility of the asset over the period of `participation`, a fraction, above 0.
    pub volatility: f64,
    /// Units traded over units of the market in the same period, above 0.
    pub participation: f64,
}

/// An estimate and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error: two thirds of such estimates lie within one standard error of the truth.
    pub standard_error: f64,
}

/// `cost = half_spread + impact · volatility · participation^exponent`, by nonlinear least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostFit {
    /// Half-spread as a fraction of the price.
    pub half_spread: Estimate,
    /// Impact coefficient, without a unit.
    pub impact: Estimate,
    /// Exponent of the participation: one half is the square-root law.
    pub exponent: Estimate,
    /// Standard deviation of the residuals, a fraction.
    pub residual_sd: f64,
    /// Number of fills.
    pub observations: usize,
}

/// Why realised costs do not identify the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefitError {
    /// There are too few fills.
    #[error("there are {got} fills, and a refit needs at least {FEWEST}")]
    TooFew {
        /// Number of fills.
        got: usize,
    },
    /// A number is not finite, or a volatility or participation is not above 0.
    #[error("fill {} has a cost that is not finite, or a volatility or participation that is not above 0", index + 1)]
    BadFill {
        /// Position of the first such fill, from 0.
        index: usize,
    },
    /// All fills had the same participation, so spread, impact and exponent cannot be separated.
    #[error("all fills have the same participation, so the exponent cannot be told")]
    OneParticipation,
    /// Different parameters explain the costs equally well.
    #[error("the costs do not tell spread, impact and exponent apart")]
    NotIdentified,
    /// The best exponent is at the end of the searched range.
    #[error("no exponent between {} and {} explains the costs best", EXPONENTS.0, EXPONENTS.1)]
    ExponentOutOfRange,
}

/// Fits the cost model to realised costs.
///
/// The start is the best of a grid of exponents, each with the linear least squares of the other two; from there Gauss and Newton, with
/// steps halved until they improve. Standard errors are those of independent errors of one variance, `s²·(JᵀJ)⁻¹`.
///
/// # Errors
/// [`RefitError`] for too few or bad fills, and when the costs do not identify the parameters.
pub fn refit(fills: &[RealisedCost]) -> Result<CostFit, RefitError> {
    check(fills)?;
    let mut at = start(fills)?;
    let mut loss = squares(fills, at);
    for _ in 0..STEPS {
        let (normal, gradient) = equations(fills, at);
        let inverse = inverse(normal).ok_or(RefitError::NotIdentified)?;
        let step = inverse.map(|row| row.iter().zip(&gradient).map(|(a, b)| a * b).sum::<f64>());
        let Some((next, better)) = improved(fills, at, step, loss) else { break };
        let gain = loss - better;
        (at, loss) = (next, better);
        if gain <= 1e-14 * loss {
            break;
        }
    }
    if !(EXPONENTS.0..=EXPONENTS.1).contains(&at[2]) {
        return Err(RefitError::ExponentOutOfRange);
    }
    let covariance = inverse(equations(fills, at).0).ok_or(RefitError::NotIdentified)?;
    let correlation = |i: usize, j: usize| covariance[i][j] / (covariance[i][i] * covariance[j][j]).sqrt();
    // Written so that NaN is refused too.
    if ![(0, 1), (0, 2), (1, 2)].iter().all(|&(i, j)| correlation(i, j).abs() <= MAX_CORRELATION) {
        return Err(RefitError::NotIdentified);
    }
    let variance = loss / (fills.len() - 3) as f64;
    let estimate = |i: usize| Estimate { value: at[i], standard_error: (variance * covariance[i][i]).sqrt() };
    Ok(CostFit {
        half_spread: estimate(0),
        impact: estimate(1),
        exponent: estimate(2),
        residual_sd: variance.sqrt(),
        observations: fills.len(),
    })
}

fn check(fills: &[RealisedCost]) -> Result<(), RefitError> {
    if fills.len() < FEWEST {
        return Err(RefitError::TooFew { got: fills.len() });
    }
    let is_sound = |fill: &RealisedCost| {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        fill.cost.is_finite() && positive(fill.volatility) && positive(fill.participation)
    };
    if let Some(index) = fills.iter().position(|fill| !is_sound(fill)) {
        return Err(RefitError::BadFill { index });
    }
    let ends = fills
        .iter()
        .fold((f64::MAX, 0.0_f64), |(low, high), fill| (low.min(fill.participation), high.max(fill.participation)));
    if ends.1 <= ends.0 * (1.0 + 1e-9) { Err(RefitError::OneParticipation) } else { Ok(()) }
}

/// Half-spread, impact and exponent that explain the costs best on a grid of exponents.
fn start(fills: &[RealisedCost]) -> Result<[f64; 3], RefitError> {
    let ratio = EXPONENTS.1 / EXPONENTS.0;
    let exponents = (0..=GRID).map(|i| EXPONENTS.0 * ratio.powf(f64::from(i) / f64::from(GRID)));
    let fitted = exponents.filter_map(|exponent| {
        let at = linear(fills, exponent)?;
        Some((squares(fills, at), at))
    });
    fitted.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at).ok_or(RefitError::NotIdentified)
}

/// The least-squares half-spread and impact for one exponent; `None` when they cannot be separated.
fn linear(fills: &[RealisedCost], exponent: f64) -> Option<[f64; 3]> {
    let count = fills.len() as f64;
    let force = |fill: &RealisedCost| fill.volatility * fill.participation.powf(exponent);
    let (cost, mean) = fills.iter().fold((0.0, 0.0), |(c, m), fill| (c + fill.cost / count, m + force(fill) / count));
    let (cross, square) = fills.iter().fold((0.0, 0.0), |(cross, square), fill| {
        let off = force(fill) - mean;
        (cross + off * (fill.cost - cost), square + off * off)
    });
    let impact = cross / square;
    impact.is_finite().then_some([cost - impact * mean, impact, exponent])
}

fn residual(fill: &RealisedCost, [half, impact, exponent]: [f64; 3]) -> f64 {
    fill.cost - half - impact * fill.volatility * fill.participation.powf(exponent)
}

fn squares(fills: &[RealisedCost], at: [f64; 3]) -> f64 {
    fills.iter().map(|fill| residual(fill, at).powi(2)).sum()
}

/// `JᵀJ` and `Jᵀr` at the parameters.
fn equations(fills: &[RealisedCost], at: [f64; 3]) -> ([[f64; 3]; 3], [f64; 3]) {
    let (mut normal, mut gradient) = ([[0.0; 3]; 3], [0.0; 3]);
    for fill in fills {
        let force = fill.volatility * fill.participation.powf(at[2]);
        let slopes = [1.0, force, at[1] * force * fill.participation.ln()];
        let rest = fill.cost - at[0] - at[1] * force;
        for (i, slope) in slopes.iter().enumerate() {
            gradient[i] += slope * rest;
            for (entry, other) in normal[i].iter_mut().zip(&slopes) {
                *entry += slope * other;
            }
        }
    }
    (normal, gradient)
}

/// The longest of the halved steps that lowers the sum of squares.
fn improved(fills: &[RealisedCost], at: [f64; 3], step: [f64; 3], loss: f64) -> Option<([f64; 3], f64)> {
    (0..30).map(|halvings| 0.5_f64.powi(halvings)).find_map(|part| {
        let next = [at[0] + part * step[0], at[1] + part * step[1], at[2] + part * step[2]];
        let better = squares(fills, next);
        (better < loss).then_some((next, better))
    })
}
