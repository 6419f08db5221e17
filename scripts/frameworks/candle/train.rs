//! Trains a fully connected network on MNIST with Candle.

mod network;

use std::{error::Error, fs, path::PathBuf};

use candle_core::{DType, Device, Result, Tensor, Var, backprop::GradStore};
use candle_nn::{AdamW, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, loss};
use network::{Activation, Precision, fully_connected, layer, read_images, read_settings, sizes};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde::Deserialize;

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum PartialBatch {
    Keep,
    Drop,
    Wrap,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OptimizerName {
    Sgd,
    Adam,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum ActivationModule {
    #[default]
    Separate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    train_images: PathBuf,
    train_labels: PathBuf,
    initial_weights: PathBuf,
    model: PathBuf,
    inputs: usize,
    hidden_layers: usize,
    hidden_units: usize,
    activation: Activation,
    #[serde(default, rename = "activation_module")]
    _activation_module: ActivationModule,
    optimizer: OptimizerName,
    learning_rate: f64,
    #[serde(default)]
    learning_rate_gamma: f64,
    #[serde(default = "one")]
    learning_rate_power: f64,
    #[serde(default)]
    momentum: f64,
    #[serde(default)]
    dampening: f64,
    #[serde(default)]
    nesterov: bool,
    #[serde(default = "default_beta1")]
    beta1: f64,
    #[serde(default = "default_beta2")]
    beta2: f64,
    #[serde(default = "default_epsilon")]
    epsilon: f64,
    #[serde(default)]
    weight_decay: f64,
    batch_size: usize,
    partial_batch: PartialBatch,
    epochs: usize,
    shuffle: bool,
    seed: u64,
    precision: Precision,
}

fn one() -> f64 {
    1.0
}

fn default_beta1() -> f64 {
    0.9
}

fn default_beta2() -> f64 {
    0.999
}

fn default_epsilon() -> f64 {
    1e-8
}

/// Stochastic gradient descent with momentum, which Candle's own lacks.
struct Momentum {
    variables: Vec<Var>,
    /// Of each variable; none before the first step.
    velocities: Vec<Tensor>,
    config: MomentumConfig,
}

struct MomentumConfig {
    learning_rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
}

impl Optimizer for Momentum {
    type Config = MomentumConfig;

    fn new(variables: Vec<Var>, config: MomentumConfig) -> Result<Self> {
        Ok(Self {
            variables,
            velocities: vec![],
            config,
        })
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let MomentumConfig {
            learning_rate,
            momentum,
            dampening,
            nesterov,
        } = self.config;
        let mut velocities = Vec::with_capacity(self.variables.len());
        for (number, variable) in self.variables.iter().enumerate() {
            let gradient = gradients
                .get(variable)
                .expect("every variable has a gradient");
            let (gradient, velocity) = match self.velocities.get(number) {
                // As in Torch, the first gradient is not dampened.
                None => {
                    let gradient = (gradient * learning_rate)?;
                    (gradient.clone(), gradient)
                }
                Some(velocity) => {
                    let gradient = (gradient * (learning_rate * (1.0 - dampening)))?;
                    let velocity = ((velocity * momentum)? + &gradient)?;
                    (gradient, velocity)
                }
            };
            let update = if nesterov {
                ((&velocity * momentum)? + gradient)?
            } else {
                velocity.clone()
            };
            variable.set(&(variable.as_tensor() - update)?)?;
            velocities.push(velocity);
        }
        self.velocities = velocities;
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }
}

/// A function that takes a step with gradients and a learning rate.
type Step = Box<dyn FnMut(&GradStore, f64) -> Result<()>>;

fn optimizer(settings: &Settings, variables: Vec<Var>) -> Result<Step> {
    let Settings {
        learning_rate,
        momentum,
        dampening,
        nesterov,
        beta1,
        beta2,
        epsilon,
        ..
    } = *settings;
    Ok(match settings.optimizer {
        OptimizerName::Sgd => {
            let config = MomentumConfig {
                learning_rate,
                momentum,
                dampening,
                nesterov,
            };
            let mut optimizer = Momentum::new(variables, config)?;
            Box::new(move |gradients, rate| {
                optimizer.set_learning_rate(rate);
                optimizer.step(gradients)
            })
        }
        OptimizerName::Adam => {
            // Weight decay is part of the gradients, and not apart from them as this has it.
            let params = ParamsAdamW {
                lr: learning_rate,
                beta1,
                beta2,
                eps: epsilon,
                weight_decay: 0.0,
            };
            let mut optimizer = AdamW::new(variables, params.clone())?;
            let mut correction = 1.0;
            Box::new(move |gradients, lr| {
                // Candle adds epsilon to the root of the second moment after its bias correction.
                correction *= beta2;
                let eps = epsilon / (1.0 - correction).sqrt();
                optimizer.set_params(ParamsAdamW { lr, eps, ..params });
                optimizer.step(gradients)
            })
        }
    })
}

/// Fills the variables from a file that holds, layer by layer, weights and biases.
fn set_weights(
    variables: &mut VarMap,
    path: &PathBuf,
    sizes: &[usize],
    dtype: DType,
) -> Result<()> {
    let bytes = fs::read(path)?;
    let weights = Tensor::from_raw_buffer(&bytes, DType::F32, &[bytes.len() / 4], &Device::Cpu)?;
    let weights = weights.to_dtype(dtype)?;
    let mut start = 0;
    for (number, size) in sizes.windows(2).enumerate() {
        let (fan_in, fan_out) = (size[0], size[1]);
        let kernel = weights
            .narrow(0, start, fan_in * fan_out)?
            .reshape((fan_in, fan_out))?;
        let biases = weights.narrow(0, start + fan_in * fan_out, fan_out)?;
        variables.set_one(
            format!("{}.weight", layer(number)),
            kernel.t()?.contiguous()?,
        )?;
        variables.set_one(format!("{}.bias", layer(number)), biases)?;
        start += (fan_in + 1) * fan_out;
    }
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let settings: Settings = read_settings()?;
    let dtype = settings.precision.into();
    let mut rng = StdRng::seed_from_u64(settings.seed);
    println!("ready");

    let images = read_images(&settings.train_images, settings.inputs, dtype)?;
    let labels = fs::read(&settings.train_labels)?;
    let labels = Tensor::from_raw_buffer(&labels, DType::U8, &[labels.len()], &Device::Cpu)?;
    let labels = labels.to_dtype(DType::U32)?;
    println!("loaded");

    let mut variables = VarMap::new();
    let sizes = sizes(
        settings.inputs,
        settings.hidden_layers,
        settings.hidden_units,
    );
    let builder = VarBuilder::from_varmap(&variables, dtype, &Device::Cpu);
    let network = fully_connected(&sizes, settings.activation, builder)?;
    set_weights(&mut variables, &settings.initial_weights, &sizes, dtype)?;
    let mut update = optimizer(&settings, variables.all_vars())?;
    println!("built");

    let mut order: Vec<u32> = (0..images.dim(0)? as u32).collect();
    let mut left_over = vec![];
    let mut steps = 0.0;
    for epoch in 1..=settings.epochs {
        if settings.shuffle {
            order.shuffle(&mut rng);
        }
        let epoch_order = [left_over, order.clone()].concat();
        left_over = vec![];
        for batch in epoch_order.chunks(settings.batch_size) {
            if batch.len() < settings.batch_size && settings.partial_batch != PartialBatch::Keep {
                if settings.partial_batch == PartialBatch::Wrap {
                    left_over = batch.to_vec();
                }
                break;
            }
            let batch = Tensor::new(batch, &Device::Cpu)?;
            let logits = network.forward(&images.index_select(&batch, 0)?)?;
            let loss = loss::cross_entropy(&logits, &labels.index_select(&batch, 0)?)?;
            let mut gradients = loss.backward()?;
            if settings.weight_decay != 0.0 {
                for variable in variables.all_vars() {
                    let decay = (variable.as_tensor() * settings.weight_decay)?;
                    let gradient = gradients
                        .remove(&variable)
                        .expect("every variable has a gradient");
                    gradients.insert(&variable, (gradient + decay)?);
                }
            }
            let fall =
                (1.0 + settings.learning_rate_gamma * steps).powf(settings.learning_rate_power);
            update(&gradients, settings.learning_rate / fall)?;
            steps += 1.0;
        }
        println!("epoch {epoch}");
    }

    fs::create_dir_all(&settings.model)?;
    variables.save(settings.model.join("model.safetensors"))?;
    println!("saved");
    Ok(())
}
