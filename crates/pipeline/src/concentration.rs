//! The limit on the largest weight that the policy does not explain.

use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity};

/// The largest weight after the plan among those that exceed their policy weight by more than the band. If there is
/// none, the largest weight of all, which is clear.
pub(crate) fn concentration(levels: LimitLevels, after: &[f64], target: &[f64], band: f64) -> LimitCheck {
    let largest = |found: &mut dyn Iterator<Item = usize>| {
        found.max_by(|&a, &b| after[a].total_cmp(&after[b]).then(b.cmp(&a))).map(|i| after[i])
    };
    let of = |value| LimitCheck::of(Measure::Concentration, LimitPoint::After, levels, value, || CheckReason::NoAssets);
    match largest(&mut (0..after.len()).filter(|&i| after[i] > target[i] + band)) {
        Some(value) => of(Some(value)),
        None => {
            let check = of(largest(&mut (0..after.len())));
            if check.value.is_some() { check.at_most(Severity::Clear, CheckReason::PolicyTarget) } else { check }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::SupervisorLimits;

    #[test]
    fn a_weight_the_mandate_wants_is_clear_and_one_it_does_not_want_is_critical() {
        let levels = SupervisorLimits::default().concentration;
        let wanted = concentration(levels, &[0.7, 0.3], &[0.7, 0.3], 0.02);
        assert_eq!((wanted.severity, wanted.value), (Severity::Clear, Some(0.7)));
        assert_eq!(wanted.reason, Some(CheckReason::PolicyTarget));
        let unwanted = concentration(levels, &[0.7, 0.3], &[0.5, 0.5], 0.02);
        assert_eq!(unwanted.severity, Severity::Critical);
        // A larger weight that the policy explains does not hide one that it does not.
        let beside = concentration(levels, &[0.55, 0.45], &[0.55, 0.30], 0.02);
        assert_eq!((beside.severity, beside.value), (Severity::Warning, Some(0.45)));
        let none = concentration(levels, &[], &[], 0.02);
        assert_eq!((none.severity, none.reason), (Severity::NotAssessed, Some(CheckReason::NoAssets)));
    }
}
