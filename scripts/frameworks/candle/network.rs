//! What both programs share: how they read settings and arrays, and the network.

use std::{env, error::Error, fs::File, io::BufReader, path::PathBuf, process};

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Sequential, VarBuilder, linear, ops, seq};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    Tanh,
    Relu,
    Sigmoid,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Float32,
    Float64,
}

impl From<Precision> for DType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::Float32 => DType::F32,
            Precision::Float64 => DType::F64,
        }
    }
}

/// Reads the settings file that the command line names. Ends the program with a sentence if it
/// cannot do what they ask for.
pub fn read_settings<T: DeserializeOwned>() -> std::result::Result<T, Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("the settings file is missing")?;
    let document: Value = serde_json::from_reader(BufReader::new(File::open(path)?))?;
    Ok(
        serde_path_to_error::deserialize(document).unwrap_or_else(|unknown| {
            eprintln!("cannot do what these settings ask for: {unknown}");
            process::exit(1)
        }),
    )
}

/// Reads a file of numbers into a matrix with a row for each image.
pub fn read_images(path: &PathBuf, inputs: usize, dtype: DType) -> Result<Tensor> {
    let bytes = std::fs::read(path)?;
    let shape = [bytes.len() / 4 / inputs, inputs];
    Tensor::from_raw_buffer(&bytes, DType::F32, &shape, &Device::Cpu)?.to_dtype(dtype)
}

/// The name of a layer's variables, counted from the first hidden layer.
pub fn layer(number: usize) -> String {
    format!("layer{number}")
}

/// A fully connected network whose layers have these sizes, the inputs first.
pub fn fully_connected(
    sizes: &[usize],
    activation: Activation,
    variables: VarBuilder,
) -> Result<Sequential> {
    let mut network = seq();
    for (number, size) in sizes.windows(2).enumerate() {
        if number > 0 {
            network = match activation {
                Activation::Tanh => network.add_fn(Tensor::tanh),
                Activation::Relu => network.add_fn(Tensor::relu),
                Activation::Sigmoid => network.add_fn(ops::sigmoid),
            };
        }
        network = network.add(linear(size[0], size[1], variables.pp(layer(number)))?);
    }
    Ok(network)
}

/// The sizes of a network's layers, the inputs first.
pub fn sizes(inputs: usize, hidden_layers: usize, hidden_units: usize) -> Vec<usize> {
    let mut sizes = vec![hidden_units; hidden_layers];
    sizes.insert(0, inputs);
    sizes.push(10);
    sizes
}
