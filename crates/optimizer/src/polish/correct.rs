//! Corrects the guess of the active set by the signs of the solved multipliers and slopes.

use super::Candidate;
use super::equations::Sides;
use crate::active_set::{ActiveSet, Lean, Side};
use crate::lagrangian::Slopes;
use crate::program::{Program, gross_exposure};
use crate::tolerance::{AT, SAME};

/// A limit that is violated by more than this joins the set.
const CROSSED: f64 = SAME;
/// A slope above this moves a weight away from its limit or kink.
const PULLS: f64 = 1e-11;
/// The distance by which a weight without impact leaves a kink, so that the next solve is on the right side of it.
const SETS_OFF: f64 = 1e-10;

/// Corrects the set. Violated limits enter first; only when there are none, limits with a multiplier of the wrong sign
/// leave.
///
/// `slopes` are those at `point`, `raw` its weights before they were clipped to the box, `sides` the sides on which it
/// was solved. Returns false when nothing needs correction.
pub(super) fn correct(
    p: &Program<'_>,
    point: &mut Candidate,
    slopes: &Slopes,
    raw: &[f64],
    sides: &Sides,
    set: &mut ActiveSet,
) -> bool {
    let before = set.clone();
    enter(p, point, raw, sides, set);
    if *set == before {
        leave(p, point, slopes, set);
    }
    *set != before
}

/// Adds the violated limits.
fn enter(p: &Program<'_>, point: &Candidate, raw: &[f64], sides: &Sides, set: &mut ActiveSet) {
    for i in 0..p.n() {
        if set.leans[i] != Lean::Free {
            continue;
        }
        let crossed_start = (raw[i] - p.w0[i]) * sides.trade[i] < -CROSSED;
        if raw[i] < p.lower[i] - CROSSED {
            set.leans[i] = Lean::Lower;
        } else if raw[i] > p.upper[i] + CROSSED {
            set.leans[i] = Lean::Upper;
        } else if (set.turnover || !p.cost[i].is_zero())
            && crossed_start
            && (p.lower[i]..=p.upper[i]).contains(&p.w0[i])
        {
            set.leans[i] = Lean::Start;
        } else if set.leverage && raw[i] * sides.gross[i] < -CROSSED {
            set.leans[i] = Lean::Zero;
        }
    }
    for (side, row) in set.rows.iter_mut().zip(&p.rows) {
        let v = row.a.dot(&point.w);
        if *side == Side::None {
            if v < row.lo - CROSSED {
                *side = Side::Lower;
            } else if v > row.hi + CROSSED {
                *side = Side::Upper;
            }
        }
    }
    set.turnover |= p.turnover.is_some_and(|t| p.turnover_of(&point.w) > t + CROSSED);
    set.leverage |= p.leverage.is_some_and(|l| gross_exposure(&point.w) > l + CROSSED);
    set.tracking |= p.tracking.as_ref().is_some_and(|t| t.value(&p.model, &point.w) > t.limit + CROSSED);
}

/// Removes the limits whose multiplier has the wrong sign.
fn leave(p: &Program<'_>, point: &mut Candidate, s: &Slopes, set: &mut ActiveSet) {
    for i in 0..p.n() {
        let (up, down) = (s.right[i] < -PULLS, s.left[i] > PULLS);
        let leaves = match set.leans[i] {
            Lean::Lower => up,
            Lean::Upper => down,
            Lean::Start | Lean::Zero => up && point.w[i] < p.upper[i] || down && point.w[i] > p.lower[i],
            Lean::Free => false,
        };
        if leaves {
            set.leans[i] = Lean::Free;
            // The weight is moved in the direction that gains, so that the next solve is on the right side of each
            // kink.
            let (direction, slope) = if up { (1.0, -s.right[i]) } else { (-1.0, s.left[i]) };
            let far = p.cost[i].size_at_slope(slope).unwrap_or(SETS_OFF);
            point.w[i] += direction * far.min(0.5 * (p.upper[i] - p.lower[i]));
        } else if set.leans[i] == Lean::Free
            && (point.w[i] - p.w0[i]).abs() < AT
            && s.left[i] < -PULLS
            && s.right[i] > PULLS
        {
            // A free weight at a kink whose one-sided slopes enclose zero belongs at the kink.
            set.leans[i] = Lean::Start;
        }
    }
    for ((side, row), y) in set.rows.iter_mut().zip(&p.rows).zip(&point.multipliers.rows) {
        if !row.is_equality() && (*side == Side::Lower && *y >= 0.0 || *side == Side::Upper && *y <= 0.0) {
            *side = Side::None;
        }
    }
    set.turnover &= point.multipliers.turnover > 0.0;
    set.leverage &= point.multipliers.leverage > 0.0;
    set.tracking &= point.multipliers.tracking > 0.0;
}
