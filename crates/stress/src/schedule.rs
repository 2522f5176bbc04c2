//! The days at which a path is valued.

use std::collections::BTreeSet;

use crate::SimulationOptions;

/// Number of days of a fan, without the start.
const FAN_POINTS: usize = 64;

/// One step of a path, from the end of one valuation day to the end of the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Length in days.
    pub(crate) days: f64,
    /// Money added at its end, a fraction of the initial value.
    pub(crate) addition: f64,
    /// Point of the fan at its end, if any.
    pub(crate) fan_point: Option<usize>,
}

/// Days of the fan's points: evenly spread, including the last day.
pub(crate) fn fan_days(options: &SimulationOptions) -> Vec<usize> {
    if !options.fan {
        return Vec::new();
    }
    fan_days_until(options.horizon_days)
}

/// Days of the points of a fan over this many days.
pub(crate) fn fan_days_until(horizon_days: usize) -> Vec<usize> {
    let points = horizon_days.min(FAN_POINTS);
    (1..=points).map(|p| (p * horizon_days).div_ceil(points)).collect()
}

/// Days, counted from 1, at whose end a path is valued: every day if the law of shocks is that of one day only.
pub(crate) fn valuation_days(options: &SimulationOptions) -> Vec<usize> {
    if options.path_statistics || !options.shocks.is_stable_under_sums() {
        return (1..=options.horizon_days).collect();
    }
    let flows = options.cash_flows.iter().enumerate().filter(|(_, c)| **c != 0.0).map(|(i, _)| i + 1);
    let days: BTreeSet<usize> = flows.chain(fan_days(options)).chain([options.horizon_days]).collect();
    days.into_iter().collect()
}

/// The steps of every path.
pub(crate) fn steps(options: &SimulationOptions) -> Vec<Step> {
    let fan = fan_days(options);
    let mut previous = 0;
    valuation_days(options)
        .into_iter()
        .map(|day| {
            let days = (day - previous) as f64;
            previous = day;
            let addition = options.cash_flows.get(day - 1).copied().unwrap_or(0.0);
            Step { days, addition, fan_point: fan.binary_search(&day).ok() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_path_statistics_only_the_needed_days_are_valued() {
        let mut options = SimulationOptions::default();
        assert_eq!(steps(&options), [Step { days: 30.0, addition: 0.0, fan_point: None }]);
        options.cash_flows = vec![0.0, 0.5];
        assert_eq!(
            steps(&options),
            [Step { days: 2.0, addition: 0.5, fan_point: None }, Step { days: 28.0, addition: 0.0, fan_point: None }]
        );
        options.path_statistics = true;
        assert_eq!(steps(&options).len(), 30);
    }

    #[test]
    fn the_fan_is_bounded_and_ends_at_the_horizon() {
        for horizon_days in [1, 2, 63, 64, 65, 100, 252, 25_200] {
            let options = SimulationOptions { horizon_days, fan: true, ..SimulationOptions::default() };
            let days = fan_days(&options);
            assert_eq!(days.len(), horizon_days.min(FAN_POINTS));
            assert_eq!(days.last(), Some(&horizon_days));
            assert!(days.windows(2).all(|w| w[0] < w[1]));
            assert_eq!(steps(&options).iter().filter_map(|s| s.fan_point).count(), days.len());
        }
    }
}
