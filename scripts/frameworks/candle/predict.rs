//! Scores the MNIST test images with a network that train.rs has saved.

mod network;

use std::{error::Error, fs, path::PathBuf};

use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder};
use network::{Activation, Precision, fully_connected, read_images, read_settings, sizes};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    model: PathBuf,
    test_images: PathBuf,
    scores: PathBuf,
    inputs: usize,
    hidden_layers: usize,
    hidden_units: usize,
    activation: Activation,
    precision: Precision,
    batch_size: usize,
    repeats: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings: Settings = read_settings()?;
    let dtype = settings.precision.into();
    println!("ready");

    let images = read_images(&settings.test_images, settings.inputs, dtype)?;
    println!("loaded");

    let model = fs::read(settings.model.join("model.safetensors"))?;
    let variables = VarBuilder::from_buffered_safetensors(model, dtype, &Device::Cpu)?;
    let sizes = sizes(
        settings.inputs,
        settings.hidden_layers,
        settings.hidden_units,
    );
    let network = fully_connected(&sizes, settings.activation, variables)?;
    println!("built");

    let mut logits = vec![];
    for repeat in 1..=settings.repeats {
        let mut batches = vec![];
        for start in (0..images.dim(0)?).step_by(settings.batch_size) {
            let size = settings.batch_size.min(images.dim(0)? - start);
            batches.push(network.forward(&images.narrow(0, start, size)?)?);
        }
        logits = Tensor::cat(&batches, 0)?
            .to_dtype(DType::F32)?
            .flatten_all()?
            .to_vec1::<f32>()?;
        println!("predicted {repeat}");
    }

    let bytes: Vec<u8> = logits
        .iter()
        .flat_map(|score| score.to_le_bytes())
        .collect();
    fs::write(&settings.scores, bytes)?;
    println!("saved");
    Ok(())
}
