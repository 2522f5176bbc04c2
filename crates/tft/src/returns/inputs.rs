//! Histories as series of a panel.

use std::f64::consts::TAU;

use super::spec::MONTH;
use super::{ReturnsError, ReturnsSpec};
use crate::{Matrix, Panel, Series, SeriesScale, StaticInput, TftSpec};

/// Days of a week of trading.
const WEEK: usize = 5;
const OBSERVED: [&str; 3] = ["return", "size of 5 returns", "size of 22 returns"];
const KNOWN: [&str; 2] = ["weekday sine", "weekday cosine"];

/// The returns of assets on the same days.
#[derive(Debug, Clone, Copy)]
pub struct Histories<'a> {
    /// Names of the assets.
    pub names: &'a [&'a str],
    /// Simple returns of each asset, oldest first, all on the same days.
    pub returns: &'a [&'a [f64]],
    /// The weekday of each day, 0 for Monday to 6 for Sunday.
    pub weekdays: &'a [u8],
}

impl Histories<'_> {
    /// Days of each history.
    ///
    /// # Errors
    /// [`ReturnsError::Shape`].
    pub(super) fn days(&self) -> Result<usize, ReturnsError> {
        let days = self.weekdays.len();
        let fits = self.names.len() == self.returns.len()
            && !self.names.is_empty()
            && self.returns.iter().all(|own| own.len() == days)
            && self.weekdays.iter().all(|day| *day < 7);
        if fits { Ok(days) } else { Err(ReturnsError::Shape) }
    }

    /// Mean and spread of each asset over the first `known` days.
    pub(super) fn scales(&self, known: usize) -> Result<Vec<SeriesScale>, ReturnsError> {
        let scale = |(asset, (name, own)): (usize, (&&str, &&[f64]))| {
            let own = own.get(..known).unwrap_or_default();
            let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
            let variance = own.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / own.len().max(1) as f64;
            let spread = variance.sqrt();
            // A spread that is rounding alone is none.
            if spread > 1e-12 && spread.is_finite() {
                Ok(SeriesScale { name: (*name).to_owned(), mean, spread })
            } else {
                Err(ReturnsError::Still { asset })
            }
        };
        self.names.iter().zip(self.returns).enumerate().map(scale).collect()
    }

    /// The series of a model: `places` has the category of each asset, and `scales` its scale.
    pub(super) fn series(&self, horizon: usize, places: &[usize], scales: &[SeriesScale]) -> Option<Vec<Series>> {
        let mut weekdays = self.weekdays.to_vec();
        weekdays.extend(coming(self.weekdays, horizon));
        let angle = |day: &u8| TAU * (f64::from(*day) + 0.5) / 7.0;
        let known: Vec<f64> = weekdays.iter().flat_map(|day| [angle(day).sin(), angle(day).cos()]).collect();
        let known = Matrix::from_rows(weekdays.len(), KNOWN.len(), known)?;
        let own = |((returns, place), scale): ((&&[f64], &usize), &SeriesScale)| {
            let target: Vec<f64> = returns.iter().map(|r| (r - scale.mean) / scale.spread).collect();
            let size = |t: usize, days: usize| {
                let latest = &target[(t + 1).saturating_sub(days)..=t];
                (latest.iter().map(|y| y * y).sum::<f64>() / latest.len() as f64).sqrt()
            };
            let row = |t: usize| [target[t], size(t, WEEK), size(t, MONTH)];
            let observed = (0..target.len()).flat_map(row).collect();
            let observed = Matrix::from_rows(target.len(), OBSERVED.len(), observed)?;
            Some(Series { categories: vec![*place], numbers: Vec::new(), observed, known: known.clone(), target })
        };
        self.returns.iter().zip(places).zip(scales).map(own).collect()
    }

    /// The panel of a training that knows the first `known` days.
    pub(super) fn panel(&self, spec: &ReturnsSpec, known: usize) -> Result<Panel, ReturnsError> {
        let scales = self.scales(known)?;
        let asset = StaticInput::Category { name: "asset".to_owned(), values: self.names.len() };
        let places: Vec<usize> = (0..self.names.len()).collect();
        let series = self.series(spec.horizon, &places, &scales).ok_or(ReturnsError::Shape)?;
        let base = TftSpec::new(vec![asset], &OBSERVED, &KNOWN, spec.lookback, spec.horizon);
        Ok(Panel::new(&TftSpec { width: spec.width, series: scales, ..base }, series)?)
    }
}

/// Whether a model reads what [`Histories::series`] makes.
pub(super) fn is_of_returns(spec: &TftSpec) -> bool {
    let statics =
        matches!(spec.statics.as_slice(), [StaticInput::Category { values, .. }] if *values == spec.series.len());
    statics && spec.observed == OBSERVED && spec.known == KNOWN
}

/// The weekdays of the coming days: the next days of the week, without Saturday and Sunday unless the history has one.
/// Holidays are not known.
fn coming(weekdays: &[u8], count: usize) -> Vec<u8> {
    let has_weekends = weekdays.iter().any(|day| *day >= 5);
    let last = weekdays.last().copied().unwrap_or(6);
    let days = (1..).map(|ahead: usize| ((usize::from(last) + ahead) % 7) as u8);
    days.filter(|day| has_weekends || *day < 5).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coming_days_skip_weekends_unless_the_history_has_them() {
        // Thursday: Friday, Monday, Tuesday.
        assert_eq!(coming(&[2, 3], 3), [4, 0, 1]);
        assert_eq!(coming(&[5, 6, 3], 4), [4, 5, 6, 0]);
        assert_eq!(coming(&[0, 4], 1), [0]);
    }

    #[test]
    fn inputs_are_scaled_returns_and_their_sizes() {
        // Mean 1 %, spread 2 %.
        let returns = [0.03, -0.01, 0.03, -0.01, 0.03, -0.01];
        let weekdays = [0, 1, 2, 3, 4, 0];
        let histories = Histories { names: &["A"], returns: &[&returns], weekdays: &weekdays };
        let scales = histories.scales(6).unwrap();
        assert!((scales[0].mean - 0.01).abs() < 1e-15 && (scales[0].spread - 0.02).abs() < 1e-15);
        let series = histories.series(2, &[0], &scales).unwrap().remove(0);
        assert!(series.target.iter().zip([1.0, -1.0].iter().cycle()).all(|(y, want)| (y - want).abs() < 1e-12));
        assert!(series.observed.row(5).iter().zip([-1.0, 1.0, 1.0]).all(|(x, want)| (x - want).abs() < 1e-12));
        assert_eq!(series.known.rows(), 8);
        // A Monday lies half a day into the week.
        assert!((series.known.row(0)[0] - (TAU / 14.0).sin()).abs() < 1e-15);
        assert_eq!(series.known.row(6), series.known.row(1), "Tuesday follows Monday");
        let still = Histories { names: &["A"], returns: &[&[0.01; 6]], weekdays: &weekdays };
        assert_eq!(still.scales(6).unwrap_err(), ReturnsError::Still { asset: 0 });
    }
}
