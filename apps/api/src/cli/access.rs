//! How access to the service is configured, and the key of its first start.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;
use engine::access::keyring::Keyring;
use engine::access::keys::{NewKey, create_first};
use engine::access::scope::Scope;
use engine::context::OPERATOR;
use engine::records::Records;

use crate::http::access::Doors;
use crate::http::caller::Caller;
use crate::http::hosts::{Hosts, InvalidHost};
use crate::http::rates::{Quotas, Rates};
use crate::http::tls;
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
    /// File with the certificate of the service in PEM, and those between it and its authority: it then speaks TLS and nothing else [default: none, in the clear]
    #[arg(long, env = "REBALANCER_TLS_CERT_FILE", requires = "tls_key_file")]
    tls_cert_file: Option<PathBuf>,
    /// File with the private key of that certificate in PEM
    #[arg(long, env = "REBALANCER_TLS_KEY_FILE", requires = "tls_cert_file")]
    tls_key_file: Option<PathBuf>,
    /// Requests that one caller, a key or else an address, may make in a minute; 0: any number [default: 6000, on loopback any number]
    #[arg(long, env = "REBALANCER_RATE_REQUESTS", value_parser = clap::value_parser!(u32).range(0..=1_000_000_000))]
    rate_requests: Option<u32>,
    /// Seconds of computing that one caller may have in a minute, on one place; 0: any number [default: 60, on loopback any number]
    #[arg(long, env = "REBALANCER_RATE_WORK_SECONDS", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    rate_work_seconds: Option<u32>,
}

/// Requests of one caller in a minute where the service listens beyond loopback.
const REQUESTS: u32 = 6_000;
/// Seconds of computing of one caller in a minute there: one place all the time.
const WORK_SECONDS: u32 = 60;

impl AccessArgs {
    /// What each caller may ask for: on loopback anything, unless it is configured.
    fn quotas(&self, is_loopback: bool) -> Quotas {
        let of = |set: Option<u32>, beyond: u32| NonZeroU32::new(set.unwrap_or(if is_loopback { 0 } else { beyond }));
        Quotas { requests: of(self.rate_requests, REQUESTS), work_seconds: of(self.rate_work_seconds, WORK_SECONDS) }
    }

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
        let rates = Rates::of(self.quotas(is_loopback)).map(Arc::new);
        let tls = match (&self.tls_cert_file, &self.tls_key_file) {
            (Some(certificate), Some(key)) => Some(tls::server(certificate, key)?),
            _ => None,
        };
        let keyring = Keyring::new(records.clone());
        Ok(Doors { hosts, keys_required, keyring, rates, tls, limits, metrics: Arc::default() })
    }
}

/// Where keys are required and none was ever made: makes one for everything, and prints it this once.
pub(super) async fn make_first_key(doors: &Doors, records: &Records) -> Result<(), String> {
    if !doors.keys_required {
        return Ok(());
    }
    let caller = Caller::local(OPERATOR, "serve");
    let new = NewKey { name: BOOTSTRAP.to_owned(), scopes: vec![Scope::Admin], tenant: None, expires_at: None };
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
