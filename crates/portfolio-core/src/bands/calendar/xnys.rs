//! The sessions of the New York Stock Exchange since 2000.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Sessions;

/// The New York Stock Exchange (XNYS): weekdays except its holidays and its one-off closures.
///
/// Holidays: New Year's Day, Martin Luther King Jr. Day, Presidents' Day, Good Friday, Memorial Day, Juneteenth (since
/// 2022), Independence Day, Labor Day, Thanksgiving and Christmas. A holiday on a Sunday is observed on Monday, one on a
/// Saturday on Friday; New Year's Day on a Saturday is not observed, because that Friday ends the year. A day that
/// closes early is a session.
///
/// Future one-off closures are unknown, and dates before 2000 follow today's rules.
///
/// # Reference
/// NYSE Rule 7.2, "Holidays"; NYSE, "Holidays and Trading Hours". The test `calendar` compares every day from 2000 to
/// 2026 with the calendar `XNYS` of `exchange-calendars` (`testdata/policy/xnys.json`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Xnys;

/// One-off closures on weekdays: year, month, day.
const ONE_OFF_CLOSURES: [(i32, u32, u32); 10] = [
    // After the attacks of September 11.
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    // Mourning for Presidents Reagan and Ford.
    (2004, 6, 11),
    (2007, 1, 2),
    // Hurricane Sandy.
    (2012, 10, 29),
    (2012, 10, 30),
    // Mourning for Presidents George H. W. Bush and Carter.
    (2018, 12, 5),
    (2025, 1, 9),
];

/// The first year in which Juneteenth is a holiday of the exchange.
const JUNETEENTH_SINCE: i32 = 2022;

impl Sessions for Xnys {
    fn is_session(&self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        !weekend && !is_holiday(date) && !ONE_OFF_CLOSURES.contains(&(date.year(), date.month(), date.day()))
    }
}

/// Whether a weekday is a holiday of the exchange.
fn is_holiday(date: NaiveDate) -> bool {
    let year = date.year();
    let nth = |month, weekday, n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n);
    let observed = |month, day| NaiveDate::from_ymd_opt(year, month, day).and_then(observed_on);
    let last_monday = |month| nth(month, Weekday::Mon, 5).or_else(|| nth(month, Weekday::Mon, 4));
    let day = Some(date);
    match date.month() {
        // Saturday's New Year would be observed in December, which this month never is.
        1 => day == observed(1, 1) || day == nth(1, Weekday::Mon, 3),
        2 => day == nth(2, Weekday::Mon, 3),
        3 | 4 => day == good_friday(year),
        5 => day == last_monday(5),
        6 => year >= JUNETEENTH_SINCE && day == observed(6, 19),
        7 => day == observed(7, 4),
        9 => day == nth(9, Weekday::Mon, 1),
        11 => day == nth(11, Weekday::Thu, 4),
        12 => day == observed(12, 25),
        _ => false,
    }
}

/// The weekday on which a holiday is observed.
fn observed_on(holiday: NaiveDate) -> Option<NaiveDate> {
    match holiday.weekday() {
        Weekday::Sat => holiday.pred_opt(),
        Weekday::Sun => holiday.succ_opt(),
        _ => Some(holiday),
    }
}

/// The Friday before Easter Sunday of the Gregorian calendar.
///
/// Easter by the "anonymous Gregorian" algorithm: Meeus (1991), "Astronomical Algorithms", chapter 8.
fn good_friday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    let of_century = year.rem_euclid(100);
    let correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - century.div_euclid(4) - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4) - epact - of_century.rem_euclid(4))
        .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let days = epact + weekday - 7 * late + 114;
    let month = u32::try_from(days.div_euclid(31)).ok()?;
    let day = u32::try_from(days.rem_euclid(31)).ok()? + 1;
    NaiveDate::from_ymd_opt(year, month, day)?.checked_sub_days(Days::new(2))
}
