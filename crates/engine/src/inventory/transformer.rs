//! Transformers that were trained through the service: versions of the inventory that say quantiles of the coming days where they are named.
//!
//! A build without the feature `transformer` cannot run their golden cases, and lists none.

use store::{Store, StoredControl};

use super::Registered;
use crate::control::records_of;
use crate::dto::forecast::ForecastRequest;
use crate::dto::transformer::QuantilesForecast;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// The topic of their records.
pub(crate) const TOPIC: &str = "transformers";

/// The versions that a store keeps, oldest first. Each was loaded: its digests computed, its golden inputs run, its examination found on
/// its card.
///
/// # Errors
/// [`Refusal::RecordChanged`] for a document that is no version, or records that cannot be read.
pub(crate) async fn read(store: &Store) -> Result<Vec<&'static Registered>, Refusal> {
    if cfg!(feature = "transformer") { registered(&records_of(store, TOPIC).await?) } else { Ok(Vec::new()) }
}

/// The version that a request names for its quantiles.
///
/// # Errors
/// A fault where it is none of these, or this build has none.
pub(crate) fn named(known: &[&'static Registered], id: &str) -> Result<&'static Registered, Refusal> {
    let is_it = |entry: &&'static Registered| entry.card().id == id && matches!(entry.part(), super::Part::Quantiles);
    let unknown = if cfg!(feature = "transformer") {
        "names no transformer that was trained here: GET /api/models lists them"
    } else {
        crate::dto::transformer::NOT_BUILT
    };
    let refused = || Refusal::fault("/quantiles/trained_model", FaultCode::Value, unknown);
    known.iter().copied().find(is_it).ok_or_else(refused)
}

#[cfg(feature = "transformer")]
pub(crate) use with::{quantiles, registered, seal, weekdays};
#[cfg(not(feature = "transformer"))]
pub(crate) use without::{quantiles, registered};

/// A build without transformers.
#[cfg(not(feature = "transformer"))]
mod without {
    use super::{ForecastRequest, QuantilesForecast, Refusal, Registered, StoredControl};

    pub(crate) fn registered(_: &[StoredControl]) -> Result<Vec<&'static Registered>, Refusal> {
        Ok(Vec::new())
    }

    pub(crate) fn quantiles(_: &Registered, _: &ForecastRequest) -> Result<QuantilesForecast, Refusal> {
        Err(Refusal::Internal)
    }
}

/// A build with transformers.
#[cfg(feature = "transformer")]
mod with {
    use chrono::{Datelike, NaiveDate};
    use models::{ModelError, ModelVersion, Purpose};
    use portfolio_core::Seed;
    use tft::Tft;
    use tft::registry::{Facts, RegistryError, TftVersion};
    use tft::returns::{Histories, ReturnsError, ReturnsForecast, Trained, forecast};

    use super::{FaultCode, ForecastRequest, QuantilesForecast, Refusal, Registered, StoredControl};
    use crate::dto::metadata::ModelReference;
    use crate::dto::transformer::{
        AssetQuantilesEntry, AttentionEntry, DayAheadEntry, InputWeight, TransformerExplanation,
    };
    use crate::inventory::trained::{TrainingFacts, loaded};
    use crate::inventory::{FirstStanding, Part};

    /// How their ids begin.
    const ID_PREFIX: &str = "transformer_";
    /// Their version: a training gives another id.
    const VERSION: &str = "1.0.0";
    /// Assets times days ahead of one answer: about a second.
    const MAX_CELLS: usize = 2_000;

    /// A trained model as a version of the inventory, the `number`-th of its kind.
    ///
    /// # Errors
    /// A [`ModelError`], which would be a bug.
    pub(crate) fn seal(trained: &Trained, facts: &TrainingFacts, number: usize) -> Result<ModelVersion, ModelError> {
        let facts = Facts {
            id: format!("{ID_PREFIX}{number}"),
            version: VERSION.to_owned(),
            purpose: Purpose::Simulation,
            owner: "the operator of the service".to_owned(),
            summary: facts.summary.clone(),
            target: "simple return of each coming day, less the mean of the asset and over its spread in the training"
                .to_owned(),
            data: facts.data,
            span: facts.span.clone(),
            seed: Seed(facts.seed),
            trials: facts.trials,
        };
        trained.seal(facts).map(|sealed| sealed.version().clone()).map_err(model_error)
    }

    fn model_error(error: RegistryError) -> ModelError {
        match error {
            RegistryError::Model(error) => error,
            other => ModelError::Unreadable { detail: other.to_string() },
        }
    }

    pub(crate) fn registered(records: &[StoredControl]) -> Result<Vec<&'static Registered>, Refusal> {
        records.iter().map(|stored| loaded(stored.record.document.bytes(), load)).collect()
    }

    fn load(document: &[u8]) -> Result<Registered, ModelError> {
        let version = TftVersion::load(document, None).map_err(model_error)?.version().clone();
        Ok(Registered { version, part: Part::Quantiles, first: FirstStanding::Challenger, use_digest: None })
    }

    /// What a version says of the coming days.
    ///
    /// # Errors
    /// Assets that it does not know, too many days for one answer, or too few for it.
    pub(crate) fn quantiles(entry: &Registered, request: &ForecastRequest) -> Result<QuantilesForecast, Refusal> {
        let Some(asked) = &request.quantiles else { return Err(Refusal::Internal) };
        let model = Tft::from_bytes(entry.version().weights()).map_err(|error| Refusal::internal(&error))?;
        let horizon = model.spec().horizon;
        if request.assets.len().saturating_mul(horizon) > MAX_CELLS {
            let detail = format!("must be at most {} for a model of {horizon} days ahead", MAX_CELLS / horizon);
            return Err(Refusal::fault("/assets", FaultCode::Limit, detail));
        }
        let names: Vec<&str> = request.assets.iter().map(|asset| asset.asset.trim()).collect();
        let returns: Vec<&[f64]> =
            request.assets.iter().map(|asset| asset.historical_returns.as_deref().unwrap_or_default()).collect();
        let weekdays = weekdays(&asked.dates);
        let histories = Histories { names: &names, returns: &returns, weekdays: &weekdays };
        let told = forecast(&model, &histories).map_err(|error| refused(&error))?;
        Ok(answer(entry, &names, told))
    }

    /// The weekday of each date, 0 for Monday.
    pub(crate) fn weekdays(dates: &[NaiveDate]) -> Vec<u8> {
        dates.iter().map(|date| date.weekday().num_days_from_monday() as u8).collect()
    }

    fn refused(error: &ReturnsError) -> Refusal {
        let (pointer, code) = match error {
            ReturnsError::Unknown { asset } => (format!("/assets/{asset}/asset"), FaultCode::Value),
            ReturnsError::Short { .. } => ("/quantiles/dates".to_owned(), FaultCode::Length),
            ReturnsError::OtherModel => return Refusal::internal(error),
            _ => ("/assets".to_owned(), FaultCode::Value),
        };
        Refusal::fault(&pointer, code, error.to_string())
    }

    fn answer(entry: &Registered, names: &[&str], told: ReturnsForecast) -> QuantilesForecast {
        let weights = |weights: Vec<tft::Weight>| {
            weights.into_iter().map(|one| InputWeight { input: one.name, weight: one.weight }).collect()
        };
        let day = |(ahead, day): (usize, tft::returns::DayAhead)| {
            let (conformal_interval, conformal_interval_reason) = match day.conformal {
                Ok(interval) => (Some(interval), None),
                Err(reason) => (None, Some(reason)),
            };
            let quantiles = day.quantiles;
            DayAheadEntry { days_ahead: ahead, quantiles, conformal_interval, conformal_interval_reason }
        };
        let assets = names.iter().zip(told.assets).map(|(name, own)| AssetQuantilesEntry {
            asset: (*name).to_owned(),
            days: (1..).zip(own.days).map(day).collect(),
        });
        QuantilesForecast {
            model: ModelReference::of(entry.identity()),
            levels: told.levels,
            conformal_coverage: told.coverage,
            assets: assets.collect(),
            explanation: TransformerExplanation {
                past_inputs: weights(told.explanation.past),
                known_inputs: weights(told.explanation.future),
                attention: told
                    .explanation
                    .attention
                    .into_iter()
                    .map(|one| AttentionEntry { days_ahead: one.ahead, weights: one.weights })
                    .collect(),
            },
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use governance::Digest;
        use models::TrainingSpan;
        use std::ops::ControlFlow;
        use tft::returns::{Outcome, ReturnsSpec, train};

        /// A version of one asset whose returns are rough on Mondays.
        fn sealed() -> ModelVersion {
            let weekdays: Vec<u8> = (0..400).map(|t| (t % 5) as u8).collect();
            let mut state = 7_u64;
            let mut even = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
            };
            let returns: Vec<f64> = weekdays.iter().map(|day| if *day == 0 { 0.08 } else { 0.01 } * even()).collect();
            let histories = Histories { names: &["A"], returns: &[&returns], weekdays: &weekdays };
            let spec =
                ReturnsSpec { horizon: 1, lookback: 5, width: 4, steps: 100, rate: 0.02, refits: 1, refit_days: 126 };
            let outcome = train(&histories, &spec, 1, Seed(1), None, &mut |_| ControlFlow::Continue(())).unwrap();
            let Outcome::Admitted(trained) = outcome else { panic!("{outcome:?}") };
            let span = TrainingSpan { from: "2025-01-06".to_owned(), to: "2026-07-17".to_owned() };
            let data = Digest::of_bytes(b"returns");
            let facts = TrainingFacts { summary: "a small network".to_owned(), data, span, seed: 1, trials: 1 };
            seal(&trained, &facts, 3).unwrap()
        }

        #[test]
        fn a_version_comes_back_from_its_document_and_a_flipped_bit_is_refused() {
            let version = sealed();
            let document = version.document().unwrap();
            let entry = loaded(&document, load).unwrap();
            assert_eq!((entry.version(), entry.card().id.as_str()), (&version, "transformer_3"));
            assert_eq!(entry.first(), FirstStanding::Challenger);
            assert!(std::ptr::eq(entry, loaded(&document, load).unwrap()), "it is loaded once");
            // Every byte is flipped in the tests of `tft`.
            for place in (0..document.len()).step_by(97) {
                let mut flipped = document.clone();
                flipped[place] ^= 1 << (place % 8);
                assert!(load(&flipped).is_err(), "byte {place}");
            }
        }

        #[test]
        fn weekdays_are_counted_from_monday() {
            let date = |text: &str| text.parse::<NaiveDate>().unwrap();
            // A Monday and a Sunday.
            assert_eq!(weekdays(&[date("2026-01-05"), date("2026-01-11")]), [0, 6]);
        }
    }
}
