//! The most likely move that loses a stated share of a book.

use portfolio_core::Covariance;
use portfolio_core::interrupt::checkpoint;
use risk::normal_cdf;

use super::error::ScenarioError;
use super::factorisation::Factor;
use super::residual::kkt_residual;

/// Returns further below −1 than this are a violation, not rounding.
const BELOW: f64 = 1e-12;
/// Remaining variance, as a share of the asset's own, below which a floor cannot be reached along a direction.
const NO_WAY: f64 = 1e-10;
/// Most steps per asset; each one adds or drops a floor.
const STEPS_PER_ASSET: usize = 4;

/// The most likely move that loses a stated share of a book.
#[derive(Debug, Clone, PartialEq)]
pub struct ReverseStress {
    /// Return of each asset.
    pub returns: Vec<f64>,
    /// Assets that lose everything in it, ascending.
    pub at_floor: Vec<usize>,
    /// Mahalanobis distance of the move from no move, `√(rᵀΣ⁻¹r)`: its size in standard deviations. If `Σ` is singular,
    /// within the moves that it allows.
    pub mahalanobis_distance: f64,
    /// Probability under the normal law, mean zero, that the book loses this share or more: `Φ(−x/√(wᵀΣw))`. It counts
    /// all moves, including those that the floors exclude.
    pub normal_probability: f64,
    /// Largest violation of the conditions of the optimum; see `docs/scenarios.md`.
    pub kkt_residual: f64,
    /// Floors added or dropped in the search.
    pub steps: usize,
}

/// The most likely move `r` of jointly normal returns, mean zero, with `wᵀr = −loss` and no price below zero:
/// `min rᵀΣ⁻¹r` subject to `wᵀr = −loss`, `r ≥ −1`.
///
/// If no floor binds it is `r = −loss·Σw/(wᵀΣw)`. Otherwise the dual active-set method of Goldfarb and Idnani
/// (*Mathematical Programming* 27, 1983) adds and drops floors; it needs `Σ` and never its inverse, so `Σ` may be
/// singular. `covariance` is that of the horizon: it scales the distance and the probability, but does not change the
/// move.
///
/// # Errors
/// [`ScenarioError::Length`], [`ScenarioError::OutOfRange`] for a loss not in (0, 1] or a weight that is not finite,
/// [`ScenarioError::NoRisk`], [`ScenarioError::OutOfReach`], [`ScenarioError::NotConverged`].
///
/// ```
/// use portfolio_core::{Covariance, Universe};
/// use stress::scenario::reverse_stress;
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let annual = Covariance::from_rows(assets, &[[0.04, 0.0], [0.0, 0.0025]], 1.0)?;
/// let move_ = reverse_stress(&annual, &[0.6, 0.4], 0.2)?;
/// // Nearly all of the loss comes from stocks: they fall by a third.
/// assert!((move_.returns[0] + 0.2 * 0.024 / 0.0148).abs() < 1e-12);
/// assert!(move_.kkt_residual <= 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reverse_stress(covariance: &Covariance, weights: &[f64], loss: f64) -> Result<ReverseStress, ScenarioError> {
    let n = covariance.assets();
    if weights.len() != n {
        return Err(ScenarioError::Length { found: weights.len(), assets: n });
    }
    if !(loss > 0.0 && loss <= 1.0) {
        return Err(ScenarioError::OutOfRange { what: "loss", value: loss });
    }
    if let Some(&value) = weights.iter().find(|weight| !weight.is_finite()) {
        return Err(ScenarioError::OutOfRange { what: "weight", value });
    }
    let problem = Problem { sigma: covariance.as_slice(), n, direction: image(covariance.as_slice(), n, weights) };
    let variance: f64 = weights.iter().zip(&problem.direction).map(|(w, d)| w * d).sum();
    let gross: f64 = (0..n).map(|i| weights[i].abs() * problem.sigma[i * n + i].sqrt()).sum();
    if variance.is_nan() || variance <= NO_WAY * NO_WAY * gross * gross {
        return Err(ScenarioError::NoRisk);
    }
    let search = problem.search(weights, variance, loss)?;
    let dual = search.dual(weights);
    let reached = image(problem.sigma, n, &dual);
    let mut returns = reached.clone();
    for &(asset, _) in &search.floors {
        returns[asset] = -1.0;
    }
    let scaled: Vec<(usize, f64)> = search.floors.iter().map(|&(i, u)| (i, u * problem.sigma[i * n + i])).collect();
    let squared: f64 = dual.iter().zip(&reached).map(|(d, r)| d * r).sum();
    let mut at_floor: Vec<usize> = search.floors.iter().map(|&(asset, _)| asset).collect();
    at_floor.sort_unstable();
    Ok(ReverseStress {
        kkt_residual: kkt_residual(&returns, &reached, weights, loss, &scaled),
        returns,
        at_floor,
        mahalanobis_distance: squared.max(0.0).sqrt(),
        normal_probability: normal_cdf(-loss / variance.sqrt()),
        steps: search.steps,
    })
}

/// `Σ·v`.
fn image(sigma: &[f64], n: usize, v: &[f64]) -> Vec<f64> {
    sigma.chunks_exact(n).map(|row| row.iter().zip(v).map(|(s, v)| s * v).sum()).collect()
}

/// The covariance and `Σw`, the covariance of each asset with the book.
struct Problem<'a> {
    sigma: &'a [f64],
    n: usize,
    direction: Vec<f64>,
}

/// Multipliers of the loss and of the floors that hold.
struct Search {
    loss: f64,
    floors: Vec<(usize, f64)>,
    steps: usize,
}

impl Search {
    /// `ν·w + μ`, of which the move is the image under `Σ`.
    fn dual(&self, weights: &[f64]) -> Vec<f64> {
        let mut dual: Vec<f64> = weights.iter().map(|w| self.loss * w).collect();
        for &(asset, multiplier) in &self.floors {
            dual[asset] += multiplier;
        }
        dual
    }
}

impl Problem<'_> {
    fn search(&self, weights: &[f64], variance: f64, loss: f64) -> Result<Search, ScenarioError> {
        let mut search = Search { loss: -loss / variance, floors: Vec::new(), steps: 0 };
        let most = STEPS_PER_ASSET * self.n + 16;
        loop {
            checkpoint();
            let returns = image(self.sigma, self.n, &search.dual(weights));
            let free = |asset: &usize| search.floors.iter().all(|(held, _)| held != asset);
            let worst = (0..self.n).filter(free).min_by(|a, b| returns[*a].total_cmp(&returns[*b]));
            match worst {
                Some(asset) if returns[asset] < -1.0 - BELOW => {
                    self.add(asset, weights, variance, &mut search, most)?;
                    self.refine(variance, loss, &mut search)?;
                }
                _ => return Ok(search),
            }
        }
    }

    /// Moves one more return to its floor, and drops the floors whose multipliers reach zero on the way.
    fn add(
        &self,
        asset: usize,
        weights: &[f64],
        variance: f64,
        search: &mut Search,
        most: usize,
    ) -> Result<(), ScenarioError> {
        let own = self.sigma[asset * self.n + asset];
        let mut multiplier = 0.0;
        loop {
            checkpoint();
            search.steps += 1;
            if search.steps > most {
                return Err(ScenarioError::NotConverged { steps: most });
            }
            let across = self.across(asset, &search.floors);
            let rates = self.gram(variance, &search.floors)?.solve(&across);
            let left = own - rates.iter().zip(&across).map(|(a, b)| a * b).sum::<f64>();
            let mut dual = search.dual(weights);
            dual[asset] += multiplier;
            let row = &self.sigma[asset * self.n..(asset + 1) * self.n];
            let gap = -1.0 - row.iter().zip(&dual).map(|(s, d)| s * d).sum::<f64>();
            let full = if left > NO_WAY * own { gap / left } else { f64::INFINITY };
            let partial = rates[1..]
                .iter()
                .zip(&search.floors)
                .enumerate()
                .filter(|(_, (rate, _))| **rate > 0.0)
                .map(|(place, (rate, (_, held)))| (place, held / rate))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let step = full.min(partial.map_or(f64::INFINITY, |(_, length)| length));
            if step.is_infinite() {
                return Err(ScenarioError::OutOfReach);
            }
            search.loss -= step * rates[0];
            for ((_, held), rate) in search.floors.iter_mut().zip(&rates[1..]) {
                *held -= step * rate;
            }
            multiplier += step;
            match partial {
                Some((place, length)) if length < full => {
                    search.floors.remove(place);
                }
                _ => {
                    search.floors.push((asset, multiplier));
                    return Ok(());
                }
            }
        }
    }

    /// Solves for the multipliers of the floors that hold, so that errors of the steps do not add up.
    fn refine(&self, variance: f64, loss: f64, search: &mut Search) -> Result<(), ScenarioError> {
        let gram = self.gram(variance, &search.floors)?;
        let wanted: Vec<f64> = std::iter::once(-loss).chain(search.floors.iter().map(|_| -1.0)).collect();
        let multipliers = gram.solve(&wanted);
        search.loss = multipliers[0];
        for ((_, held), value) in search.floors.iter_mut().zip(&multipliers[1..]) {
            *held = *value;
        }
        Ok(())
    }

    /// Covariances of an asset with the book and with the assets at their floors.
    fn across(&self, asset: usize, floors: &[(usize, f64)]) -> Vec<f64> {
        let with_floors = floors.iter().map(|&(held, _)| self.sigma[asset * self.n + held]);
        std::iter::once(self.direction[asset]).chain(with_floors).collect()
    }

    /// The covariance of the book and the assets at their floors.
    fn gram(&self, variance: f64, floors: &[(usize, f64)]) -> Result<Factor, ScenarioError> {
        let first = std::iter::once(variance).chain(floors.iter().map(|&(held, _)| self.direction[held]));
        let rows = floors.iter().flat_map(|&(held, _)| self.across(held, floors));
        let matrix: Vec<f64> = first.chain(rows).collect();
        Factor::of(floors.len() + 1, &matrix).map_err(|_| ScenarioError::OutOfReach)
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;
    use proptest::prelude::*;

    use super::*;

    fn covariance(rows: &[Vec<f64>]) -> Covariance {
        Covariance::from_rows(Universe::numbered(rows.len()).unwrap(), rows, 1.0).unwrap()
    }

    #[test]
    fn a_concentrated_loss_stops_at_zero_and_the_rest_pays() {
        // The first asset would fall by 1.3; it can lose 0.5 of the book at most.
        let sigma = covariance(&[vec![0.5, 0.0], vec![0.0, 0.04]]);
        let found = reverse_stress(&sigma, &[0.5, 0.5], 0.6).unwrap();
        assert_eq!((found.returns[0], found.at_floor.as_slice()), (-1.0, &[0][..]));
        assert!((found.returns[1] + 0.2).abs() < 1e-12, "{found:?}");
        assert!((found.mahalanobis_distance.powi(2) - (1.0 / 0.5 + 0.04 / 0.04)).abs() < 1e-12);
        assert!(found.kkt_residual <= 1e-12);
    }

    #[test]
    fn what_cannot_be_lost_is_said() {
        let sigma = covariance(&[vec![0.5, 0.0], vec![0.0, 0.04]]);
        assert_eq!(reverse_stress(&sigma, &[0.3, 0.3], 0.7), Err(ScenarioError::OutOfReach));
        assert_eq!(reverse_stress(&sigma, &[0.0, 0.0], 0.1), Err(ScenarioError::NoRisk));
        let hedged = covariance(&[vec![0.04, 0.04], vec![0.04, 0.04]]);
        assert_eq!(reverse_stress(&hedged, &[1.0, -1.0], 0.1), Err(ScenarioError::NoRisk));
        for loss in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(matches!(reverse_stress(&sigma, &[0.5, 0.5], loss), Err(ScenarioError::OutOfRange { .. })));
        }
        assert!(matches!(reverse_stress(&sigma, &[0.5], 0.1), Err(ScenarioError::Length { .. })));
    }

    #[test]
    fn two_equal_assets_share_the_loss() {
        let sigma = covariance(&[vec![0.04, 0.04], vec![0.04, 0.04]]);
        let found = reverse_stress(&sigma, &[0.5, 0.5], 0.3).unwrap();
        assert!(found.returns.iter().all(|r| (r + 0.3).abs() < 1e-12));
        assert!((found.mahalanobis_distance - 1.5).abs() < 1e-12);
        assert!((found.normal_probability - 0.066_807_201_268_858).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// The optimum beats every other move that loses as much: a convex problem has no better point along any feasible direction.
        #[test]
        fn no_feasible_move_is_nearer(
            loads in proptest::collection::vec(-1.0..1.0f64, 36),
            weights in proptest::collection::vec(-0.3..1.0f64, 6),
            other in proptest::collection::vec(-0.9..1.5f64, 6),
            loss in 0.01..0.95f64,
        ) {
            let n = 6;
            let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| {
                let dot: f64 = (0..n).map(|k| loads[i * n + k] * loads[j * n + k]).sum();
                dot + if i == j { 0.05 } else { 0.0 }
            }).collect()).collect();
            let sigma = covariance(&rows);
            let found = match reverse_stress(&sigma, &weights, loss) {
                Ok(found) => found,
                Err(ScenarioError::OutOfReach) => {
                    // Only possible when no asset is short and long ones cannot lose as much.
                    prop_assert!(weights.iter().all(|w| *w >= 0.0) && weights.iter().sum::<f64>() < loss + 1e-9);
                    return Ok(());
                }
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            prop_assert!(found.kkt_residual <= 1e-9, "{}", found.kkt_residual);
            // Shift the other move onto the loss by the asset with the largest weight; skip it where a price falls below zero.
            let at = (0..n).max_by(|a, b| weights[*a].abs().total_cmp(&weights[*b].abs())).unwrap();
            let mut other = other;
            let dot: f64 = weights.iter().zip(&other).map(|(w, r)| w * r).sum();
            other[at] -= (dot + loss) / weights[at];
            if other.iter().all(|r| *r >= -1.0) {
                let factor = Factor::of(n, sigma.as_slice()).ok().unwrap();
                let distance = |r: &[f64]| r.iter().zip(factor.solve(r)).map(|(a, b)| a * b).sum::<f64>();
                let best = found.mahalanobis_distance.powi(2);
                prop_assert!((distance(&found.returns) - best).abs() < 1e-6 * best.max(1.0));
                prop_assert!(distance(&other) >= best * (1.0 - 1e-6));
            }
        }
    }
}
