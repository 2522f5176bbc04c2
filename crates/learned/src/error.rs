//! Why an allocator is not trained.

use backtest::BacktestError;
use evaluate::EvaluateError;
use portfolio_core::{CoreError, PanelError, UniverseError};
use rl::RlError;
use thiserror::Error;

/// Why histories are not trained on, or a training ended without an allocator.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LearnedError {
    /// A setting is outside its range.
    #[error("{name} is {value}, and has to be {range}")]
    OutOfRange {
        /// Which setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The allowed values, in words.
        range: &'static str,
    },
    /// The parts of the histories do not belong together: the number of names or of returns differs.
    #[error("every asset, at least two, needs a name and as many returns as the others")]
    Shape,
    /// The histories have fewer returns than are needed.
    #[error("the histories have {found} returns, {needed} are needed")]
    Short {
        /// Returns that there are.
        found: usize,
        /// Returns that are needed.
        needed: usize,
    },
    /// The returns of an asset do not move: it has no variance to be weighed against that of the others.
    #[error("the returns of asset {asset} do not move over some year")]
    Still {
        /// Which one, from zero.
        asset: usize,
    },
    /// A return is not a finite number above −1: after a total loss there is nothing to allocate.
    #[error("return {day} of asset {asset} is not a finite number above -1")]
    Return {
        /// Which asset, from zero.
        asset: usize,
        /// Which return, from zero.
        day: usize,
    },
    /// Whoever was told of the progress asked to stop.
    #[error("the training was stopped")]
    Stopped,
    /// The stored state is that of another training, or was changed.
    #[error("the stored state is not one of this training")]
    OtherState,
    /// The bytes are no allocator.
    #[error("the bytes are no learned allocator: {0}")]
    Unreadable(String),
    /// The learner or its environment refuses.
    #[error(transparent)]
    Rl(#[from] RlError),
    /// A replay fails.
    #[error(transparent)]
    Backtest(#[from] BacktestError),
    /// A comparison fails.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Costs, bands or sizing refuse.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// A name is empty or there twice.
    #[error(transparent)]
    Universe(#[from] UniverseError),
    /// The returns make no panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
}
