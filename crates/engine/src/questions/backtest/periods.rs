//! How many periods of a history a year has, by its dates.

use chrono::{Datelike, NaiveDate, Weekday};

/// Days between two dates, at most, and the periods of a year that are so far apart: trading days, weeks, fortnights, months, two months,
/// quarters and half years.
const USUAL: [(i64, f64); 7] = [(4, 252.0), (10, 52.0), (20, 26.0), (45, 12.0), (75, 6.0), (120, 4.0), (250, 2.0)];
/// Periods in a year by the median distance of two dates; `None` for fewer than three of them.
///
/// Dates that are one day apart are trading days of 252 a year, unless there are Saturdays and Sundays among them: those are calendar days.
pub(super) fn of_dates(dates: &[NaiveDate]) -> Option<f64> {
    let mut gaps: Vec<i64> = dates.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).collect();
    if gaps.len() < 2 {
        return None;
    }
    gaps.sort_unstable();
    let median = gaps[gaps.len() / 2];
    let has = |day: Weekday| dates.iter().any(|date| date.weekday() == day);
    if median == 1 && has(Weekday::Sat) && has(Weekday::Sun) {
        return Some(365.0);
    }
    Some(USUAL.into_iter().find(|(days, _)| median <= *days).map_or(1.0, |(_, periods)| periods))
}

#[cfg(test)]
mod tests {
    use chrono::{Days, Months};

    use super::*;

    #[test]
    fn the_usual_calendars_are_known() {
        let first = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
        let months = |step: u32| (0..24).map(|i| first + Months::new(step * i)).collect::<Vec<_>>();
        let days = |step: u64| (0..40).map(|i| first + Days::new(step * i)).collect::<Vec<_>>();
        let weekend = |date: &NaiveDate| matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let trading: Vec<NaiveDate> = days(1).into_iter().filter(|date| !weekend(date)).collect();
        assert_eq!(of_dates(&trading), Some(252.0));
        assert_eq!(of_dates(&trading[4..9]), Some(252.0), "one week");
        let mut all_but_one = days(1);
        all_but_one.remove(17);
        assert_eq!((of_dates(&days(1)), of_dates(&all_but_one)), (Some(365.0), Some(365.0)));
        assert_eq!((of_dates(&days(7)), of_dates(&days(14))), (Some(52.0), Some(26.0)));
        let told = [1, 2, 3, 6, 12].map(|step| of_dates(&months(step)).unwrap());
        assert_eq!(told, [12.0, 6.0, 4.0, 2.0, 1.0]);
        assert_eq!((of_dates(&months(1)[..2]), of_dates(&[])), (None, None));
    }
}
