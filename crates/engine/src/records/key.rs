//! The file of the key that signs heads.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use governance::HeadKey;

use crate::records::error::RecordsError;
use crate::surroundings::Surroundings;

/// The key of a file; `None` where there is none.
pub(super) fn load(path: &Path) -> Result<Option<HeadKey>, RecordsError> {
    let unusable = |reason: String| RecordsError::Key { path: path.to_owned(), reason };
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(256).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error.to_string())),
    }
    let key = HeadKey::from_secret_hex(text.trim_end());
    key.map(Some).map_err(|_| unusable("it is not 64 hexadecimal digits".to_owned()))
}

/// A key that is in no file yet.
pub(super) struct NewKey([u8; 32]);

impl NewKey {
    /// 32 random bytes.
    pub(super) fn draw(path: &Path, surroundings: &dyn Surroundings) -> Result<Self, RecordsError> {
        let unusable = |error: std::io::Error| RecordsError::Key { path: path.to_owned(), reason: error.to_string() };
        surroundings.new_secret().map(Self).map_err(unusable)
    }

    pub(super) fn key(&self) -> HeadKey {
        HeadKey::from_secret(&self.0)
    }

    /// Writes it, in hexadecimal and readable by the owner only; `false` when another process was faster, whose key is in the file.
    pub(super) fn keep(&self, path: &Path, surroundings: &dyn Surroundings) -> Result<bool, RecordsError> {
        match write(path, &self.0, surroundings) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(RecordsError::Key { path: path.to_owned(), reason: error.to_string() }),
        }
    }
}

fn write(path: &Path, secret: &[u8; 32], surroundings: &dyn Surroundings) -> std::io::Result<()> {
    if path.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let text: String = secret.iter().map(|byte| format!("{byte:02x}")).chain(["\n".to_owned()]).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Written whole under another name, then linked into place: two that start at once agree on one key.
    let draft = path.with_extension(format!("{}.new", surroundings.new_id().simple()));
    let mut file = options.open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    linked
}
