//! A history of returns, aligned by one rule.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use portfolio_core::{PanelError, ReturnPanel, Universe, UniverseError};
use serde::Serialize;

use crate::note::{ImportNote, Note};
use crate::question::{Doubt, ImportQuestion};

/// A history of aligned returns: every asset has a return in every period.
///
/// Prices become returns by one rule. A date is used if every asset has a price on it. The return of an asset over two
/// consecutive used dates is `p_later / p_earlier − 1`, so that a return over a gap covers all periods in it and no
/// price is invented. The rule for returns is the same without the division: a date is used if every asset has a
/// return.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ImportedHistory {
    /// The assets, in the order of the file.
    pub assets: Vec<String>,
    /// Aligned returns of each asset.
    pub observations: usize,
    /// The date on which each return ends, oldest first; empty for a list without dates.
    #[serde(skip)]
    pub dates: Vec<NaiveDate>,
    /// Simple returns per period, one list for each asset, oldest first.
    #[serde(skip)]
    pub returns: Vec<Vec<f64>>,
}

impl ImportedHistory {
    /// The returns as a panel.
    ///
    /// # Errors
    /// [`HistoryPanelError`] when two assets have the same name, or one has none.
    pub fn panel(&self) -> Result<ReturnPanel, HistoryPanelError> {
        let universe = Universe::new(self.assets.iter().map(String::as_str))?;
        Ok(ReturnPanel::new(universe, self.returns.clone())?)
    }
}

/// Why a history does not form a panel.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryPanelError {
    /// The assets cannot be distinguished.
    #[error("the assets of the history cannot be told apart")]
    Universe(#[from] UniverseError),
    /// The returns do not form a panel.
    #[error("the returns of the history are no panel")]
    Panel(#[from] PanelError),
}

/// Numbers of each asset on each date, before they are aligned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) assets: Vec<String>,
    /// The rows in order of their dates: the row of the file, the date, a number for each asset.
    pub(crate) periods: Vec<Period>,
}

#[derive(Debug, Clone)]
pub(crate) struct Period {
    pub(crate) row: usize,
    pub(crate) date: Option<NaiveDate>,
    pub(crate) numbers: Vec<Option<f64>>,
}

/// What the numbers of a history represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryUnit {
    Price,
    Fraction,
    Percent,
    Open,
}

/// The kind of the numbers, judged by their signs and sizes: no return is below −1, and few prices are not positive.
pub(crate) fn unit_of(numbers: &[f64], percent_signs: bool) -> HistoryUnit {
    if percent_signs {
        return HistoryUnit::Percent;
    }
    let mut sizes: Vec<f64> = numbers.iter().map(|x| x.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let Some(&median) = sizes.get(sizes.len() / 2) else { return HistoryUnit::Open };
    let negative = numbers.iter().filter(|x| **x <= 0.0).count();
    if median > 0.5 && 10 * negative <= numbers.len() {
        HistoryUnit::Price
    } else if negative == 0 {
        HistoryUnit::Open
    } else if numbers.iter().filter(|x| **x < -1.0).count() > 1 {
        HistoryUnit::Percent
    } else if median <= 0.05 {
        HistoryUnit::Fraction
    } else {
        HistoryUnit::Open
    }
}

/// A row of the file and the assets that have no number in it.
pub(crate) type RowWithGaps = (usize, Vec<String>);

/// Aligned returns, the periods with gaps, suspicious values, and adjustments.
pub(crate) struct Aligned {
    pub(crate) history: ImportedHistory,
    pub(crate) gaps: Vec<RowWithGaps>,
    pub(crate) questions: Vec<ImportQuestion>,
    pub(crate) notes: Vec<ImportNote>,
}

/// Aligns series. With `adjust_splits` a price move of about the ratio of a split is treated as a split.
pub(crate) fn align(mut series: Series, unit: HistoryUnit, adjust_splits: bool) -> Aligned {
    let (mut questions, mut gaps, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    if unit == HistoryUnit::Price {
        for period in &mut series.periods {
            for (asset, number) in series.assets.iter().zip(&mut period.numbers) {
                if let Some(price) = number.take_if(|price| *price <= 0.0) {
                    questions.push(ImportQuestion::of_column(asset, Doubt::PriceSign { price }).at_row(period.row));
                }
            }
        }
    }
    let whole: Vec<&Period> = series.periods.iter().filter(|p| p.numbers.iter().all(Option::is_some)).collect();
    for period in series.periods.iter().filter(|p| p.numbers.iter().any(Option::is_none)) {
        let missing = series.assets.iter().zip(&period.numbers).filter(|(_, n)| n.is_none());
        gaps.push((period.row, missing.map(|(asset, _)| asset.clone()).collect()));
    }
    let numbers = |asset: usize| -> Vec<f64> { whole.iter().filter_map(|p| p.numbers[asset]).collect() };
    let mut returns = Vec::with_capacity(series.assets.len());
    for (i, asset) in series.assets.iter().enumerate() {
        let numbers = numbers(i);
        let mut one: Vec<f64> = match unit {
            HistoryUnit::Price => numbers.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect(),
            HistoryUnit::Percent => numbers.iter().map(|x| x / 100.0).collect(),
            _ => numbers.clone(),
        };
        if adjust_splits && unit == HistoryUnit::Price {
            notes.extend(adjust(asset, &whole, &mut one));
        }
        questions.extend(odd(asset, &whole, &numbers, &one, unit));
        returns.push(one);
    }
    let ends = if unit == HistoryUnit::Price { whole.get(1..).unwrap_or_default() } else { &whole[..] };
    let dates = ends.iter().filter_map(|p| p.date).collect();
    let observations = returns.first().map_or(0, Vec::len);
    if observations == 0 {
        questions.push(ImportQuestion::of_file(Doubt::NoCommonDates { dates: whole.len() }));
    }
    Aligned { history: ImportedHistory { assets: series.assets, observations, dates, returns }, gaps, questions, notes }
}

/// Removes splits from returns of prices, and reports where.
fn adjust(asset: &str, whole: &[&Period], returns: &mut [f64]) -> Vec<ImportNote> {
    let mut notes = Vec::new();
    for (i, value) in returns.iter_mut().enumerate().filter(|(_, value)| is_far(**value)) {
        let Some((n, is_reverse)) = split_of(1.0 + *value) else { continue };
        *value = if is_reverse { (1.0 + *value) / n } else { (1.0 + *value) * n } - 1.0;
        let ratio = if is_reverse { format!("1 for {n}") } else { format!("{n} for 1") };
        notes.push(ImportNote { row: whole[i + 1].row, note: Note::SplitAdjusted { asset: asset.to_owned(), ratio } });
    }
    notes
}

/// The split whose ratio a price moved by: its number, and whether units became fewer.
fn split_of(ratio: f64) -> Option<(f64, bool)> {
    let near = |n: &f64| (ratio * n - 1.0).abs() < 0.06 || (ratio / n - 1.0).abs() < 0.06;
    SPLITS.into_iter().find(near).map(|n| (n, ratio > 1.0))
}

/// Whether a return is so large that a question is asked.
fn is_far(value: f64) -> bool {
    let ratio = 1.0 + value;
    !(ratio > 1.0 / LARGEST_RATIO && ratio < LARGEST_RATIO)
}

/// Largest return of one period about which nothing is asked, as a ratio of prices either way.
const LARGEST_RATIO: f64 = 1.8;
const SPLITS: [f64; 11] = [2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 50.0];

fn odd(asset: &str, whole: &[&Period], numbers: &[f64], returns: &[f64], unit: HistoryUnit) -> Vec<ImportQuestion> {
    let ask = |(i, value): (usize, &f64)| {
        if !is_far(*value) {
            return None;
        }
        let is_split = split_of(1.0 + value).is_some();
        let (doubt, row) = match unit {
            HistoryUnit::Price if is_split => {
                (Doubt::Split { before: numbers[i], after: numbers[i + 1] }, whole[i + 1].row)
            }
            HistoryUnit::Price => (jump(*value), whole[i + 1].row),
            _ => (jump(*value), whole[i].row),
        };
        Some(ImportQuestion::of_column(asset, doubt).at_row(row))
    };
    returns.iter().enumerate().filter_map(ask).collect()
}

fn jump(value: f64) -> Doubt {
    Doubt::Jump { percent: (10_000.0 * value).round() / 100.0 }
}

/// Rows with the same date: kept once if they agree; returns the positions of rows that are left out, and of rows that
/// differ.
pub(crate) fn without_repeats(periods: Vec<Period>) -> (Vec<Period>, Vec<(Period, bool)>) {
    let mut kept: BTreeMap<NaiveDate, Period> = BTreeMap::new();
    let mut repeats = Vec::new();
    for period in periods {
        let Some(date) = period.date else { continue };
        match kept.get(&date) {
            Some(first) => {
                let same = first.numbers == period.numbers;
                repeats.push((period, same));
            }
            None => {
                kept.insert(date, period);
            }
        }
    }
    (kept.into_values().collect(), repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_sizes_tell_prices_from_returns() {
        assert_eq!(unit_of(&[60.2, 60.5, 60.1], false), HistoryUnit::Price);
        assert_eq!(unit_of(&[0.01, -0.02, 0.005], false), HistoryUnit::Fraction);
        assert_eq!(unit_of(&[1.2, -1.7, -2.1, 0.4], false), HistoryUnit::Percent);
        assert_eq!(unit_of(&[0.3, -0.4, 0.2], false), HistoryUnit::Open);
        assert_eq!(unit_of(&[0.01, 0.02], false), HistoryUnit::Open);
    }

    #[test]
    fn a_return_over_a_gap_covers_all_its_periods() {
        let period = |row, numbers: [Option<f64>; 2]| Period { row, date: None, numbers: numbers.to_vec() };
        let series = Series {
            assets: vec!["A".to_owned(), "B".to_owned()],
            periods: vec![
                period(2, [Some(100.0), Some(50.0)]),
                period(3, [Some(101.0), None]),
                period(4, [Some(110.0), Some(55.0)]),
            ],
        };
        let Aligned { history, gaps, questions, .. } = align(series, HistoryUnit::Price, false);
        assert_eq!(history.observations, 1);
        assert!((history.returns[0][0] - 0.1).abs() < 1e-12 && (history.returns[1][0] - 0.1).abs() < 1e-12);
        assert_eq!(gaps, [(3, vec!["B".to_owned()])]);
        assert_eq!(questions, []);
    }
}
