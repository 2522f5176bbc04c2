//! How access to the service is configured, and the key of its first start.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;
use engine::access::keyring::Keyring;
use engine::access::keys::{NewKey, create_first};
use engine::access::scope::Scope;
use engine::records::Records;

use super::halt::OPERATOR;
use crate::http::access::Doors;
use crate::http::caller::Caller;
use crate::http::hosts::{Hosts, InvalidHost};
use crate::http::totals::Limits;

/// The name of the key that the first start makes.
const BOOTSTRAP: &str = "bootstrap";

#[derive(Debug, Clone, Args)]
pub(super) struct AccessArgs {
    /// Names the service answers to beside those of loopback, with commas between; `*` stands for every name
    #[arg(long, env = "REBALANCER_HOSTS", value_delimiter = ',')]
    hosts: Vec<String>,
    /// Ask for an API key on loopback too, where none is needed by default
    #[arg(long, env = "REBALANCER_REQUIRE_KEYS", value_parser = FalseyValueParser::new())]
    require_keys: bool,
    /// Ask for no API key, although the service listens beyond loopback: whoever reaches the port may do everything
    #[arg(long, env = "REBALANCER_ALLOW_ANONYMOUS", value_parser = FalseyValueParser::new())]
    allow_anonymous: bool,
}

impl AccessArgs {
    /// What stands before the operations of a service that listens on loopback or beyond it, or why that cannot be.
    pub(super) fn doors(&self, is_loopback: bool, limits: Limits, records: &Records) -> Result<Doors, String> {
        if self.require_keys && self.allow_anonymous {
            return Err("REBALANCER_REQUIRE_KEYS and REBALANCER_ALLOW_ANONYMOUS contradict each other".to_owned());
        }
        let names: Vec<String> = self.hosts.iter().filter(|name| !name.is_empty()).cloned().collect();
        let hosts = Hosts::new(&names, !is_loopback)
            .map_err(|InvalidHost(name)| format!("REBALANCER_HOSTS: {name:?} is not a name of a host"))?;
        if !is_loopback && self.allow_anonymous {
            tracing::warn!("whoever reaches the port may do everything: REBALANCER_ALLOW_ANONYMOUS is set");
        }
        let keys_required = self.require_keys || !(is_loopback || self.allow_anonymous);
        Ok(Doors { hosts, keys_required, keyring: Keyring::new(records.clone()), limits, metrics: Arc::default() })
    }
}

/// Where keys are required and none was ever made: makes one for everything, and prints it this once.
pub(super) async fn make_first_key(doors: &Doors, records: &Records) -> Result<(), String> {
    if !doors.keys_required {
        return Ok(());
    }
    let caller = Caller::local(OPERATOR, "serve");
    let new = NewKey { name: BOOTSTRAP.to_owned(), scopes: vec![Scope::Admin], expires_at: None };
    let surroundings = records.surroundings().as_ref();
    let made = create_first(records.store(), surroundings, &caller.actor, &caller.context, &new).await;
    if let Some(key) = made.map_err(|refusal| format!("cannot make the first key: {refusal}"))? {
        let shown = format!(
            "First API key, of everything, shown this once: {}\nMake others with `rebalancer keys create`, then `rebalancer keys revoke {}`.\n",
            key.shown(),
            key.id()
        );
        io::stdout().write_all(shown.as_bytes()).map_err(|error| format!("cannot print the first key: {error}"))?;
    }
    Ok(())
}
