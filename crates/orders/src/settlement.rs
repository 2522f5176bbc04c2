//! When a trade settles: sessions after the trade date, by market and date.

use std::fmt;
use std::str::FromStr;

use chrono::Datelike;
use portfolio_core::NaiveDate;

use crate::cycles::{CYCLES, EXCHANGES};

/// Largest number of days without a session that are skipped; more than any holiday period of an exchange.
const MAX_CLOSED_DAYS: u32 = 30;
/// The last year of a calendar.
const LAST_YEAR: i32 = 9999;

/// Why a trade has no settlement date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettlementError {
    /// The text is neither a market nor an exchange of the table.
    #[error("`{code}` is not a market whose settlement cycle is known")]
    UnknownMarket {
        /// The rejected text.
        code: String,
    },
    /// The table of the market begins later.
    #[error("the settlement cycle of {market} on {trade_date} is not known")]
    NoCycle {
        /// The market.
        market: SettlementMarket,
        /// The trade date.
        trade_date: NaiveDate,
    },
    /// The calendar has no session for 30 days in a row, or ends: its last year is 9999.
    #[error("the calendar of {market} has no session in the 30 days from {from}")]
    NoSession {
        /// The market.
        market: SettlementMarket,
        /// The first day without a session.
        from: NaiveDate,
    },
}

/// A market with one settlement cycle for all its exchanges.
///
/// It is read from its code (`US`, `CA`, `EU`, `GB`, `CH`, `JP`, `CRYPTO`) or from the market identifier code of one of its exchanges.
///
/// # Example
/// ```
/// use orders::SettlementMarket;
///
/// assert_eq!("XNYS".parse(), Ok(SettlementMarket::UnitedStates));
/// assert_eq!("CRYPTO".parse(), Ok(SettlementMarket::Crypto));
/// assert!("XXXX".parse::<SettlementMarket>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettlementMarket {
    /// Shares, funds and bonds in the United States.
    UnitedStates,
    /// Shares, funds and bonds in Canada.
    Canada,
    /// Trading venues of the European Union.
    EuropeanUnion,
    /// The United Kingdom.
    UnitedKingdom,
    /// Switzerland and Liechtenstein.
    Switzerland,
    /// Shares in Japan.
    Japan,
    /// Crypto-assets against cash at one venue: settled when traded, every day a session.
    Crypto,
    /// Another market, whose cycle the caller states.
    Other {
        /// Sessions from the trade date to the settlement date.
        sessions: u8,
    },
}

/// The markets that have a code.
const NAMED: [(&str, SettlementMarket); 7] = [
    ("US", SettlementMarket::UnitedStates),
    ("CA", SettlementMarket::Canada),
    ("EU", SettlementMarket::EuropeanUnion),
    ("GB", SettlementMarket::UnitedKingdom),
    ("CH", SettlementMarket::Switzerland),
    ("JP", SettlementMarket::Japan),
    ("CRYPTO", SettlementMarket::Crypto),
];

impl FromStr for SettlementMarket {
    type Err = SettlementError;

    fn from_str(code: &str) -> Result<Self, SettlementError> {
        let known = NAMED.iter().chain(EXCHANGES).find(|(known, _)| *known == code);
        known.map(|&(_, market)| market).ok_or_else(|| SettlementError::UnknownMarket { code: code.to_owned() })
    }
}

impl fmt::Display for SettlementMarket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, NAMED.iter().find(|(_, market)| market == self)) {
            (_, Some((code, _))) => f.pad(code),
            (Self::Other { sessions }, None) => write!(f, "T+{sessions}"),
            (_, None) => f.pad("?"),
        }
    }
}

/// The date on which a trade settles: the market's sessions after its trade date.
///
/// `is_session` says on which days the market settles. A trade date without a session counts as the next session. Crypto-assets
/// settle on the trade date, and `is_session` is not called.
///
/// # Errors
/// [`SettlementError::NoCycle`] for a trade date before the table of the market; [`SettlementError::NoSession`] when the calendar has
/// no session for 30 days in a row.
///
/// # Example
/// ```
/// use chrono::{Datelike, Weekday};
/// use orders::{SettlementMarket, settlement_date};
/// use portfolio_core::NaiveDate;
///
/// let weekdays = |day: NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
/// let friday = NaiveDate::from_ymd_opt(2027, 10, 8).unwrap();
/// let on = |market| settlement_date(friday, market, &weekdays).map(|date| date.to_string());
/// assert_eq!(on(SettlementMarket::UnitedStates).as_deref(), Ok("2027-10-11"));
/// assert_eq!(on(SettlementMarket::EuropeanUnion).as_deref(), Ok("2027-10-12"));
/// ```
pub fn settlement_date(
    trade_date: NaiveDate,
    market: SettlementMarket,
    is_session: &dyn Fn(NaiveDate) -> bool,
) -> Result<NaiveDate, SettlementError> {
    let sessions = match market {
        SettlementMarket::Crypto => return Ok(trade_date),
        SettlementMarket::Other { sessions } => sessions,
        _ => {
            let cycle = CYCLES.iter().rev().find(|cycle| cycle.market == market && cycle.from <= trade_date);
            cycle.ok_or(SettlementError::NoCycle { market, trade_date })?.sessions
        }
    };
    let mut date = next_session(trade_date, market, is_session)?;
    for _ in 0..sessions {
        let following = date.succ_opt().ok_or(SettlementError::NoSession { market, from: date })?;
        date = next_session(following, market, is_session)?;
    }
    Ok(date)
}

/// The first session from `from` on.
fn next_session(
    from: NaiveDate,
    market: SettlementMarket,
    is_session: &dyn Fn(NaiveDate) -> bool,
) -> Result<NaiveDate, SettlementError> {
    let days = from.iter_days().take(MAX_CLOSED_DAYS as usize);
    // A later year has no place in a date of ten characters (ISO 8601).
    let session = days.into_iter().find(|&day| is_session(day)).filter(|day| day.year() <= LAST_YEAR);
    session.ok_or(SettlementError::NoSession { market, from })
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn weekday(day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
    }

    #[test]
    fn the_cycle_is_that_of_the_trade_date() {
        for (market, traded, settled) in [
            ("US", "2024-05-24", "2024-05-28"), // Friday, T+2: Memorial Day counts here as a weekday
            ("US", "2024-05-28", "2024-05-29"),
            ("CA", "2024-05-27", "2024-05-28"),
            ("XETR", "2027-10-08", "2027-10-12"),
            ("XETR", "2027-10-11", "2027-10-12"),
            ("XLON", "2027-10-07", "2027-10-11"),
            ("XSWX", "2027-10-15", "2027-10-18"),
            ("JP", "2026-11-27", "2026-12-01"),
            ("CRYPTO", "2026-11-28", "2026-11-28"),
        ] {
            let date = settlement_date(day(traded), market.parse().unwrap(), &weekday).unwrap();
            assert_eq!(date, day(settled), "{market} {traded}");
        }
    }

    #[test]
    fn holidays_are_passed_over_and_a_closed_trade_date_counts_as_the_next_session() {
        let thanksgiving = |date: NaiveDate| weekday(date) && date != day("2026-11-26");
        let us = SettlementMarket::UnitedStates;
        assert_eq!(settlement_date(day("2026-11-25"), us, &thanksgiving), Ok(day("2026-11-27")));
        assert_eq!(settlement_date(day("2026-11-28"), us, &thanksgiving), Ok(day("2026-12-01")));
        let other = SettlementMarket::Other { sessions: 3 };
        assert_eq!(settlement_date(day("2026-11-25"), other, &thanksgiving), Ok(day("2026-12-01")));
    }

    #[test]
    fn what_has_no_date_is_an_error() {
        let us = SettlementMarket::UnitedStates;
        let early = day("2017-09-04");
        assert_eq!(
            settlement_date(early, us, &weekday),
            Err(SettlementError::NoCycle { market: us, trade_date: early })
        );
        let shut = settlement_date(day("2026-11-28"), us, &|_| false);
        assert_eq!(shut, Err(SettlementError::NoSession { market: us, from: day("2026-11-28") }));
        assert!(settlement_date(NaiveDate::MAX, us, &|_| true).is_err());
        assert!(settlement_date(day("9999-12-31"), us, &weekday).is_err());
        assert_eq!(settlement_date(day("9999-12-30"), us, &weekday), Ok(day("9999-12-31")));
        assert_eq!("us".parse::<SettlementMarket>(), Err(SettlementError::UnknownMarket { code: "us".to_owned() }));
        for (code, market) in NAMED {
            assert_eq!(market.to_string(), code);
        }
    }
}
