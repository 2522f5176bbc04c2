//! The operations of a store on champions.

use super::write::ChampionOrder;
use super::{ChampionMoved, NewChampionMove, StoredChampionMove, read};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Stores a move of a champion. When this returns [`ChampionMoved::New`], the move and its audit entry are on the disk.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn move_champion(&self, new: NewChampionMove) -> Result<ChampionMoved, StoreError> {
        let _room = self.room(new.record.pointer.bytes().len() + new.record.evidence.bytes().len())?;
        self.ask(|reply| Job::Champion(ChampionOrder { new: Box::new(new), reply, _room })).await
    }

    /// The moves of every purpose, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Tampered`], with the purpose, when a move is missing or its digest is not the one in its entry.
    pub async fn champion_moves(&self) -> Result<Vec<StoredChampionMove>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::champion_moves(this.readers()).await }).await
    }
}
