//! Bands of groups: asset classes, sleeves.
//!
//! A group is in breach when `|Σw − Σt|` over its assets exceeds the half-width of its rule at the target `Σt`: the
//! same comparison as of one asset, on sums. Three funds of a class 2 points above their targets, in bands of 3, put
//! the class 6 above and outside a band of 5.
//!
//! # Reference
//! Daryanani (2008), "Opportunistic Rebalancing", Journal of Financial Planning 21(1): bands of asset classes.

use crate::bands::BandRule;
use crate::{CoreError, round_to_12_decimals};

/// Assets whose summed weight has its own band. Groups may overlap, and need not cover all assets.
#[derive(Debug, Clone, PartialEq)]
pub struct BandGroup {
    /// Positions of its assets, each once.
    pub assets: Vec<usize>,
    /// The band around the sum of their targets.
    pub rule: BandRule,
}

/// A group's weight against its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupDrift {
    /// Sum of the weights held, a fraction of NAV.
    pub weight: f64,
    /// Sum of the targets.
    pub target: f64,
    /// `weight − target`: positive when overweight.
    pub drift: f64,
    /// Half-width of the band at the target.
    pub half_width: f64,
    /// Whether the group is outside its band.
    pub is_breached: bool,
}

/// Compares each group's weight with its band.
///
/// A group can be inside its band while its assets are not, when their drifts offset each other, and outside while all
/// of them are inside, when small drifts add up.
///
/// # Errors
/// [`CoreError::Lengths`] when weights and targets differ in number, [`CoreError::GroupAsset`] for an asset that does
/// not exist or is in one group twice, [`CoreError::OutOfRange`] for a rule that fails its check.
///
/// # Example
/// ```
/// use portfolio_core::BandRule;
/// use portfolio_core::bands::groups::{BandGroup, measure_groups};
///
/// // Each of three equity funds drifted by 2 pp, inside its own band of 3 pp; the class drifted by 6 pp.
/// let equity = BandGroup { assets: vec![0, 1, 2], rule: BandRule::FIVE_TWENTY_FIVE };
/// let bonds = BandGroup { assets: vec![3], rule: BandRule::absolute(0.08)? };
/// let drifts = measure_groups(&[equity, bonds], &[0.22, 0.22, 0.22, 0.34], &[0.20, 0.20, 0.20, 0.40])?;
/// assert_eq!((drifts[0].drift, drifts[0].half_width), (0.06, 0.05));
/// assert!(drifts[0].is_breached && !drifts[1].is_breached);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn measure_groups(groups: &[BandGroup], current: &[f64], target: &[f64]) -> Result<Vec<GroupDrift>, CoreError> {
    if current.len() != target.len() {
        return Err(CoreError::Lengths { expected: current.len(), got: target.len() });
    }
    groups.iter().enumerate().map(|(index, group)| measure_group(index, group, current, target)).collect()
}

fn measure_group(index: usize, group: &BandGroup, current: &[f64], target: &[f64]) -> Result<GroupDrift, CoreError> {
    group.rule.check()?;
    let mut seen = vec![false; current.len()];
    for &asset in &group.assets {
        match seen.get_mut(asset) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(CoreError::GroupAsset { group: index, asset }),
        }
    }
    let sum = |of: &[f64]| round_to_12_decimals(group.assets.iter().map(|asset| of[*asset]).sum());
    let (weight, target) = (sum(current), sum(target));
    Ok(GroupDrift {
        weight,
        target,
        drift: round_to_12_decimals(weight - target),
        half_width: group.rule.half_width(target),
        is_breached: group.rule.is_breached(weight, target),
    })
}

#[cfg(test)]
mod tests {
    use super::{BandGroup, measure_groups};
    use crate::CoreError;
    use crate::bands::BandRule;

    #[test]
    fn an_asset_that_is_not_there_or_twice_is_named() {
        for (assets, at) in [(vec![0, 2], 2), (vec![1, 1], 1)] {
            let group = BandGroup { assets, rule: BandRule::HYBRID };
            let fault = measure_groups(&[group], &[0.5, 0.5], &[0.5, 0.5]);
            assert_eq!(fault, Err(CoreError::GroupAsset { group: 0, asset: at }));
        }
    }

    #[test]
    fn offsetting_drifts_leave_the_group_in_its_band() {
        let group = BandGroup { assets: vec![0, 1], rule: BandRule::HYBRID };
        let drifts = measure_groups(&[group], &[0.5, 0.1, 0.4], &[0.3, 0.3, 0.4]).unwrap();
        assert!(!drifts[0].is_breached && drifts[0].drift == 0.0);
    }
}
