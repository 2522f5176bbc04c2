//! The engine and the runs of the tenant whose key a request carries: the only ones that an operation can reach.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use engine::refusal::Refusal;

use crate::http::caller::Caller;
use crate::http::problem::Problem;

/// What [`Realm::attach`](crate::tenants::Realm::attach) gave to the request, at its [door](crate::http::access::check). A request that did not pass
/// there has nothing, and is refused.
pub struct Own<T>(Arc<T>);

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: 'static> FromRequest for Own<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let own = request.extensions().get::<Arc<T>>().cloned();
        ready(own.map(Self).ok_or_else(|| Problem::new(&Caller::of(request), Refusal::Internal)))
    }
}
