//! Percent or fractions, proven by signs, headings or the sum.

/// The unit of a column of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WeightUnit {
    Percent,
    Fraction,
    Open,
}

/// What is known about a column of weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightColumn {
    /// Sum of the cells as written, without totals.
    pub(crate) sum: f64,
    pub(crate) largest: f64,
    /// Cells have percent signs.
    pub(crate) signed: bool,
    /// The heading says percent.
    pub(crate) headed: bool,
    /// The heading says that these are weights.
    pub(crate) says_weight: bool,
}

/// Largest distance of a sum of weights from one that can be due to rounding.
pub(crate) const SUM_TOLERANCE: f64 = 0.006;

/// The unit of a column, given that of another column of weights in the same file if known.
pub(crate) fn unit_of(column: &WeightColumn, sibling: Option<WeightUnit>) -> WeightUnit {
    let near = |sum: f64, low: f64| sum >= low && sum <= 1.02;
    let low = if column.says_weight { 0.5 } else { 0.98 };
    let (as_percent, as_fraction) = (near(column.sum / 100.0, low), near(column.sum, low));
    if column.signed {
        return WeightUnit::Percent;
    }
    if column.headed {
        return if as_fraction { WeightUnit::Open } else { WeightUnit::Percent };
    }
    if as_percent {
        return WeightUnit::Percent;
    }
    // All weights of a fraction column are at most one, or the sum says nothing.
    if as_fraction && column.largest <= 1.0 {
        return WeightUnit::Fraction;
    }
    match sibling {
        Some(WeightUnit::Percent) if column.largest <= 100.0 && column.sum > 2.0 => WeightUnit::Percent,
        Some(WeightUnit::Fraction) if column.largest <= 1.0 => WeightUnit::Fraction,
        _ => WeightUnit::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(sum: f64, largest: f64) -> WeightColumn {
        WeightColumn { sum, largest, signed: false, headed: false, says_weight: false }
    }

    #[test]
    fn the_sum_the_sign_or_the_other_column_decides() {
        assert_eq!(unit_of(&column(100.0, 45.0), None), WeightUnit::Percent);
        assert_eq!(unit_of(&column(1.0, 0.5), None), WeightUnit::Fraction);
        assert_eq!(unit_of(&column(94.29, 41.2), None), WeightUnit::Open);
        assert_eq!(unit_of(&column(94.29, 41.2), Some(WeightUnit::Percent)), WeightUnit::Percent);
        assert_eq!(unit_of(&column(1_092.15, 500.0), Some(WeightUnit::Percent)), WeightUnit::Open);
        assert_eq!(unit_of(&WeightColumn { signed: true, ..column(0.9, 0.9) }, None), WeightUnit::Percent);
    }
}
