use crate::sample::sum;

/// Measurements of tracking error spent on finding the scale when caps bind.
const MAX_STEPS: usize = 12;
/// A tilt within one percent of its target has spent it.
const CLOSE: f64 = 0.99;
/// Room left for rounding, so that the budget holds however the tracking error is summed.
const MARGIN: f64 = 1.0 - 1e-9;
/// A sum of active weights this small, relative to the sum of their sizes, is zero.
const ZERO_SUM: f64 = 1e-16;
/// Steps of the root search. Newton's method on a piecewise linear function needs a handful.
const MAX_ROOT_STEPS: usize = 100;

/// One asset that may be tilted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    /// Position of the asset in the input.
    pub(crate) index: usize,
    /// Aligned returns, of equal length for all candidates.
    pub(crate) returns: &'a [f64],
    /// Shrunk forecast in excess of the common mean.
    pub(crate) attraction: f64,
    /// Standard deviation per period, positive.
    pub(crate) volatility: f64,
    /// Largest move of the weight in either direction, `≥ 0`.
    pub(crate) cap: f64,
}

/// A zero-sum move of the candidates and the tracking error it costs.
#[derive(Debug)]
pub(crate) struct Spending<'a> {
    assets: Vec<Scaled<'a>>,
    /// Standard deviation (ddof 1) of the active return per period.
    pub(crate) tracking_error: f64,
    /// True when the caps, not the target, ended the search.
    pub(crate) capped: bool,
}

/// A candidate in units in which the largest uncapped move is one.
#[derive(Debug)]
struct Scaled<'a> {
    index: usize,
    returns: &'a [f64],
    attraction: f64,
    /// Inverse variance relative to the calmest candidate, in (0, 1].
    calm: f64,
    cap: f64,
    active: f64,
}

impl<'a> Spending<'a> {
    /// The largest move in the direction of the attractions whose tracking error per period is `target`, or what the caps
    /// leave of it. `None` when there is nothing to spend, no direction, or no room to move.
    pub(crate) fn solve(candidates: Vec<Candidate<'a>>, target: f64) -> Option<Self> {
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

        // A direction that costs almost no tracking error has no scale of its own: start where the caps decide.
        let saturating = assets.iter().map(|a| a.cap / a.active.abs()).filter(|k| k.is_finite()).fold(0.0, f64::max);
        kappa = kappa.min(1e3 * saturating);
        let (mut below, mut above) = ((0.0, 0.0), None);
        let mut tracking_error = 0.0;
        for step in 0..MAX_STEPS {
            let inside = place(&mut assets, kappa);
            tracking_error = measure(&assets);
            if tracking_error > target {
                above = Some((kappa, tracking_error));
            } else {
                let stalled = step > 0 && above.is_none() && tracking_error <= below.1 * (1.0 + 1e-9);
                if tracking_error >= CLOSE * target || inside <= 1 || stalled {
                    break;
                }
                below = (kappa, tracking_error);
            }
            kappa = match above {
                // Between the two, aiming at the middle of what counts as spent.
                Some(above) => {
                    let share = (0.5 * (1.0 + CLOSE) * target - below.1) / (above.1 - below.1);
                    below.0 + share * (above.0 - below.0)
                }
                None => kappa * (target / tracking_error).clamp(1.1, 4.0),
            };
        }
        let mut spending = Self { assets, tracking_error, capped: tracking_error < CLOSE * target };
        let factor = if tracking_error > target * MARGIN { target * MARGIN / tracking_error } else { 1.0 };
        spending.shrink(factor);
        Some(spending)
    }

    /// Position and active weight of every candidate; the weights sum to zero.
    pub(crate) fn active_weights(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
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

/// Centres and scales the attractions so that the uncapped moves `calm · attraction` sum to zero and the largest is one.
/// The active weights are left at these moves.
fn scale<'a>(candidates: &[Candidate<'a>]) -> Option<Vec<Scaled<'a>>> {
    let calmest = candidates.iter().map(|c| c.volatility).fold(f64::INFINITY, f64::min);
    let calm = |c: &Candidate<'_>| {
        let ratio = calmest / c.volatility;
        ratio * ratio
    };
    let (total, weighted) = candidates.iter().fold((0.0, 0.0), |(t, w), c| (t + calm(c), w + calm(c) * c.attraction));
    let centre = weighted / total;
    let largest = candidates.iter().map(|c| (calm(c) * (c.attraction - centre)).abs()).fold(0.0, f64::max);
    // Equal attractions leave only rounding error.
    let magnitude = candidates.iter().map(|c| c.attraction.abs()).fold(0.0, f64::max);
    if largest.is_nan() || largest <= 1e-12 * magnitude {
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

/// Sets every active weight to `clip(κ · calm · (attraction − λ), ±cap)` with λ such that they sum to zero.
/// Returns how many are strictly inside their cap.
///
/// The sum falls in λ and is piecewise linear: Newton's method inside a bracket finds the root in a few steps.
fn place(assets: &mut [Scaled<'_>], kappa: f64) -> usize {
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

/// Moves what rounding left of the sum to the asset farthest inside its cap, or off a cap when all bind.
fn balance(assets: &mut [Scaled<'_>]) {
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

    fn candidates<'a>(rows: &[(f64, f64, f64)], returns: &'a [Vec<f64>]) -> Vec<Candidate<'a>> {
        rows.iter()
            .zip(returns)
            .enumerate()
            .map(|(index, (&(attraction, volatility, cap), returns))| Candidate {
                index,
                returns,
                attraction,
                volatility,
                cap,
            })
            .collect()
    }

    /// Three series of four returns, pairwise uncorrelated, each with standard deviation √(4/3) %.
    fn orthogonal() -> Vec<Vec<f64>> {
        vec![vec![0.01, -0.01, 0.01, -0.01], vec![0.01, 0.01, -0.01, -0.01], vec![0.01, -0.01, -0.01, 0.01]]
    }

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

    #[test]
    fn nothing_to_spend_no_direction_or_no_room_is_none() {
        let returns = orthogonal();
        let rows = [(1.0, 1.0, 1.0), (-1.0, 1.0, 1.0), (0.0, 2.0, 1.0)];
        assert!(Spending::solve(candidates(&rows, &returns), 0.0).is_none());
        assert!(Spending::solve(candidates(&rows.map(|r| (0.3, r.1, r.2)), &returns), 0.1).is_none());
        assert!(Spending::solve(candidates(&rows.map(|r| (r.0, r.1, 0.0)), &returns), 0.1).is_none());
    }
}
