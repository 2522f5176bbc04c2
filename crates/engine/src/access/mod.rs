//! Access: API keys with scopes, recorded in the audit trail, and the actor behind a request.
//!
//! A key is a record of control of the topic `keys`, so creating and revoking one are entries of the audit trail, a key
//! that somebody adds to the database or removes from it is detected when the keys are read, and SQLite and PostgreSQL
//! store them alike.

pub mod keyring;
pub mod keys;
pub mod scope;
pub mod secret;
pub mod told;
