//! The histories of a run in the requests of its portfolios: the returns replace the name of a history.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;
use store::{SharedDocument, SharedPassages, SharedText};

use crate::decode::pairs;

/// A member that names a history, and the member that holds the returns it stands for.
struct Reference {
    name: &'static str,
    returns: &'static str,
}

const OF_ASSET: Reference = Reference { name: "history", returns: "historical_returns" };
const OF_BENCHMARK: Reference = Reference { name: "benchmark_history", returns: "benchmark_returns" };

/// Histories of a run as they were sent, by trimmed name.
#[derive(Debug, Default)]
pub(super) struct HistoryTexts(HashMap<String, SharedText>);

impl HistoryTexts {
    /// The text of a name.
    pub(super) fn get(&self, name: &str) -> Option<&SharedText> {
        self.0.get(name)
    }
}

impl FromIterator<(String, SharedText)> for HistoryTexts {
    fn from_iter<I: IntoIterator<Item = (String, SharedText)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

/// Members of an object as they were sent, in order.
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// The history that a member names.
    fn named(&self, reference: &Reference) -> serde_json::Result<Option<String>> {
        let name = self.get(reference.name).map(|name| serde_json::from_str::<Option<String>>(name.get()));
        Ok(name.transpose()?.flatten())
    }

    /// The members as texts that several documents may have, under their trimmed names: those that `used` has.
    pub(super) fn texts(&self, used: &BTreeSet<String>) -> Vec<(String, SharedText)> {
        let texts = self.0.iter().map(|(name, value)| (name.trim(), value));
        let texts = texts.filter(|(name, _)| used.contains(*name));
        texts.map(|(name, value)| (name.to_owned(), SharedText::new(value.get()))).collect()
    }
}

/// The request of a portfolio as it is kept with its plan, so that it can be sent alone, and where in it the histories are. A
/// request that names no history stays as it was sent.
///
/// # Errors
/// When the request is not that of a portfolio, or names a history the run does not have: neither was accepted.
pub(super) fn with_histories(request: &[u8], texts: &HistoryTexts) -> serde_json::Result<(Vec<u8>, SharedPassages)> {
    let as_sent = || (request.to_vec(), SharedPassages::default());
    if texts.0.is_empty() {
        return Ok(as_sent());
    }
    let portfolio: Members<'_> = serde_json::from_slice(request)?;
    let assets = portfolio.get("assets").map(|assets| serde_json::from_str::<Vec<Members<'_>>>(assets.get()));
    let assets = assets.transpose()?.unwrap_or_default();
    let benchmark = portfolio.named(&OF_BENCHMARK)?;
    let named = assets.iter().map(|asset| asset.named(&OF_ASSET)).collect::<Result<Vec<_>, _>>()?;
    if benchmark.is_none() && named.iter().all(Option::is_none) {
        return Ok(as_sent());
    }
    let mut document = SharedDocument::default();
    write_members(&mut document, &portfolio, &OF_BENCHMARK, benchmark.as_deref(), texts, |document, member| {
        if member != "assets" {
            return Ok(false);
        }
        document.push("[");
        for (i, (asset, history)) in assets.iter().zip(&named).enumerate() {
            document.push(if i == 0 { "" } else { "," });
            write_members(document, asset, &OF_ASSET, history.as_deref(), texts, |_, _| Ok(false))?;
        }
        document.push("]");
        Ok(true)
    })?;
    Ok(document.into_parts())
}

/// Writes an object with the returns of a history in the place of its name; `inner` writes the values it knows.
fn write_members(
    document: &mut SharedDocument,
    members: &Members<'_>,
    reference: &Reference,
    history: Option<&str>,
    texts: &HistoryTexts,
    inner: impl Fn(&mut SharedDocument, &str) -> serde_json::Result<bool>,
) -> serde_json::Result<()> {
    let unknown = || <serde_json::Error as serde::de::Error>::custom("a history that the run does not have");
    let mut separator = "{";
    for (member, value) in &members.0 {
        // Beside a name it can only be null.
        if history.is_some() && member == reference.returns {
            continue;
        }
        document.push(separator);
        separator = ",";
        match history.filter(|_| member == reference.name) {
            Some(name) => {
                document.push(&format!("\"{}\":", reference.returns));
                document.push_shared(texts.0.get(name.trim()).ok_or_else(unknown)?);
            }
            None => {
                document.push(&serde_json::to_string(member)?);
                document.push(":");
                if !inner(document, member)? {
                    document.push(value.get());
                }
            }
        }
    }
    document.push("}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> HistoryTexts {
        [("SPY", "[0.01, -0.02]"), ("é\"", "[1e-3]")]
            .map(|(name, text)| (name.to_owned(), SharedText::new(text)))
            .into_iter()
            .collect()
    }

    fn written(request: &str) -> String {
        let (bytes, _) = with_histories(request.as_bytes(), &texts()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn returns_stand_where_a_history_was_named() {
        assert_eq!(
            written(
                r#"{"portfolio_value": 1.50, "benchmark_history": "SPY", "benchmark_returns": null,
                    "assets": [{"a\u0073set": "A", "hist\u006fry": " SPY "}, {"historical_returns": null, "history": "é\"", "b": [ 1 ]},
                        {"asset": "C", "history": null}]}"#
            ),
            concat!(
                r#"{"portfolio_value":1.50,"benchmark_returns":[0.01, -0.02],"#,
                r#""assets":[{"asset":"A","historical_returns":[0.01, -0.02]},{"historical_returns":[1e-3],"b":[ 1 ]},"#,
                r#"{"asset":"C","history":null}]}"#
            )
        );
    }

    #[test]
    fn a_request_without_names_stays_as_it_was_sent() {
        for request in
            [r#"{ "assets": [ {"history": null} ] }"#, "{ }", r#"{"assets": [], "benchmark_history": null }"#]
        {
            assert_eq!(written(request), request);
        }
        let (bytes, passages) = with_histories(b"not JSON", &HistoryTexts::default()).unwrap();
        assert_eq!((bytes.as_slice(), passages.len()), (&b"not JSON"[..], 0));
        assert!(with_histories(br#"{"assets": [{"history": "QQQ"}]}"#, &texts()).is_err());
    }
}
