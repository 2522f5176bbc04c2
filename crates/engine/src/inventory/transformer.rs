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
        use crate::dto::absent;
        use tft::returns::ReturnsSpec;

        #[test]
        fn the_defaults_of_the_contract_are_those_of_the_library() {
            let ReturnsSpec { lookback, width, steps, rate, refits, refit_days, .. } = ReturnsSpec::default();
            assert_eq!((lookback, width), (absent::TRANSFORMER_LOOKBACK_DAYS, absent::TRANSFORMER_WIDTH));
            assert_eq!((steps, rate), (absent::TRANSFORMER_STEPS, absent::TRANSFORMER_LEARNING_RATE));
            assert_eq!((refits, refit_days), (absent::TRANSFORMER_REFITS, absent::TRANSFORMER_REFIT_DAYS));
        }

        #[test]
        fn weekdays_are_counted_from_monday() {
            let date = |text: &str| text.parse::<NaiveDate>().unwrap();
            // A Monday and a Sunday.
            assert_eq!(weekdays(&[date("2026-01-05"), date("2026-01-11")]), [0, 6]);
        }
    }
}
