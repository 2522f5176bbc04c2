//! Why a command of the batch did not end well.

use thiserror::Error;

/// Why a command did not end well. The text says what to do where that is not plain.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// An input file or an argument does not fit its schema.
    #[error("{0}")]
    Input(String),
    /// A halt is in force.
    #[error("halted by {who}: {why}")]
    Halted {
        /// Who halted.
        who: String,
        /// Why.
        why: String,
    },
    /// Not every shard is committed.
    #[error("{missing} of {shards} shards are not committed; the first is shard {first}")]
    Unfinished {
        /// Shards without a manifest.
        missing: usize,
        /// All shards.
        shards: u32,
        /// The first of those missing.
        first: u32,
    },
    /// What was written does not agree with the input or with its manifest: nothing may be exported.
    #[error("the gate is closed: {0}")]
    Gate(String),
    /// The object store.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// Parquet.
    #[error(transparent)]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Arrow.
    #[error(transparent)]
    Arrow(#[from] arrow::error::ArrowError),
    /// The query engine.
    #[error(transparent)]
    Engine(#[from] datafusion::error::DataFusionError),
    /// A document of the run.
    #[error("{path}: {source}")]
    Document {
        /// Where it is, relative to the run.
        path: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl BatchError {
    /// An input that does not fit.
    pub(crate) fn input(text: impl Into<String>) -> Self {
        Self::Input(text.into())
    }

    /// The exit code of the process: 2 for input, 3 for a halt, 4 for a closed gate or unfinished shards, 1 for the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Halted { .. } => 3,
            Self::Gate(_) | Self::Unfinished { .. } => 4,
            _ => 1,
        }
    }
}
