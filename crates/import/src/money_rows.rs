//! Rows of cash and of the money-market funds in which brokers hold cash.

use crate::heading::normalise;

/// What the text of a row says about it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowWords<'a> {
    pub(crate) asset: &'a str,
    pub(crate) name: &'a str,
    pub(crate) class: &'a str,
    pub(crate) quantity: Option<f64>,
    pub(crate) price: Option<f64>,
}

const NAMES: [&str; 50] = [
    "cash cash fund ftx cash",
    "cash",
    "cash cash investments",
    "cash and cash investments",
    "cash and cash equivalents",
    "cash cash equivalents",
    "cash balance",
    "cash account",
    "settled cash",
    "total cash",
    "cash position",
    "available cash",
    "free cash",
    "free funds",
    "cash and money market",
    "cash money market",
    "money market",
    "settlement fund",
    "core position",
    "cash core",
    "held in money market",
    "uninvested cash",
    "cash sweep",
    "bank sweep",
    "sweep",
    "bargeld",
    "guthaben",
    "kontostand",
    "verrechnungskonto",
    "liquiditat",
    "barbestand",
    "geldkonto",
    "cash konto",
    "liquidites",
    "especes",
    "solde especes",
    "compte especes",
    "contanti",
    "liquidita",
    "efectivo",
    "liquidez",
    "kas",
    "kontanter",
    "likvida medel",
    "cash fund",
    "現金",
    "預り金",
    "現金残高",
    "cashkonto",
    "tagesgeld",
];
const SYMBOLS: [&str; 22] = [
    "SPAXX",
    "SPAXX**",
    "FDRXX",
    "FDRXX**",
    "FCASH",
    "FCASH**",
    "FZFXX",
    "FZFXX**",
    "CORE",
    "CORE**",
    "QACDS",
    "VMFXX",
    "SWVXX",
    "SNVXX",
    "SNSXX",
    "TTTXX",
    "MMDA1",
    "MMDA12",
    "$CASH",
    "$$CASH",
    "CASH&EQUIVALENTS",
    "CASHBAL",
];
const CLASSES: [&str; 8] = [
    "cash",
    "cash and money market",
    "money market",
    "cash equivalents",
    "cash and equivalents",
    "liquiditat",
    "cash sweep",
    "bargeld",
];

/// True for a name for cash.
pub(crate) fn names_cash(text: &str) -> bool {
    let words = normalise(text);
    NAMES.contains(&words.as_str()) || currency_in(&words).is_some()
}

/// True for cash. A unit with a price other than one is an asset: `CASH` is also the symbol of a share.
pub(crate) fn is_cash(row: &RowWords<'_>) -> bool {
    let priced = row.price.is_some_and(|p| (p - 1.0).abs() > 0.005) && row.quantity.is_some();
    let symbol = row.asset.trim().to_uppercase();
    let class = CLASSES.contains(&normalise(row.class).as_str());
    !priced && (SYMBOLS.contains(&symbol.as_str()) || names_cash(row.asset) || names_cash(row.name) || class)
}

/// The currency in a name such as `Cash (EUR)`, `USD cash` or `EUR`.
pub(crate) fn currency_in(words: &str) -> Option<String> {
    let words = normalise(words);
    let rest: Vec<&str> = words.split(' ').filter(|w| !matches!(*w, "cur" | "in")).collect();
    let code = |word: &str| word.to_uppercase().parse::<portfolio_core::Currency>().ok().map(|c| c.code().to_owned());
    match rest.as_slice() {
        [one] => code(one).filter(|c| MAJOR.contains(&c.as_str())),
        [first, others @ ..] if NAMES.contains(&others.join(" ").as_str()) => code(first),
        _ => None,
    }
    .or_else(|| {
        let (last, others) = rest.split_last()?;
        code(last).filter(|_| NAMES.contains(&others.join(" ").as_str()))
    })
}

/// Currencies whose bare code is cash. Other codes are also symbols of shares.
const MAJOR: [&str; 12] = ["USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "HKD"];

#[cfg(test)]
mod tests {
    use super::*;

    fn row(asset: &str) -> RowWords<'_> {
        RowWords { asset, ..RowWords::default() }
    }

    #[test]
    fn cash_is_known_by_name_symbol_class_and_currency() {
        for name in ["Cash & Cash Investments", "SPAXX**", "Liquidität", "EUR", "Cash (EUR)", "USD Cash", "CASH"] {
            assert!(is_cash(&row(name)), "{name}");
        }
        assert!(is_cash(&RowWords { class: "Cash and Money Market", ..row("Anything") }));
        assert_eq!(currency_in("Cash (EUR)").as_deref(), Some("EUR"));
        assert!(!is_cash(&row("VTI")));
    }

    #[test]
    fn the_share_with_the_symbol_cash_is_no_cash() {
        assert!(!is_cash(&RowWords { quantity: Some(10.0), price: Some(61.2), ..row("CASH") }));
    }
}
