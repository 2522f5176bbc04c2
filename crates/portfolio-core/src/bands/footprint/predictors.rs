//! What an observer knows about a policy on each session.

use chrono::{Datelike, NaiveDate};

use super::regression::r_squared;
use super::replay::Replay;

/// The observer's replica of the policy, and the calendar.
pub(super) struct Outsider<'a> {
    replica: &'a Replay,
    window: usize,
    starts_month: Vec<f64>,
    starts_quarter: Vec<f64>,
}

impl<'a> Outsider<'a> {
    pub(super) fn new(dates: &[NaiveDate], replica: &'a Replay, window_sessions: u32) -> Self {
        let starts = |session: usize| session > 0 && dates[session].month() != dates[session - 1].month();
        let flag = |yes: bool| if yes { 1.0 } else { 0.0 };
        let starts_month = (0..dates.len()).map(|t| flag(starts(t))).collect();
        let starts_quarter = (0..dates.len()).map(|t| flag(starts(t) && dates[t].month() % 3 == 1)).collect();
        Self { replica, window: window_sessions as usize, starts_month, starts_quarter }
    }

    /// R² of whether `replay` trades, over sessions.
    pub(super) fn explains_dates(&self, replay: &Replay) -> Option<f64> {
        let sessions = replay.trades.len();
        let indicator =
            |of: &Replay| -> Vec<f64> { (0..sessions).map(|t| if of.traded(t) { 1.0 } else { 0.0 }).collect() };
        let signal = indicator(self.replica);
        let recent = self.recent(&signal);
        let drift = self.replica.drifts.iter().map(|d| 0.5 * d.iter().map(|d| d.abs()).sum::<f64>()).collect();
        let predictors = [signal, recent, drift, self.starts_month.clone(), self.starts_quarter.clone()];
        r_squared(&indicator(replay), &predictors)
    }

    /// R² of the weights that `replay` trades, over sessions and assets.
    pub(super) fn explains_sizes(&self, replay: &Replay) -> Option<f64> {
        let assets = replay.trades.first().map_or(0, Vec::len);
        let mut outcome = Vec::new();
        let mut predictors = vec![Vec::new(); 5];
        for asset in 0..assets {
            let of_asset = |rows: &[Vec<f64>]| -> Vec<f64> { rows.iter().map(|row| row[asset]).collect() };
            let signal = of_asset(&self.replica.trades);
            let drift = of_asset(&self.replica.drifts);
            let on = |flag: &[f64]| -> Vec<f64> { drift.iter().zip(flag).map(|(d, f)| d * f).collect() };
            let columns = [self.recent(&signal), on(&self.starts_month), on(&self.starts_quarter), signal, drift];
            outcome.extend(of_asset(&replay.trades));
            predictors.iter_mut().zip(columns).for_each(|(all, column)| all.extend(column));
        }
        r_squared(&outcome, &predictors)
    }

    /// Sum of a series over each session and the sessions of the window before it.
    fn recent(&self, series: &[f64]) -> Vec<f64> {
        (0..series.len()).map(|t| series[t.saturating_sub(self.window)..=t].iter().sum()).collect()
    }
}
