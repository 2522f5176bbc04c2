//! The table of settlement cycles: market, first trade date, sessions between trade and settlement.

use portfolio_core::NaiveDate;

use crate::SettlementMarket;

/// A settlement cycle of a market, from a trade date until the market's next row.
pub(crate) struct Cycle {
    pub(crate) market: SettlementMarket,
    /// The first trade date with this cycle.
    pub(crate) from: NaiveDate,
    /// Sessions from the trade date to the settlement date.
    pub(crate) sessions: u8,
}

/// A row of the table.
const fn row(market: SettlementMarket, (year, month, day): (i32, u32, u32), sessions: u8) -> Cycle {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(from) => Cycle { market, from, sessions },
        None => panic!("the table of settlement cycles has a date that does not exist"),
    }
}

/// The cycles, by market and date.
pub(crate) const CYCLES: &[Cycle] = &[
    // 82 FR 15564: https://www.federalregister.gov/documents/2017/03/29/2017-06037/securities-transaction-settlement-cycle
    row(SettlementMarket::UnitedStates, (2017, 9, 5), 2),
    // Rule 15c6-1 of the SEC, release 34-96930: https://www.sec.gov/files/rules/final/2023/34-96930.pdf
    row(SettlementMarket::UnitedStates, (2024, 5, 28), 1),
    // National Instrument 24-101: https://www.osc.ca/en/securities-law/instruments-rules-policies/2/24-101
    row(SettlementMarket::Canada, (2017, 9, 5), 2),
    // https://www.osc.ca/en/news-events/news/csa-announces-adoption-amendments-national-instrument-24-101-institutional-trade-matching-and
    row(SettlementMarket::Canada, (2024, 5, 27), 1),
    // Regulation (EU) No 909/2014, article 5(2), which most markets followed from 6 October 2014:
    // https://eur-lex.europa.eu/eli/reg/2014/909/oj
    row(SettlementMarket::EuropeanUnion, (2014, 10, 6), 2),
    // https://www.euroclear.com/campaigns/en/t1.html
    row(SettlementMarket::EuropeanUnion, (2027, 10, 11), 1),
    // The same regulation and date.
    row(SettlementMarket::UnitedKingdom, (2014, 10, 6), 2),
    // https://www.gbm.hsbc.com/en-gb/financial-regulations/tplus1-settlement-cycle/uk-eu-switzerland
    row(SettlementMarket::UnitedKingdom, (2027, 10, 11), 1),
    // https://www.caplaw.ch/2014/accelerated-t2-settlement-in-switzerland-starting-october-2014/
    row(SettlementMarket::Switzerland, (2014, 10, 6), 2),
    // The recommendation of the Swiss Securities Post-Trade Council, on the page of HSBC above.
    row(SettlementMarket::Switzerland, (2027, 10, 11), 1),
    // https://www.jpx.co.jp/english/clearing-settlement/tplus2-settlement-cycle/index.html
    row(SettlementMarket::Japan, (2019, 7, 16), 2),
];

/// The market of an exchange, by its market identifier code (ISO 10383): https://www.iso20022.org/market-identifier-codes
pub(crate) const EXCHANGES: &[(&str, SettlementMarket)] = &[
    ("ARCX", SettlementMarket::UnitedStates),
    ("BATS", SettlementMarket::UnitedStates),
    ("IEXG", SettlementMarket::UnitedStates),
    ("XASE", SettlementMarket::UnitedStates),
    ("XNAS", SettlementMarket::UnitedStates),
    ("XNYS", SettlementMarket::UnitedStates),
    ("XTSE", SettlementMarket::Canada),
    ("XTSX", SettlementMarket::Canada),
    ("MTAA", SettlementMarket::EuropeanUnion),
    ("XAMS", SettlementMarket::EuropeanUnion),
    ("XBRU", SettlementMarket::EuropeanUnion),
    ("XCSE", SettlementMarket::EuropeanUnion),
    ("XETR", SettlementMarket::EuropeanUnion),
    ("XHEL", SettlementMarket::EuropeanUnion),
    ("XLIS", SettlementMarket::EuropeanUnion),
    ("XMAD", SettlementMarket::EuropeanUnion),
    ("XMIL", SettlementMarket::EuropeanUnion),
    ("XPAR", SettlementMarket::EuropeanUnion),
    ("XSTO", SettlementMarket::EuropeanUnion),
    ("XWAR", SettlementMarket::EuropeanUnion),
    ("XWBO", SettlementMarket::EuropeanUnion),
    ("XLON", SettlementMarket::UnitedKingdom),
    ("XSWX", SettlementMarket::Switzerland),
    ("XTKS", SettlementMarket::Japan),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_market_are_in_the_order_of_their_dates() {
        for pair in CYCLES.windows(2).filter(|pair| pair[0].market == pair[1].market) {
            assert!(pair[0].from < pair[1].from, "{}", pair[1].market);
        }
        assert!(EXCHANGES.iter().all(|(code, _)| code.len() == 4));
    }
}
