//! The file of the key that signs heads.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use governance::HeadKey;

use crate::records::error::RecordsError;
use crate::surroundings::Surroundings;

/// Reads the key, or makes one on first use: 32 random bytes in hexadecimal, readable by the owner only.
pub(super) fn load_or_make(path: &Path, surroundings: &dyn Surroundings) -> Result<HeadKey, RecordsError> {
    let unusable = |reason: String| RecordsError::Key { path: path.to_owned(), reason };
    match make(path, surroundings) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unusable(error.to_string())),
    }
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(256).read_to_string(&mut text));
    read.map_err(|error| unusable(error.to_string()))?;
    HeadKey::from_secret_hex(text.trim_end()).map_err(|_| unusable("it is not 64 hexadecimal digits".to_owned()))
}

fn make(path: &Path, surroundings: &dyn Surroundings) -> std::io::Result<()> {
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
    let secret = surroundings.new_secret()?;
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
