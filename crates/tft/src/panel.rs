//! Series, and the windows cut from them.

use std::ops::Range;

use crate::error::SeriesFault;
use crate::{Matrix, StaticInput, TftError, TftSpec};

/// One series. Row `t` of every part belongs to the same time; each number must have been known at that time, and known
/// inputs in advance.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The static categories, in the order of the specification.
    pub categories: Vec<usize>,
    /// The static numbers, in the order of the specification.
    pub numbers: Vec<f64>,
    /// Observed inputs, `T` rows.
    pub observed: Matrix,
    /// Known inputs, `T` rows or more: further rows are for future times.
    pub known: Matrix,
    /// The forecast variable, length `T`.
    pub target: Vec<f64>,
}

/// The position of a forecast: it is made when row `origin` of a series is known, for the rows after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// The last row that is known.
    pub origin: usize,
    /// Which series.
    pub series: usize,
}

/// Series that match a specification.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    spec: TftSpec,
    series: Vec<Series>,
}

impl Panel {
    /// Checks series against a specification.
    ///
    /// # Errors
    /// What [`TftSpec::check`] refuses; [`TftError::Series`] with the series and what is wrong with it.
    pub fn new(spec: &TftSpec, series: Vec<Series>) -> Result<Self, TftError> {
        spec.check()?;
        for (at, one) in series.iter().enumerate() {
            fault_of(spec, one).map_or(Ok(()), |what| Err(TftError::Series { series: at, what }))?;
        }
        Ok(Self { spec: spec.clone(), series })
    }

    /// The specification.
    #[must_use]
    pub fn spec(&self) -> &TftSpec {
        &self.spec
    }

    /// The series.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Windows of all series whose origins are in `origins`, `step` rows apart, for which inputs and outcomes are complete; by origin, then by
    /// series.
    #[must_use]
    pub fn windows(&self, origins: Range<usize>, step: usize) -> Vec<Window> {
        let from = origins.start.max(self.spec.lookback - 1);
        let until = |series: &Series| origins.end.min(series.target.len().saturating_sub(self.spec.horizon));
        let last = self.series.iter().map(until).max().unwrap_or(0);
        let place = |origin| {
            let ends = self.series.iter().enumerate().filter(move |(_, series)| origin < until(series));
            ends.map(move |(series, _)| Window { origin, series })
        };
        (from..last).step_by(step.max(1)).flat_map(place).collect()
    }

    /// The outcomes of a window.
    ///
    /// # Errors
    /// [`TftError::Window`] where they are not known.
    pub fn outcomes(&self, window: Window) -> Result<&[f64], TftError> {
        let Window { origin, series } = window;
        let target = self.series.get(series).map(|series| series.target.as_slice());
        let rows = origin.checked_add(1).zip(origin.checked_add(1 + self.spec.horizon));
        let cut = target.zip(rows).and_then(|(target, (first, end))| target.get(first..end));
        cut.ok_or(TftError::Window { series, origin })
    }

    /// What the network reads of windows. No row of an observed input or of the target after the origin is read.
    pub(crate) fn batch(&self, windows: &[Window]) -> Result<Batch, TftError> {
        let spec = &self.spec;
        let (count, past, all) = (windows.len(), spec.lookback, spec.lookback + spec.horizon);
        let mut batch = Batch {
            windows: count,
            statics: spec.statics.iter().map(|input| StaticValues::new(input, count)).collect(),
            observed: vec![Matrix::zeros(past * count, 1); spec.observed.len()],
            known: vec![Matrix::zeros(all * count, 1); spec.known.len()],
        };
        for (w, window) in windows.iter().enumerate() {
            let refused = TftError::Window { series: window.series, origin: window.origin };
            let Some(series) = self.series.get(window.series) else { return Err(refused) };
            let Some(first) = window.origin.checked_add(1).and_then(|end| end.checked_sub(past)) else {
                return Err(refused);
            };
            if window.origin >= series.observed.rows() || first + all > series.known.rows() {
                return Err(refused);
            }
            let (mut categories, mut numbers) = (series.categories.iter(), series.numbers.iter());
            for values in &mut batch.statics {
                match values {
                    StaticValues::Categories(values) => values.extend(categories.next()),
                    StaticValues::Numbers(values) => values.data_mut()[w] = numbers.next().copied().unwrap_or(0.0),
                }
            }
            for (column, input) in batch.observed.iter_mut().enumerate() {
                for step in 0..past {
                    input.data_mut()[step * count + w] = series.observed.row(first + step)[column];
                }
            }
            for (column, input) in batch.known.iter_mut().enumerate() {
                for step in 0..all {
                    input.data_mut()[step * count + w] = series.known.row(first + step)[column];
                }
            }
        }
        Ok(batch)
    }

    /// The outcomes of windows in the order of the network's rows: all windows of a step together.
    pub(crate) fn outcomes_by_step(&self, windows: &[Window]) -> Result<Vec<f64>, TftError> {
        let mut all = vec![0.0; windows.len() * self.spec.horizon];
        for (w, window) in windows.iter().enumerate() {
            for (step, outcome) in self.outcomes(*window)?.iter().enumerate() {
                all[step * windows.len() + w] = *outcome;
            }
        }
        Ok(all)
    }
}

fn fault_of(spec: &TftSpec, series: &Series) -> Option<SeriesFault> {
    let sizes: Vec<usize> = spec
        .statics
        .iter()
        .filter_map(|input| match input {
            StaticInput::Category { values, .. } => Some(*values),
            StaticInput::Number { .. } => None,
        })
        .collect();
    if series.categories.len() != sizes.len() || series.numbers.len() != spec.statics.len() - sizes.len() {
        return Some(SeriesFault::Statics);
    }
    if series.categories.iter().zip(&sizes).any(|(category, size)| category >= size) {
        return Some(SeriesFault::Category);
    }
    let (observed, known, rows) = (&series.observed, &series.known, series.target.len());
    let columns = observed.cols() == spec.observed.len() && known.cols() == spec.known.len();
    if !columns || observed.rows() != rows || known.rows() < rows {
        return Some(SeriesFault::Shape);
    }
    let is_whole = |(value, values): (&f64, &Option<usize>)| {
        values.is_none_or(|values| *value >= 0.0 && value.fract() == 0.0 && *value < values as f64)
    };
    let categories = spec.known_values();
    if !(0..known.rows()).all(|row| known.row(row).iter().zip(&categories).all(is_whole)) {
        return Some(SeriesFault::Category);
    }
    let numbers = series.numbers.iter().chain(&series.target).all(|x| x.is_finite());
    (!numbers || !observed.is_sound() || !known.is_sound()).then_some(SeriesFault::NotFinite)
}

/// The input of the network: columns whose rows are grouped by step, with one row per window in each.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) windows: usize,
    pub(crate) statics: Vec<StaticValues>,
    pub(crate) observed: Vec<Matrix>,
    pub(crate) known: Vec<Matrix>,
}

/// One static covariate of all windows.
#[derive(Debug, Clone)]
pub(crate) enum StaticValues {
    Categories(Vec<usize>),
    Numbers(Matrix),
}

impl StaticValues {
    fn new(input: &StaticInput, windows: usize) -> Self {
        match input {
            StaticInput::Category { .. } => Self::Categories(Vec::with_capacity(windows)),
            StaticInput::Number { .. } => Self::Numbers(Matrix::zeros(windows, 1)),
        }
    }
}

/// Windows to train on, and later ones for early stopping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Windows whose outcomes all lie at or before the first origin of `valid`.
    pub train: Vec<Window>,
    /// The later windows.
    pub valid: Vec<Window>,
}

impl Fold {
    /// Divides windows at an origin, and drops those before it whose outcomes reach beyond it (López de Prado 2018,
    /// chapter 7). A `share` of the distinct origins, inside (0, 1), is after the cut.
    ///
    /// # Errors
    /// [`TftError::OutOfRange`] for a share outside its range, [`TftError::TooFew`] where a part would be empty.
    pub fn purged(spec: &TftSpec, windows: &[Window], share: f64) -> Result<Self, TftError> {
        crate::error::require(share > 0.0 && share < 1.0, "share", share, "inside (0, 1)")?;
        let mut origins: Vec<usize> = windows.iter().map(|window| window.origin).collect();
        origins.sort_unstable();
        origins.dedup();
        let kept = ((1.0 - share) * origins.len() as f64).floor() as usize;
        let cut = origins.get(kept).copied().unwrap_or(usize::MAX);
        let valid: Vec<Window> = windows.iter().copied().filter(|window| window.origin >= cut).collect();
        let train: Vec<Window> =
            windows.iter().copied().filter(|window| window.origin.saturating_add(spec.horizon) <= cut).collect();
        for (of, part) in [("windows before the cut", &train), ("windows after the cut", &valid)] {
            if part.is_empty() {
                return Err(TftError::TooFew { of, found: 0, needed: 1 });
            }
        }
        Ok(Self { train, valid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(rows: usize) -> Panel {
        let asset = StaticInput::Category { name: "asset".into(), values: 1 };
        let spec = TftSpec::new(vec![asset], &["x"], &["k"], 4, 3);
        let column = |n: usize| Matrix::from_rows(n, 1, (0..n).map(|t| t as f64).collect()).unwrap();
        let series = Series {
            categories: vec![0],
            numbers: vec![],
            observed: column(rows),
            known: column(rows + 3),
            target: column(rows).data().to_vec(),
        };
        Panel::new(&spec, vec![series]).unwrap()
    }

    #[test]
    fn windows_have_their_whole_past_and_all_outcomes() {
        let panel = panel(20);
        let windows = panel.windows(0..usize::MAX, 1);
        assert_eq!((windows.first().unwrap().origin, windows.last().unwrap().origin), (3, 16));
        assert_eq!(panel.outcomes(windows[0]).unwrap(), [4.0, 5.0, 6.0]);
        let batch = panel.batch(&windows[..1]).unwrap();
        assert_eq!(batch.observed[0].data(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(batch.known[0].data(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        // A forecast may be made at the last row; its outcomes are not there.
        assert!(panel.batch(&[Window { origin: 19, series: 0 }]).is_ok());
        assert!(panel.outcomes(Window { origin: 19, series: 0 }).is_err());
        for origin in [2, 20, usize::MAX] {
            assert!(panel.batch(&[Window { origin, series: 0 }]).is_err(), "{origin}");
        }
        assert!(panel.batch(&[Window { origin: 9, series: 1 }]).is_err());
    }

    #[test]
    fn no_outcome_of_training_is_one_of_the_fold() {
        let panel = panel(60);
        let windows = panel.windows(0..usize::MAX, 1);
        let fold = Fold::purged(panel.spec(), &windows, 0.25).unwrap();
        let last = fold.train.iter().map(|window| window.origin + 3).max().unwrap();
        let first = fold.valid.iter().map(|window| window.origin + 1).min().unwrap();
        assert_eq!(last + 1, first);
        assert!(Fold::purged(panel.spec(), &windows[..2], 0.5).is_err());
    }

    #[test]
    fn a_series_that_does_not_fit_is_refused_with_what_is_wrong() {
        let good = panel(20);
        let fault = |change: &dyn Fn(&mut Series)| {
            let mut series = good.series()[0].clone();
            change(&mut series);
            match Panel::new(good.spec(), vec![series]) {
                Err(TftError::Series { what, .. }) => what,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(fault(&|s| s.categories = vec![1]), SeriesFault::Category);
        assert_eq!(fault(&|s| s.numbers = vec![1.0]), SeriesFault::Statics);
        assert_eq!(fault(&|s| s.target.truncate(3)), SeriesFault::Shape);
        assert_eq!(fault(&|s| s.target[3] = f64::NAN), SeriesFault::NotFinite);
        // The known input counts the rows: 0 to 22.
        let of = |values| vec![crate::KnownCategory { name: "k".into(), values }];
        let with = |values| {
            Panel::new(&TftSpec { known_categories: of(values), ..good.spec().clone() }, good.series().to_vec())
        };
        assert!(with(23).is_ok());
        assert!(matches!(with(22), Err(TftError::Series { what: SeriesFault::Category, .. })));
        let mut half = good.series()[0].clone();
        half.known.data_mut()[2] = 0.5;
        let spec = TftSpec { known_categories: of(23), ..good.spec().clone() };
        assert!(matches!(Panel::new(&spec, vec![half]), Err(TftError::Series { what: SeriesFault::Category, .. })));
    }
}
