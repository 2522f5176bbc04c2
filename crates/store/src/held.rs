//! The database file that was opened. Another file in its place, or none, is noticed before and after each commit: SQLite itself would go
//! on writing to a file that has no name any more, and everything acknowledged since would be gone at the next start.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::StoreError;
use crate::location::Location;

/// The file that was opened, by what the file system calls it. Nothing is held of a database on a server, and of a file that the file
/// system does not know (a simulated disk).
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldFile(Option<Arc<(PathBuf, Identity)>>);

/// Device and inode.
type Identity = (u64, u64);

impl HeldFile {
    /// The file at a location, which was opened just now.
    pub(crate) fn at(location: &Location) -> Self {
        match location {
            Location::Sqlite(path) => {
                Self(identity(path).ok().flatten().map(|identity| Arc::new((path.clone(), identity))))
            }
            Location::Postgres(_) => Self(None),
        }
    }

    /// Whether the file is still the one at its place.
    ///
    /// # Errors
    /// [`StoreError::Replaced`]; [`StoreError::Path`] when the file system does not say.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let Some((path, held)) = self.0.as_deref() else { return Ok(()) };
        match identity(path) {
            Ok(found) if found == Some(*held) => Ok(()),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::Path { path: path.clone(), cause: Arc::new(error) })
            }
            _ => Err(StoreError::Replaced),
        }
    }
}

/// What the file system calls a file; `None` where it has no such names. The file is not opened: closing it would end the locks that
/// this process has on it.
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Ok(Some((metadata.dev(), metadata.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(None)
    }
}

/// A fault of the store inside a transaction, whose errors are the database's.
pub(crate) fn inside(error: StoreError) -> sqlx::Error {
    sqlx::Error::Io(io::Error::other(error))
}

/// The fault that [`inside`] packed.
pub(crate) fn unpacked(error: &sqlx::Error) -> Option<StoreError> {
    let sqlx::Error::Io(error) = error else { return None };
    error.get_ref()?.downcast_ref::<StoreError>().cloned()
}
