//! The interface of a law that is simulated day by day.

use std::{collections::BTreeMap, fmt};

use portfolio_core::ModelParameter;

use crate::{LaneStream, Lanes, ShockLawIdentity};

/// A law of the daily log-returns of several assets. Unlike a [`ShockLaw`](crate::ShockLaw), it may remember earlier days of a path.
///
/// The law draws log-returns with mean zero; the simulation adds the drift. Over day `d` the log-return of asset `i` is
///
/// ```text
/// Δx = μᵢ/p − cᵢ(d) + x,   E x = 0
/// ```
///
/// with the annual arithmetic drift `μᵢ`, `p` days a year, the draw `x` of this law, and its [`convexity`](DailyLaw::convexity) `cᵢ(d)`.
/// Where `cᵢ = ln E eˣ`, the mean price after `T` years is `e^{μᵢT}`.
///
/// # Determinism
/// All randomness comes from the stream of the block, so paths do not depend on the number of threads.
pub trait DailyLaw: fmt::Debug + Send + Sync {
    /// Name of the law, the same for all its parameters.
    fn id(&self) -> &'static str;

    /// Version of the algorithm. A change to any number drawn from a seed requires a new version.
    fn version(&self) -> &'static str {
        "1"
    }

    /// The parameters; together with id and version they identify the law.
    fn parameters(&self) -> Vec<ModelParameter>;

    /// Number of assets.
    fn assets(&self) -> usize;

    /// Days in a year.
    fn periods_per_year(&self) -> f64;

    /// The amount subtracted from the drift of `asset` on `day` (from 1), a log-return: `ln E eˣ`, or half the variance
    /// of the day if the law says so.
    fn convexity(&self, asset: usize, day: usize) -> f64;

    /// Working memory of one thread.
    fn paths(&self) -> Box<dyn DailyPaths + '_>;

    /// Id, version and parameters in one value, as a report repeats them.
    fn identity(&self) -> ShockLawIdentity {
        let parameters: BTreeMap<_, _> =
            self.parameters().into_iter().map(|p| (p.name.into_owned(), p.value)).collect();
        ShockLawIdentity { id: self.id().to_owned(), version: self.version().to_owned(), parameters }
    }
}

/// The paths of one block under a [`DailyLaw`], one per lane.
pub trait DailyPaths {
    /// Returns to the start of the paths.
    fn restart(&mut self);

    /// Draws the log-returns of the next day, with mean zero: one row per asset.
    fn step(&mut self, stream: &mut LaneStream, log_returns: &mut [Lanes]);
}
