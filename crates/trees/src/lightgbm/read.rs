//! The reader of LightGBM text models.

use super::error::{Place, ReadError, Unsupported, shortened};
use super::members::Members;
use super::tree::read_tree;
use crate::{Ensemble, EnsembleError, Feature, Objective};

/// How much a text may contain. Memory and time are proportional to its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the text.
    pub bytes: usize,
    /// Trees.
    pub trees: usize,
    /// Features.
    pub features: usize,
}

impl Default for ReadLimits {
    /// 64 MiB, 100,000 trees, 100,000 features.
    fn default() -> Self {
        Self { bytes: 64 << 20, trees: 100_000, features: 100_000 }
    }
}

impl Ensemble {
    /// Reads a LightGBM text model of version 3 or 4, as `Booster.save_model` writes it.
    ///
    /// Categorical splits, linear trees, several classes and random forests are refused by name. Text after the trees,
    /// such as the parameters of the training, is not read.
    ///
    /// # Errors
    /// What is wrong with the text, and in which tree. No text causes a panic or an endless walk.
    pub fn from_lightgbm(text: &str, limits: &ReadLimits) -> Result<Self, ReadError> {
        if text.len() > limits.bytes {
            return Err(ReadError::Limit { what: "bytes", limit: limits.bytes });
        }
        let mut lines = text.lines().map(str::trim);
        if lines.find(|line| !line.is_empty()) != Some("tree") {
            return Err(ReadError::NotAModel);
        }
        let mut header = Members::new(Place::Header);
        let mut parts: Vec<Members<'_>> = Vec::new();
        let mut ended = false;
        for line in lines {
            if line == "end of trees" {
                ended = true;
                break;
            } else if let Some(number) = line.strip_prefix("Tree=") {
                if parts.len() == limits.trees {
                    return Err(ReadError::Limit { what: "trees", limit: limits.trees });
                }
                if number != parts.len().to_string() {
                    return Err(ReadError::Line { place: Place::Header, line: shortened(line) });
                }
                parts.push(Members::new(Place::Tree(parts.len())));
            } else if !line.is_empty() {
                parts.last_mut().unwrap_or(&mut header).add(line)?;
            }
        }
        let features = read_header(&header, limits)?;
        if !ended {
            return Err(ReadError::Cut("there is no line `end of trees`"));
        }
        if let Some(sizes) = header.get("tree_sizes")
            && sizes.split_ascii_whitespace().count() != parts.len()
        {
            return Err(ReadError::Cut("tree_sizes names another number of trees than there are"));
        }
        let read = |(tree, part)| read_tree(tree, part, features.len());
        let trees = parts.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        let objective = Objective::read(header.get("objective").unwrap_or_default());
        Self::new(features, objective, trees).map_err(|error| match error {
            EnsembleError::Tree { tree, fault } => ReadError::Tree { place: Place::Tree(tree), fault },
            EnsembleError::NoFeatures => ReadError::Missing { place: Place::Header, key: "feature_names" },
            EnsembleError::NoTrees => ReadError::Cut("there is no tree"),
        })
    }
}

/// The features, if everything in the header is supported.
fn read_header(header: &Members<'_>, limits: &ReadLimits) -> Result<Vec<Feature>, ReadError> {
    let version = header.text("version")?;
    if version != "v3" && version != "v4" {
        return Err(ReadError::Version(shortened(version)));
    }
    if header.number::<u64>("num_class")? != 1 || header.number::<u64>("num_tree_per_iteration")? != 1 {
        return Err(ReadError::Unsupported(Unsupported::Multiclass));
    }
    if header.has("average_output") {
        return Err(ReadError::Unsupported(Unsupported::Averages));
    }
    let last: usize = header.number("max_feature_idx")?;
    if last >= limits.features {
        return Err(ReadError::Limit { what: "features", limit: limits.features });
    }
    let names: Vec<String> = header.list("feature_names", last + 1)?;
    let ranges: Vec<String> = match header.get("feature_infos") {
        Some(_) => header.list("feature_infos", last + 1)?,
        None => vec![String::new(); last + 1],
    };
    let feature = |(name, range): (String, String)| Feature { name, range: read_range(&range) };
    Ok(names.into_iter().zip(ranges).map(feature).collect())
}

/// `[smallest:largest]`; an unused feature has another word.
fn read_range(word: &str) -> Option<(f64, f64)> {
    let (least, largest) = word.strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    let (least, largest) = (least.parse::<f64>().ok()?, largest.parse::<f64>().ok()?);
    (least.is_finite() && largest.is_finite() && least <= largest).then_some((least, largest))
}
