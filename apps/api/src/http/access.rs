//! Access: the name a request is for, the page it comes from, the key it carries, the scope of the operation, and whose records it reaches.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use engine::access::keyring::{Keyring, NotKnown, Principal};
use engine::access::scope::Scope;
use engine::meter::{Meter, metered};
use engine::refusal::Refusal;
use engine::surroundings::Surroundings;
use rustls::ServerConfig;

use crate::http::body::drain;
use crate::http::caller::{Caller, surroundings_of};
use crate::http::hosts::Hosts;
use crate::http::problem::{KeyFault, Problem, ProblemKind};
use crate::http::rates::{Rates, Who};
use crate::http::scopes::{Needs, PROBES, needs};
use crate::http::totals::{Full, Limits, Spare};
use crate::metrics::Metrics;
use crate::tenants::Tenants;

/// What stands before the operations.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The names the service answers to.
    pub hosts: Hosts,
    /// Whether nobody passes without a key. Otherwise a request without one is of the actor `api`, which may do everything.
    pub keys_required: bool,
    /// The keys.
    pub keyring: Keyring,
    /// How much each caller may ask for; `None`: as much as it likes.
    pub rates: Option<Arc<Rates>>,
    /// How the service speaks TLS; `None`: it speaks in the clear.
    pub tls: Option<Arc<ServerConfig>>,
    /// How much clients may hold.
    pub limits: Limits,
    /// Where what passes, and what does not, is counted.
    pub metrics: Arc<Metrics>,
}

/// Middleware: refuses what may not pass, and names the actor of what may.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // A tunnel is refused whoever asks, and what follows it is no body that could be read to its end.
    let passes = if request.method() == Method::CONNECT { Ok(()) } else { pass(&request).await };
    let surroundings = surroundings_of(&request);
    let counted = request.extensions().get::<Counted>().cloned();
    let exceeded = match passes {
        Err(ProblemKind::RateLimited(exceeded)) => Some(exceeded),
        _ => None,
    };
    let mut answer = match passes {
        Ok(()) => {
            let meter = counted.clone().map(|counted| counted.meter(surroundings.clone()));
            metered(meter, next.call(request)).await?.map_into_left_body()
        }
        Err(kind) => {
            let (request, payload) = request.into_parts();
            let problem = Problem::new(&Caller::of(&request), kind);
            let answer = problem.after_unread(drain(payload).await).error_response();
            ServiceResponse::new(request, answer).map_into_right_body()
        }
    };
    if let Some(Counted { rates, who }) = counted {
        rates.tell(&who, exceeded, surroundings.elapsed(), answer.headers_mut());
    }
    Ok(answer)
}

/// Marks a request that is counted, with whose it is.
#[derive(Clone)]
struct Counted {
    rates: Arc<Rates>,
    who: Who,
}

impl Counted {
    /// What its computations are charged to.
    fn meter(self, surroundings: Arc<dyn Surroundings>) -> Arc<Meter> {
        let clock = surroundings.clone();
        Meter::new(surroundings, move |spent| self.rates.charge(&self.who, spent, clock.elapsed()))
    }
}

/// Lets a request pass under the name of its actor, or says why not.
async fn pass(request: &ServiceRequest) -> Result<(), ProblemKind> {
    let Some(doors) = request.app_data::<Data<Doors>>().cloned() else {
        return Err(Refusal::Internal.into());
    };
    // The path as the router reads it: a letter that is sent as %70 is the letter, and must not lead past the table.
    let pattern = request.resource_map().match_pattern(request.match_info().as_str());
    let pattern = pattern.as_deref().unwrap_or("");
    if PROBES.contains(&pattern) {
        return Ok(());
    }
    if request.conn_data::<Spare>().is_some() {
        return Err(ProblemKind::Full(Full::Connections));
    }
    if !doors.hosts.answer(request.uri(), request.headers()) {
        return Err(ProblemKind::Misdirected);
    }
    let needed = needs(request.method().as_str(), pattern);
    if needed == Some(Needs::Nothing) {
        return Ok(());
    }
    if doors.hosts.is_foreign(request.headers()) {
        return Err(ProblemKind::ForeignOrigin);
    }
    let principal = principal_of(&doors, request).await;
    if let Some(rates) = &doors.rates {
        // Who has no valid key is known by its address alone; who has one is not taken for others behind its proxy.
        let who = match &principal {
            Ok(Some(principal)) => Who::Key(principal.tenant.clone(), principal.actor.as_str().to_owned()),
            _ => Who::at(request.peer_addr().map(|peer| peer.ip())),
        };
        request.extensions_mut().insert(Counted { rates: rates.clone(), who: who.clone() });
        let computes = needed == Some(Needs::Scope(Scope::Plan));
        let now = surroundings_of(request).elapsed();
        rates.take(&who, computes, now).map_err(ProblemKind::RateLimited)?;
    }
    let Some(tenants) = request.app_data::<Data<Tenants>>() else {
        return Err(Refusal::Internal.into());
    };
    let Some(principal) = principal? else {
        if doors.keys_required {
            return Err(ProblemKind::KeyRequired(KeyFault::Missing));
        }
        tenants.service().attach(&mut request.extensions_mut());
        return Ok(());
    };
    // What is in no table is not there for anybody: the answer is 404 or 405.
    let scope = match needed {
        Some(Needs::Scope(scope)) => scope,
        _ if pattern.is_empty() => return Ok(()),
        _ => Scope::Admin,
    };
    if !scope.is_among(&principal.scopes) {
        return Err(ProblemKind::ScopeRequired(scope));
    }
    if let Some(caller) = request.extensions_mut().get_mut::<Caller>() {
        caller.actor = principal.actor;
        caller.tenant.clone_from(&principal.tenant);
    }
    let realm = tenants.realm(principal.tenant.as_ref()).await?;
    realm.attach(&mut request.extensions_mut());
    Ok(())
}

/// Whose key a request carries; `None` for one without a key.
async fn principal_of(doors: &Doors, request: &ServiceRequest) -> Result<Option<Principal>, ProblemKind> {
    let Some(key) = sent_key(request.headers())? else { return Ok(None) };
    let now = Caller::of(request.request()).context.received_at;
    let principal = doors.keyring.principal(key, now).await.map_err(|why| match why {
        NotKnown::NoSuchKey => ProblemKind::KeyRequired(KeyFault::Unknown),
        NotKnown::Refused(refusal) => refusal.into(),
    })?;
    Ok(Some(principal))
}

/// The key of a request, if it carries one. What names another scheme is for somebody else: a proxy's own sign-in, for one.
fn sent_key(headers: &HeaderMap) -> Result<Option<&str>, ProblemKind> {
    let mut sent = headers.get_all(AUTHORIZATION);
    let Some(value) = sent.next() else { return Ok(None) };
    if sent.next().is_some() {
        return Err(ProblemKind::KeyRequired(KeyFault::Several));
    }
    let text = value.to_str().map_err(|_| ProblemKind::KeyRequired(KeyFault::Unknown))?;
    let (scheme, key) = text.split_once(' ').unwrap_or((text, ""));
    Ok(scheme.eq_ignore_ascii_case("Bearer").then_some(key.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_key_is_what_follows_bearer() {
        let sent = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            sent_key(&headers).map(|key| key.map(str::to_owned))
        };
        assert_eq!(sent(&[]), Ok(None));
        assert_eq!(sent(&["Bearer abc"]), Ok(Some("abc".to_owned())));
        assert_eq!(sent(&["bearer  abc "]), Ok(Some("abc".to_owned())));
        assert_eq!(sent(&["Bearer"]), Ok(Some(String::new())));
        assert_eq!(sent(&["Basic abc"]), Ok(None));
        assert_eq!(sent(&["Bearer a", "Bearer b"]), Err(ProblemKind::KeyRequired(KeyFault::Several)));
    }
}
