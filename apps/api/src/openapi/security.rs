//! The scheme of keys, and the scope of each operation, as the contract declares them.

use engine::access::scope::Scope;
use utoipa::openapi::Components;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use crate::http::scopes::{Needs, needs};

/// The name of the scheme in the contract.
const SCHEME: &str = "ApiKey";

/// The scope that an operation needs; `None` when it answers to everybody.
pub(super) fn scope_of(method: &str, path: &str) -> Option<Scope> {
    match needs(method, path) {
        Some(Needs::Nothing) => None,
        Some(Needs::Scope(scope)) => Some(scope),
        None => Some(Scope::Admin),
    }
}

/// Adds the scheme.
pub(super) fn add_scheme(components: &mut Components) {
    let description = "A key made by `rebalancer keys create`, with scopes: `read`: read what is stored; `plan`: compute, plan, keep \
                       books, export orders; `approve`: decide about plans and halt; `admin`: everything. A service on \
                       loopback requires no key unless it is configured to.";
    let scheme =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rbk").description(Some(description)).build();
    components.security_schemes.insert(SCHEME.to_owned(), SecurityScheme::Http(scheme).into());
}

/// Declares what an operation needs: a key with the scope, or none where the service asks for none.
pub(super) fn declare(operation: &mut Operation, scope: Option<Scope>) {
    operation.security = Some(match scope {
        Some(scope) => vec![SecurityRequirement::new(SCHEME, [scope.as_str()]), SecurityRequirement::default()],
        None => Vec::new(),
    });
}
