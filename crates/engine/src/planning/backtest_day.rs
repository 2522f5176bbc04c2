//! The case of a live plan as the day of a backtest.

use std::sync::Arc;

use backtest::{BacktestError, Cadence, DayRecord, History, Opening, Planned, ReplayOptions, Trial, replay_day};
use governance::Digest;

use crate::planning::case::Case;

/// Replays a case as the last day of its own histories: an account that begins with its book, a policy that plans with its configuration,
/// and a past that ends on that day. `source`: the digest of the request that the case is of. The record has the digest of the plan, which
/// is that of the live one, and the trades that the account could execute.
///
/// # Errors
/// As [`replay_day`]: a case that was admitted has none, so it is a bug.
pub(crate) fn as_backtest_day(case: &Case, source: Digest) -> Result<Option<DayRecord>, BacktestError> {
    let mut history = History::ending_at(case.panel.clone(), case.book.unit_values())?;
    if let Some(returns) = &case.benchmark {
        history = history.with_benchmark(returns.clone());
    }
    let planned = Planned::new(case.config.clone(), Cadence::Daily)
        .with_source(source)
        .with_market_returns(case.market_returns.clone())
        .with_volumes(case.average_daily_volumes.clone());
    let terms = planned.terms();
    let options = ReplayOptions {
        start: history.days() - 1,
        opening: Opening::Held(Arc::new(case.book.clone())),
        ..ReplayOptions::default()
    };
    replay_day(&history, &Trial::new("live", planned, terms), &options)
}
