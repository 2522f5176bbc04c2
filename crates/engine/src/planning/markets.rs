//! Where assets trade, and when the sale of one settles.

use orders::{SettlementError, SettlementMarket, settlement_date};
use portfolio_core::bands::calendar::{Sessions, Weekdays, Xnys};
use portfolio_core::{Currency, NaiveDate};

/// Sessions to settlement in a market that is not named.
const OTHER_SESSIONS: u8 = 2;

/// The market in which an asset trades: the named one, or what its class and its currency say.
pub(crate) fn market_of(
    named: Option<SettlementMarket>,
    asset_class: Option<&str>,
    currency: Currency,
) -> SettlementMarket {
    named.unwrap_or_else(|| {
        let is_crypto = asset_class.is_some_and(|class| class.eq_ignore_ascii_case("crypto"));
        if is_crypto { SettlementMarket::Crypto } else { home_of(currency) }
    })
}

/// The market of a currency's home, for assets whose market is not named.
fn home_of(currency: Currency) -> SettlementMarket {
    match currency.code() {
        "USD" => SettlementMarket::UnitedStates,
        "CAD" => SettlementMarket::Canada,
        "EUR" => SettlementMarket::EuropeanUnion,
        "GBP" => SettlementMarket::UnitedKingdom,
        "CHF" => SettlementMarket::Switzerland,
        "JPY" => SettlementMarket::Japan,
        _ => SettlementMarket::Other { sessions: OTHER_SESSIONS },
    }
}

/// Sessions of New York by its holidays; elsewhere every weekday.
pub(crate) fn is_session(market: SettlementMarket, date: NaiveDate) -> bool {
    match market {
        SettlementMarket::UnitedStates => Xnys.is_session(date),
        _ => Weekdays::default().is_session(date),
    }
}

/// The day on which a trade of `trade_date` settles.
///
/// # Errors
/// A day for which the settlement cycle of the market is not known.
pub(crate) fn settles_on(trade_date: NaiveDate, market: SettlementMarket) -> Result<NaiveDate, SettlementError> {
    settlement_date(trade_date, market, &|day| is_session(market, day))
}
