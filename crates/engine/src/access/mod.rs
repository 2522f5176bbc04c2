//! Access: API keys with scopes, kept under the audit trail, and who stands behind a request.
//!
//! A key is a record of control of the topic `keys`, so creating and revoking one are entries of the audit trail, a key that somebody
//! writes into the database or takes out of it is found when the keys are read, and SQLite and PostgreSQL keep them alike.

pub mod keyring;
pub mod keys;
pub mod scope;
pub mod secret;
