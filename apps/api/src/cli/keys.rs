//! API keys from the command line: they need the records and no service.

use std::io::{self, Write};
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use engine::access::keys::{self, KeyEntry, NewKey};
use engine::access::scope::Scope;
use engine::access::told;
use engine::context::OPERATOR;
use engine::records::RecordSettings;
use engine::records::time::time_text;
use engine::refusal::Refusal;
use governance::Tenant;
use serde_json::{Value, json};
use store::Store;

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
                // A tenant whose records cannot be told of a key gets none.
                let own = match tenant {
                    None => None,
                    Some(tenant) => match begun(store, &settings, tenant).await {
                        Ok(own) => Some((tenant, own)),
                        Err(why) => return Ok(fail(1, &why)),
                    },
                };
                let made = create(store, own.as_ref().map(|(tenant, own)| (*tenant, own)), &caller, &new).await;
                if let Some((_, own)) = own {
                    own.close().await;
                }
                Ok(made)
            })
        }
        KeysCommand::List { records } => with_store(&records.settings(), async |store| {
            Ok(match keys::list(store).await {
                Ok(entries) => print(&format!("{}\n", Value::Array(entries.iter().map(shown).collect()))),
                Err(refusal) => fail(1, &refusal.to_string()),
            })
        }),
        KeysCommand::Revoke { records, id } => with_store_to_write(&records.settings(), async |store| {
            Ok(match keys::revoke(store, actor, context, id).await {
                Ok(Some(entry)) => {
                    if let Some(tenant) = &entry.tenant
                        && let Err(why) = tell(store, &records.settings(), tenant, &caller).await
                    {
                        // The revocation stands; the next start tells it.
                        let _ = writeln!(io::stderr(), "the trail of {tenant} was not told: {why}");
                    }
                    print(&format!("{}\n", shown(&entry)))
                }
                Ok(None) => fail(1, &format!("no key has the id {id}; `rebalancer keys list` lists them")),
                Err(refusal) => fail(1, &refusal.to_string()),
            })
        }),
    }
}

/// Makes a key and prints it, after the trail of its tenant tells it.
async fn create(store: &Store, own: Option<(&Tenant, &Store)>, caller: &Caller, new: &NewKey) -> ExitCode {
    let (actor, context) = (&caller.actor, &caller.context);
    let key = match keys::create(store, &Machine, actor, context, new).await {
        Ok(key) => key,
        Err(Refusal::Invalid(faults)) => {
            let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.place(), fault.detail)).collect();
            return fail(2, &told.join("; "));
        }
        Err(refusal) => return fail(1, &refusal.to_string()),
    };
    if let Some((tenant, own)) = own
        && let Err(refusal) = told::tell(store, tenant, own, actor, context).await
    {
        let id = key.id();
        return fail(
            1,
            &format!("the trail of {tenant} does not tell the key {id}, which is not shown; revoke it: {refusal}"),
        );
    }
    let until = new.expires_at.map_or_else(|| "never expires".to_owned(), |end| format!("expires {}", time_text(end)));
    // A closed standard error must not keep the key from being printed.
    let _ = writeln!(io::stderr(), "key {} of {}, which {until}; it is shown this once:", key.id(), new.name);
    print(&format!("{}\n", key.shown()))
}

/// The records of a tenant, made for one who has no key yet. Later ones find them, or say that they are gone.
async fn begun(store: &Store, settings: &RecordSettings, tenant: &Tenant) -> Result<Store, String> {
    let known = keys::list(store).await.map_err(|refusal| refusal.to_string())?;
    let own = settings.of_tenant(tenant);
    if !known.iter().any(|entry| entry.tenant.as_ref() == Some(tenant)) {
        own.begin().await.map_err(|error| chain(&error))?;
    }
    own.open_to_write().await.map_err(|error| chain(&error))
}

/// Has the trail of a tenant tell its keys.
async fn tell(store: &Store, settings: &RecordSettings, tenant: &Tenant, caller: &Caller) -> Result<(), String> {
    let own = settings.of_tenant(tenant).open_to_write().await.map_err(|error| chain(&error))?;
    let told = told::tell(store, tenant, &own, &caller.actor, &caller.context).await;
    own.close().await;
    told.map(drop).map_err(|refusal| refusal.to_string())
}

fn shown(entry: &KeyEntry) -> Value {
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
