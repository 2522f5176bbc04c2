//! The inventory: every model and tool of the engine as an immutable version with its card.
//!
//! SR 26-2 (April 2026) defines a model as a quantitative method that applies theory to data and gives an estimate;
//! simple arithmetic and deterministic rules are tools. Wording by a language model is neither, and adds no number.

pub(crate) mod allocator;
mod covariances;
mod figures;
pub(crate) mod fitted_costs;
mod forecasters;
pub(crate) mod regimes;
mod run;
mod standings;
mod tools;
pub(crate) mod trained;
pub(crate) mod transformer;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use forecast::Forecaster;
use governance::{Digest, ModelIdentity};
use learned::LearnedAllocator;
use models::{Card, Exposure, GoldenCase, ModelError, ModelKind, ModelVersion, Purpose};
use pipeline::{ModelRole, ModelUse};
use portfolio_core::interrupt::within;
use stress::{NormalShocks, ShockLaw};

use self::run::BuiltIn;
use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::plan::FittedCosts;
use crate::refusal::Refusal;

pub use figures::{HISTORICAL_RISK, SIMULATION};
pub(crate) use standings::Standings;
pub use tools::SIZING;

/// Golden cases of the built-in models, by id. `write_goldens` below writes the file.
const GOLDENS_OF_BUILT_IN: &str = include_str!("goldens.json");

/// What a version of the inventory runs.
#[derive(Debug, Clone)]
pub enum Part {
    /// A forecaster.
    Forecast(Arc<dyn Forecaster>),
    /// A covariance estimator.
    Covariance(CovarianceEstimatorName),
    /// The simulation.
    Simulation,
    /// The figures of the book's own history.
    Figures,
    /// The states of the market.
    Regimes,
    /// A cost model that was fitted to fills.
    Costs(FittedCosts),
    /// A transformer that was trained here: it says quantiles of the coming days where it is named.
    Quantiles,
    /// An allocator that was learned here: it tells what it would trade, and decides in plans that name it once it is promoted.
    Allocator(Arc<LearnedAllocator>),
    /// A tool, which runs inside the plan.
    Tool,
}

/// What a version is before any promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstStanding {
    /// The champion of its purpose.
    Champion,
    /// A challenger.
    Challenger,
    /// Kept so that earlier figures can be reproduced.
    Retired,
}

/// A version of the inventory.
#[derive(Debug, Clone)]
pub struct Registered {
    version: ModelVersion,
    part: Part,
    first: FirstStanding,
    /// Digest of the model as a run uses it; none where no run names it.
    use_digest: Option<Digest>,
}

impl Registered {
    /// The version: card, weights, golden cases.
    #[must_use]
    pub fn version(&self) -> &ModelVersion {
        &self.version
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Card {
        self.version.card()
    }

    /// What it runs.
    #[must_use]
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// What it is before any promotion.
    #[must_use]
    pub fn first(&self) -> FirstStanding {
        self.first
    }

    /// Id, version and digest.
    #[must_use]
    pub fn identity(&self) -> ModelIdentity {
        let card = self.card();
        ModelIdentity { id: card.id.clone(), version: card.version.clone(), digest: self.version.digest() }
    }

    /// Whether it computes what a run states that it used: the same role, id, version and parameters.
    #[must_use]
    pub fn is_used_as(&self, digest: Digest) -> bool {
        self.use_digest == Some(digest)
    }
}

/// Every version of the inventory, each loaded: its golden inputs were run again and gave their outputs.
#[derive(Debug)]
pub struct Inventory {
    entries: Vec<Registered>,
}

/// It is made for all requests: the one that happens to need it first does not end it.
static STANDARD: LazyLock<Result<Inventory, ModelError>> = LazyLock::new(|| within(None, Inventory::load));

impl Inventory {
    /// The inventory of this build, loaded once. A service does not start without it.
    ///
    /// # Errors
    /// The [`ModelError`] of the first version that is refused.
    pub fn standard() -> Result<&'static Self, ModelError> {
        STANDARD.as_ref().map_err(Clone::clone)
    }

    /// As [`Inventory::standard`], as a use case refuses.
    pub(crate) fn of_engine() -> Result<&'static Self, Refusal> {
        STANDARD.as_ref().map_err(|error| Refusal::internal(error))
    }

    fn load() -> Result<Self, ModelError> {
        let mut goldens: BTreeMap<String, Vec<GoldenCase>> = serde_json::from_str(GOLDENS_OF_BUILT_IN)
            .map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
        let entries = parts().into_iter().map(|(part, card)| {
            let code = BuiltIn(&part);
            let weights = code.weights().map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
            let cases = goldens.remove(&card.id).unwrap_or_default();
            let first = first_standing(&card);
            let version = ModelVersion::with_goldens(card, weights, cases, &code)?;
            let use_digest = use_of(&part).map(|model| model.digest());
            Ok(Registered { version, part, first, use_digest })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Every version, models before tools, those of one purpose together and the first champion before the others.
    #[must_use]
    pub fn entries(&self) -> &[Registered] {
        &self.entries
    }

    /// The version of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Registered> {
        self.entries.iter().find(|entry| entry.card().id == id)
    }

    /// The version that a run used, of the build or one that was trained and is loaded.
    #[must_use]
    pub fn used_as(&self, model: &ModelUse) -> Option<&Registered> {
        let digest = model.digest();
        self.entries.iter().find(|entry| entry.is_used_as(digest)).or_else(|| trained::used_as(digest))
    }

    /// The version that a stored plan names for a role: of the same id and version, and of the same digest where it states one.
    #[must_use]
    pub fn used(&self, role: ModelRole, id: &str, version: &str, digest: Option<Digest>) -> Option<&Registered> {
        let is_named = |used: ModelUse| used.role == role && used.id == id && used.version == version;
        let built = self.entries.iter().find(|entry| {
            use_of(&entry.part).is_some_and(is_named) && digest.is_none_or(|digest| entry.is_used_as(digest))
        });
        // A trained version is named with its digest, which is of its role, id and parameters.
        built.or_else(|| {
            trained::used_as(digest?).filter(|entry| entry.card().id == id && entry.card().version == version)
        })
    }

    /// The champion of a purpose before any promotion.
    #[must_use]
    pub fn first_champion(&self, purpose: Purpose) -> Option<&Registered> {
        self.entries.iter().find(|entry| entry.card().purpose == purpose && entry.first == FirstStanding::Champion)
    }
}

/// Every part with its card.
fn parts() -> Vec<(Part, Card)> {
    let forecasters = forecasters::forecasters().into_iter().map(|(part, card)| (Part::Forecast(part), card));
    let covariances = covariances::covariances().into_iter().map(|(name, card)| (Part::Covariance(name), card));
    let figures = [
        (Part::Simulation, figures::simulation()),
        (Part::Figures, figures::historical_risk()),
        (Part::Regimes, regimes::regimes()),
    ];
    let tools = tools::tools().into_iter().map(|card| (Part::Tool, card));
    forecasters.chain(covariances).chain(figures).chain(tools).collect()
}

/// What every plan uses is the champion of its purpose; what gives no interval and no standard error is retired.
fn first_standing(card: &Card) -> FirstStanding {
    match (card.exposure, card.kind) {
        (Exposure::WhenNamed, _) if card.id == "demo_ensemble_v1" => FirstStanding::Retired,
        (Exposure::WhenNamed, ModelKind::Model) => FirstStanding::Challenger,
        _ => FirstStanding::Champion,
    }
}

/// The model as a run names it.
fn use_of(part: &Part) -> Option<ModelUse> {
    match part {
        Part::Forecast(forecaster) => {
            let card = forecaster.card();
            Some(ModelUse {
                role: ModelRole::Forecast,
                id: card.id.clone(),
                version: card.version.clone(),
                parameters: card.parameters.clone(),
            })
        }
        Part::Covariance(name) => {
            let estimator = name.estimator();
            Some(ModelUse {
                role: ModelRole::Covariance,
                id: estimator.id().to_owned(),
                version: estimator.version().to_owned(),
                parameters: estimator.parameters(),
            })
        }
        Part::Simulation => Some(ModelUse {
            role: ModelRole::Shocks,
            id: NormalShocks.id().to_owned(),
            version: NormalShocks.version().to_owned(),
            parameters: NormalShocks.parameters(),
        }),
        Part::Regimes => Some(regimes::regimes_use()),
        // A plan names a fitted cost model with the parameters of its assets, and tells the version itself.
        Part::Figures | Part::Tool | Part::Costs(_) | Part::Quantiles | Part::Allocator(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::optimal::ESTIMATOR;
    use forecast::ForecasterRegistry;

    /// Computes the golden outputs anew: `cargo test -p engine --lib write_goldens -- --ignored`. A diff of the file is a change of a
    /// model, which needs a new version on its card.
    #[test]
    #[ignore = "writes a file of the repository"]
    fn write_goldens() {
        let cases = |(part, card): (Part, Card)| {
            let code = BuiltIn(&part);
            let sealed = ModelVersion::seal(card, code.weights().unwrap(), run::golden_inputs(), &code).unwrap();
            (sealed.card().id.clone(), sealed.goldens().to_vec())
        };
        let models = parts().into_iter().filter(|(_, card)| card.kind == ModelKind::Model);
        let goldens: BTreeMap<String, Vec<GoldenCase>> = models.map(cases).collect();
        let mut lines = Vec::new();
        for (id, cases) in goldens {
            let cases: Vec<String> =
                cases.iter().map(|case| format!("    {}", serde_json::to_string(case).unwrap())).collect();
            lines.push(format!("  \"{id}\": [\n{}\n  ]", cases.join(",\n")));
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/inventory/goldens.json");
        std::fs::write(file, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }

    #[test]
    fn every_version_gives_its_golden_outputs_and_has_a_digest_of_its_own() {
        let inventory = Inventory::standard().unwrap();
        let mut digests: Vec<Digest> = inventory.entries().iter().map(|entry| entry.version().digest()).collect();
        assert_eq!(digests.len(), 26);
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 26);
        for entry in inventory.entries() {
            let wanted = if entry.card().kind == ModelKind::Model { models::GOLDENS } else { 0 };
            assert_eq!(entry.version().goldens().len(), wanted, "{}", entry.card().id);
        }
    }

    #[test]
    fn each_purpose_has_one_first_champion_and_it_is_what_plans_use() {
        let inventory = Inventory::standard().unwrap();
        for purpose in Purpose::ALL {
            let champions = inventory
                .entries()
                .iter()
                .filter(|entry| entry.card().purpose == purpose && entry.first() == FirstStanding::Champion);
            assert_eq!(champions.count(), 1, "{purpose:?}");
        }
        let default = ForecasterRegistry::standard().default_forecaster().id().to_owned();
        assert_eq!(inventory.first_champion(Purpose::ExpectedReturn).unwrap().card().id, default);
        let covariance = inventory.first_champion(Purpose::Covariance).unwrap();
        assert!(matches!(covariance.part(), Part::Covariance(name) if *name == ESTIMATOR));
    }

    #[test]
    fn every_forecaster_and_every_dependency_is_in_the_inventory() {
        let inventory = Inventory::standard().unwrap();
        for card in ForecasterRegistry::standard().cards() {
            let entry = inventory.find(&card.id).unwrap();
            assert_eq!((&entry.card().version, &entry.card().summary), (&card.version, &card.purpose));
        }
        for entry in inventory.entries() {
            for needed in &entry.card().dependencies {
                assert!(inventory.find(needed).is_some(), "{} needs {needed}", entry.card().id);
            }
        }
    }

    #[test]
    fn other_settings_are_another_version() {
        let inventory = Inventory::standard().unwrap();
        let entry = inventory.find("ewma_94_recursive").unwrap();
        let document = entry.version().document().unwrap();
        let other = Part::Covariance(CovarianceEstimatorName::Ewma94ZeroMean);
        let refused = ModelVersion::load(&document, None, &BuiltIn(&other));
        assert!(matches!(refused, Err(ModelError::Golden { index: 0, .. })), "{refused:?}");
        assert_eq!(ModelVersion::load(&document, None, &BuiltIn(entry.part())).as_ref(), Ok(entry.version()));
    }
}
