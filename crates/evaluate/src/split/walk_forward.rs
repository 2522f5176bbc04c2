//! Splits in which the training is always before the test.

use super::{Purge, Split};
use crate::EvaluateError;
use crate::error::{EvaluateParameter, require};

/// The training rows before each test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrainWindow {
    /// Every row so far, at least `least` of them.
    Expanding {
        /// Training rows of the first split.
        least: usize,
    },
    /// The last `length` rows.
    Rolling {
        /// Training rows of every split.
        length: usize,
    },
}

/// Walk-forward splits: train on the past, test on the following rows, then move forward.
///
/// The last `label_horizon` rows before a test are not training rows, because their labels reach into it. An embargo
/// has no effect, since no training row comes after a test. The last test is cut at the end of the history, so that the
/// newest rows are tested too.
///
/// # Example
/// ```
/// use evaluate::split::{Purge, TrainWindow, WalkForward};
///
/// let splits = WalkForward {
///     window: TrainWindow::Rolling { length: 4 },
///     test: 3,
///     step: 3,
///     purge: Purge { label_horizon: 1, embargo: 0 },
/// }
/// .splits(12)?;
/// // Row 4 has a label that row 5 decides.
/// assert_eq!((splits[0].train[0].clone(), splits[0].test[0].clone()), (0..4, 5..8));
/// assert_eq!((splits[2].train[0].clone(), splits[2].test[0].clone()), (6..10, 11..12));
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkForward {
    /// The training rows.
    pub window: TrainWindow,
    /// Rows of a test, at least 1.
    pub test: usize,
    /// Rows from the start of one test to the start of the next, at least 1; with the length of a test, tests follow each
    /// other without a gap.
    pub step: usize,
    /// The rows that are removed before a test.
    pub purge: Purge,
}

impl WalkForward {
    /// The splits of a history of `rows` rows, in order of time.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a test or step of no rows, and for a training window of no rows or so many that no
    /// test row is left.
    pub fn splits(&self, rows: usize) -> Result<Vec<Split>, EvaluateError> {
        let (TrainWindow::Expanding { least: length } | TrainWindow::Rolling { length }) = self.window;
        require(self.test >= 1, EvaluateParameter::TestRows, self.test as f64)?;
        require(self.step >= 1, EvaluateParameter::Step, self.step as f64)?;
        let first = length.saturating_add(self.purge.label_horizon);
        require(length >= 1 && first < rows, EvaluateParameter::TrainRows, length as f64)?;
        Ok((first..rows)
            .step_by(self.step)
            .map(|start| {
                let end = start - self.purge.label_horizon;
                let begin = match self.window {
                    TrainWindow::Expanding { .. } => 0,
                    TrainWindow::Rolling { length } => end - length,
                };
                Split { train: vec![begin..end], test: vec![start..start.saturating_add(self.test).min(rows)] }
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(window: TrainWindow) -> WalkForward {
        WalkForward { window, test: 2, step: 2, purge: Purge::default() }
    }

    #[test]
    fn an_expanding_window_starts_at_the_first_row() {
        let splits = of(TrainWindow::Expanding { least: 3 }).splits(8).unwrap();
        let trains: Vec<_> = splits.iter().map(|split| split.train[0].clone()).collect();
        assert_eq!(trains, [0..3, 0..5, 0..7]);
        assert_eq!(splits[2].test, [7..8]);
    }

    #[test]
    fn impossible_windows_are_refused() {
        assert!(of(TrainWindow::Expanding { least: 8 }).splits(8).is_err());
        assert!(of(TrainWindow::Rolling { length: 0 }).splits(8).is_err());
        assert!(WalkForward { test: 0, ..of(TrainWindow::Rolling { length: 2 }) }.splits(8).is_err());
        assert!(WalkForward { step: 0, ..of(TrainWindow::Rolling { length: 2 }) }.splits(8).is_err());
        let far = Purge { label_horizon: usize::MAX, embargo: 0 };
        assert!(WalkForward { purge: far, ..of(TrainWindow::Rolling { length: 2 }) }.splits(8).is_err());
    }
}
