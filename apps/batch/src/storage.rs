//! The files of a run: on a disk, or in an object store that speaks S3.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::BatchError;

/// A folder of files by URL: `file:///…` or a plain path, and `s3://bucket/…` with the usual `AWS_…` variables.
///
/// An object store has no rename. A file becomes visible whole or not at all, and [`Storage::create`] succeeds for one of any number of
/// processes: both stores guarantee this (a hard link of a complete file, and `If-None-Match: *`).
#[derive(Debug, Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    /// Scheme and bucket, by which the query engine finds the store.
    base: Url,
    root: Path,
    /// The folder, where it is on a disk.
    local: Option<PathBuf>,
}

impl Storage {
    /// Opens a folder.
    ///
    /// # Errors
    /// [`BatchError`] for a URL that is none, or of a store that is not known.
    pub fn open(place: &str) -> Result<Self, BatchError> {
        let url = match Url::parse(place) {
            Ok(url) if url.scheme().len() > 1 => url,
            _ => {
                let path = std::path::absolute(place)?;
                Url::from_directory_path(&path)
                    .map_err(|()| BatchError::input(format!("{place} is no path and no URL")))?
            }
        };
        let variables = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let variables = variables.filter(|(name, _)| name.starts_with("aws_"));
        let (store, root) = object_store::parse_url_opts(&url, variables)?;
        let local = if url.scheme() == "file" { url.to_file_path().ok() } else { None };
        let mut base = url.clone();
        base.set_path("/");
        Ok(Self { store: Arc::from(store), base, root, local })
    }

    /// A folder in it.
    #[must_use]
    pub fn folder(&self, name: &str) -> Self {
        let root = name.split('/').fold(self.root.clone(), |path, part| path.join(part));
        let local = self.local.as_ref().map(|path| path.join(name));
        Self { root, local, ..self.clone() }
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').filter(|part| !part.is_empty()).fold(self.root.clone(), |path, part| path.join(part))
    }

    /// The URL of a file.
    #[must_use]
    pub fn url_of(&self, name: &str) -> String {
        let mut url = self.base.clone();
        url.set_path(&format!("/{}", self.path(name)));
        url.into()
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// [`BatchError::Store`].
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, BatchError> {
        match self.store.get(&self.path(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a file that has to be there.
    ///
    /// # Errors
    /// [`BatchError::Input`] if it is not.
    pub async fn read(&self, name: &str) -> Result<Vec<u8>, BatchError> {
        self.get(name).await?.ok_or_else(|| BatchError::input(format!("there is no {}", self.url_of(name))))
    }

    /// Reads a document; `None` if there is none.
    ///
    /// # Errors
    /// [`BatchError::Document`] for one that does not fit.
    pub async fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, BatchError> {
        let Some(bytes) = self.get(name).await? else { return Ok(None) };
        let fault = |source| BatchError::Document { path: name.to_owned(), source };
        serde_json::from_slice(&bytes).map(Some).map_err(fault)
    }

    /// Writes a file, replacing one of the same name.
    ///
    /// # Errors
    /// [`BatchError::Store`].
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), BatchError> {
        self.store.put(&self.path(name), PutPayload::from(bytes)).await?;
        self.settle(name)
    }

    /// Writes a file if there is none of that name. Returns whether it was written: of several processes one succeeds.
    ///
    /// # Errors
    /// [`BatchError::Store`].
    pub async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<bool, BatchError> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&self.path(name), PutPayload::from(bytes), options).await {
            Ok(_) => self.settle(name).map(|()| true),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a document as [`Storage::create`] does.
    ///
    /// # Errors
    /// As [`Storage::create`].
    pub async fn create_document(&self, name: &str, document: &impl Serialize) -> Result<bool, BatchError> {
        self.create(name, written(name, document)?).await
    }

    /// Asks the disk to keep a file and its name, so that a later file never survives an earlier one; object stores have done so.
    fn settle(&self, name: &str) -> Result<(), BatchError> {
        let Some(folder) = &self.local else { return Ok(()) };
        let path = folder.join(name);
        std::fs::File::open(&path)?.sync_all()?;
        if let Some(parent) = path.parent() {
            std::fs::File::open(parent)?.sync_all()?;
        }
        Ok(())
    }

    /// The files below a folder, in the order of their names.
    ///
    /// # Errors
    /// [`BatchError::Store`].
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectMeta)>, BatchError> {
        use futures_util::TryStreamExt;
        let prefix = if folder.is_empty() { self.root.clone() } else { self.path(folder) };
        let found: Vec<ObjectMeta> = self.store.list(Some(&prefix)).try_collect().await?;
        let start = self.root.as_ref().len();
        let mut named: Vec<(String, ObjectMeta)> = found
            .into_iter()
            .map(|meta| (meta.location.as_ref()[start..].trim_start_matches('/').to_owned(), meta))
            .collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(named)
    }

    /// Removes a file; one that is not there is no fault.
    ///
    /// # Errors
    /// [`BatchError::Store`].
    pub async fn delete(&self, name: &str) -> Result<(), BatchError> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A document as it is stored: its members in their order, a line each.
pub(crate) fn written(name: &str, document: &impl Serialize) -> Result<Vec<u8>, BatchError> {
    let fault = |source| BatchError::Document { path: name.to_owned(), source };
    let mut bytes = serde_json::to_vec_pretty(document).map_err(fault)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_of_two_creates_a_file() {
        let folder = crate::scratch::Folder::new("storage");
        let storage = Storage::open(folder.path()).unwrap().folder("run");
        assert!(storage.create("a/b.json", b"1".to_vec()).await.unwrap());
        assert!(!storage.create("a/b.json", b"2".to_vec()).await.unwrap());
        assert_eq!(storage.get("a/b.json").await.unwrap().unwrap(), b"1");
        assert_eq!(storage.get("a/c.json").await.unwrap(), None);
        let names: Vec<String> = storage.list("a").await.unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a/b.json"]);
        storage.delete("a/b.json").await.unwrap();
        storage.delete("a/b.json").await.unwrap();
        assert!(storage.list("").await.unwrap().is_empty());
    }
}
