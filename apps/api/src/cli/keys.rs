//! API keys from the command line: they need the records and no service.

use std::io::{self, Write};
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use engine::access::keys::{self, KeyEntry, NewKey};
use engine::access::scope::Scope;
use engine::records::RecordSettings;
use engine::records::time::time_text;
use engine::refusal::Refusal;
use governance::Tenant;
use serde_json::{Value, json};
use store::Store;

use super::halt::OPERATOR;
use super::output::{chain, fail, print};
use super::records::{MakingArgs, RecordArgs, with_store, with_store_made, with_store_to_write};
use crate::http::caller::Caller;
use crate::machine::Machine;

#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key and print it this once; it is kept as a hash
    Create {
        #[command(flatten)]
        records: MakingArgs,
        /// Who acts with it: the actor of plans, approvals and entries of the audit trail
        name: String,
        /// What it may be used for, with commas between: read, plan, approve, admin
        #[arg(long, required = true, value_delimiter = ',', value_parser = scope)]
        scopes: Vec<Scope>,
        /// Whose records it opens; the first key of a tenant makes them [default: those of the service itself]
        #[arg(long)]
        tenant: Option<Tenant>,
        /// Days until it expires [default: never]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3660))]
        days: Option<u32>,
    },
    /// Print every key that was ever made, as JSON, without its secret
    List {
        #[command(flatten)]
        records: RecordArgs,
    },
    /// Revoke a key for good; a running service refuses it within a quarter of a second
    Revoke {
        #[command(flatten)]
        records: RecordArgs,
        /// The id: the twelve characters after `rbk_`
        id: String,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::named(text).ok_or_else(|| "one of read, plan, approve, admin".to_owned())
}

pub(super) fn keys(args: &KeysArgs) -> ExitCode {
    let caller = Caller::local(OPERATOR, "keys");
    let (actor, context) = (&caller.actor, &caller.context);
    match &args.command {
        KeysCommand::Create { records, name, scopes, tenant, days } => {
            let expires_at =
                days.and_then(|days| context.received_at.checked_add_signed(TimeDelta::days(i64::from(days))));
            let new = NewKey { name: name.clone(), scopes: scopes.clone(), tenant: tenant.clone(), expires_at };
            let settings = records.settings();
            with_store_made(&settings, async |store| {
                if let Some(tenant) = tenant
                    && let Err(why) = begin(store, &settings, tenant).await
                {
                    return Ok(fail(1, &why));
                }
                Ok(match keys::create(store, &Machine, actor, context, &new).await {
                    Ok(key) => {
                        let until = expires_at
                            .map_or_else(|| "never expires".to_owned(), |end| format!("expires {}", time_text(end)));
                        // A closed standard error must not keep the key from being printed.
                        let _ =
                            writeln!(io::stderr(), "key {} of {name}, which {until}; it is shown this once:", key.id());
                        print(&format!("{}\n", key.shown()))
                    }
                    Err(Refusal::Invalid(faults)) => {
                        let told: Vec<String> =
                            faults.iter().map(|fault| format!("{}: {}", fault.place(), fault.detail)).collect();
                        fail(2, &told.join("; "))
                    }
                    Err(refusal) => fail(1, &refusal.to_string()),
                })
            })
        }
        KeysCommand::List { records } => with_store(&records.settings(), async |store| {
            Ok(match keys::list(store).await {
                Ok(entries) => print(&format!("{}\n", Value::Array(entries.iter().map(told).collect()))),
                Err(refusal) => fail(1, &refusal.to_string()),
            })
        }),
        KeysCommand::Revoke { records, id } => with_store_to_write(&records.settings(), async |store| {
            Ok(match keys::revoke(store, actor, context, id).await {
                Ok(Some(entry)) => print(&format!("{}\n", told(&entry))),
                Ok(None) => fail(1, &format!("no key has the id {id}; `rebalancer keys list` lists them")),
                Err(refusal) => fail(1, &refusal.to_string()),
            })
        }),
    }
}

/// Makes the records of a tenant who has no key yet. Later ones find them, or say that they are gone.
async fn begin(store: &Store, settings: &RecordSettings, tenant: &Tenant) -> Result<(), String> {
    let known = keys::list(store).await.map_err(|refusal| refusal.to_string())?;
    if known.iter().any(|entry| entry.tenant.as_ref() == Some(tenant)) {
        return Ok(());
    }
    settings.of_tenant(tenant).begin().await.map_err(|error| chain(&error))
}

fn told(entry: &KeyEntry) -> Value {
    json!({
        "id": entry.id,
        "name": entry.actor.as_str(),
        "scopes": entry.scopes,
        "tenant": entry.tenant,
        "created_at": entry.created_at,
        "expires_at": entry.expires_at.map(time_text),
        "revoked_at": entry.revoked_at,
    })
}
