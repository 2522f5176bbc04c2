//! The operations of a store on named books.

use super::write::PortfolioOrder;
use super::{
    ClosePortfolio, ClosedPortfolio, NewPortfolioVersion, PortfolioKept, PortfolioQuery, PortfolioRow, StoredPortfolio,
    read,
};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Saves a version of a book. When this returns [`PortfolioKept::New`], the version, its audit entry and its key are on the disk.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn save_portfolio(&self, version: NewPortfolioVersion) -> Result<PortfolioKept, StoreError> {
        let _room = self.room(version.request.bytes().len() + version.name.len() + version.words.len())?;
        let version = Box::new(version);
        self.ask(|reply| Job::Portfolio(PortfolioOrder::Save { version, reply, _room })).await
    }

    /// Closes a book: it takes no further versions and has no latest one. Saved versions remain, under their entries.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn close_portfolio(&self, closing: ClosePortfolio) -> Result<ClosedPortfolio, StoreError> {
        self.ask(|reply| Job::Portfolio(PortfolioOrder::Close { closing: Box::new(closing), reply })).await
    }

    /// The latest version of an open book or, with a number, that version of any book; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when its digest is not the one in its entry.
    pub async fn portfolio(
        &self,
        portfolio_id: &str,
        version: Option<u64>,
    ) -> Result<Option<StoredPortfolio>, StoreError> {
        let (this, portfolio_id) = (self.clone(), portfolio_id.to_owned());
        self.on_runtime(async move { read::portfolio(this.readers(), &portfolio_id, version).await }).await
    }

    /// A page of versions, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn portfolios(&self, query: PortfolioQuery) -> Result<Vec<PortfolioRow>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::portfolios(this.readers(), &query).await }).await
    }
}
