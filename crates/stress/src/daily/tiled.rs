//! A daily simulation in tiles: the blocks of one are kept, those of the tiles before it are measured and forgotten.

use rayon::prelude::*;

use super::{
    DailyReport, GoalFigures, HorizonFigures, Stopping, TradingFigures, UnderWaterFigures, WorstPath,
    kernel::Model,
    measured::{Measured, measure, tail_error},
    results::BlockResults,
};
use crate::{
    LANES, SimulationTiles, StressError, TerminalHistogram,
    loss::Losses,
    tiles::{Part, bias},
};

/// The blocks of the tile at work, and what is kept of the tiles before it.
pub(super) struct Tiled<'a> {
    model: &'a Model<'a>,
    /// Paths of a tile.
    size: usize,
    blocks: Vec<BlockResults>,
    parts: Vec<Part<Measured>>,
    /// The histogram of the tiles so far.
    histogram: Option<TerminalHistogram>,
    /// The lowest outcomes of the tiles so far, by path.
    lowest: Vec<(usize, f64)>,
}

impl<'a> Tiled<'a> {
    pub(super) fn new(model: &'a Model<'a>, size: usize) -> Self {
        Self { model, size, blocks: Vec::new(), parts: Vec::new(), histogram: None, lowest: Vec::new() }
    }

    fn done(&self) -> usize {
        self.parts.len() * self.size
    }

    /// Goes on to this number of paths in all; tiles that are full on the way are measured and forgotten.
    pub(super) fn extend(&mut self, paths: usize) -> Result<(), StressError> {
        while paths - self.done() > self.size {
            self.simulate(self.size)?;
            self.measure(self.size)?;
        }
        self.simulate(paths - self.done())
    }

    /// Simulates the missing blocks for this number of paths of the tile on any free thread; the results are in the order of their numbers.
    fn simulate(&mut self, paths: usize) -> Result<(), StressError> {
        let (model, before) = (self.model, self.done() / LANES);
        let new: Vec<BlockResults> = (before + self.blocks.len()..before + paths.div_ceil(LANES))
            .into_par_iter()
            .map(|block| {
                let results = model.run(&mut *model.law.paths(), block as u64, |_| ());
                model.stop.count(LANES);
                results
            })
            .collect();
        self.blocks.extend(new);
        model.check()
    }

    /// Standard error of CVaR at the last horizon over this number of paths in all.
    pub(super) fn tail_error(&self, paths: usize) -> f64 {
        let last = paths - self.done();
        let own = |error: f64, of: usize| (error * of as f64 / paths as f64).powi(2);
        let earlier = self.parts.iter().map(|(of, part)| {
            let cvar = part.horizons.last().and_then(|last| last.cvar_95.standard_error);
            own(cvar.unwrap_or(f64::INFINITY), *of)
        });
        if self.parts.is_empty() {
            return tail_error(&self.blocks, last, self.model.options);
        }
        (earlier.sum::<f64>() + own(tail_error(&self.blocks, last, self.model.options), last)).sqrt()
    }

    /// Measures the tile at work, which has this number of paths, and forgets it.
    fn measure(&mut self, paths: usize) -> Result<(), StressError> {
        let (is_first, options) = (self.parts.is_empty(), self.model.options);
        let mut part = measure(self.model, &self.blocks, paths, is_first, &mut self.histogram)?;
        let before = self.done();
        self.lowest.extend(part.lowest.drain(..).map(|(path, outcome)| (before + path, outcome)));
        self.lowest.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        self.lowest.truncate(options.worst_paths);
        self.parts.push((paths, part));
        self.blocks = Vec::new();
        Ok(())
    }

    pub(super) fn finish(mut self, paths: usize, stopping: Option<Stopping>) -> Result<DailyReport, StressError> {
        let last = paths - self.done();
        self.measure(last)?;
        let (model, options) = (self.model, self.model.options);
        let fan = self.parts.first_mut().and_then(|(_, first)| first.fan.take());
        let whole = Measured::of_all(&self.parts);
        let largest_bias = (0..options.horizons.len()).map(|horizon| {
            let figures = self.parts.iter().map(|(paths, part)| (*paths, part.horizons[horizon].clone()));
            bias(&figures.collect::<Vec<_>>())
        });
        let paid_in = Losses::new(&options.cash_flows, None).paid_in;
        let tiles = (self.parts.len() > 1).then(|| SimulationTiles {
            count: self.parts.len(),
            paths: self.size,
            largest_bias: largest_bias.fold(0.0, f64::max),
        });
        let days = options.horizons.iter().zip(whole.horizons);
        let report = DailyReport {
            model: model.law.identity(),
            drift_annual: model.drifts.to_vec(),
            horizons: days.map(|(day, statistics)| HorizonFigures { day: *day, statistics }).collect(),
            terminal_histogram: self.histogram,
            goal: options.goal.zip(whole.goal).map(|(value, [at_horizon, on_the_way])| GoalFigures {
                value,
                probability_at_horizon: at_horizon,
                probability_on_the_way: on_the_way,
            }),
            under_water: UnderWaterFigures {
                mean_share_of_days: whole.under_water[0],
                mean_longest_days: whole.under_water[1],
            },
            trading: whole.trading.map(|[mean_trades, mean_cost]| TradingFigures { mean_trades, mean_cost }),
            fan,
            worst_paths: self.lowest.iter().map(|(path, outcome)| replay(model, *path, paid_in - outcome)).collect(),
            paths_used: paths,
            tiles,
            stopping,
        };
        // A path that was replayed under a raised signal is cut short.
        model.check()?;
        Ok(report)
    }
}

/// Simulates the block of a path again and keeps the values of the path.
fn replay(model: &Model<'_>, path: usize, loss: f64) -> WorstPath {
    let mut values = vec![1.0];
    model.run(&mut *model.law.paths(), (path / LANES) as u64, |wealth| values.push(wealth[path % LANES]));
    WorstPath { path, loss, values }
}
