//! The query engine: Parquet files in memory as batches of rows.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use url::Url;

use crate::error::BatchError;

/// Rows of a batch: large enough that what is done for each batch does not count, small enough to stay in the cache.
const BATCH_ROWS: usize = 8_192;

/// An engine with one thread that reads files held in memory.
///
/// The bytes that were hashed are the bytes that are read: a file that changes on the disk in between is never seen.
pub(crate) struct Engine {
    context: SessionContext,
    files: Arc<InMemory>,
}

/// Where the engine finds the files.
const BASE: &str = "memory://batch/";

impl Engine {
    pub(crate) fn new() -> Result<Self, BatchError> {
        let config = SessionConfig::new()
            .with_target_partitions(1)
            .with_batch_size(BATCH_ROWS)
            .with_collect_statistics(false)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let context = SessionContext::new_with_config(config);
        let files = Arc::new(InMemory::new());
        let base = Url::parse(BASE).map_err(|error| BatchError::input(error.to_string()))?;
        context.register_object_store(&base, Arc::clone(&files) as _);
        Ok(Self { context, files })
    }

    /// A file as a table.
    pub(crate) async fn table(&self, name: &str, bytes: Vec<u8>) -> Result<DataFrame, BatchError> {
        self.files.put(&Path::from(name), PutPayload::from(bytes)).await?;
        Ok(self.context.read_parquet(format!("{BASE}{name}"), ParquetReadOptions::default()).await?)
    }

    /// All rows of a small file.
    pub(crate) async fn rows(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<RecordBatch>, BatchError> {
        Ok(self.table(name, bytes).await?.collect().await?)
    }

    /// Forgets a file.
    pub(crate) async fn forget(&self, name: &str) -> Result<(), BatchError> {
        Ok(self.files.delete(&Path::from(name)).await?)
    }
}
