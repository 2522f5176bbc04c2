//! Drift over outcomes: of what models read, and of what they lose.

use models::drift::StabilityBins;

/// The mean that an index of stability may have under no change: as many bins are taken as keep it there.
const INDEX_BY_CHANCE: f64 = 0.05;
/// The most bins of an index of stability.
const MOST_BINS: f64 = 10.0;

/// Why there is no index of stability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoIndex {
    /// Fewer returns than two bins need.
    TooFew,
    /// They do not vary.
    NoVariation,
}

/// The spans in their order of which no two share a day: others would count the same returns twice. `days`: date of the plan and of the last
/// return, ISO 8601.
pub(crate) fn apart<T>(spans: &[T], days: impl Fn(&T) -> (&str, &str)) -> Vec<&T> {
    let mut kept: Vec<&T> = Vec::new();
    for span in spans {
        if kept.last().is_none_or(|last| days(last).1 <= days(span).0) {
            kept.push(span);
        }
    }
    kept
}

/// The population stability index of the returns of the later half of the outcomes against those of the earlier half. `outcomes`: the returns of
/// each, oldest first, none of which shares a day with another.
pub(crate) fn stability_index(outcomes: &[&[f64]]) -> Result<f64, NoIndex> {
    let (earlier, later) = outcomes.split_at(outcomes.len() / 2);
    let [reference, sample] = [earlier.concat(), later.concat()];
    let noise = 1.0 / reference.len() as f64 + 1.0 / sample.len() as f64;
    let bins = (1.0 + INDEX_BY_CHANCE / noise).min(MOST_BINS) as usize;
    if bins < 2 {
        return Err(NoIndex::TooFew);
    }
    let index = StabilityBins::of(&reference, bins).and_then(|bins| bins.index(&sample));
    index.ok_or(NoIndex::NoVariation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_that_share_a_day_count_once() {
        let spans = [("2026-01-01", "2026-01-08"), ("2026-01-05", "2026-01-12"), ("2026-01-08", "2026-01-15")];
        assert_eq!(apart(&spans, |span| *span), [&spans[0], &spans[2]]);
        assert!(apart(&spans[..0], |span| *span).is_empty());
    }

    #[test]
    fn an_index_needs_returns_that_vary() {
        let few = [0.01, -0.01, 0.02];
        assert_eq!(stability_index(&[&few, &few]), Err(NoIndex::TooFew));
        assert_eq!(stability_index(&[]), Err(NoIndex::TooFew));
        let still = [0.0; 400];
        assert_eq!(stability_index(&[&still, &still]), Err(NoIndex::NoVariation));
    }
}
