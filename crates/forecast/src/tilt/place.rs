//! Active weights at a given scale, clipped to their caps and summing to zero.

use super::candidate::Candidate;

/// A sum of active weights this small, relative to the sum of their sizes, counts as zero.
const ZERO_SUM: f64 = 1e-16;
/// Maximum number of steps of the root search. Newton's method on a piecewise linear function needs only a few.
const MAX_ROOT_STEPS: usize = 100;
/// Attractions that differ by no more than this share of the largest are equal up to rounding.
const EQUAL_ATTRACTIONS: f64 = 1e-12;

/// A candidate in units in which the largest uncapped move is one.
#[derive(Debug)]
pub(super) struct Scaled<'a> {
    pub(super) index: usize,
    pub(super) returns: &'a [f64],
    pub(super) attraction: f64,
    /// Inverse variance relative to the calmest candidate, in (0, 1].
    pub(super) calm: f64,
    pub(super) cap: f64,
    pub(super) active: f64,
}

/// Centres and scales the attractions so that the uncapped moves `calm · attraction` sum to zero and the largest is one, and
/// sets the active weights to these moves. `None` when all attractions are equal.
pub(super) fn scale<'a>(candidates: &[Candidate<'a>]) -> Option<Vec<Scaled<'a>>> {
    let calmest = candidates.iter().map(|c| c.volatility).fold(f64::INFINITY, f64::min);
    let calm = |c: &Candidate<'_>| {
        let ratio = calmest / c.volatility;
        ratio * ratio
    };
    let (total, weighted) = candidates.iter().fold((0.0, 0.0), |(t, w), c| (t + calm(c), w + calm(c) * c.attraction));
    let centre = weighted / total;
    let largest = candidates.iter().map(|c| (calm(c) * (c.attraction - centre)).abs()).fold(0.0, f64::max);
    let magnitude = candidates.iter().map(|c| c.attraction.abs()).fold(0.0, f64::max);
    if largest.is_nan() || largest <= EQUAL_ATTRACTIONS * magnitude {
        return None;
    }
    let mut assets: Vec<_> = candidates
        .iter()
        .map(|c| Scaled {
            index: c.index,
            returns: c.returns,
            attraction: (c.attraction - centre) / largest,
            calm: calm(c),
            cap: c.cap,
            active: 0.0,
        })
        .collect();
    // Where volatilities differ by orders of magnitude, the calmest attraction nearly equals the centre and the difference
    // has lost its digits: centring the differences once more restores them.
    let rest = assets.iter().map(|a| a.calm * a.attraction).sum::<f64>() / total;
    for asset in &mut assets {
        asset.attraction -= rest;
        asset.active = asset.calm * asset.attraction;
    }
    Some(assets)
}

/// Sets every active weight to `clip(κ · calm · (attraction − λ), ±cap)`, with λ such that they sum to zero.
/// Result: the number of candidates strictly inside their cap.
///
/// The sum decreases with λ and is piecewise linear, so Newton's method inside a bracket finds the root in a few steps.
pub(super) fn place(assets: &mut [Scaled<'_>], kappa: f64) -> usize {
    let mut low = assets.iter().map(|a| a.attraction).fold(f64::INFINITY, f64::min);
    let mut high = assets.iter().map(|a| a.attraction).fold(f64::NEG_INFINITY, f64::max);
    let mut lambda = 0.0;
    let mut inside = 0;
    for _ in 0..MAX_ROOT_STEPS {
        let (mut total, mut gross, mut slope) = (0.0, 0.0, 0.0);
        inside = 0;
        for asset in assets.iter_mut() {
            let wanted = kappa * asset.calm * (asset.attraction - lambda);
            asset.active = wanted.clamp(-asset.cap, asset.cap);
            total += asset.active;
            gross += asset.active.abs();
            if wanted.abs() < asset.cap {
                slope += kappa * asset.calm;
                inside += 1;
            }
        }
        if total.abs() <= ZERO_SUM * gross {
            break;
        }
        if total > 0.0 {
            low = lambda;
        } else {
            high = lambda;
        }
        let newton = lambda + total / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if next == lambda {
            break;
        }
        lambda = next;
    }
    balance(assets);
    inside
}

/// Moves the rounding error of the sum to the asset farthest inside its cap, or off a cap when all bind.
pub(super) fn balance(assets: &mut [Scaled<'_>]) {
    for _ in 0..=assets.len() {
        let (excess, gross) = assets.iter().fold((0.0, 0.0), |(e, g), a| (e + a.active, g + a.active.abs()));
        if excess.abs() <= ZERO_SUM * gross {
            return;
        }
        let slack = |a: &Scaled<'_>| a.cap - a.active.abs();
        let room = |a: &Scaled<'_>| a.cap + a.active * excess.signum();
        let order =
            |a: &&mut Scaled<'_>, b: &&mut Scaled<'_>| slack(a).total_cmp(&slack(b)).then(room(a).total_cmp(&room(b)));
        let Some(widest) = assets.iter_mut().max_by(order) else { return };
        let moved = (widest.active - excess).clamp(-widest.cap, widest.cap);
        if moved == widest.active {
            return;
        }
        widest.active = moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tilt::candidate::samples::{candidates, orthogonal};

    #[test]
    fn a_binding_cap_is_shared_by_the_others() {
        let returns = orthogonal();
        // Uncapped, the direction is 1, −1/2, −1/2; at κ = 1/2 a cap of 0.2 binds for the first only.
        let mut assets = scale(&candidates(&[(2.0, 1.0, 0.2), (-1.0, 1.0, 1.0), (-1.0, 1.0, 1.0)], &returns)).unwrap();
        assert!((assets[0].active - 1.0).abs() < 1e-15 && (assets[1].active + 0.5).abs() < 1e-15);
        assert_eq!(place(&mut assets, 0.5), 2);
        let active: Vec<f64> = assets.iter().map(|a| a.active).collect();
        assert_eq!(active[0], 0.2);
        assert!((active[1] + 0.1).abs() < 1e-15 && (active[2] + 0.1).abs() < 1e-15);
    }

    #[test]
    fn moves_are_optimal_under_their_caps() {
        // At the optimum of a separable concave problem, uncapped assets share one λ; capped ones lie beyond it.
        let n = 50;
        let returns = vec![vec![0.0; 4]; n];
        let rows: Vec<_> = (0..n)
            .map(|i| {
                let x = ((i * 7919) % 101) as f64 / 101.0;
                (x - 0.4, 0.005 + 0.02 * ((i * 31) % 17) as f64, 0.001 + 0.03 * ((i * 13) % 7) as f64)
            })
            .collect();
        for kappa in [0.01, 0.1, 1.0, 30.0] {
            let mut assets = scale(&candidates(&rows, &returns)).unwrap();
            let inside = place(&mut assets, kappa);
            let free: Vec<f64> = assets
                .iter()
                .filter(|a| a.active.abs() < a.cap)
                .map(|a| a.attraction - a.active / (kappa * a.calm))
                .collect();
            assert_eq!(free.len(), inside);
            let lambda = free[0];
            assert!(free.iter().all(|l| (l - lambda).abs() < 1e-9 * (1.0 + lambda.abs())), "{kappa}: {free:?}");
            for a in assets.iter().filter(|a| a.active.abs() >= a.cap) {
                assert!((a.attraction - lambda) * a.active > 0.0);
                assert!(kappa * a.calm * (a.attraction - lambda).abs() >= a.cap * (1.0 - 1e-9));
            }
        }
    }
}
