//! The slots into which one block of paths writes its outcome.

use crate::{LANES, Lanes, Stop, cash_flow::CashAccount};

/// Slices of the shared outcome vectors that belong to one block; the last block may be shorter than [`LANES`].
pub(crate) struct BlockOutcome<'a> {
    pub(crate) terminal: &'a mut [f64],
    /// Maximum drawdown and lowest value, when paths are valued every day.
    pub(crate) path: Option<(&'a mut [f64], &'a mut [f64])>,
    /// Loss of each ruined path, if there are withdrawals.
    pub(crate) ruin: Option<&'a mut [f64]>,
    /// Values at the points of the fan, [`LANES`] per point; `None` when the block is beyond the fan's paths.
    pub(crate) fan: Option<&'a mut [f64]>,
    /// Signal that ends the block early.
    pub(crate) stop: &'a Stop,
}

impl BlockOutcome<'_> {
    pub(crate) fn path_statistics(&self) -> bool {
        self.path.is_some()
    }

    pub(crate) fn set_terminal(&mut self, values: &Lanes) {
        self.terminal.copy_from_slice(&values[..self.terminal.len()]);
    }

    pub(crate) fn set_path_statistics(&mut self, drawdown: &Lanes, low: &Lanes) {
        if let Some((drawdowns, lows)) = &mut self.path {
            drawdowns.copy_from_slice(&drawdown[..drawdowns.len()]);
            lows.copy_from_slice(&low[..lows.len()]);
        }
    }

    pub(crate) fn set_ruin(&mut self, account: &CashAccount) {
        if let Some(losses) = &mut self.ruin {
            losses.copy_from_slice(&account.ruin_losses()[..losses.len()]);
        }
    }

    /// Writes the values of all lanes at one point of the fan.
    #[inline(always)]
    pub(crate) fn set_fan(&mut self, point: usize, value: impl Fn(usize) -> f64) {
        if let Some(fan) = &mut self.fan {
            for (lane, slot) in fan[point * LANES..(point + 1) * LANES].iter_mut().enumerate() {
                *slot = value(lane);
            }
        }
    }
}
