//! Holdings that are restored every four weeks, and what they earn after costs.

/// Cost of a trade, a share of its value.
const COST: f64 = 0.001;
/// The most that a weight is above or below equal weight, a share of it.
const TILT: f64 = 0.5;

/// A sequence of holdings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holdings {
    /// Return of each block after costs.
    pub(crate) net: Vec<f64>,
    /// Two-way turnover so far, multiples of NAV.
    turnover: f64,
    /// Weights at the end of the block; empty before the first.
    weights: Vec<f64>,
}

impl Holdings {
    /// Holds weights over the coming returns of the shares; the first purchase is free for all alike.
    pub(crate) fn hold(&mut self, wanted: &[f64], coming: &[&[f64]]) {
        let traded: f64 = self.weights.iter().zip(wanted).map(|(a, b)| (a - b).abs()).sum();
        let growth = coming.iter().map(|returns| returns.iter().fold(1.0, |growth, r| growth * (1.0 + r)));
        let values: Vec<f64> = wanted.iter().zip(growth).map(|(weight, growth)| weight * growth).collect();
        let value: f64 = values.iter().sum();
        self.weights = values.iter().map(|own| own / value).collect();
        self.net.push((1.0 - COST * traded) * value - 1.0);
        self.turnover += traded;
    }

    pub(crate) fn turnover_a_year(&self, blocks: f64) -> f64 {
        self.turnover / self.net.len() as f64 * blocks
    }
}

/// Weights by rank, from half to one and a half times equal weight; equal values by their place.
pub(crate) fn by_rank(forecasts: &[f64]) -> Vec<f64> {
    let count = forecasts.len() as f64;
    let mut order: Vec<usize> = (0..forecasts.len()).collect();
    order.sort_by(|a, b| forecasts[*a].total_cmp(&forecasts[*b]).then(a.cmp(b)));
    let mut weights = vec![0.0; forecasts.len()];
    for (place, share) in order.into_iter().enumerate() {
        weights[share] = (1.0 + 2.0 * TILT * (place as f64 / (count - 1.0) - 0.5)) / count;
    }
    weights
}
