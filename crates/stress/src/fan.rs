//! Quantiles of the value over time, for a chart.

use rayon::prelude::*;
use serde::Serialize;

use crate::{Estimate, LANES, Lanes, estimate::Ordered};

/// Maximum number of values that a fan holds while it is collected: 32 MB.
const FAN_VALUES: usize = 4_000_000;

/// Quantiles of the portfolio's value along the way, for a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"days": [0, 15, 30], "paths_used": 10_000,
    "quantile_05": [1.0, 0.958, 0.943], "quantile_25": [1.0, 0.984, 0.98], "quantile_50": [1.0, 1.003, 1.006],
    "quantile_75": [1.0, 1.022, 1.033], "quantile_95": [1.0, 1.05, 1.073],
    "standard_errors": {"quantile_05": [0.0, 0.0006, 0.0008], "quantile_25": [0.0, 0.0004, 0.0005],
        "quantile_50": [0.0, 0.0004, 0.0005], "quantile_75": [0.0, 0.0004, 0.0005], "quantile_95": [0.0, 0.0006, 0.0009]}})))]
pub struct WealthFan {
    /// Days of the points, counted from the start (0); at most 65, the last is the horizon.
    pub days: Vec<usize>,
    /// Number of paths behind the quantiles: all of them, or the first ones when there are very many.
    pub paths_used: usize,
    /// 5 % quantile of the value at each point, per unit of initial value.
    pub quantile_05: Vec<f64>,
    /// 25 % quantile of the value at each point, per unit of initial value.
    pub quantile_25: Vec<f64>,
    /// Median of the value at each point, per unit of initial value.
    pub quantile_50: Vec<f64>,
    /// 75 % quantile of the value at each point, per unit of initial value.
    pub quantile_75: Vec<f64>,
    /// 95 % quantile of the value at each point, per unit of initial value.
    pub quantile_95: Vec<f64>,
    /// The standard error of each of these quantiles from sampling alone; absent for a single path, which says nothing about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub standard_errors: Option<FanErrors>,
}

/// Standard errors of the quantiles of a fan, one for each of its points; zero at the start, whose value is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"quantile_05": [0.0, 0.0006, 0.0008], "quantile_25": [0.0, 0.0004, 0.0005],
    "quantile_50": [0.0, 0.0004, 0.0005], "quantile_75": [0.0, 0.0004, 0.0005], "quantile_95": [0.0, 0.0006, 0.0009]})))]
pub struct FanErrors {
    /// Standard error of the 5 % quantile at each point, per unit of initial value.
    pub quantile_05: Vec<f64>,
    /// Standard error of the 25 % quantile at each point, per unit of initial value.
    pub quantile_25: Vec<f64>,
    /// Standard error of the median at each point, per unit of initial value.
    pub quantile_50: Vec<f64>,
    /// Standard error of the 75 % quantile at each point, per unit of initial value.
    pub quantile_75: Vec<f64>,
    /// Standard error of the 95 % quantile at each point, per unit of initial value.
    pub quantile_95: Vec<f64>,
}

const LEVELS: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

/// Most paths of a fan with this many points.
pub(crate) fn fan_paths(points: usize) -> usize {
    FAN_VALUES / points.max(1) / LANES * LANES
}

/// Collects the values behind a fan while the paths are simulated.
pub(crate) struct FanBuffer {
    days: Vec<usize>,
    paths: usize,
    /// Ordered by block, then by point, then by lane.
    values: Vec<f64>,
}

impl FanBuffer {
    pub(crate) fn new(days: Vec<usize>, paths: usize) -> Self {
        let paths = if days.is_empty() { 0 } else { paths.min(fan_paths(days.len())) };
        let values = vec![0.0; paths.div_ceil(LANES) * LANES * days.len()];
        Self { days, paths, values }
    }

    /// The values that blocks have collected already, in block order, each a row of lanes per point.
    pub(crate) fn collected<'a>(days: Vec<usize>, paths: usize, blocks: impl Iterator<Item = &'a [Lanes]>) -> Self {
        let paths = paths.min(fan_paths(days.len()));
        let values = blocks.take(paths.div_ceil(LANES)).flatten().flatten().copied().collect();
        Self { days, paths, values }
    }

    /// The part of each block, in block order. For very many paths there are fewer parts than blocks.
    pub(crate) fn blocks(&mut self) -> impl Iterator<Item = &mut [f64]> {
        self.values.chunks_mut((self.days.len() * LANES).max(1))
    }

    /// The quantiles; `None` when there are no points.
    pub(crate) fn finish(self) -> Option<WealthFan> {
        let points = self.days.len();
        if points == 0 {
            return None;
        }
        let quantiles: Vec<[Estimate; 5]> = (0..points)
            .into_par_iter()
            .map(|point| {
                let mut values: Vec<f64> = self
                    .values
                    .chunks(points * LANES)
                    .flat_map(|block| &block[point * LANES..(point + 1) * LANES])
                    .take(self.paths)
                    .copied()
                    .collect();
                let ordered = Ordered::at(&mut values, &LEVELS);
                LEVELS.map(|q| ordered.quantile(q))
            })
            .collect();
        let line = |level: usize| std::iter::once(1.0).chain(quantiles.iter().map(|q| q[level].value)).collect();
        let error = |level: usize| -> Option<Vec<f64>> {
            std::iter::once(Some(0.0)).chain(quantiles.iter().map(|q| q[level].standard_error)).collect()
        };
        let errors = || {
            Some(FanErrors {
                quantile_05: error(0)?,
                quantile_25: error(1)?,
                quantile_50: error(2)?,
                quantile_75: error(3)?,
                quantile_95: error(4)?,
            })
        };
        Some(WealthFan {
            days: std::iter::once(0).chain(self.days).collect(),
            paths_used: self.paths,
            quantile_05: line(0),
            quantile_25: line(1),
            quantile_50: line(2),
            quantile_75: line(3),
            quantile_95: line(4),
            standard_errors: errors(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_across_blocks_without_the_unused_lanes() {
        let mut buffer = FanBuffer::new(vec![1, 2], LANES + 10);
        for (b, block) in buffer.blocks().enumerate() {
            for (i, v) in block.iter_mut().enumerate() {
                let (point, lane) = (i / LANES, i % LANES);
                *v = ((point + 1) * (b * LANES + lane + 1)) as f64;
            }
        }
        let fan = buffer.finish().unwrap();
        assert_eq!(fan.days, [0, 1, 2]);
        assert_eq!(fan.quantile_50, [1.0, 133.0, 266.0]);
        assert_eq!(fan.quantile_95, [1.0, 253.0, 506.0]);
        // The values are 1, 2, …, 266: 1.96·√(266·0.25) = 15.98 on either side of 133, from 117 to 150, a width of 2·1.96 errors.
        let error = 33.0 / (2.0 * 1.959_963_984_540_054);
        let errors = fan.standard_errors.unwrap().quantile_50;
        assert_eq!(errors[0], 0.0);
        assert!((errors[1] - error).abs() < 1e-12 && (errors[2] - 2.0 * error).abs() < 1e-12, "{errors:?}");
        let alone = FanBuffer::new(vec![1], 1).finish().unwrap();
        assert_eq!((alone.quantile_50, alone.standard_errors), (vec![1.0, 0.0], None));
    }

    #[test]
    fn the_buffer_is_bounded() {
        let buffer = FanBuffer::new((1..=64).collect(), 10_000_000);
        assert!(buffer.values.len() <= FAN_VALUES && buffer.paths.is_multiple_of(LANES) && buffer.paths > 60_000);
        assert!(FanBuffer::new(Vec::new(), 10_000_000).finish().is_none());
    }
}
