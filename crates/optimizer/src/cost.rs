//! The cost of trading one asset: a proportional rate, which has a kink at no trade, and market impact of power 3/2.

/// `c·|d| + k·|d|^1.5` for a trade of `d`, a fraction of the book.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct AssetCost {
    /// `c ≥ 0`.
    pub(crate) linear: f64,
    /// `k ≥ 0`.
    pub(crate) impact: f64,
}

impl AssetCost {
    /// The costs of each of `n` assets; zero when a list is missing.
    pub(crate) fn list(linear: Option<&[f64]>, impact: Option<&[f64]>, n: usize) -> Vec<Self> {
        let at = |list: Option<&[f64]>, i: usize| list.map_or(0.0, |v| v[i]);
        (0..n).map(|i| Self { linear: at(linear, i), impact: at(impact, i) }).collect()
    }

    /// The same cost with the objective divided by `scale`.
    pub(crate) fn divided_by(self, scale: f64) -> Self {
        Self { linear: self.linear / scale, impact: self.impact / scale }
    }

    /// The same cost with `rate` added to the proportional rate, as the multiplier of a turnover cap does.
    pub(crate) fn plus(self, rate: f64) -> Self {
        Self { linear: self.linear + rate, impact: self.impact }
    }

    pub(crate) fn is_zero(self) -> bool {
        !(self.linear > 0.0 || self.impact > 0.0)
    }

    pub(crate) fn has_impact(self) -> bool {
        self.impact > 0.0
    }

    /// The two parts of the cost of a trade of size `|d|`.
    pub(crate) fn parts(self, size: f64) -> (f64, f64) {
        (self.linear * size, self.impact * size * size.sqrt())
    }

    /// Slope at a trade of the given size, on the side away from the kink: `c + 3/2·k·√|d|`.
    pub(crate) fn slope(self, size: f64) -> f64 {
        self.linear + 1.5 * self.impact * size.sqrt()
    }

    /// Second derivative, `3/4·k/√|d|`; 0 without impact.
    pub(crate) fn curvature(self, size: f64) -> f64 {
        if self.has_impact() { 0.75 * self.impact / size.sqrt() } else { 0.0 }
    }

    /// `½f‴·dt²`, the second-order part of the slope after a step of `relative` times the size.
    pub(crate) fn bend(self, size: f64, relative: f64) -> f64 {
        -0.1875 * self.impact * size.sqrt() * relative * relative
    }

    /// The size of the trade at which impact alone has the given slope; `None` without impact.
    pub(crate) fn size_at_slope(self, slope: f64) -> Option<f64> {
        self.has_impact().then(|| (slope / (1.5 * self.impact)).powi(2))
    }
}

/// The terms of the Lagrangian in one weight: `g·w + c|w − o| + k|w − o|^1.5 + ρ|w|`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneWeight {
    /// `g`, the gradient of the smooth terms.
    pub(crate) gradient: f64,
    /// `c` and `k`.
    pub(crate) cost: AssetCost,
    /// `o`, the weight before the trade.
    pub(crate) start: f64,
    /// `ρ ≥ 0`, the multiplier of the leverage cap.
    pub(crate) gross: f64,
}

impl OneWeight {
    pub(crate) fn value(&self, w: f64) -> f64 {
        let d = (w - self.start).abs();
        self.gradient * w + (self.cost.linear + self.cost.impact * d.sqrt()) * d + self.gross * w.abs()
    }

    /// The least value over `lower ≤ w ≤ upper`. It is at an end, at a kink, or where a smooth piece has slope zero.
    pub(crate) fn minimum(&self, lower: f64, upper: f64) -> f64 {
        let value = |w: f64| self.value(w.clamp(lower, upper));
        let mut best = value(lower).min(value(upper));
        if (lower..=upper).contains(&self.start) {
            best = best.min(value(self.start));
        }
        if self.gross > 0.0 && (lower..=upper).contains(&0.0) {
            best = best.min(value(0.0));
        }
        if self.cost.has_impact() {
            // The stationary point of each combination of sides; a combination that does not apply only costs an
            // evaluation.
            for side in [-1.0, 1.0] {
                for gross in [-self.gross, self.gross] {
                    let slope = side * (self.gradient + gross) + self.cost.linear;
                    if let (true, Some(size)) = (slope < 0.0, self.cost.size_at_slope(slope)) {
                        best = best.min(value(self.start + side * size));
                    }
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_slope_and_curvature_at_a_trade_of_four_percent() {
        // |d| = 0.04: √|d| = 0.2, |d|^1.5 = 0.008.
        let cost = AssetCost { linear: 0.001, impact: 0.1 };
        let (linear, impact) = cost.parts(0.04);
        assert!((linear - 0.00004).abs() < 1e-18 && (impact - 0.0008).abs() < 1e-18);
        assert!((cost.slope(0.04) - 0.031).abs() < 1e-16);
        assert!((cost.curvature(0.04) - 0.375).abs() < 1e-15);
        assert!((cost.size_at_slope(0.03).unwrap() - 0.04).abs() < 1e-15);
        // f‴ = −3/8·k·|d|^−1.5 = −4.6875; half of it, times the squared step (0.5·0.04)² = 0.0004.
        assert!((cost.bend(0.04, 0.5) + 0.5 * 4.6875 * 0.0004).abs() < 1e-16);
        let free = AssetCost::default();
        assert!(free.is_zero() && free.size_at_slope(1.0).is_none() && free.curvature(0.0) == 0.0);
    }

    #[test]
    fn the_minimum_of_one_weight_is_the_minimum_of_a_fine_grid() {
        for (gradient, linear, impact, gross, start, l, u) in [
            (-0.3, 0.1, 0.2, 0.0, 0.1, 0.0, 1.0),
            (0.3, 0.1, 0.2, 0.05, 0.1, -0.5, 1.0),
            (-0.05, 0.1, 0.0, 0.0, 0.4, 0.0, 1.0),
            (-0.3, 0.1, 5.0, 0.1, -0.2, -0.5, 0.5),
            (0.02, 0.0, 0.3, 0.2, 0.9, 0.0, 0.5),
        ] {
            let weight = OneWeight { gradient, cost: AssetCost { linear, impact }, start, gross };
            let grid = (0..=200_000)
                .map(|i| weight.value(l + (u - l) * f64::from(i) / 200_000.0))
                .fold(f64::INFINITY, f64::min);
            let exact = weight.minimum(l, u);
            assert!(exact <= grid && grid - exact < 1e-9, "{grid} {exact}");
        }
    }
}
