//! The values that a model reads.

/// Rows of features: each row has one value per feature, and NaN stands for a missing one.
///
/// # Example
/// ```
/// use trees::Rows;
///
/// let rows = Rows::new(2, vec![0.1, 0.2, f64::NAN, 0.4])?;
/// assert_eq!((rows.len(), rows.width()), (2, 2));
/// assert_eq!(rows.row(0), [0.1, 0.2]);
/// # Ok::<(), trees::RowsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    width: usize,
    values: Vec<f64>,
}

/// What is wrong with rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A row has no values.
    #[error("a row needs at least one number")]
    NoFeatures,
    /// The values do not form whole rows.
    #[error("{values} numbers are not rows of {width}")]
    NotWhole {
        /// Numbers in a row.
        width: usize,
        /// Numbers given.
        values: usize,
    },
    /// A number is infinite.
    #[error("number {} of row {} is infinite", feature + 1, row + 1)]
    Infinite {
        /// The row, from 0.
        row: usize,
        /// The position in the row, from 0.
        feature: usize,
    },
}

impl Rows {
    /// Rows of `width` values, one after the other; NaN stands for a missing value.
    ///
    /// # Errors
    /// Rows without values, values that do not form whole rows, or infinite values.
    pub fn new(width: usize, values: Vec<f64>) -> Result<Self, RowsError> {
        if width == 0 {
            return Err(RowsError::NoFeatures);
        }
        if !values.len().is_multiple_of(width) {
            return Err(RowsError::NotWhole { width, values: values.len() });
        }
        match values.iter().position(|value| value.is_infinite()) {
            Some(place) => Err(RowsError::Infinite { row: place / width, feature: place % width }),
            None => Ok(Self { width, values }),
        }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Numbers in a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The numbers of row `index`, from 0.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.width..(index + 1) * self.width]
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole_and_finite() {
        assert_eq!(Rows::new(0, vec![]), Err(RowsError::NoFeatures));
        assert_eq!(Rows::new(2, vec![1.0; 3]), Err(RowsError::NotWhole { width: 2, values: 3 }));
        let infinite = Rows::new(2, vec![1.0, 2.0, 3.0, f64::INFINITY]).unwrap_err();
        assert_eq!(infinite, RowsError::Infinite { row: 1, feature: 1 });
        assert_eq!(infinite.to_string(), "number 2 of row 2 is infinite");
        assert!(Rows::new(2, vec![]).unwrap().is_empty());
    }
}
