//! Which values a split treats as missing, as LightGBM defines it.

/// The magnitude up to which LightGBM treats a number as zero: the float 1e-35.
pub(crate) const ZERO: f64 = 1e-35_f32 as f64;

/// Which values a split sends in its default direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// None: a missing value is read as 0.
    Never,
    /// Zero, and a missing value, which is read as 0.
    Zero,
    /// A missing value.
    Nan,
}

impl Missing {
    /// The value to compare with the threshold, or none when the split takes its default direction.
    #[inline]
    pub(crate) fn compared(self, value: f64) -> Option<f64> {
        match self {
            Self::Nan => (!value.is_nan()).then_some(value),
            Self::Never => Some(if value.is_nan() { 0.0 } else { value }),
            Self::Zero => (!value.is_nan() && value.abs() > ZERO).then_some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_missing_numbers() {
        assert_eq!(Missing::Never.compared(f64::NAN), Some(0.0));
        assert_eq!(Missing::Zero.compared(f64::NAN), None);
        assert_eq!(Missing::Zero.compared(-1e-36), None);
        assert_eq!(Missing::Zero.compared(-1e-34), Some(-1e-34));
        assert_eq!(Missing::Nan.compared(f64::NAN), None);
        assert_eq!(Missing::Nan.compared(0.0), Some(0.0));
    }
}
