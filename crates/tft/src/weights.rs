//! A model as bytes.

use crate::{Matrix, StaticInput, Tft, TftError, TftSpec};

/// How the bytes begin: the format and its version.
const HEAD: &[u8] = b"tft-model/1\n";

impl Tft {
    /// The model as bytes: a line that names the format, the specification as a line of JSON, and the bits of every
    /// weight, 64-bit and little-endian, in the order of the tensors and row by row.
    ///
    /// # Errors
    /// [`TftError::Bytes`] for a specification that JSON cannot contain.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TftError> {
        let spec = serde_json::to_vec(self.spec()).map_err(|error| TftError::Bytes(error.to_string()))?;
        let mut bytes = [HEAD, &spec, b"\n"].concat();
        for value in self.parameters().values() {
            bytes.extend(value.data().iter().flat_map(|x| x.to_le_bytes()));
        }
        Ok(bytes)
    }

    /// A model from the bytes of [`Tft::to_bytes`], and from no others.
    ///
    /// # Errors
    /// [`TftError::Bytes`] for bytes of another format, a specification that is written in another way, or weights that
    /// are too few or too many; what [`TftSpec::check`] refuses; [`TftError::Tensors`] for a weight that is not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TftError> {
        let refused = |what: &str| TftError::Bytes(what.to_owned());
        let rest = bytes.strip_prefix(HEAD).ok_or_else(|| refused("they begin in another way"))?;
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| refused("they end early"))?;
        let (line, weights) = (&rest[..end], &rest[end + 1..]);
        let spec: TftSpec = serde_json::from_slice(line).map_err(|error| TftError::Bytes(error.to_string()))?;
        spec.check()?;
        if !weights.len().is_multiple_of(8) || fewest(&spec) > (weights.len() / 8) as u128 {
            return Err(refused("the weights are too few"));
        }
        let mut model = Self::new(spec, portfolio_core::Seed(0))?;
        if model.parameters().weights() * 8 != weights.len() {
            return Err(refused("the weights are too few or too many"));
        }
        let mut numbers = weights.as_chunks::<8>().0.iter().map(|eight| f64::from_le_bytes(*eight));
        for value in model.parameters_mut().values_mut() {
            value.data_mut().iter_mut().zip(&mut numbers).for_each(|(to, from)| *to = from);
        }
        if !model.parameters().values().iter().all(Matrix::is_sound) {
            return Err(TftError::Tensors);
        }
        // Another way to write the specification is a change all the same.
        if model.to_bytes()? == bytes { Ok(model) } else { Err(refused("the specification is written in another way")) }
    }
}

/// Fewer weights than any model of this specification has, so that no more memory is taken than the bytes are long.
fn fewest(spec: &TftSpec) -> u128 {
    let width = spec.width as u128;
    let inputs = (spec.statics.len() + spec.observed.len() + spec.known.len()) as u128;
    let tables = spec.statics.iter().map(|input| match input {
        StaticInput::Category { values, .. } => *values as u128 * width,
        StaticInput::Number { .. } => 0,
    });
    let known = spec.known_categories.iter().map(|one| one.values as u128 * width);
    inputs * width * width + tables.chain(known).sum::<u128>() + width * spec.quantiles.len() as u128
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;

    fn model() -> Tft {
        let asset = StaticInput::Category { name: "asset".into(), values: 2 };
        Tft::new(TftSpec { width: 2, heads: 1, ..TftSpec::new(vec![asset], &["x"], &["k"], 3, 2) }, Seed(1)).unwrap()
    }

    #[test]
    fn a_model_comes_back_bit_by_bit() {
        let model = model();
        let bytes = model.to_bytes().unwrap();
        let read = Tft::from_bytes(&bytes).unwrap();
        assert_eq!((read.digest(), read.spec()), (model.digest(), model.spec()));
        assert_eq!(
            bytes.len() - 8 * model.parameters().weights(),
            HEAD.len() + 1 + serde_json::to_string(model.spec()).unwrap().len()
        );
    }

    #[test]
    fn other_bytes_are_refused_and_take_no_memory() {
        let bytes = model().to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert!(Tft::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(Tft::from_bytes(&[bytes.as_slice(), &[0; 8]].concat()).is_err());
        let text = |from: &str, to: &str| {
            let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
            [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
        };
        let refusal = |bytes: Vec<u8>| Tft::from_bytes(&bytes).unwrap_err().to_string();
        assert!(refusal(text("\"width\":2", "\"width\": 2")).contains("another way"));
        assert!(refusal(text("\"width\":2", "\"width\":4096")).contains("too few"));
        assert!(refusal(text("\"values\":2", "\"values\":1000000")).contains("too few"));
        assert!(refusal(text("\"heads\":1", "\"heads\":3")).contains("multiple of heads"));
        let mut infinite = bytes.clone();
        let last = infinite.len() - 8;
        infinite[last..].copy_from_slice(&f64::INFINITY.to_le_bytes());
        assert_eq!(Tft::from_bytes(&infinite).unwrap_err(), TftError::Tensors);
    }
}
