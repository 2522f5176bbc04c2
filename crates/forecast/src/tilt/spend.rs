//! The largest zero-sum move with a given tracking error.

use super::candidate::Candidate;
use super::place::{Scaled, balance, place, scale};
use crate::sample::sum;

/// Maximum number of measurements of the tracking error in the search for the scale under binding caps.
const MAX_STEPS: usize = 12;
/// A tilt within one percent of its target counts as having spent it.
const CLOSE: f64 = 0.99;
/// Margin for rounding, so that the budget holds however the tracking error is summed.
const MARGIN: f64 = 1.0 - 1e-9;
/// Growth of the tracking error, from one step to the next, below which the caps leave nothing to gain.
const STALLED: f64 = 1.0 + 1e-9;
/// Least and largest growth of the scale in one step while the target is still ahead.
const GROWTH: (f64, f64) = (1.1, 4.0);
/// How far beyond the scale at which every cap binds the search may start.
const BEYOND_CAPS: f64 = 1e3;

/// A zero-sum move of the candidates and the tracking error it costs.
#[derive(Debug)]
pub(super) struct Spending<'a> {
    assets: Vec<Scaled<'a>>,
    /// Standard deviation (ddof 1) of the active return per period.
    pub(super) tracking_error: f64,
    /// True when the caps, not the target, ended the search.
    pub(super) capped: bool,
}

impl<'a> Spending<'a> {
    /// The largest move in the direction of the attractions whose tracking error per period is `target`, or as much of it as
    /// the caps allow. `None` when there is nothing to spend, no direction, or no room to move.
    pub(super) fn solve(candidates: Vec<Candidate<'a>>, target: f64) -> Option<Self> {
        if target.is_nan() || target <= 0.0 || candidates.iter().all(|c| c.cap == 0.0) {
            return None;
        }
        let mut assets = scale(&candidates)?;
        let mut active_returns = vec![0.0; candidates.first()?.returns.len()];
        let mut measure = |assets: &[Scaled<'_>]| deviation_of_sum(assets, &mut active_returns);

        let free = measure(&assets);
        // The scale at which the first cap binds.
        let room = assets.iter().map(|a| a.cap / a.active.abs()).fold(f64::INFINITY, f64::min);
        let mut kappa = target / free;
        if kappa <= room {
            // No cap binds: the tracking error is linear in the scale, and one measurement is enough.
            let mut spending = Self { assets, tracking_error: free, capped: false };
            spending.shrink(kappa * MARGIN);
            return Some(spending);
        }

        // A direction that costs almost no tracking error does not determine a scale: start where the caps decide.
        let saturating = assets.iter().map(|a| a.cap / a.active.abs()).filter(|k| k.is_finite()).fold(0.0, f64::max);
        kappa = kappa.min(BEYOND_CAPS * saturating);
        let (mut below, mut above) = ((0.0, 0.0), None);
        let mut tracking_error = 0.0;
        for step in 0..MAX_STEPS {
            let inside = place(&mut assets, kappa);
            tracking_error = measure(&assets);
            if tracking_error > target {
                above = Some((kappa, tracking_error));
            } else {
                let stalled = step > 0 && above.is_none() && tracking_error <= below.1 * STALLED;
                if tracking_error >= CLOSE * target || inside <= 1 || stalled {
                    break;
                }
                below = (kappa, tracking_error);
            }
            kappa = match above {
                // Between the two, aim at the middle of the range that counts as spent.
                Some(above) => {
                    let share = (0.5 * (1.0 + CLOSE) * target - below.1) / (above.1 - below.1);
                    below.0 + share * (above.0 - below.0)
                }
                None => kappa * (target / tracking_error).clamp(GROWTH.0, GROWTH.1),
            };
        }
        let mut spending = Self { assets, tracking_error, capped: tracking_error < CLOSE * target };
        let factor = if tracking_error > target * MARGIN { target * MARGIN / tracking_error } else { 1.0 };
        spending.shrink(factor);
        Some(spending)
    }

    /// Position and active weight of every candidate; the weights sum to zero.
    pub(super) fn active_weights(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.assets.iter().map(|a| (a.index, a.active))
    }

    fn shrink(&mut self, factor: f64) {
        for asset in &mut self.assets {
            asset.active = (asset.active * factor).clamp(-asset.cap, asset.cap);
        }
        self.tracking_error *= factor;
        balance(&mut self.assets);
    }
}

/// Standard deviation (ddof 1) of `Σ active_i · r_i` per period. Scaled by its largest value, so that no square overflows.
fn deviation_of_sum(assets: &[Scaled<'_>], active_returns: &mut [f64]) -> f64 {
    active_returns.fill(0.0);
    for asset in assets.iter().filter(|a| a.active != 0.0) {
        for (total, r) in active_returns.iter_mut().zip(asset.returns) {
            *total += asset.active * r;
        }
    }
    let largest = active_returns.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let periods = active_returns.len() as f64;
    let mean = sum(active_returns, |x| x / largest) / periods;
    let squares = sum(active_returns, |x| (x / largest - mean) * (x / largest - mean));
    largest * (squares / (periods - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tilt::candidate::samples::{candidates, orthogonal};

    #[test]
    fn calm_assets_move_more() {
        let returns = orthogonal();
        // Inverse variances 1, 1, 1/4: the centre of (1, −1, 0) is 0, the moves 1, −1, 0.
        let spending =
            Spending::solve(candidates(&[(1.0, 1.0, 1.0), (-1.0, 1.0, 1.0), (0.0, 2.0, 1.0)], &returns), 0.001);
        let active: Vec<f64> = spending.unwrap().active_weights().map(|(_, w)| w).collect();
        // Variance of δ(r₁ − r₂) is 2 δ² · 4/3 · 10⁻⁴.
        let expected = 0.001 / (2.0 * 4.0 / 3.0 * 1e-4_f64).sqrt();
        assert!((active[0] - expected).abs() < 1e-8 && active[0] == -active[1] && active[2].abs() < 1e-17);
    }

    #[test]
    fn nothing_to_spend_no_direction_or_no_room_is_none() {
        let returns = orthogonal();
        let rows = [(1.0, 1.0, 1.0), (-1.0, 1.0, 1.0), (0.0, 2.0, 1.0)];
        assert!(Spending::solve(candidates(&rows, &returns), 0.0).is_none());
        assert!(Spending::solve(candidates(&rows.map(|r| (0.3, r.1, r.2)), &returns), 0.1).is_none());
        assert!(Spending::solve(candidates(&rows.map(|r| (r.0, r.1, 0.0)), &returns), 0.1).is_none());
    }
}
