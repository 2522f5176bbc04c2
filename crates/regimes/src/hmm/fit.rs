//! The best of several climbs.

use portfolio_core::Seed;
use serde::Serialize;

use super::em::{Climb, climb};
use super::model::GaussianHmm;
use super::parameters::with_states;
use super::passes::Workspace;
use super::spec::{HmmSpec, parameters};
use super::start::start;
use crate::error::require_size;
use crate::{Observations, RegimeError};

/// Gain per step at which a first climb ends, in nats.
const FIRST_TOLERANCE: f64 = 0.02;
/// Most steps of a first climb.
const FIRST_ITERATIONS: usize = 100;
/// First climbs that are continued to the end.
const CONTINUED: usize = 4;
/// Ends this close in log-likelihood count as one maximum, in nats.
const SAME_MAXIMUM: f64 = 1e-3;
/// A state with fewer expected rows per feature explains a few rows, not a regime.
const LEAST_ROWS: f64 = 5.0;

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The model, with its states by ascending variance of the first feature.
    pub model: GaussianHmm,
    /// Log-likelihood of the observations, in nats.
    pub log_likelihood: f64,
    /// Bayesian information criterion `−2 ln L + p ln T`; lower is better. For returns it chooses too many states,
    /// because it takes fat tails for further regimes.
    pub bic: f64,
    /// Number of starts.
    pub restarts: usize,
    /// Starts that were continued to the end and reached the likelihood of the model within 0.001; a small share
    /// suggests that a better maximum may exist.
    pub agreeing: usize,
    /// Iterations of the best start.
    pub iterations: usize,
    /// Whether its last step gained less than the tolerance.
    pub converged: bool,
    /// Whether the model is degenerate: a variance is at its floor, or a state has fewer than five expected rows per feature.
    pub degenerate: bool,
    /// The objective before each step of the best climb; it never falls, up to rounding.
    pub trace: Vec<f64>,
}

/// Fits a model by expectation and maximisation from several starts.
///
/// Every start climbs until a step gains little, and the best few climb to the end. A degenerate end (a variance at its
/// floor, or a state of a few rows) is used only when there is no other. The same input and seed give the same bits.
///
/// # Errors
/// [`RegimeError::OutOfRange`] for a specification out of range, [`RegimeError::TooFewRows`], [`RegimeError::Constant`],
/// [`RegimeError::NoFit`].
///
/// # Example
/// ```
/// use portfolio_core::Seed;
/// use regimes::{HmmSpec, Observations, fit};
///
/// // Calm and rough stretches by turns.
/// let size = |t: usize| if (t / 50) % 2 == 0 { 0.5 } else { 2.0 };
/// let returns: Vec<f64> = (0..400).map(|t| size(t) * ((t * 37 % 101) as f64 / 50.0 - 1.0)).collect();
/// let fitted = fit(&Observations::of_series(&returns)?, &HmmSpec::new(2), Seed(1))?;
/// assert!(fitted.model.variances()[1][0] > 5.0 * fitted.model.variances()[0][0]);
/// # Ok::<(), regimes::RegimeError>(())
/// ```
pub fn fit(rows: &Observations, spec: &HmmSpec, seed: Seed) -> Result<Fit, RegimeError> {
    fit_until(rows, spec, seed, &|| false)
}

/// As [`fit`], until `stop`, which is asked before each step of a climb, says that nobody waits for the model any more. A step reads each row
/// a few times.
///
/// # Errors
/// As [`fit`], and [`RegimeError::Stopped`].
///
/// # Example
/// ```
/// use portfolio_core::Seed;
/// use regimes::{HmmSpec, Observations, RegimeError, fit_until};
///
/// let rows = Observations::of_series(&[0.01, -0.02, 0.005, 0.03, -0.04, 0.01, 0.02, -0.01])?;
/// assert_eq!(fit_until(&rows, &HmmSpec::new(2), Seed(1), &|| true), Err(RegimeError::Stopped));
/// # Ok::<(), RegimeError>(())
/// ```
pub fn fit_until(rows: &Observations, spec: &HmmSpec, seed: Seed, stop: &dyn Fn() -> bool) -> Result<Fit, RegimeError> {
    let (floors, spread) = prepare(rows, spec)?;
    with_states!(spec.states, fit_states(rows, spec, seed, (&floors, &spread), stop))
}

/// Fits a model from a single start, a given model.
///
/// # Errors
/// As [`fit`], and [`RegimeError::SizeMismatch`] when the size of the model differs from the specification or the
/// observations.
pub fn fit_from(rows: &Observations, spec: &HmmSpec, start: &GaussianHmm) -> Result<Fit, RegimeError> {
    let (floors, _) = prepare(rows, spec)?;
    require_size("states", spec.states, start.states())?;
    require_size("features", rows.features(), start.features())?;
    with_states!(spec.states, fit_one(rows, spec, start, &floors))
}

/// Checks the input; returns the least variance, and mean and variance, per feature.
#[expect(clippy::type_complexity, reason = "two lists of the same length")]
fn prepare(rows: &Observations, spec: &HmmSpec) -> Result<(Vec<f64>, Vec<(f64, f64)>), RegimeError> {
    spec.check()?;
    let parameters = spec.parameters(rows.features());
    if rows.rows() < parameters {
        return Err(RegimeError::TooFewRows { rows: rows.rows(), parameters });
    }
    let spread = rows.spread()?;
    Ok((spread.iter().map(|(_, variance)| spec.variance_floor * variance).collect(), spread))
}

fn fit_states<const K: usize>(
    rows: &Observations,
    spec: &HmmSpec,
    seed: Seed,
    (floors, spread): (&[f64], &[(f64, f64)]),
    stop: &dyn Fn() -> bool,
) -> Result<Fit, RegimeError> {
    let mut work = Workspace::<K>::new(rows.rows());
    let first = (FIRST_TOLERANCE.max(spec.tolerance), FIRST_ITERATIONS.min(spec.max_iterations));
    let mut climbs: Vec<Climb<K>> = (0..spec.restarts)
        .map(|index| climb(start(index, rows, spread, seed), rows, floors, spec, first, &mut work, stop))
        .collect::<Option<_>>()
        .ok_or(RegimeError::Stopped)?;
    climbs.retain(|climb| climb.log_likelihood.is_finite());
    // A stable sort: of equal climbs the earlier start comes first.
    let better = |a: &Climb<K>, b: &Climb<K>| {
        let of = |climb: &Climb<K>| (degenerate(climb, floors), climb.trace.last().copied().unwrap_or(f64::MIN));
        let ((bad_a, a), (bad_b, b)) = (of(a), of(b));
        bad_a.cmp(&bad_b).then(b.total_cmp(&a))
    };
    climbs.sort_by(better);
    climbs.truncate(CONTINUED);
    for climbed in &mut climbs {
        let so_far = std::mem::take(&mut climbed.trace);
        let rest = (spec.tolerance, spec.max_iterations.saturating_sub(so_far.len() - 1));
        let mut end =
            climb(climbed.parameters.clone(), rows, floors, spec, rest, &mut work, stop).ok_or(RegimeError::Stopped)?;
        end.trace.splice(0..1, so_far);
        *climbed = end;
    }
    climbs.retain(|climb| climb.log_likelihood.is_finite());
    climbs.sort_by(better);
    let top = climbs.first().ok_or(RegimeError::NoFit)?;
    let agreeing = climbs.iter().filter(|c| (c.log_likelihood - top.log_likelihood).abs() < SAME_MAXIMUM).count();
    Ok(told(top, rows, spec.restarts, agreeing, floors))
}

fn fit_one<const K: usize>(
    rows: &Observations,
    spec: &HmmSpec,
    start: &GaussianHmm,
    floors: &[f64],
) -> Result<Fit, RegimeError> {
    let mut work = Workspace::<K>::new(rows.rows());
    let limits = (spec.tolerance, spec.max_iterations);
    let end =
        climb(start.parameters(), rows, floors, spec, limits, &mut work, &|| false).ok_or(RegimeError::Stopped)?;
    if end.log_likelihood.is_finite() { Ok(told(&end, rows, 1, 1, floors)) } else { Err(RegimeError::NoFit) }
}

/// Whether a variance is at its floor or a state has too few rows.
fn degenerate<const K: usize>(climb: &Climb<K>, floors: &[f64]) -> bool {
    let at_floor = |(variances, floor): (&[f64; K], &f64)| variances.iter().any(|variance| variance <= floor);
    let few = climb.least_rows < LEAST_ROWS * floors.len() as f64;
    few || climb.parameters.variances.iter().zip(floors).any(at_floor)
}

fn told<const K: usize>(
    climb: &Climb<K>,
    rows: &Observations,
    restarts: usize,
    agreeing: usize,
    floors: &[f64],
) -> Fit {
    let free = parameters(K, rows.features()) as f64;
    Fit {
        model: GaussianHmm::of(&climb.parameters),
        log_likelihood: climb.log_likelihood,
        bic: -2.0 * climb.log_likelihood + free * (rows.rows() as f64).ln(),
        restarts,
        agreeing,
        iterations: climb.trace.len() - 1,
        converged: climb.converged,
        degenerate: degenerate(climb, floors),
        trace: climb.trace.clone(),
    }
}
