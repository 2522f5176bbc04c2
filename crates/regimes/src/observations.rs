//! The data that a model of regimes is fitted to and filters.

use std::ops::Range;

use crate::RegimeError;

/// Largest absolute value of a figure: its square is far from overflow.
const LARGEST: f64 = 1e100;

/// Rows of features, one row per period, oldest first. All figures are finite and at most 1e100 in absolute value.
///
/// # Example
/// ```
/// use regimes::Observations;
///
/// let returns = Observations::of_series(&[0.01, -0.02, 0.005])?;
/// assert_eq!((returns.rows(), returns.features()), (3, 1));
/// assert!(Observations::of_series(&[0.01, f64::NAN]).is_err());
/// # Ok::<(), regimes::RegimeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    rows: usize,
    features: usize,
    /// Feature by feature, so that one pass over a feature reads memory in order.
    columns: Vec<f64>,
}

impl Observations {
    /// One feature, such as the returns of an index.
    ///
    /// # Errors
    /// [`RegimeError::Empty`], [`RegimeError::NotFinite`].
    pub fn of_series(series: &[f64]) -> Result<Self, RegimeError> {
        Self::checked(series.len(), 1, series.to_vec())
    }

    /// Several features, each as a series of the same length.
    ///
    /// # Errors
    /// [`RegimeError::Empty`], [`RegimeError::NotFinite`], [`RegimeError::SizeMismatch`] for a series of a different
    /// length.
    pub fn of_features<S: AsRef<[f64]>>(features: &[S]) -> Result<Self, RegimeError> {
        let rows = features.first().map_or(0, |first| first.as_ref().len());
        let mut columns = Vec::with_capacity(rows * features.len());
        for feature in features {
            crate::error::require_size("features", rows, feature.as_ref().len())?;
            columns.extend_from_slice(feature.as_ref());
        }
        Self::checked(rows, features.len(), columns)
    }

    /// Several features, row by row.
    ///
    /// # Errors
    /// [`RegimeError::Empty`], [`RegimeError::NotFinite`], [`RegimeError::RaggedRows`].
    pub fn of_rows<R: AsRef<[f64]>>(rows: &[R]) -> Result<Self, RegimeError> {
        let features = rows.first().map_or(0, |first| first.as_ref().len());
        let mut columns = vec![0.0; rows.len() * features];
        for (t, row) in rows.iter().enumerate() {
            let row = row.as_ref();
            if row.len() != features {
                return Err(RegimeError::RaggedRows { row: t, expected: features, got: row.len() });
            }
            for (feature, value) in row.iter().enumerate() {
                columns[feature * rows.len() + t] = *value;
            }
        }
        Self::checked(rows.len(), features, columns)
    }

    fn checked(rows: usize, features: usize, columns: Vec<f64>) -> Result<Self, RegimeError> {
        if rows == 0 || features == 0 {
            return Err(RegimeError::Empty);
        }
        match columns.iter().position(|x| x.is_nan() || x.abs() > LARGEST) {
            Some(at) => Err(RegimeError::NotFinite { row: at % rows, feature: at / rows }),
            None => Ok(Self { rows, features, columns }),
        }
    }

    /// Number of periods.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Figures per period.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// The series of each feature.
    pub(crate) fn columns(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.columns.chunks_exact(self.rows)
    }

    /// Only the rows of a range.
    ///
    /// # Errors
    /// [`RegimeError::Empty`] for a range without rows or beyond the last one.
    pub fn window(&self, range: Range<usize>) -> Result<Self, RegimeError> {
        if range.is_empty() || range.end > self.rows {
            return Err(RegimeError::Empty);
        }
        let columns = self.columns().flat_map(|column| &column[range.clone()]).copied().collect();
        Self::checked(range.len(), self.features, columns)
    }

    /// Mean and variance (denominator `T`) of each feature.
    ///
    /// # Errors
    /// [`RegimeError::Constant`] for a feature that varies only by rounding.
    pub(crate) fn spread(&self) -> Result<Vec<(f64, f64)>, RegimeError> {
        let count = self.rows as f64;
        let one = |(feature, column): (usize, &[f64])| {
            let mean = column.iter().sum::<f64>() / count;
            let variance = column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
            let size = column.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
            // Differences of this size come from rounding: a constant series has a mean that is off by a few of them.
            let rounding = 8.0 * f64::EPSILON * size;
            if variance > rounding * rounding && variance > 1e-200 {
                Ok((mean, variance))
            } else {
                Err(RegimeError::Constant { feature })
            }
        };
        self.columns().enumerate().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_rows_are_named() {
        assert_eq!(Observations::of_series(&[]), Err(RegimeError::Empty));
        assert_eq!(
            Observations::of_rows(&[vec![1.0, 2.0], vec![1.0, f64::INFINITY]]),
            Err(RegimeError::NotFinite { row: 1, feature: 1 })
        );
        assert_eq!(
            Observations::of_rows(&[vec![1.0, 2.0], vec![1.0]]),
            Err(RegimeError::RaggedRows { row: 1, expected: 2, got: 1 })
        );
        let constant = Observations::of_series(&[0.1; 50]).unwrap();
        assert_eq!(constant.spread(), Err(RegimeError::Constant { feature: 0 }));
    }

    #[test]
    fn rows_and_features_are_the_same_data() {
        let rows = Observations::of_rows(&[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]).unwrap();
        let features = Observations::of_features(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
        assert_eq!(rows, features);
        let window = rows.window(1..3).unwrap();
        assert_eq!(window, Observations::of_rows(&[[2.0, 5.0], [3.0, 6.0]]).unwrap());
        assert_eq!(rows.window(1..4), Err(RegimeError::Empty));
    }
}
