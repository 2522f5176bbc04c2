//! Commands on the records, with or without a running service.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{NaiveDate, NaiveTime};
use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};
use engine::access::told::{Untold, untold};
use engine::context::OPERATOR;
use engine::records::time::time_text;
use engine::records::{DatabaseUrl, KEY_LIFETIME_SECONDS, RecordSettings, RecordsError};
use governance::{ChainTip, SignedHead, Tenant, export};
use serde_json::json;
use store::{Store, StoreError};

use super::output::{chain, fail, print};
use crate::http::caller::Caller;
use crate::machine::Machine;

/// Where records are, for every command that uses them.
#[derive(Debug, Clone, Args)]
pub(super) struct RecordArgs {
    /// Folder of the plans, their audit trail and the key that signs it; made when it is missing
    #[arg(long, env = "REBALANCER_DATA_DIR", default_value = "rebalancer-data")]
    data_dir: PathBuf,
    /// PostgreSQL database (postgres://user:password@host/name) instead of a SQLite file in the folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<DatabaseUrl>,
    /// File that holds the address of the PostgreSQL database, as platforms hand out secrets
    #[arg(long, env = "DATABASE_URL_FILE", conflicts_with = "database_url")]
    database_url_file: Option<PathBuf>,
    /// File of the key that signs the audit trail [default: audit.key in the data folder, made on first use]
    #[arg(long, env = "REBALANCER_AUDIT_KEY_FILE")]
    audit_key_file: Option<PathBuf>,
}

/// The records of one tenant, for the commands that work on what belongs to somebody.
#[derive(Debug, Clone, Args)]
pub(super) struct TenantArgs {
    #[command(flatten)]
    records: RecordArgs,
    /// Whose records [default: those of the service itself]
    #[arg(long, env = "REBALANCER_TENANT")]
    tenant: Option<Tenant>,
}

impl TenantArgs {
    pub(super) fn settings(&self) -> RecordSettings {
        let settings = self.records.settings();
        self.tenant.as_ref().map_or_else(|| settings.clone(), |tenant| settings.of_tenant(tenant))
    }
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ReserveArgs {
    /// MiB on the disk that are set aside beside the SQLite file, so that the service can start on a full disk; 0 for none
    #[arg(long, env = "REBALANCER_RESERVE_MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=4096))]
    reserve_mib: u32,
}

/// What a command needs that makes records where there are none.
#[derive(Debug, Clone, Args)]
pub(super) struct MakingArgs {
    #[command(flatten)]
    records: RecordArgs,
    #[command(flatten)]
    reserve: ReserveArgs,
    /// Go on with records that were written with another key, and sign them with this one from here on, which is refused otherwise
    #[arg(long, env = "REBALANCER_NEW_KEY", value_parser = FalseyValueParser::new())]
    new_key: bool,
    /// Begin new records although there is a key and its database is missing or empty, which is refused otherwise
    #[arg(long, env = "REBALANCER_NEW_RECORDS", value_parser = FalseyValueParser::new())]
    new_records: bool,
}

/// What only the service needs of the records.
#[derive(Debug, Clone, Args)]
pub(super) struct KeepingArgs {
    #[command(flatten)]
    making: MakingArgs,
    /// Days after which plans are erased, each with an audit entry [default: never]
    #[arg(long, env = "REBALANCER_RETENTION_DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    retention_days: Option<u32>,
    /// Bytes that the records of each tenant may take, and those of the service itself; beyond it they are read, and no new plan, run, outcome or book is stored [default: as many as the disk has]
    #[arg(long, env = "REBALANCER_TENANT_BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    tenant_bytes: Option<u64>,
}

impl KeepingArgs {
    pub(super) fn settings(&self) -> RecordSettings {
        RecordSettings {
            retention_days: self.retention_days,
            tenant_bytes: self.tenant_bytes,
            ..self.making.settings()
        }
    }
}

impl MakingArgs {
    pub(super) fn settings(&self) -> RecordSettings {
        RecordSettings {
            new_key: self.new_key,
            new_records: self.new_records,
            reserve_mib: self.reserve.reserve_mib,
            ..self.records.settings()
        }
    }
}

impl RecordArgs {
    /// These records, as settings.
    pub(super) fn settings(&self) -> RecordSettings {
        RecordSettings {
            data_dir: self.data_dir.clone(),
            database_url: self.address(),
            key_file: self.audit_key_file.clone(),
            reserve_mib: 0,
            tenant: None,
            tenant_bytes: None,
            public_key: None,
            new_key: false,
            new_records: false,
            retention_days: None,
        }
    }

    fn address(&self) -> Option<DatabaseUrl> {
        self.database_url.clone().or_else(|| self.database_url_file.as_deref().map(DatabaseUrl::in_file))
    }
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check the whole trail and every stored plan; exit code 1 if anything does not hold
    Verify {
        #[command(flatten)]
        records: TenantArgs,
        /// Signed head kept earlier (the answer of GET /api/audit/head): shows a cut or rewritten trail
        #[arg(long)]
        head: Option<PathBuf>,
        /// Public key that the end of the trail, and the head, must be signed with, 64 hexadecimal digits [default for the trail: that of the key file, if it can be read]
        #[arg(long)]
        public_key: Option<String>,
    },
    /// Print every entry as a line of JSON
    Export {
        #[command(flatten)]
        records: TenantArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    records: TenantArgs,
    /// SQLite file to write; it must not exist
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct PruneArgs {
    #[command(flatten)]
    records: TenantArgs,
    #[command(flatten)]
    reserve: ReserveArgs,
    /// Erase plans created before this day (UTC), each with an audit entry, and runs that ended before it
    #[arg(long)]
    before: NaiveDate,
    /// Rewrite the whole SQLite file: only files of earlier programs need it, and it takes as much room again for a while
    #[arg(long)]
    rewrite: bool,
}

/// Erases as retention does, and gives the room back to the disk.
pub(super) fn prune(args: &PruneArgs) -> ExitCode {
    let settings = RecordSettings { reserve_mib: args.reserve.reserve_mib, ..args.records.settings() };
    with_store_to_write(&settings, async |store| {
        let context = Caller::local(OPERATOR, "prune").context;
        let before = time_text(args.before.and_time(NaiveTime::MIN).and_utc());
        let keys_before = context.received_at.timestamp() - 2 * KEY_LIFETIME_SECONDS;
        let mut erased = 0;
        loop {
            let (now, request_id) = (time_text(context.received_at), context.request_id.clone());
            match store.prune(before.clone(), keys_before, now, request_id).await? {
                0 => break,
                more => erased += more,
            }
        }
        if args.rewrite {
            store.shrink(true).await?;
        }
        Ok(print(&format!("{}\n", json!({"erased": erased}))))
    })
}

pub(super) fn audit(args: &AuditArgs) -> ExitCode {
    match &args.command {
        AuditCommand::Verify { records, head, public_key } => {
            let seen = match head.as_deref().map(|file| read_head(file, public_key.as_deref())).transpose() {
                Ok(seen) => seen,
                Err(message) => return fail(2, &message),
            };
            let settings = RecordSettings { public_key: public_key.clone(), ..records.settings() };
            with_store(&settings, async |store| {
                let report = store.verify(seen).await?;
                let keys = match report.first_break {
                    None => keys_of(records, &settings, store).await,
                    Some(_) => Ok(None),
                };
                let text = json!({
                    "valid": report.first_break.is_none(),
                    "entries": report.entries,
                    "plans": report.plans,
                    "outcomes": report.outcomes,
                    "portfolio_versions": report.portfolio_versions,
                    "champion_moves": report.champion_moves,
                    "control_records": report.control_records,
                    "head": report.head.hash,
                    "root": report.root,
                    "is_signed_end": report.is_signed,
                    "first_break": report.first_break,
                    "api_keys": keys.as_ref().ok().and_then(Option::as_ref).map(|keys| json!({
                        "untold_creations": keys.creations,
                        "untold_revocations": keys.revocations,
                        "unknown": keys.unknown,
                    })),
                });
                let printed = print(&format!("{text}\n"));
                Ok(match (report.first_break, keys) {
                    (Some(broken), _) => fail(1, &format!("the trail is broken: {broken}")),
                    (None, Ok(Some(keys))) if !keys.is_empty() => {
                        fail(1, "the trail does not tell the API keys that the records of the service have")
                    }
                    (None, Err(why)) => fail(1, &why),
                    _ => printed,
                })
            })
        }
        AuditCommand::Export { records } => with_store(&records.settings(), async |store| {
            let mut after = 0;
            loop {
                let entries = store.entries(after, 1000).await?;
                let Some(last) = entries.last() else { return Ok(ExitCode::SUCCESS) };
                after = last.sequence;
                let printed = print(&entries.iter().map(export::line).collect::<String>());
                if printed != ExitCode::SUCCESS {
                    return Ok(printed);
                }
            }
        }),
    }
}

/// What the trail of a tenant does not tell of its API keys; `None` for the trail of the service, whose keys the chain itself covers, and where the
/// records of the service are not there, as beside a copy of a tenant's.
async fn keys_of(args: &TenantArgs, settings: &RecordSettings, store: &Store) -> Result<Option<Untold>, String> {
    let Some(tenant) = &args.tenant else { return Ok(None) };
    let service = match (RecordSettings { tenant: None, ..settings.clone() }).open_existing().await {
        Ok(service) => service,
        Err(RecordsError::Store(StoreError::Missing { .. })) => return Ok(None),
        Err(error) => return Err(chain(&error)),
    };
    let found = untold(&service, tenant, store).await;
    service.close().await;
    found.map(Some).map_err(|refusal| format!("the API keys of {tenant} cannot be read: {refusal}"))
}

pub(super) fn backup(args: &BackupArgs) -> ExitCode {
    with_store(&args.records.settings(), async |store| {
        store.backup(&args.file).await?;
        Ok(print(&format!("{}\n", args.file.display())))
    })
}

/// The end of the chain that a signed head speaks of; the file is the head itself or the service's answer around it.
fn read_head(file: &std::path::Path, public_key: Option<&str>) -> Result<ChainTip, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut value: serde_json::Value = serde_json::from_str(&text).map_err(|_| format!("{shown} is not JSON"))?;
    if value.get("head").is_some_and(serde_json::Value::is_object) {
        value = value["head"].take();
    }
    let head: SignedHead = serde_json::from_value(value).map_err(|_| format!("{shown} is not a signed head"))?;
    head.verify(public_key).map_err(|error| format!("{shown}: {error}"))?;
    Ok(head.tip())
}

/// Reads the records there are.
pub(super) fn with_store(
    records: &RecordSettings,
    work: impl AsyncFnOnce(&Store) -> Result<ExitCode, StoreError>,
) -> ExitCode {
    on_runtime(with_opened(records.open_existing(), work))
}

/// Writes to the records there are.
pub(super) fn with_store_to_write(
    records: &RecordSettings,
    work: impl AsyncFnOnce(&Store) -> Result<ExitCode, StoreError>,
) -> ExitCode {
    on_runtime(with_opened(records.open_to_write(), work))
}

/// Reads the records, or works without any where there are none.
pub(super) fn with_store_if_any(
    records: &RecordSettings,
    work: impl AsyncFnOnce(Option<&Store>) -> ExitCode,
) -> ExitCode {
    on_runtime(async {
        let store = match records.open_existing().await {
            Ok(store) => Some(store),
            Err(RecordsError::Store(StoreError::Missing { .. })) => None,
            Err(other) => return Ok(fail(1, &chain(&other))),
        };
        let done = work(store.as_ref()).await;
        if let Some(store) = store {
            store.close().await;
        }
        Ok(done)
    })
}

/// Works on the records, which are made where there are none.
pub(super) fn with_store_made(
    records: &RecordSettings,
    work: impl AsyncFnOnce(&Store) -> Result<ExitCode, StoreError>,
) -> ExitCode {
    on_runtime(with_opened(async { Ok(records.open_store(&Machine).await?.0) }, work))
}

async fn with_opened(
    opening: impl Future<Output = Result<Store, RecordsError>>,
    work: impl AsyncFnOnce(&Store) -> Result<ExitCode, StoreError>,
) -> Result<ExitCode, StoreError> {
    let store = match opening.await {
        Ok(store) => store,
        Err(error) => return Ok(fail(1, &chain(&error))),
    };
    let done = work(&store).await;
    store.close().await;
    done
}

fn on_runtime(work: impl Future<Output = Result<ExitCode, StoreError>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    runtime.block_on(work).unwrap_or_else(|error| fail(1, &chain(&error)))
}
