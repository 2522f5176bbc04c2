//! Room on the disk that is set aside: records on a full disk can then still be opened, read and erased from.
//!
//! SQLite needs room to open a database in WAL mode, even for reading. A service that ended on a full disk could not start again. A
//! file without bytes says, also to the next process, that the room was given up and must come back before anything is written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::StoreError;
use crate::location::Location;
use crate::options::StoreOptions;
use crate::private;

/// The file whose bytes are given back to the disk when there are no others, and whether that has happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reserve(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    bytes: u64,
    is_given_up: AtomicBool,
}

impl Reserve {
    /// The reserve beside a SQLite file; a server has its own.
    pub(crate) fn of(location: &Location, options: &StoreOptions) -> Self {
        let Location::Sqlite(path) = location else { return Self(None) };
        if options.reserve_mib == 0 {
            return Self(None);
        }
        let path = path.with_extension("reserve");
        let is_given_up = length(&path) == Some(0);
        let bytes = u64::from(options.reserve_mib) << 20;
        Self(Some(Arc::new(Inner { path, bytes, is_given_up: AtomicBool::new(is_given_up) })))
    }

    /// Gives the room back; `false` when there was none.
    pub(crate) fn give_up(&self) -> bool {
        let Some(inner) = &self.0 else { return false };
        let emptied = || private::options().open(&inner.path)?.set_len(0);
        let is_given_up = length(&inner.path).is_some_and(|length| length > 0) && emptied().is_ok();
        if is_given_up {
            inner.is_given_up.store(true, Ordering::Relaxed);
        }
        is_given_up
    }

    /// Sets the room aside, unless it is, where the disk has it and as much again.
    pub(crate) fn set_aside(&self) -> io::Result<()> {
        let Some(inner) = &self.0 else { return Ok(()) };
        if length(&inner.path) == Some(inner.bytes) {
            return Ok(());
        }
        let folder = inner.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = rustix::fs::statvfs(folder.unwrap_or_else(|| ".".as_ref()))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < 2 * inner.bytes {
            return Err(ErrorKind::StorageFull.into());
        }
        let file = private::options().create(true).truncate(false).open(&inner.path)?;
        let kept = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, inner.bytes);
        match kept.map_err(io::Error::from).and_then(|()| file.set_len(inner.bytes)) {
            Ok(()) => {
                inner.is_given_up.store(false, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if inner.is_given_up.load(Ordering::Relaxed) => file.set_len(0).and(Err(error)),
            Err(error) => std::fs::remove_file(&inner.path).and(Err(error)),
        }
    }

    /// Whether writes may take room: not while the reserve is given up and the disk has no other.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let is_given_up = self.0.as_ref().is_some_and(|inner| inner.is_given_up.load(Ordering::Relaxed));
        if is_given_up && self.set_aside().is_err() { Err(StoreError::Full) } else { Ok(()) }
    }
}

/// Length of a file; `None` for one that is not there.
fn length(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}

/// Whether the cause of an error is a disk without room: SQLITE_FULL (13), or SQLITE_IOERR (10) with one of its extended codes.
pub(crate) fn is_full(error: &StoreError) -> bool {
    let (StoreError::Open(cause) | StoreError::Unavailable(cause)) = error else { return false };
    let sqlx::Error::Database(cause) = cause.as_ref() else { return false };
    let code = cause.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 10 | 13))
}
