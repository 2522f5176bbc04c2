//! The tenants of the service: for each of them records of its own, and what works on them.
//!
//! An operation cannot read another tenant's records by a forgotten condition: the engine it is given has no others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use actix_web::dev::Extensions;
use engine::Engine;
use engine::access::keyring::{Keyring, NotKnown};
use engine::access::told;
use engine::compute::Compute;
use engine::context::{OPERATOR, RequestContext};
use engine::draining::Draining;
use engine::jobs::{RefusalWriter, Runs};
use engine::records::{RecordSettings, Records};
use engine::refusal::Refusal;
use engine::shadow::run_challengers;
use engine::webhooks::{Reach, send_webhooks};
use governance::Tenant;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::cli::chain;
use crate::courier::HttpCourier;
use crate::machine::give_way;

/// Records that could not be opened are tried again after this long, however many requests come for them.
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// What all tenants share, and how their work in the background is done.
#[derive(Debug, Clone)]
pub struct Means {
    /// The room for computations.
    pub compute: Arc<Compute>,
    /// How far the service is on its way to its end.
    pub draining: Draining,
    /// The addresses that webhooks may call.
    pub reach: Reach,
    /// Writes the problem that an item of a run ends with.
    pub write_refusal: RefusalWriter,
    /// Challengers that run on each stored plan.
    pub challengers: usize,
    /// How long no plan must have been stored before they run.
    pub patience: Duration,
}

/// The records of one tenant, or of the service itself, and what works on them.
pub struct Realm {
    engine: Arc<Engine>,
    runs: Arc<Runs>,
}

impl Realm {
    /// Starts the work in the background on records.
    fn start(records: Records, means: &Means) -> std::io::Result<Self> {
        let runs = Runs::start(&records, &means.draining, means.write_refusal)?;
        send_webhooks(&records, &means.draining, Arc::new(HttpCourier::new(means.reach)))?;
        run_challengers(&records, &means.draining, means.challengers, means.patience, give_way)?;
        Ok(Self { engine: Arc::new(Engine::new(records, means.compute.clone())), runs: Arc::new(runs) })
    }

    /// Gives a request what its operation may reach.
    pub fn attach(&self, request: &mut Extensions) {
        request.insert(self.engine.clone());
        request.insert(self.runs.clone());
    }

    /// The engine on these records.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The runs of these records.
    #[must_use]
    pub fn runs(&self) -> &Runs {
        &self.runs
    }
}

/// The realms of the service and of its tenants. Cheap to clone.
#[derive(Clone)]
pub struct Tenants(Arc<Inner>);

struct Inner {
    service: Arc<Realm>,
    settings: RecordSettings,
    means: Means,
    runtime: Handle,
    slots: RwLock<BTreeMap<Tenant, Arc<Slot>>>,
}

/// The place of a tenant's realm, which is opened once.
#[derive(Default)]
struct Slot {
    realm: OnceLock<Arc<Realm>>,
    /// When it could not be opened last; whoever opens it holds this.
    failed_at: Mutex<Option<Duration>>,
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants").field("means", &self.0.means).finish_non_exhaustive()
    }
}

impl Tenants {
    /// The service's own records, opened with `settings`; those of tenants are opened when they are asked for, on `runtime`, which must outlive
    /// them.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(records: Records, settings: RecordSettings, means: Means, runtime: Handle) -> std::io::Result<Self> {
        let service = Arc::new(Realm::start(records, &means)?);
        Ok(Self(Arc::new(Inner { service, settings, means, runtime, slots: RwLock::default() })))
    }

    /// The service's own realm: that of callers without a key, and of keys without a tenant.
    #[must_use]
    pub fn service(&self) -> &Arc<Realm> {
        &self.0.service
    }

    /// The realm of a tenant; `None` stands for the service itself.
    ///
    /// # Errors
    /// [`Refusal::StorageUnavailable`] when its records cannot be opened; the cause is in the log.
    pub async fn realm(&self, tenant: Option<&Tenant>) -> Result<Arc<Realm>, Refusal> {
        let Some(tenant) = tenant else { return Ok(self.0.service.clone()) };
        let slot = self.slot(tenant);
        if let Some(realm) = slot.realm.get() {
            return Ok(realm.clone());
        }
        // On the runtime of the records, and to its end also when this request is abandoned.
        let (this, tenant) = (self.clone(), tenant.clone());
        let opened = self.0.runtime.spawn(async move { this.opened(&tenant, &slot).await });
        opened.await.unwrap_or(Err(Refusal::Internal))
    }

    async fn opened(&self, tenant: &Tenant, slot: &Slot) -> Result<Arc<Realm>, Refusal> {
        let service = self.0.service.engine.records();
        let mut failed_at = slot.failed_at.lock().await;
        if let Some(realm) = slot.realm.get() {
            return Ok(realm.clone());
        }
        let now = service.surroundings().elapsed();
        if failed_at.is_some_and(|at| now.saturating_sub(at) < TRIED_AGAIN) {
            return Err(Refusal::StorageUnavailable);
        }
        match self.open(service, tenant).await {
            Ok(realm) => Ok(slot.realm.get_or_init(|| Arc::new(realm)).clone()),
            Err(cause) => {
                tracing::error!(%tenant, cause, "the records of a tenant cannot be opened");
                *failed_at = Some(now);
                Err(Refusal::StorageUnavailable)
            }
        }
    }

    /// Opens a tenant's records, or says why not.
    async fn open(&self, service: &Records, tenant: &Tenant) -> Result<Realm, String> {
        let records = service.of_tenant(&self.0.settings, tenant).await.map_err(|error| chain(&error))?;
        let store = records.store().clone();
        let clock = service.surroundings();
        let context = RequestContext { request_id: clock.new_id().to_string(), received_at: clock.now() };
        // Its keys are told here where an earlier program, or a command that was ended, did not; nobody waits for the tenant because of it.
        match told::tell(service.store(), tenant, &store, &OPERATOR, &context).await {
            Ok(0) => {}
            Ok(entries) => tracing::warn!(%tenant, entries, "the trail of a tenant was told of its keys"),
            Err(cause) => tracing::error!(%tenant, %cause, "the trail of a tenant cannot be told of its keys"),
        }
        match Realm::start(records, &self.0.means) {
            Ok(realm) => Ok(realm),
            Err(error) => {
                store.close().await;
                Err(error.to_string())
            }
        }
    }

    /// Opens the realms of all tenants that have keys, so that what their runs left is worked on. One that cannot be opened keeps none from the
    /// others.
    pub async fn open_all(&self, keyring: &Keyring) {
        match keyring.tenants().await {
            Ok(tenants) => {
                for tenant in &tenants {
                    // The log tells which one, and why.
                    let _ = self.realm(Some(tenant)).await;
                }
            }
            Err(NotKnown::NoSuchKey) => {}
            Err(NotKnown::Refused(refusal)) => tracing::error!(cause = %refusal, "the tenants are not known"),
        }
    }

    /// The realms that are open, that of the service first.
    #[must_use]
    pub fn open_realms(&self) -> Vec<Arc<Realm>> {
        let slots = self.0.slots.read().unwrap_or_else(PoisonError::into_inner);
        let tenants = slots.values().filter_map(|slot| slot.realm.get().cloned());
        [self.0.service.clone()].into_iter().chain(tenants).collect()
    }

    /// What all of them share.
    #[must_use]
    pub fn means(&self) -> &Means {
        &self.0.means
    }

    fn slot(&self, tenant: &Tenant) -> Arc<Slot> {
        let known = self.0.slots.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned();
        known.unwrap_or_else(|| {
            let mut slots = self.0.slots.write().unwrap_or_else(PoisonError::into_inner);
            slots.entry(tenant.clone()).or_default().clone()
        })
    }
}
