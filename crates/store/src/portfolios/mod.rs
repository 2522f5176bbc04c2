//! Named books: each version is committed with the audit entry that holds its digest, and is never changed.
//!
//! The trail determines the latest version: that of the book's newest entry. A book whose newest entry closes it has
//! none.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Actor, Content, Digest, PortfolioVersion};

use crate::keys::KeyClaim;

/// A version of a book to be saved. Its number follows from the versions that are stored.
#[derive(Debug, Clone)]
pub struct NewPortfolioVersion {
    /// The book's id.
    pub portfolio_id: String,
    /// The book's name from now on.
    pub name: String,
    /// The words by which lists find the book, in lower case.
    pub words: String,
    /// When the request to save it was received, RFC 3339, UTC.
    pub saved_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Version of the engine that checked it.
    pub engine_version: String,
    /// The request of the book, byte for byte.
    pub request: Content,
    /// Who saves it.
    pub actor: Actor,
    /// The client's key, if it sent one.
    pub claim: Option<KeyClaim>,
    /// The version on which the write is based.
    pub basis: PortfolioBasis,
}

/// The version on which a write to a book is based. Of two writes based on the same version the first is stored, and
/// the other is stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortfolioBasis {
    /// Nothing: the book does not exist yet.
    Nothing,
    /// The latest version, whichever it is.
    AnyVersion,
    /// The latest version must have one of these digests.
    OneOf(Vec<Digest>),
}

/// The result of saving a version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortfolioKept {
    /// It is stored durably.
    New(Box<StoredPortfolio>),
    /// Its key was already used for this request, which saved the first version of this book; nothing was stored.
    Earlier {
        /// The book of the key.
        portfolio_id: String,
    },
    /// Its key was already used for another request; nothing was stored.
    OtherRequest,
    /// Another version is the latest; nothing was stored.
    Stale,
    /// There is no such book, or it was closed; nothing was stored.
    NotFound,
}

/// An order to close a book.
#[derive(Debug, Clone)]
pub struct ClosePortfolio {
    /// The book's id.
    pub portfolio_id: String,
    /// The version on which the close is based.
    pub basis: PortfolioBasis,
    /// When the request was received, RFC 3339, UTC.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Who closes it.
    pub actor: Actor,
}

/// The result of closing a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClosedPortfolio {
    /// The book is closed durably.
    Closed {
        /// Sequence of the audit entry.
        sequence: u64,
    },
    /// Another version is the latest; nothing was stored.
    Stale,
    /// There is no such book, or it was closed before; nothing was stored.
    NotFound,
}

/// A stored version of a book; its bytes were compared with its digest and its entry when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPortfolio {
    /// The version.
    pub record: PortfolioVersion,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// Its digest.
    pub digest: Digest,
}

/// A version in a list: everything but the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioRow {
    /// The book's id.
    pub portfolio_id: String,
    /// Number of the version, from 1 without gaps.
    pub version: u64,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// The book's name in this version.
    pub name: String,
    /// When it was saved.
    pub saved_at: String,
    /// Id of the request that saved it.
    pub request_id: String,
    /// Version of the engine that checked it.
    pub engine_version: String,
    /// Its digest.
    pub digest: Digest,
}

/// Which versions to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortfolioQuery {
    /// All versions of this book, whether or not it is closed; without it the latest version of every open book.
    pub versions_of: Option<String>,
    /// Only versions recorded before this sequence: the end of the previous page.
    pub before: Option<u64>,
    /// Only books that match each of these words, in lower case; parts of words match.
    pub words: Vec<String>,
    /// At most this many.
    pub limit: u32,
}
