//! The known dialects, as data.

use super::{Dialect, Section};
use crate::column::ColumnRole::{
    self, Account, Asset, AssetClass, Currency, CurrentWeight, Identifier, Name, Price, Quantity, Unused, Value,
};

/// A dialect described by a few facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownDialect {
    /// A short name, unique among dialects.
    pub id: &'static str,
    /// A combination of normalised headings that only this dialect has.
    pub signature: &'static [&'static str],
    /// Roles of columns that the common words do not give, or give differently.
    pub columns: &'static [(&'static str, ColumnRole)],
    /// ISO code of amounts that state no currency.
    pub currency: Option<&'static str>,
    /// The words before and after the account in a title.
    pub account: Option<(&'static str, &'static str)>,
    /// The part of the file that holds positions.
    pub section: Option<Section>,
}

impl Dialect for KnownDialect {
    fn id(&self) -> &str {
        self.id
    }

    fn recognises(&self, headings: &[String]) -> bool {
        self.signature.iter().all(|wanted| headings.iter().any(|h| h == wanted))
    }

    fn role(&self, heading: &str) -> Option<ColumnRole> {
        self.columns.iter().find(|(known, _)| *known == heading).map(|(_, role)| *role)
    }

    fn currency(&self) -> Option<&str> {
        self.currency
    }

    fn account_in(&self, title: &str) -> Option<String> {
        let (before, after) = self.account?;
        let rest = &title[title.find(before)? + before.len()..];
        let name = rest.split(after).next().unwrap_or(rest).trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn section(&self) -> Option<Section> {
        self.section
    }
}

const fn dialect(
    id: &'static str,
    currency: Option<&'static str>,
    signature: &'static [&'static str],
    columns: &'static [(&'static str, ColumnRole)],
) -> KnownDialect {
    KnownDialect { id, signature, columns, currency, account: None, section: None }
}

const USD: Option<&str> = Some("USD");
const EUR: Option<&str> = Some("EUR");
const GBP: Option<&str> = Some("GBP");

const KNOWN: &[KnownDialect] = &[
    KnownDialect {
        account: Some(("Positions for account ", " as of ")),
        ..dialect("schwab", USD, &["symbol", "mkt val market value", "security type"], &[])
    },
    dialect(
        "fidelity",
        USD,
        &["account number", "last price change", "percent of account"],
        &[("account number", Account), ("account name", Unused), ("type", Unused)],
    ),
    dialect("vanguard", USD, &["account number", "investment name", "shares", "share price", "total value"], &[]),
    KnownDialect {
        section: Some(Section {
            name: "Open Positions",
            header: "Header",
            row: "Data",
            only: Some(("DataDiscriminator", "Summary")),
        }),
        ..dialect(
            "interactive-brokers",
            None,
            &["datadiscriminator", "asset category", "close price"],
            &[("close price", Price), ("cost price", Unused)],
        )
    },
    dialect(
        "interactive-brokers-flex",
        None,
        &["clientaccountid", "positionvalue", "markprice"],
        &[
            ("clientaccountid", Account),
            ("positionvalue", Value),
            ("markprice", Price),
            ("assetclass", AssetClass),
            ("percentofnav", CurrentWeight),
            ("currencyprimary", Currency),
        ],
    ),
    dialect(
        "etrade",
        USD,
        &["symbol", "last price", "qty", "price paid", "value"],
        &[("last price", Price), ("price paid", Unused)],
    ),
    dialect("merrill", USD, &["symbol", "day s value change", "quantity", "value"], &[]),
    dialect(
        "robinhood",
        USD,
        &["name", "symbol", "shares", "average cost", "equity"],
        &[("equity", Value), ("name", Name)],
    ),
    dialect(
        "trading-212",
        None,
        &["slice", "invested value", "owned quantity"],
        &[("slice", Asset), ("owned quantity", Quantity), ("invested value", Unused)],
    ),
    dialect(
        "degiro",
        EUR,
        &["product", "symbol isin", "amount", "closing", "value in eur"],
        &[
            ("product", Name),
            ("symbol isin", Asset),
            ("amount", Quantity),
            ("closing", Price),
            ("local value", Unused),
            ("value in eur", Value),
        ],
    ),
    dialect(
        "swissquote",
        Some("CHF"),
        &["symbol", "anzahl", "gesamtwert", "positions %"],
        &[("positions %", CurrentWeight), ("gesamtwert", Value)],
    ),
    dialect(
        "comdirect",
        EUR,
        &["stuck nominale", "wkn", "wert in eur"],
        &[("bezeichnung", Name), ("wert in eur", Value), ("aktueller kurs", Price)],
    ),
    dialect("consorsbank", EUR, &["wkn", "bezeichnung", "menge", "gesamtwert eur"], &[("gesamtwert eur", Value)]),
    dialect("ing", EUR, &["isin", "wertpapiername", "kurswert", "stuck nominale"], &[("kurswert", Value)]),
    dialect(
        "scalable-capital",
        EUR,
        &["isin", "description", "shares", "market price", "market value eur"],
        &[("market value eur", Value)],
    ),
    dialect(
        "trade-republic",
        EUR,
        &["isin", "instrument name", "net size", "current price"],
        &[("net size", Quantity), ("instrument name", Name)],
    ),
    dialect(
        "hargreaves-lansdown",
        GBP,
        &["code", "stock", "units held", "price pence", "value"],
        &[("stock", Name), ("code", Asset)],
    ),
    dialect("aj-bell", GBP, &["investment", "quantity", "price", "value", "cost", "gain loss"], &[]),
    dialect("interactive-investor", GBP, &["symbol", "qty", "price", "market value", "book cost"], &[]),
    dialect(
        "saxo",
        None,
        &["instrument", "quantity", "current price", "market value", "instrument currency"],
        &[("instrument currency", Currency)],
    ),
    dialect(
        "questrade",
        Some("CAD"),
        &["equity symbol", "quantity", "current price", "market value"],
        &[("equity symbol", Asset)],
    ),
    dialect(
        "wealthsimple",
        Some("CAD"),
        &["account name", "symbol", "quantity", "market price", "book value cad"],
        &[("account name", Account)],
    ),
    dialect(
        "commsec",
        Some("AUD"),
        &["code", "avail units", "last", "mkt value"],
        &[("avail units", Quantity), ("last", Price), ("mkt value", Value)],
    ),
    dialect("portfolio-performance", None, &["shares", "name", "symbol", "quote", "market value"], &[("quote", Price)]),
    dialect(
        "ghostfolio",
        None,
        &["symbol", "quantity", "market price", "allocation in percentage"],
        &[("allocation in percentage", CurrentWeight)],
    ),
    dialect("sharesight", None, &["market", "code", "qty", "price", "value", "capital gain"], &[("market", Unused)]),
    dialect(
        "yahoo-finance",
        None,
        &["symbol", "current price", "quantity", "purchase price"],
        &[("date", Unused), ("time", Unused), ("quantity", Quantity)],
    ),
    dialect(
        "morningstar",
        USD,
        &["holding name", "ticker", "shares held", "market value", "weight %"],
        &[("holding name", Name)],
    ),
    dialect(
        "avanza",
        Some("SEK"),
        &["kontonummer", "namn", "volym", "marknadsvarde", "isin"],
        &[("kontonummer", Account), ("volym", Quantity), ("kortnamn", Asset), ("isin", Identifier)],
    ),
    dialect(
        "boursorama",
        EUR,
        &["name", "isin", "quantity", "buyingprice", "lastprice", "amount"],
        &[("lastprice", Price), ("buyingprice", Unused), ("amount", Value)],
    ),
    dialect("fineco", EUR, &["titolo", "simbolo", "mercato", "p zo di mercato"], &[("p zo di mercato", Price)]),
    dialect("zerodha", Some("INR"), &["instrument", "qty", "ltp", "cur val"], &[]),
];

/// The known dialects.
#[must_use]
pub fn standard_dialects() -> &'static [KnownDialect] {
    KNOWN
}
