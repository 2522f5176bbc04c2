//! A heading, and the meaning of its words in the languages of brokers.

use portfolio_core::Currency;

use crate::column::ColumnRole;
use crate::heading_words::WORDS;

/// The meaning of a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeadingSense {
    pub(crate) role: ColumnRole,
    pub(crate) currency: Option<String>,
    pub(crate) percent: bool,
    pub(crate) pence: bool,
    /// The heading says that the column holds weights; `Current` alone does not.
    pub(crate) says_weight: bool,
}

/// Words of a heading in comparable form: lower case, without accents and punctuation.
pub fn normalise(heading: &str) -> String {
    let mut words = String::with_capacity(heading.len());
    for c in heading.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => words.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => words.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => words.push('u'),
            'é' | 'è' | 'ê' | 'ë' => words.push('e'),
            'í' | 'ì' | 'î' | 'ï' => words.push('i'),
            'ç' => words.push('c'),
            'ñ' => words.push('n'),
            'ß' => words.push_str("ss"),
            '%' => words.push_str(" % "),
            c if c.is_alphanumeric() => words.push(c),
            '\u{307}' => {}
            _ => words.push(' '),
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

const BARE: [&str; 11] =
    ["current", "target", "actual", "aktuell", "ziel", "soll", "ist", "model", "portfolio", "allocation", "goal"];

/// The meaning of the words of a heading, if known.
pub(crate) fn sense(heading: &str) -> Option<HeadingSense> {
    let mut found = in_parts(heading).or_else(|| look_up(&normalise(heading)))?;
    let sign = [('€', "EUR"), ('£', "GBP"), ('円', "JPY")].into_iter().find(|(sign, _)| heading.contains(*sign));
    found.currency = found.currency.or(sign.map(|(_, code)| code.to_owned()));
    Some(found)
}

/// The meaning of a heading with a note in parentheses: `Value (EUR)`, `Price (p)`, or a long form, `Qty (Quantity)`.
fn in_parts(heading: &str) -> Option<HeadingSense> {
    let (outside, inside) = split_parentheses(heading)?;
    let note = normalise(&inside);
    let percent = matches!(note.as_str(), "%" | "percent" | "pct" | "prozent");
    look_up(&normalise(&outside))
        .map(|mut found| {
            found.percent |= percent;
            found.pence |= is_pence(inside.trim());
            found.currency = found.currency.or_else(|| code_of(inside.trim()));
            found
        })
        .filter(|found| !percent || is_weight(found.role))
        .or_else(|| look_up(&note))
}

fn split_parentheses(heading: &str) -> Option<(String, String)> {
    let open = heading.find(['(', '['])?;
    let close = heading.rfind([')', ']']).filter(|close| *close > open)?;
    let outside = format!("{} {}", &heading[..open], heading.get(close + 1..).unwrap_or_default());
    Some((outside, heading[open + 1..close].to_owned()))
}

fn look_up(words: &str) -> Option<HeadingSense> {
    if let Some(found) = exact(words) {
        return Some(found);
    }
    let mut rest: Vec<&str> = words.split(' ').collect();
    let (mut percent, mut pence, mut currency) = (false, false, None);
    while let Some(last) = rest.last().copied() {
        if matches!(last, "%" | "percent" | "pct" | "prozent") {
            percent = true;
        } else if is_pence(last) {
            pence = true;
        } else if let Some(code) = code_of(&last.to_uppercase()) {
            currency = Some(code);
        } else if !matches!(last, "in" | "per") {
            break;
        }
        rest.pop();
    }
    if rest.first() == Some(&"%") {
        percent = true;
        rest.remove(0);
    }
    let mut found = exact(&rest.join(" "))?;
    if percent && !is_weight(found.role) {
        return None;
    }
    found.percent |= percent;
    found.pence |= pence;
    found.currency = found.currency.or(currency);
    Some(found)
}

fn exact(words: &str) -> Option<HeadingSense> {
    let role = WORDS.iter().find(|(_, known)| known.contains(&words))?.0;
    let says_weight = is_weight(role) && !BARE.contains(&words);
    let percent = words.contains('%') || words.contains("percent");
    Some(HeadingSense { role, currency: None, percent, pence: false, says_weight })
}

fn is_weight(role: ColumnRole) -> bool {
    matches!(role, ColumnRole::TargetWeight | ColumnRole::CurrentWeight)
}

fn is_pence(word: &str) -> bool {
    matches!(word, "p" | "pence" | "gbx" | "GBX" | "GBp")
}

fn code_of(word: &str) -> Option<String> {
    word.parse::<Currency>().ok().map(|c| c.code().to_owned()).filter(|_| word.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(heading: &str) -> Option<ColumnRole> {
        sense(heading).map(|s| s.role)
    }

    #[test]
    fn headings_of_brokers_are_known() {
        assert_eq!(role("Qty (Quantity)"), Some(ColumnRole::Quantity));
        assert_eq!(role("Mkt Val (Market Value)"), Some(ColumnRole::Value));
        assert_eq!(role("% of Acct (% of Account)"), Some(ColumnRole::CurrentWeight));
        assert_eq!(role("Stück/Nominale"), Some(ColumnRole::Quantity));
        assert_eq!(role("Kurswert in EUR"), Some(ColumnRole::Value));
        assert_eq!(sense("Value (EUR)").and_then(|s| s.currency).as_deref(), Some("EUR"));
        assert!(sense("Price (p)").is_some_and(|s| s.pence));
        assert!(sense("Target %").is_some_and(|s| s.percent));
    }

    #[test]
    fn headings_that_only_resemble_others_are_not_taken_for_them() {
        for heading in [
            "Price target",
            "YTD return",
            "Cost basis",
            "Cost/Share",
            "Trading cost",
            "Price Change %",
            "Total Return $",
            "Benchmark weight",
            "Price Chng $ (Price Change $)",
            "Gain % (Gain/Loss %)",
            "Price %",
        ] {
            assert_eq!(role(heading), None, "{heading}");
        }
    }
}
