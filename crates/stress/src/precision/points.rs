//! The points of one replication, in coordinates of which the first is the portfolio factor.

use super::{
    VarianceReduction,
    quantile::normal_quantile,
    sobol::{DIMENSIONS, Sobol},
};
use crate::{LANES, LaneStream, Lanes, NormalShocks, ShockLaw};

/// Share of the points of importance sampling that are in the tail of the portfolio factor, and the probability of that tail.
const TAIL_POINTS: f64 = 0.5;
const TAIL_PROBABILITY: f64 = 0.1;
/// The uniform of a stratum stays this far from its ends, where the quantile is infinite.
const EDGE: f64 = 1.0 / (1_u64 << 53) as f64;

/// Draws the points of one replication, a block of lanes at a time.
pub(super) struct Points<'a> {
    method: VarianceReduction,
    sobol: &'a Sobol,
    /// Points of the replication.
    count: usize,
    stream: LaneStream,
    /// One scrambling per coordinate.
    seeds: [u32; DIMENSIONS],
    /// Rotation of the intervals of the portfolio factor on the circle of probabilities, [0, 1). Without it every
    /// replication has the same intervals, and a probability at one of their ends is the same wrong number in all of
    /// them, with an error of zero.
    turn: f64,
    next: usize,
}

impl<'a> Points<'a> {
    pub(super) fn new(method: VarianceReduction, sobol: &'a Sobol, count: usize, mut stream: LaneStream) -> Self {
        let words = stream.words();
        let seeds = std::array::from_fn(|dimension| (words[dimension] >> 32) as u32);
        let turn = (words[DIMENSIONS] >> 11) as f64 * EDGE;
        Self { method, sobol, count, stream, seeds, turn, next: 0 }
    }

    /// Fills the coordinates and the weights of the next points and returns their number: [`LANES`], or the remaining
    /// ones.
    pub(super) fn fill(&mut self, rows: &mut [Lanes], weights: &mut Lanes) -> usize {
        let (first, filled) = (self.next, LANES.min(self.count - self.next));
        self.next += filled;
        NormalShocks.fill(&mut self.stream, rows);
        *weights = [1.0; LANES];
        match self.method {
            VarianceReduction::Plain | VarianceReduction::ControlVariate => {}
            VarianceReduction::Antithetic => {
                let half = filled / 2;
                for row in rows {
                    for lane in 0..half {
                        row[half + lane] = -row[lane];
                    }
                }
            }
            VarianceReduction::Stratified | VarianceReduction::Importance => {
                let mut uniforms = [0.0; LANES];
                self.stream.uniforms(&mut uniforms);
                if let Some(factor) = rows.first_mut() {
                    for (lane, u) in uniforms[..filled].iter().enumerate() {
                        let u = ((first + lane) as f64 + u) / self.count as f64;
                        (factor[lane], weights[lane]) = self.place(u);
                    }
                }
            }
            VarianceReduction::Sobol | VarianceReduction::SobolImportance | VarianceReduction::Preintegration => {
                for (dimension, row) in rows.iter_mut().enumerate().take(DIMENSIONS) {
                    for lane in 0..filled {
                        let u = self.sobol.scrambled((first + lane) as u32, dimension, self.seeds[dimension]);
                        if dimension == 0 {
                            (row[lane], weights[lane]) = self.place(u);
                        } else {
                            row[lane] = normal_quantile(u);
                        }
                    }
                }
            }
        }
        filled
    }

    /// Fills the coordinates of the next points but the portfolio factor, which is zero, and returns their number.
    pub(super) fn fill_others(&mut self, rows: &mut [Lanes]) -> usize {
        let (first, filled) = (self.next, LANES.min(self.count - self.next));
        self.next += filled;
        NormalShocks.fill(&mut self.stream, rows);
        rows.iter_mut().take(1).for_each(|factor| *factor = [0.0; LANES]);
        for (dimension, row) in rows.iter_mut().skip(1).enumerate().take(DIMENSIONS) {
            for (lane, z) in row.iter_mut().enumerate().take(filled) {
                *z = normal_quantile(self.sobol.scrambled((first + lane) as u32, dimension, self.seeds[dimension]));
            }
        }
        filled
    }

    /// The portfolio factor of a uniform number, and the weight of the point. Each zone of importance sampling keeps its number of points.
    fn place(&self, u: f64) -> (f64, f64) {
        let turned = |u: f64| (u + self.turn).fract();
        let (p, weight) = if !self.method.is_importance() {
            (turned(u), 1.0)
        } else if u < TAIL_POINTS {
            (turned(u / TAIL_POINTS) * TAIL_PROBABILITY, TAIL_PROBABILITY / TAIL_POINTS)
        } else {
            let (points, probability) = (1.0 - TAIL_POINTS, 1.0 - TAIL_PROBABILITY);
            (TAIL_PROBABILITY + turned((u - TAIL_POINTS) / points) * probability, probability / points)
        };
        (normal_quantile(p.clamp(EDGE, 1.0 - EDGE)), weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    /// Mean, variance and the lower tail of the first two coordinates, over replications, within 4.5 standard errors of independent points.
    #[test]
    fn every_method_keeps_the_law_of_the_points() {
        let sobol = Sobol::new();
        let (count, replications) = (512, 40);
        for method in VarianceReduction::ALL {
            let n = (count * replications) as f64;
            let (mut first, mut second, mut tail, mut mass) = ([0.0; 2], [0.0; 2], [0.0; 2], 0.0);
            for replication in 0..replications {
                let stream = LaneStream::new(Seed(5), replication as u64);
                let mut points = Points::new(method, &sobol, count, stream);
                let (mut rows, mut weights) = ([[0.0; LANES]; 2], [0.0; LANES]);
                for _ in 0..2 {
                    let filled = points.fill(&mut rows, &mut weights);
                    assert_eq!(filled, LANES);
                    for lane in 0..filled {
                        mass += weights[lane];
                        for (axis, row) in rows.iter().enumerate() {
                            let (z, w) = (row[lane], weights[lane]);
                            first[axis] += w * z;
                            second[axis] += w * z * z;
                            tail[axis] += if z < -1.644_853_626_951_472_7 { w } else { 0.0 };
                        }
                    }
                }
            }
            assert!((mass / n - 1.0).abs() < 1e-9, "{method:?} {}", mass / n);
            // The weights of importance sampling reach 1.8, the mirror images share their squares.
            let error =
                if method.is_importance() || method == VarianceReduction::Antithetic { 1.5 } else { 1.0 } / n.sqrt();
            for axis in 0..2 {
                assert!((first[axis] / n).abs() < 4.5 * error, "{method:?} {}", first[axis] / n);
                assert!((second[axis] / n - 1.0).abs() < 4.5 * 2f64.sqrt() * error, "{method:?} {}", second[axis] / n);
                assert!((tail[axis] / n - 0.05).abs() < 4.5 * 0.218 * error, "{method:?} {}", tail[axis] / n);
            }
        }
    }
}
