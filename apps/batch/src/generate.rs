//! `generate`: accounts for trials, from the prices in `data/`, by a seed.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Float64Builder, Int32Array, Int64Array, Int64Builder, ListArray,
    ListBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Int32Type, Schema};
use parquet::arrow::ArrowWriter;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::BatchError;
use crate::hash::shard_of;
use crate::outputs::properties;
use crate::reference::{MODELS, POLICIES, PRICES, RETURNS, RISK};
use crate::storage::Storage;

/// What is generated.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Accounts.
    pub accounts: u64,
    /// Assets of each model: 20 are the stocks of `data/stocks_2010_2019.csv`; more are made up, with a factor model.
    pub assets: usize,
    /// Shards.
    pub shards: u32,
    /// The seed: equal recipes give equal bytes.
    pub seed: u64,
    /// Whether the accounts have the optimal policy; otherwise the band policy.
    pub optimal: bool,
    /// Most iterations of one run of the solver.
    pub max_iterations: u32,
    /// Trading days since an account was last at its targets, at most; up to [`DAYS_MAX`].
    pub days: usize,
}

/// Models of the platform.
const MODEL_COUNT: usize = 8;
/// Most trading days since an account was at its targets.
pub const DAYS_MAX: usize = 252;
/// Factors of made-up assets.
const FACTORS: usize = 10;

/// The market of a recipe: prices of the last [`DAYS_MAX`] days, oldest first.
struct Market {
    names: Vec<String>,
    /// By day, then by asset.
    prices: Vec<Vec<f64>>,
    loadings: Option<(Vec<Vec<f64>>, Vec<f64>)>,
}

fn fault(error: impl std::fmt::Display) -> BatchError {
    BatchError::input(error.to_string())
}

/// The shipped stocks.
fn shipped(data: &Path) -> Result<Market, BatchError> {
    let mut reader = csv::Reader::from_path(data.join("stocks_2010_2019.csv")).map_err(fault)?;
    let header = reader.headers().map_err(fault)?.clone();
    let assets: Vec<usize> = (1..header.len()).filter(|i| !header[*i].ends_with("_INDEX")).collect();
    let names = assets.iter().map(|i| header[*i].to_owned()).collect();
    let mut prices = Vec::new();
    for row in reader.records() {
        let row = row.map_err(fault)?;
        let day: Result<Vec<f64>, _> = assets.iter().map(|i| row[*i].parse()).collect();
        prices.push(day.map_err(fault)?);
    }
    Ok(Market { names, prices, loadings: None })
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Assets with a factor model: a market of 15 % a year, nine factors of 5 %, and 25 % of their own.
fn made_up(assets: usize, rng: &mut ChaCha8Rng) -> Market {
    let width = assets.to_string().len();
    let names = (1..=assets).map(|i| format!("S{i:0width$}")).collect();
    let loadings: Vec<Vec<f64>> = (0..assets)
        .map(|_| {
            let own = |k: usize, rng: &mut ChaCha8Rng| match k {
                0 => 0.15 * (1.0 + 0.3 * normal(rng)),
                _ => 0.05 * normal(rng),
            };
            (0..FACTORS).map(|k| own(k, rng)).collect()
        })
        .collect();
    let specific = vec![0.25_f64.powi(2); assets];
    let day = (1.0 / 252.0_f64).sqrt();
    let mut prices = vec![(0..assets).map(|_| 20.0 + 180.0 * rng.random::<f64>()).collect::<Vec<f64>>()];
    for _ in 0..DAYS_MAX {
        let factors: Vec<f64> = (0..FACTORS).map(|_| day * normal(rng)).collect();
        let next = prices[prices.len() - 1].iter().zip(&loadings).map(|(price, own)| {
            let common: f64 = own.iter().zip(&factors).map(|(b, f)| b * f).sum();
            price * (common + 0.25 * day * normal(rng)).exp()
        });
        let next = next.collect();
        prices.push(next);
    }
    Market { names, prices, loadings: Some((loadings, specific)) }
}

/// Writes an input folder.
///
/// Each account holds what its model bought it on one of the last days, in ten-thousandths of a unit, at net asset values around a
/// median of 60,000.00. So drifts are those of real prices. One account in a hundred also holds an asset that its model does not have.
///
/// # Errors
/// [`BatchError`] for a recipe without accounts, and of the disk.
pub async fn generate(recipe: &Recipe, data: &Path, to: &Storage) -> Result<(), BatchError> {
    if recipe.accounts == 0 || recipe.shards == 0 || recipe.assets < 2 || !(1..=DAYS_MAX).contains(&recipe.days) {
        return Err(BatchError::input("a recipe has accounts, shards, at least two assets, and 1 to 252 days"));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
    let market = match recipe.assets {
        20 => shipped(data)?,
        n => made_up(n, &mut rng),
    };
    let n = market.names.len();
    // The last asset is in half of the models.
    let models: Vec<Vec<(usize, f64)>> = (0..MODEL_COUNT)
        .map(|model| {
            let members = if model % 2 == 0 { n } else { n - 1 };
            let raw: Vec<f64> = (0..members).map(|_| 0.5 + rng.random::<f64>()).collect();
            let sum: f64 = raw.iter().sum();
            // Two per cent of cash, weights in hundredths of a per cent.
            raw.iter().map(|w| (0.98 * w / sum * 1e4).floor() / 1e4).enumerate().collect()
        })
        .collect();
    tables(recipe, &market, &models, to).await?;
    let mut shards: Vec<Vec<u32>> = vec![Vec::new(); recipe.shards as usize];
    for index in 0..recipe.accounts {
        shards[shard_of(&id_of(index), recipe.shards) as usize].push(index as u32);
    }
    let assets: ArrayRef = Arc::new(StringArray::from_iter_values(&market.names));
    for (shard, accounts) in shards.iter().enumerate() {
        let name = format!("accounts/part-{shard:05}-of-{:05}.parquet", recipe.shards);
        let mut writer: Option<ArrowWriter<Vec<u8>>> = None;
        for chunk in accounts.chunks(16_384) {
            let batch = accounts_of(recipe, &market, &models, chunk, &assets)?;
            let writer = match &mut writer {
                Some(writer) => writer,
                none => none.insert(ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties("accounts")))?),
            };
            writer.write(&batch)?;
        }
        let bytes = match writer {
            Some(writer) => writer.into_inner()?,
            None => {
                let empty = accounts_of(recipe, &market, &models, &[], &assets)?;
                let mut writer = ArrowWriter::try_new(Vec::new(), empty.schema(), Some(properties("accounts")))?;
                writer.write(&empty)?;
                writer.into_inner()?
            }
        };
        to.put(&name, bytes).await?;
    }
    Ok(())
}

fn id_of(index: u64) -> String {
    format!("A{index:08}")
}

fn accounts_of(
    recipe: &Recipe,
    market: &Market,
    models: &[Vec<(usize, f64)>],
    indices: &[u32],
    assets: &ArrayRef,
) -> Result<RecordBatch, BatchError> {
    let (mut keys, mut units, mut offsets) = (Vec::new(), Vec::new(), vec![0_i32]);
    let (mut cash, mut model_keys) = (Vec::new(), Vec::new());
    let last = &market.prices[market.prices.len() - 1];
    for index in indices {
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        rng.set_stream(u64::from(*index) + 1);
        let model = rng.random_range(0..models.len());
        let day = market.prices.len() - 1 - rng.random_range(0..recipe.days);
        let value = 60_000.0 * (1.2 * normal(&mut rng)).exp();
        let bought = &market.prices[day];
        for (asset, weight) in &models[model] {
            keys.push(*asset as i32);
            units.push((weight * value / bought[*asset] * 1e4).floor() / 1e4);
        }
        if models[model].len() < last.len() && rng.random_range(0..50) == 0 {
            keys.push(last.len() as i32 - 1);
            units.push((0.03 * value / bought[last.len() - 1] * 1e4).floor() / 1e4);
        }
        offsets.push(keys.len() as i32);
        cash.push((100.0 * value * (0.02 + 0.01 * rng.random::<f64>())) as i64);
        model_keys.push(model as i32);
    }
    let rows = indices.len();
    let coded = |keys: Vec<i32>, values: ArrayRef| -> Result<ArrayRef, BatchError> {
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), values)?))
    };
    let names = coded(keys, Arc::clone(assets))?;
    let fields = Fields::from(vec![
        Field::new("asset", names.data_type().clone(), false),
        Field::new("quantity", DataType::Float64, false),
    ]);
    let positions = StructArray::try_new(fields.clone(), vec![names, Arc::new(Float64Array::from(units))], None)?;
    let item = Arc::new(Field::new("item", DataType::Struct(fields), false));
    let positions = ListArray::try_new(item, OffsetBuffer::new(offsets.into()), Arc::new(positions), None)?;
    let one = |word: &str| coded(vec![0; rows], Arc::new(StringArray::from(vec![word])) as ArrayRef);
    let model_names: ArrayRef = Arc::new(StringArray::from_iter_values((0..models.len()).map(|i| format!("M{i}"))));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("account_id", Arc::new(StringArray::from_iter_values(indices.iter().map(|i| id_of(u64::from(*i)))))),
        ("currency", one("USD")?),
        ("cash_minor", Arc::new(Int64Array::from(cash))),
        ("model_id", coded(model_keys, model_names)?),
        ("policy_id", one(if recipe.optimal { "optimal" } else { "band" })?),
        ("positions", Arc::new(positions)),
    ];
    table(columns)
}

fn table(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, BatchError> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), column.null_count() > 0))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

async fn write(to: &Storage, name: &str, kind: &str, batch: &RecordBatch) -> Result<(), BatchError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties(kind)))?;
    writer.write(batch)?;
    to.put(name, writer.into_inner()?).await
}

async fn tables(
    recipe: &Recipe,
    market: &Market,
    models: &[Vec<(usize, f64)>],
    to: &Storage,
) -> Result<(), BatchError> {
    let n = market.names.len();
    let last = &market.prices[market.prices.len() - 1];
    let names = || Arc::new(StringArray::from_iter_values(&market.names)) as ArrayRef;
    let floats = |values: Vec<f64>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let prices = table(vec![
        ("asset", names()),
        ("currency", Arc::new(StringArray::from(vec!["USD"; n]))),
        ("price", floats(last.clone())),
        ("cost_bps", floats(vec![3.0; n])),
    ])?;
    write(to, PRICES, "prices", &prices).await?;
    let (mut model, mut asset, mut weight) = (StringBuilder::new(), StringBuilder::new(), Float64Builder::new());
    for (i, members) in models.iter().enumerate() {
        for (member, target) in members {
            model.append_value(format!("M{i}"));
            asset.append_value(&market.names[*member]);
            weight.append_value(*target);
        }
    }
    let rows = table(vec![
        ("model_id", Arc::new(model.finish())),
        ("asset", Arc::new(asset.finish())),
        ("weight", Arc::new(weight.finish())),
    ])?;
    write(to, MODELS, "models", &rows).await?;
    let iterations = i64::from(recipe.max_iterations);
    let mut most = Int64Builder::new();
    most.append_value(iterations);
    most.append_value(iterations);
    let rows = table(vec![
        ("policy_id", Arc::new(StringArray::from(vec!["band", "optimal"]))),
        ("method", Arc::new(StringArray::from(vec!["band", if market_has_risk(recipe) { "optimal" } else { "band" }]))),
        ("band_relative", floats(vec![0.25; 2])),
        ("band_floor", floats(vec![0.0; 2])),
        ("band_cap", floats(vec![0.05; 2])),
        ("destination", floats(vec![0.0; 2])),
        ("turnover_limit", floats(vec![0.4; 2])),
        ("max_iterations", Arc::new(most.finish())),
    ])?;
    write(to, POLICIES, "policies", &rows).await?;
    if !market_has_risk(recipe) {
        return Ok(());
    }
    let lists = |rows: &[Vec<f64>]| {
        let mut builder = ListBuilder::new(Float64Builder::new());
        for row in rows {
            builder.values().append_slice(row);
            builder.append(true);
        }
        Arc::new(builder.finish()) as ArrayRef
    };
    match &market.loadings {
        Some((loadings, specific)) => {
            let rows = table(vec![
                ("asset", names()),
                ("specific_variance", floats(specific.clone())),
                ("loadings", lists(loadings)),
            ])?;
            write(to, RISK, "risk", &rows).await
        }
        None => {
            let days = &market.prices[market.prices.len().saturating_sub(2 * DAYS_MAX)..];
            let of = |asset: usize| days.windows(2).map(|pair| pair[1][asset] / pair[0][asset] - 1.0).collect();
            let returns: Vec<Vec<f64>> = (0..n).map(of).collect();
            write(to, RETURNS, "returns", &table(vec![("asset", names()), ("returns", lists(&returns))])?).await
        }
    }
}

fn market_has_risk(recipe: &Recipe) -> bool {
    recipe.optimal
}
