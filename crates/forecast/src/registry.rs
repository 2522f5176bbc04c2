//! The forecasters a host offers, by id.

use std::iter::Chain;
use std::slice;
use std::sync::Arc;

use crate::card::ForecastCard;
use crate::conformal::ConformalForecaster;
use crate::demo::DemoEnsemble;
use crate::ensemble::Ensemble;
use crate::error::ForecastError;
use crate::forecaster::Forecaster;
use crate::mixture::Mixture;
use crate::posterior::PolicyPosterior;

/// The forecasters a host offers: one default and any number of others, each under its own id.
///
/// # Example
/// ```
/// use forecast::{Ensemble, EnsembleOptions, Ewma, Forecaster, ForecasterRegistry};
/// use std::sync::Arc;
///
/// let mut registry = ForecasterRegistry::standard();
/// assert_eq!(registry.default_forecaster().id(), "ensemble_v3");
/// assert!(registry.get("ensemble_v3").is_some() && registry.get("ensemble_v9").is_none());
///
/// // The same formulas with a longer memory, under an id of their own.
/// let options = EnsembleOptions { ewma: Ewma { decay: 0.97 }, ..EnsembleOptions::default() };
/// registry.register(Arc::new(Ensemble::new(options)?.with_id("ensemble_slow")))?;
/// let ids: Vec<&str> = registry.cards().map(|card| card.id.as_str()).collect();
/// assert_eq!(ids[..4], ["ensemble_v3", "ensemble_v4", "ensemble_v2", "demo_ensemble_v1"]);
/// assert_eq!(ids.last(), Some(&"ensemble_slow"));
/// # Ok::<(), forecast::ForecastError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ForecasterRegistry {
    default: Arc<dyn Forecaster>,
    others: Vec<Arc<dyn Forecaster>>,
}

impl ForecasterRegistry {
    /// Creates a registry that contains only its default.
    #[must_use]
    pub fn new(default: Arc<dyn Forecaster>) -> Self {
        Self { default, others: Vec::new() }
    }

    /// The forecasters of this crate: `ensemble_v3`, the default, `ensemble_v4`, which puts conformal intervals around it, `ensemble_v2`,
    /// `demo_ensemble_v1`, `ensemble_v5`, which puts conformal intervals around `ensemble_v2`, and the four mixtures.
    #[must_use]
    pub fn standard() -> Self {
        let mut others: Vec<Arc<dyn Forecaster>> = vec![
            Arc::new(ConformalForecaster::default()),
            Arc::new(Ensemble::default()),
            Arc::new(DemoEnsemble::default()),
            Arc::new(ConformalForecaster::around_ensemble()),
        ];
        others.extend(Mixture::all().map(|mixture| Arc::new(mixture) as Arc<dyn Forecaster>));
        Self { default: Arc::new(PolicyPosterior::default()), others }
    }

    /// Adds a forecaster.
    ///
    /// # Errors
    /// [`ForecastError::RepeatedId`] when a forecaster with its id is registered already.
    pub fn register(&mut self, forecaster: Arc<dyn Forecaster>) -> Result<(), ForecastError> {
        if self.get(forecaster.id()).is_some() {
            return Err(ForecastError::RepeatedId { id: forecaster.id().to_owned() });
        }
        self.others.push(forecaster);
        Ok(())
    }

    /// The forecaster with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<dyn Forecaster>> {
        self.iter().find(|forecaster| forecaster.id() == id)
    }

    /// The forecaster used when a request names none.
    #[must_use]
    pub fn default_forecaster(&self) -> &Arc<dyn Forecaster> {
        &self.default
    }

    /// The card of every forecaster, the default first, the others in the order they were registered.
    pub fn cards(&self) -> impl Iterator<Item = &ForecastCard> {
        self.iter().map(|forecaster| forecaster.card())
    }

    /// Every forecaster, the default first, the others in the order they were registered.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }
}

impl Default for ForecasterRegistry {
    fn default() -> Self {
        Self::standard()
    }
}

impl<'a> IntoIterator for &'a ForecasterRegistry {
    type Item = &'a Arc<dyn Forecaster>;
    type IntoIter = Chain<slice::Iter<'a, Arc<dyn Forecaster>>, slice::Iter<'a, Arc<dyn Forecaster>>>;

    fn into_iter(self) -> Self::IntoIter {
        slice::from_ref(&self.default).iter().chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standard_forecaster_is_found_by_its_id() {
        let registry = ForecasterRegistry::standard();
        for forecaster in &registry {
            assert!(Arc::ptr_eq(registry.get(forecaster.id()).unwrap(), forecaster));
        }
        assert_eq!(registry.iter().count(), 9);
        assert!(registry.get("gpt").is_none());
    }

    #[test]
    fn every_standard_card_states_purpose_members_and_limits() {
        for card in ForecasterRegistry::standard().cards() {
            assert!(!card.purpose.is_empty() && card.members.len() >= 2 && !card.limits.is_empty());
        }
    }

    #[test]
    fn a_repeated_id_is_refused_and_changes_nothing() {
        let mut registry = ForecasterRegistry::new(Arc::new(DemoEnsemble::default()));
        let again = registry.register(Arc::new(Ensemble::default().with_id("demo_ensemble_v1")));
        assert_eq!(again, Err(ForecastError::RepeatedId { id: "demo_ensemble_v1".to_owned() }));
        assert_eq!(registry.iter().count(), 1);
        assert_eq!(registry.register(Arc::new(Ensemble::default())), Ok(()));
        assert_eq!(registry.iter().count(), 2);
    }
}
