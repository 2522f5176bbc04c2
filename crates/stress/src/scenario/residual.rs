//! How far a reverse stress is from satisfying the optimality conditions.

/// Residual of the Karush–Kuhn–Tucker conditions of `min rᵀΣ⁻¹r` subject to `wᵀr = −x`, `r ≥ −1`.
///
/// With multipliers `ν` of the loss and `μ ≥ 0` of the floors, the conditions are `r = Σ(ν·w + μ)`, `wᵀr = −x`, `r ≥ −1`, `μᵢ(rᵢ + 1) = 0`. The
/// residual is the largest violation of one of them; `r`, `w` and `x` are fractions, `μᵢ` is taken times `Σᵢᵢ`, so all are returns. `image` is
/// `Σ(ν·w + μ)`.
pub(super) fn kkt_residual(r: &[f64], image: &[f64], w: &[f64], x: f64, floors: &[(usize, f64)]) -> f64 {
    let stationarity = r.iter().zip(image).map(|(r, i)| (r - i).abs()).fold(0.0, f64::max);
    let loss = (w.iter().zip(r).map(|(w, r)| w * r).sum::<f64>() + x).abs();
    let below = r.iter().map(|r| (-1.0 - r).max(0.0)).fold(0.0, f64::max);
    let floors = floors
        .iter()
        .map(|&(asset, scaled)| (-scaled).max(0.0).max((scaled * (r.get(asset).copied().unwrap_or(-1.0) + 1.0)).abs()))
        .fold(0.0, f64::max);
    stationarity.max(loss).max(below).max(floors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_violation_is_seen() {
        let w = [0.5, 0.5];
        assert_eq!(kkt_residual(&[-0.5, -0.5], &[-0.5, -0.5], &w, 0.5, &[]), 0.0);
        assert!((kkt_residual(&[-0.5, -0.5], &[-0.5, -0.4], &w, 0.5, &[]) - 0.1).abs() < 1e-15);
        assert!((kkt_residual(&[-0.5, -0.5], &[-0.5, -0.5], &w, 0.6, &[]) - 0.1).abs() < 1e-15);
        assert!((kkt_residual(&[-1.2, 0.2], &[-1.2, 0.2], &w, 0.5, &[]) - 0.2).abs() < 1e-15);
        assert!((kkt_residual(&[-1.0, 0.0], &[-1.0, 0.0], &w, 0.5, &[(0, -0.3)]) - 0.3).abs() < 1e-15);
        assert!((kkt_residual(&[-0.5, -0.5], &[-0.5, -0.5], &w, 0.5, &[(0, 0.4)]) - 0.2).abs() < 1e-15);
    }
}
