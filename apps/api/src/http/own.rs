//! The engine and the runs of the tenant whose key a request carries: the only ones that an operation can reach.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use engine::Engine;
use engine::jobs::Runs;
use engine::refusal::Refusal;

use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::tenants::Realm;

/// A part of the realm that [`access::check`](crate::http::access::check) attached to the request. A request that did not pass there has none, and
/// is refused.
pub struct Own<T>(Arc<Realm>, PhantomData<T>);

/// What a realm has one of.
pub trait OfRealm {
    /// That of a realm.
    fn of(realm: &Realm) -> &Self;
}

impl OfRealm for Engine {
    fn of(realm: &Realm) -> &Self {
        realm.engine()
    }
}

impl OfRealm for Runs {
    fn of(realm: &Realm) -> &Self {
        realm.runs()
    }
}

impl<T: OfRealm> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        T::of(&self.0)
    }
}

impl<T: OfRealm> FromRequest for Own<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let realm = request.extensions().get::<Arc<Realm>>().cloned();
        ready(match realm {
            Some(realm) => Ok(Self(realm, PhantomData)),
            None => Err(Problem::new(&Caller::of(request), Refusal::Internal)),
        })
    }
}
