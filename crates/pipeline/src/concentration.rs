//! The limit on the largest weight.

use crate::limits::{CheckReason, LimitCheck, LimitLevels, LimitPoint, Measure, Severity};

/// The largest weight after the plan. A weight the policy asks for is at most a warning.
pub(crate) fn concentration(levels: LimitLevels, after: &[f64], target: &[f64], band: f64) -> LimitCheck {
    let largest = (0..after.len()).max_by(|&a, &b| after[a].total_cmp(&after[b]).then(b.cmp(&a)));
    let value = largest.map(|i| after[i]);
    let mut check = LimitCheck::of(Measure::Concentration, LimitPoint::After, levels, value, || CheckReason::NoAssets);
    if let Some(i) = largest
        && check.severity > Severity::Warning
        && after[i] <= target[i] + band
    {
        check.severity = Severity::Warning;
        check.reason = Some(CheckReason::PolicyTarget);
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::SupervisorLimits;

    #[test]
    fn a_weight_the_mandate_wants_is_a_warning_and_one_it_does_not_want_is_critical() {
        let levels = SupervisorLimits::default().concentration;
        let wanted = concentration(levels, &[0.7, 0.3], &[0.7, 0.3], 0.02);
        assert_eq!((wanted.severity, wanted.value), (Severity::Warning, Some(0.7)));
        assert!(wanted.reason.is_some());
        let unwanted = concentration(levels, &[0.7, 0.3], &[0.5, 0.5], 0.02);
        assert_eq!(unwanted.severity, Severity::Critical);
    }
}
