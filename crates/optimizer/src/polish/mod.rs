//! From an interior point to the exact solution: guess which limits hold with equality, solve their equations, and
//! correct the guess by the signs of the result.

mod correct;
mod equations;
mod free;
mod newton;

use portfolio_core::interrupt::checkpoint;

use crate::active_set::ActiveSet;
use crate::hessian::Hessian;
use crate::lagrangian::{Slopes, slopes};
use crate::multipliers::Multipliers;
use crate::program::Program;
use crate::tolerance::KEPT;

/// Weights with their multipliers, duality gap and largest violation.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) w: Vec<f64>,
    pub(crate) multipliers: Multipliers,
    pub(crate) gap: f64,
    /// Relative to the numbers that the limit sums.
    pub(crate) violation: f64,
}

impl Candidate {
    pub(crate) fn new(p: &Program<'_>, w: Vec<f64>, multipliers: Multipliers) -> Self {
        Self::with_slopes(p, w, multipliers).0
    }

    /// The candidate, with the slopes from which its gap was computed.
    fn with_slopes(p: &Program<'_>, mut w: Vec<f64>, multipliers: Multipliers) -> (Self, Slopes) {
        for i in 0..p.n() {
            w[i] = w[i].max(p.lower[i]).min(p.upper[i].max(p.lower[i]));
        }
        let slopes = slopes(p, &w, &multipliers);
        let violation = p.relative_violation(&w);
        (Self { w, multipliers, gap: slopes.gap, violation }, slopes)
    }

    /// One number by which candidates are compared.
    pub(crate) fn distance(&self) -> f64 {
        let d = self.gap.abs().max(self.violation);
        if d.is_nan() { f64::INFINITY } else { d }
    }

    /// Whether the gap is within `tolerance` times its scale, and every limit holds.
    pub(crate) fn is_proven(&self, p: &Program<'_>, tolerance: f64) -> bool {
        self.gap <= tolerance * self.size(p) && self.violation <= KEPT
    }

    /// The scale of the gap.
    pub(crate) fn size(&self, p: &Program<'_>) -> f64 {
        let mut sigma_w = vec![0.0; p.n()];
        p.model.multiply(&self.w, &mut sigma_w);
        p.terms(&self.w, &sigma_w).size()
    }
}

/// A candidate whose distance is below this is not improved further.
const EXACT: f64 = 1e-13;
/// Maximum number of rounds of solving and correcting.
const ROUNDS: usize = 12;

/// How long a polish continues when a guess needs no fewer corrections than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Until a guess repeats or the rounds are used up.
    ToTheEnd,
    /// Not at all.
    None,
}

/// Improves `start` by solving the equations of `set`, as long as that reduces its distance from proof.
pub(crate) fn polish(p: &Program<'_>, start: Candidate, set: ActiveSet) -> Candidate {
    improve(p, start, set, Patience::ToTheEnd)
}

/// Does the same from a guess made before the interior point has converged; `None` unless the result is exact.
///
/// A guess near the truth needs fewer corrections every round; any other guess is abandoned. The result must also be
/// exact in units of an objective below one, because there is no converged point to fall back on.
pub(crate) fn settle(p: &Program<'_>, start: Candidate, set: ActiveSet) -> Option<Candidate> {
    let found = improve(p, start, set, Patience::None);
    if found.distance() >= EXACT {
        return None;
    }
    let mut sigma_w = vec![0.0; p.n()];
    p.model.multiply(&found.w, &mut sigma_w);
    (found.gap.abs() <= EXACT * p.terms(&found.w, &sigma_w).largest().min(1.0)).then_some(found)
}

/// Solves and corrects in rounds:
///
/// 1. Solve the equations of the guess (`newton`).
/// 2. Clean the multipliers, clip the weights to the box, and keep the point if it is closer to proof.
/// 3. Correct the guess by the violated limits or, if there are none, by the signs of multipliers and slopes
///    (`correct`).
/// 4. Repeat while there is something to correct and the guess is new.
fn improve(p: &Program<'_>, start: Candidate, mut set: ActiveSet, patience: Patience) -> Candidate {
    let mut best = start.clone();
    let mut point = start;
    let mut hessian = Hessian::default();
    let mut seen: Vec<ActiveSet> = Vec::new();
    let mut last = usize::MAX;
    for _ in 0..ROUNDS {
        checkpoint();
        let Some(sides) = newton::newton(p, &mut point, &set, &mut hessian) else { break };
        let raw = point.w.clone();
        let (cleaned, slopes) =
            Candidate::with_slopes(p, std::mem::take(&mut point.w), set.clean(p, &point.multipliers));
        point = cleaned;
        if point.distance() < best.distance() {
            best = point.clone();
        }
        if best.distance() < EXACT {
            break;
        }
        let before = set.clone();
        if !correct::correct(p, &mut point, &slopes, &raw, &sides, &mut set) {
            break;
        }
        let corrections = set.differences(&before);
        if patience == Patience::None && corrections >= last {
            break;
        }
        last = corrections;
        seen.push(before);
        if seen.contains(&set) {
            break;
        }
    }
    best
}
