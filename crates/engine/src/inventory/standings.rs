//! The champion of each purpose: the first version, or the one that stored moves have made the champion.

use std::sync::Arc;

use forecast::Forecaster;
use governance::{ChampionMoveKind, ChampionPointer, Digest, ModelIdentity};
use models::Purpose;
use store::StoredChampionMove;

use super::{FirstStanding, Inventory, Part, Registered, allocator, fitted_costs, trained, transformer};
use crate::control::records_of;
use crate::dto::models::ModelStatus;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::planning::case::Case;
use crate::refusal::Refusal;

/// A stored move with its pointer.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) stored: StoredChampionMove,
    pub(crate) pointer: ChampionPointer,
}

/// The champions of one moment.
#[derive(Debug, Clone)]
pub(crate) struct Standings {
    pub(crate) inventory: &'static Inventory,
    /// The cost models that were fitted to fills, oldest first.
    fitted: Vec<Registered>,
    /// What was trained through the service: boosted trees, then transformers, then allocators, each oldest first.
    trained: Vec<&'static Registered>,
    /// Oldest first.
    moves: Vec<Moved>,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/model-standing/1";

impl Standings {
    /// The champions as the records have them now.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] when a move is not what was recorded, or records that cannot be read.
    pub(crate) async fn read(engine: &Engine) -> Result<Self, Refusal> {
        let mut trained = transformer::read(engine.records().store()).await?;
        trained.extend(allocator::read(engine.records().store()).await?);
        Self::read_with(engine, true, trained).await
    }

    /// As [`Standings::read`], for a plan: trees are read where its request names some or a version of them leads, allocators where it names one, and
    /// transformers, with which no plan is made, are not.
    ///
    /// # Errors
    /// As [`Standings::read`].
    pub(crate) async fn for_plan(engine: &Engine, request: &RebalanceRequest) -> Result<Self, Refusal> {
        let allocators = match &request.learned_allocator {
            Some(_) => allocator::read(engine.records().store()).await?,
            None => Vec::new(),
        };
        Self::read_with(engine, request.trained_model.is_some(), allocators).await
    }

    async fn read_with(
        engine: &Engine,
        names_trees: bool,
        mut trained: Vec<&'static Registered>,
    ) -> Result<Self, Refusal> {
        let store = engine.records().store();
        let moves = store.champion_moves().await.map_err(|error| Refusal::of_store(&error))?;
        let fitted = fitted_costs::registered(&records_of(store, fitted_costs::TOPIC).await?)?;
        if names_trees || trained::are_in(&moves) {
            trained.splice(0..0, trained::read(store).await?);
        }
        Self::of(Inventory::of_engine()?, fitted, trained, moves)
    }

    /// The champions before any move.
    ///
    /// # Errors
    /// A model that does not give its golden outputs.
    pub(crate) fn without_moves() -> Result<Self, Refusal> {
        Self::of(Inventory::of_engine()?, Vec::new(), Vec::new(), Vec::new())
    }

    /// The champions that these moves have made, oldest first.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] when a move does not follow the one before, or its pointer is not the signed one.
    pub(crate) fn of(
        inventory: &'static Inventory,
        fitted: Vec<Registered>,
        trained: Vec<&'static Registered>,
        stored: Vec<StoredChampionMove>,
    ) -> Result<Self, Refusal> {
        let mut moves: Vec<Moved> = Vec::with_capacity(stored.len());
        for stored in stored {
            let pointer: ChampionPointer =
                serde_json::from_slice(stored.record.pointer.bytes()).map_err(|error| Refusal::unreadable(&error))?;
            pointer.verify(None).map_err(|error| Refusal::unreadable(&error))?;
            let before = moves.iter().rev().find(|moved| moved.pointer.purpose == pointer.purpose);
            let follows = before.map_or((1, Digest::ZERO), |moved| (moved.pointer.number + 1, moved.stored.digest));
            let record = &stored.record;
            let is_its_own = pointer.purpose == record.purpose
                && pointer.number == record.number
                && pointer.evidence_digest == record.evidence.digest()
                && (pointer.number, pointer.previous) == follows;
            if !is_its_own {
                return Err(Refusal::RecordChanged);
            }
            moves.push(Moved { stored, pointer });
        }
        Ok(Self { inventory, fitted, trained, moves })
    }

    /// Every version: those of the build, then the cost models that were fitted to fills, then what was trained.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Registered> {
        self.inventory.entries().iter().chain(&self.fitted).chain(self.trained.iter().copied())
    }

    /// What was trained through the service: boosted trees, then transformers, then allocators, each oldest first.
    pub(crate) fn trained(&self) -> &[&'static Registered] {
        &self.trained
    }

    /// The version of an id.
    pub(crate) fn find(&self, id: &str) -> Option<&Registered> {
        self.entries().find(|entry| entry.card().id == id)
    }

    /// The champions as they were when a request of this time was received. Times are compared as texts of records.
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.moves.retain(|moved| moved.pointer.moved_at.as_str() <= time);
        self
    }

    /// The moves of a purpose, oldest first.
    pub(crate) fn moves_of(&self, purpose: Purpose) -> impl DoubleEndedIterator<Item = &Moved> {
        self.moves.iter().filter(move |moved| moved.pointer.purpose == purpose.as_str())
    }

    /// The champions of a purpose that stand one on another, the first below and the present one on top.
    pub(crate) fn stack(&self, purpose: Purpose) -> Vec<ModelIdentity> {
        let mut stack: Vec<ModelIdentity> =
            self.inventory.first_champion(purpose).map(Registered::identity).into_iter().collect();
        for moved in self.moves_of(purpose) {
            match moved.pointer.kind {
                ChampionMoveKind::Promoted => stack.push(moved.pointer.champion.clone()),
                ChampionMoveKind::Demoted => {
                    stack.pop();
                }
            }
        }
        stack
    }

    /// The champion of a purpose.
    ///
    /// # Errors
    /// [`Refusal::ModelUnknown`] when it is a version that this build does not have.
    pub(crate) fn champion(&self, purpose: Purpose) -> Result<&Registered, Refusal> {
        let Some(champion) = self.stack(purpose).pop() else { return Err(Refusal::Internal) };
        let found = self.find(&champion.id).filter(|entry| entry.identity() == champion);
        found.ok_or_else(|| Refusal::ModelUnknown(format!("{} {}", champion.id, champion.version)))
    }

    /// The forecaster in use.
    ///
    /// # Errors
    /// As [`Standings::champion`].
    pub(crate) fn forecaster(&self) -> Result<Arc<dyn Forecaster>, Refusal> {
        match self.champion(Purpose::ExpectedReturn)?.part() {
            Part::Forecast(forecaster) => Ok(Arc::clone(forecaster)),
            _ => Err(Refusal::Internal),
        }
    }

    /// The status of a version.
    pub(crate) fn status(&self, entry: &Registered) -> ModelStatus {
        let is_champion = self.stack(entry.card().purpose).last() == Some(&entry.identity());
        match (is_champion, entry.first()) {
            (true, _) => ModelStatus::Champion,
            (false, FirstStanding::Retired) => ModelStatus::Retired,
            (false, _) => ModelStatus::Challenger,
        }
    }

    /// What `If-Match` of a move names: a digest of the version and of the latest move of its purpose.
    pub(crate) fn tag(&self, entry: &Registered) -> Digest {
        let latest = self.latest(entry.card().purpose);
        Digest::of_fields(DOMAIN, &[entry.version().digest().as_bytes(), latest.as_bytes()])
    }

    /// Digest of the latest move of a purpose; zeros where there is none.
    pub(crate) fn latest(&self, purpose: Purpose) -> Digest {
        self.moves_of(purpose).next_back().map_or(Digest::ZERO, |moved| moved.stored.digest)
    }

    /// The case of a request with the champions where it names no model and no cost.
    ///
    /// # Errors
    /// The faults of the request, or as [`Standings::champion`].
    pub(crate) fn case_of(&self, request: RebalanceRequest) -> Result<Case, Refusal> {
        let allocator = match &request.learned_allocator {
            None => None,
            Some(id) => Some(self.promoted_allocator(id)?),
        };
        let mut case = self.case_of_champions(request)?;
        if let Some(entry) = allocator {
            allocator::install(entry, &mut case)?;
        }
        Ok(case)
    }

    /// The allocator of an id, if a person has promoted it.
    fn promoted_allocator(&self, id: &str) -> Result<&'static Registered, Refusal> {
        let entry = allocator::named(&self.trained, id)?;
        if self.status(entry) != ModelStatus::Champion {
            let detail = "is a challenger: no plan is made with it until a person has promoted it on its evidence";
            return Err(Refusal::fault("/learned_allocator", FaultCode::Value, detail));
        }
        Ok(entry)
    }

    fn case_of_champions(&self, request: RebalanceRequest) -> Result<Case, Refusal> {
        // Without a move the champions are the defaults that the case has already.
        let named = match &request.trained_model {
            None => None,
            Some(id) => Some(trained::named(&self.trained, id)?),
        };
        if self.moves.is_empty() {
            let mut case = Case::try_from(request).map_err(Refusal::Invalid)?;
            if let Some(named) = named {
                named.part().install(&mut case);
            }
            return Ok(case);
        }
        let names_forecaster = request.forecast_model.is_some();
        let costs = match self.champion(Purpose::Costs)?.part() {
            Part::Costs(costs) => Some(costs.clone()),
            _ => None,
        };
        let mut case = Case::with_costs(request, costs).map_err(Refusal::Invalid)?;
        if let Some(named) = named {
            named.part().install(&mut case);
        } else if !names_forecaster {
            self.champion(Purpose::ExpectedReturn)?.part().install(&mut case);
        }
        if !case.echo.names_covariance {
            self.champion(Purpose::Covariance)?.part().install(&mut case);
        }
        Ok(case)
    }
}

impl Part {
    /// Makes a case use this part.
    pub(crate) fn install(&self, case: &mut Case) {
        match self {
            Self::Forecast(forecaster) => case.config.forecaster = Arc::clone(forecaster),
            Self::Covariance(name) => case.config.estimator = name.estimator().into(),
            // There is one of each; the costs of a case are those that it was made with.
            Self::Simulation
            | Self::Figures
            | Self::Regimes
            | Self::Tool
            | Self::Costs(_)
            | Self::Quantiles
            | Self::Allocator(_) => {}
        }
    }
}
