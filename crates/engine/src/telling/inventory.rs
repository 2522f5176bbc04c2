//! The inventory of models and controls, in the words of the contract.

use std::sync::{Arc, LazyLock};

use forecast::{ForecastCard, Forecaster, ForecasterRegistry};
use pipeline::{AGENTS, ModelRole, ModelUse, RunConfig, orchestration};
use risk::CovarianceEstimator;

use crate::dto::forecast::ForecastModelStatus;
use crate::dto::metadata::{ENGINE_VERSION, ModelReference};
use crate::dto::portfolio::ForecastModelName;
use crate::dto::service::{AgentBlueprint, AgentRole};
use crate::inventory::{HISTORICAL_RISK, Inventory, Registered, SIMULATION, SIZING};

/// The forecasters requests can name.
static FORECASTERS: LazyLock<ForecasterRegistry> = LazyLock::new(ForecasterRegistry::standard);

/// The forecaster a request names, or the default.
#[must_use]
pub fn forecaster(name: Option<ForecastModelName>) -> &'static Arc<dyn Forecaster> {
    name.and_then(|name| FORECASTERS.get(name.id())).unwrap_or_else(|| FORECASTERS.default_forecaster())
}

/// Whether a forecaster is the default, is there for those who name it, or is kept for comparison as the first one is.
#[must_use]
pub fn forecast_status(card: &ForecastCard) -> ForecastModelStatus {
    if card.id == FORECASTERS.default_forecaster().id() {
        ForecastModelStatus::Default
    } else if card.id == ForecastModelName::DemoEnsembleV1.id() {
        ForecastModelStatus::Compatibility
    } else {
        ForecastModelStatus::Available
    }
}

/// A forecast model, with the digest of its version where it is in the inventory.
#[must_use]
pub fn forecast_reference(model: &dyn Forecaster) -> ModelReference {
    let (id, version) = (model.id(), model.version());
    match Inventory::standard().ok().and_then(|inventory| inventory.find(id)) {
        Some(entry) if entry.card().version == version => ModelReference::of(entry.identity()),
        _ => ModelReference::new(id.to_owned(), version.to_owned()),
    }
}

/// A version of the inventory by its id; one that is not in it has the version of the engine.
#[must_use]
pub fn reference(id: &'static str) -> ModelReference {
    let found = Inventory::standard().ok().and_then(|inventory| inventory.find(id));
    found.map_or_else(|| ModelReference::new(id, ENGINE_VERSION), |entry| ModelReference::of(entry.identity()))
}

/// A covariance estimator, with the digest of its version where it is in the inventory.
#[must_use]
pub fn covariance_reference(estimator: &dyn CovarianceEstimator) -> ModelReference {
    let used = ModelUse {
        role: ModelRole::Covariance,
        id: estimator.id().to_owned(),
        version: estimator.version().to_owned(),
        parameters: estimator.parameters(),
    };
    reference_of(used)
}

/// A model as a run uses it, with the digest of its version where it is in the inventory.
fn reference_of(used: ModelUse) -> ModelReference {
    let found = Inventory::standard().ok().and_then(|inventory| inventory.used_as(&used));
    found.map_or_else(|| ModelReference::new(used.id, used.version), |entry| ModelReference::of(entry.identity()))
}

/// The versions of the inventory that make the figures of a plan with this configuration: its forecaster, its covariance estimator, the
/// figures of its history and, where it simulates, its simulation. What is not in the inventory is named without a digest.
#[must_use]
pub fn references(config: &RunConfig) -> Vec<ModelReference> {
    let used = config.models().into_iter().filter(|model| model.role != ModelRole::Cost).map(reference_of);
    used.chain([reference(HISTORICAL_RISK)]).collect()
}

/// Models behind the figures of every plan that are not forecasts.
const FIGURE_MODELS: [&str; 2] = [HISTORICAL_RISK, SIMULATION];

/// Every model of the inventory with version and status, in words.
#[must_use]
pub fn model_stack() -> Vec<String> {
    let mut models = proposed_models(None);
    models.push(engine_model(SIZING));
    models
}

/// A forecaster that is in use and that requests cannot name by `forecast_model`, in words; `None` for any other.
#[must_use]
pub fn trained_model(card: &ForecastCard) -> Option<String> {
    let is_known = FORECASTERS.cards().any(|known| known.id == card.id);
    (!is_known).then(|| format!("{} {} (in use): {}", card.id, card.version, card.purpose))
}

/// The models that made the figures of a house view, in words: forecasts, risk and simulation. `named`: the id of the forecaster that made
/// its forecasts.
#[must_use]
pub fn proposed_models(named: Option<&str>) -> Vec<String> {
    let is_default = |card: &ForecastCard| forecast_status(card) == ForecastModelStatus::Default;
    let named = named.filter(|id| !FORECASTERS.cards().any(|card| card.id == *id && is_default(card)));
    let forecasts = FORECASTERS.cards().map(|card| {
        let status = match forecast_status(card) {
            _ if named == Some(card.id.as_str()) => "in use",
            ForecastModelStatus::Default if named.is_some() => "used when named or by default",
            ForecastModelStatus::Default => "in use by default",
            ForecastModelStatus::Available => "used when named",
            ForecastModelStatus::Compatibility => "kept for comparison, used when named",
        };
        format!("{} {} ({status}): {}", card.id, card.version, card.purpose)
    });
    forecasts.chain(FIGURE_MODELS.map(engine_model)).collect()
}

fn engine_model(id: &'static str) -> String {
    let found = Inventory::standard().ok().and_then(|inventory| inventory.find(id)).map(Registered::card);
    let (version, purpose) = found.map_or((ENGINE_VERSION, ""), |card| (card.version.as_str(), card.summary.as_str()));
    format!("{id} {version} (in use): {purpose}")
}

/// The agents that run on every plan, read off their types, and the controls.
#[must_use]
pub fn blueprint() -> AgentBlueprint {
    let agents = AGENTS.iter().map(|card| AgentRole { name: card.id.name(), role: card.role }).collect();
    AgentBlueprint {
        agents,
        orchestration: orchestration(),
        governance_standards: vec![
            "Input control: malformed, senseless or unknown members are refused with a pointer to each fault",
            "Pre-trade control: one turnover budget, no short sale, no negative cash, checked on every plan",
            "Cash control: trades, costs and change of cash cancel to the minor unit, asserted on every plan",
            "Reproducibility: model versions and seed stand in the metadata; equal requests give equal plans",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_contract_finds_its_own_forecaster() {
        for name in [
            ForecastModelName::EnsembleV2,
            ForecastModelName::EnsembleV3,
            ForecastModelName::EnsembleV4,
            ForecastModelName::DemoEnsembleV1,
            ForecastModelName::EnsembleV5,
            ForecastModelName::MixtureEqual,
            ForecastModelName::MixtureEwa,
            ForecastModelName::MixtureMlPoly,
            ForecastModelName::MixtureBoa,
        ] {
            assert_eq!(forecaster(Some(name)).id(), name.id());
        }
        assert_eq!(forecaster(None).id(), "ensemble_v3");
    }

    #[test]
    fn the_stack_is_every_forecaster_and_then_the_models_of_the_engine() {
        let ids = |models: Vec<String>| -> Vec<String> {
            models.iter().filter_map(|model| model.split(' ').next().map(str::to_owned)).collect()
        };
        let forecasters: Vec<&str> = FORECASTERS.cards().map(|card| card.id.as_str()).collect();
        let proposed = [forecasters.as_slice(), &["historical_risk", "gbm_monte_carlo"]].concat();
        assert_eq!(ids(proposed_models(None)), proposed);
        let line = |named, id: &str| proposed_models(named).into_iter().find(|line| line.starts_with(id)).unwrap();
        assert!(line(Some("ensemble_v3"), "ensemble_v3").contains("(in use by default)"));
        assert!(line(Some("ensemble_v4"), "ensemble_v4").contains("(in use)"));
        assert!(line(Some("ensemble_v4"), "ensemble_v3").contains("(used when named or by default)"));
        assert_eq!(ids(model_stack()), [proposed.as_slice(), &["drift_sizing"]].concat());
    }
}
