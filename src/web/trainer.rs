//! Training on arrays that were handed over: what a second worker does when a GPU trains.

use super::boundary::{SessionError, read_options, read_value, throw, write_value};
use super::gpu::{Health, start};
use super::job::{BrowserHost, Job};
use crate::job::{Host, Progress, Signal};
use crate::prepare::Journeys;
use crate::train::{
    DeviceKind, Fit, OptimizerOptions, Pace, TrainError, TrainOptions, TrainingData,
    ValidTrainOptions, fit, trial,
};
use burn::tensor::Device;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// How far a parameter of the self-test's model may be from the CPU's.
const SELF_TEST_TOLERANCE: f32 = 1e-3;

/// A GPU, and the data to train on; the CPU stands beside it, to measure against.
#[wasm_bindgen]
pub struct Trainer {
    device: Device,
    health: Health,
    data: OwnedData,
}

#[derive(Debug, Default)]
struct OwnedData {
    x: Vec<f32>,
    width: usize,
    y: Vec<f32>,
    weights: Option<Vec<f32>>,
    train: Vec<u32>,
    validation: Vec<u32>,
    journeys: Option<Journeys>,
    statics: Vec<u32>,
}

impl OwnedData {
    fn borrow(&self) -> TrainingData<'_> {
        TrainingData {
            x: &self.x,
            width: self.width,
            y: &self.y,
            weights: self.weights.as_deref(),
            train: &self.train,
            validation: &self.validation,
            journeys: self.journeys.as_ref(),
            statics: self.statics.clone(),
        }
    }
}

/// The parts of a data set on their way from one worker to the other.
struct Parts<'a>(&'a JsValue);

impl Parts<'_> {
    fn get(&self, name: &str) -> Result<JsValue, JsValue> {
        js_sys::Reflect::get(self.0, &JsValue::from_str(name))
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_ok_and(|value| !value.is_undefined())
    }

    fn floats(&self, name: &str) -> Result<Vec<f32>, JsValue> {
        let values = self.get(name)?.dyn_into::<js_sys::Float32Array>();
        Ok(values.map_err(|_| missing(name))?.to_vec())
    }

    fn whole(&self, name: &str) -> Result<Vec<u32>, JsValue> {
        let values = self.get(name)?.dyn_into::<js_sys::Uint32Array>();
        Ok(values.map_err(|_| missing(name))?.to_vec())
    }
}

fn missing(name: &str) -> JsValue {
    throw(SessionError::Handover(format!("`{name}` is missing")))
}

#[wasm_bindgen]
impl Trainer {
    /// A trainer on the GPU, checked against the CPU on a tiny fixed model before it is handed out.
    ///
    /// # Errors
    /// `webgpu-failed` where the GPU can't be started, fails, or computes something else than the CPU.
    pub async fn webgpu() -> Result<Trainer, JsValue> {
        let (device, health) = start().await.map_err(throw)?;
        let trainer = Self {
            device,
            health,
            data: OwnedData::default(),
        };
        trainer.check_against_cpu().await.map_err(throw)?;
        Ok(trainer)
    }

    /// Hands over the data, as `Engine.trainingData` made it.
    ///
    /// # Errors
    /// `handover` where a part is missing.
    pub fn hold(&mut self, parts: &JsValue) -> Result<(), JsValue> {
        let parts = Parts(parts);
        let journeys = if parts.has("offsets") {
            Some(Journeys {
                channels: read_value(parts.get("channels")?)?,
                events: read_value(parts.get("events")?)?,
                offsets: parts.whole("offsets")?,
                touch_channels: parts.whole("touchChannels")?,
                touch_events: parts.whole("touchEvents")?,
                gap_hours: parts.floats("gapHours")?,
                ..Journeys::default()
            })
        } else {
            None
        };
        let weighted = parts.has("weights");
        self.data = OwnedData {
            x: parts.floats("x")?,
            width: read_value(parts.get("width")?)?,
            y: parts.floats("y")?,
            weights: weighted.then(|| parts.floats("weights")).transpose()?,
            train: parts.whole("train")?,
            validation: parts.whole("validation")?,
            statics: match journeys {
                Some(_) => parts.whole("statics")?,
                None => Vec::new(),
            },
            journeys,
        };
        Ok(())
    }

    /// Fits a model to the data held, on the device that `options.device` names, and returns it with its
    /// history, for the engine to adopt.
    ///
    /// # Errors
    /// Those of the options and of training; `aborted` where the job was cancelled; `webgpu-failed` where
    /// the GPU was lost or reported an error.
    pub async fn fit(
        &self,
        options: JsValue,
        run_id: String,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let options = read_options::<TrainOptions>(options)?
            .check(self.data.train.len())
            .map_err(throw)?;
        let data = self.data.borrow();
        let device = match options.device {
            DeviceKind::Webgpu => &self.device,
            DeviceKind::Cpu => &Device::flex(),
        };
        let mut host = self.host(BrowserHost::new(job, &listener));
        let result = fit(&data, &options, device, &run_id, &mut host).await;
        if let Some(failure) = host.failure() {
            return Err(throw(SessionError::Gpu(failure)));
        }
        write_value(&result.map_err(throw)?)
    }

    /// How long a step of a model takes on each device: `{ webgpu, cpu }`, each `{ stepMs, measuredMs,
    /// readyMs }`.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub async fn trial(
        &self,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let options = read_options::<TrainOptions>(options)?
            .check(self.data.train.len())
            .map_err(throw)?;
        let data = self.data.borrow();
        let mut host = self.host(BrowserHost::new(job, &listener));
        let on = |device| ValidTrainOptions {
            device,
            ..options.clone()
        };
        // A device that is lost ends either trial, which is no one's wish to end it.
        let cpu = trial(&data, &on(DeviceKind::Cpu), &Device::flex(), 0.0, &mut host).await;
        self.healthy().map_err(throw)?;
        let cpu = cpu.map_err(throw)?;
        let on_gpu = on(DeviceKind::Webgpu);
        let webgpu = trial(&data, &on_gpu, &self.device, cpu.step_ms, &mut host).await;
        self.healthy().map_err(throw)?;
        let webgpu = webgpu.map_err(throw)?;
        write_value(&Trial { webgpu, cpu })
    }
}

/// What `auto` decides by.
#[derive(Debug, Serialize)]
struct Trial {
    webgpu: Pace,
    cpu: Pace,
}

impl Trainer {
    fn host<H: Host>(&self, inner: H) -> Watched<H> {
        Watched {
            inner,
            health: self.health.clone(),
        }
    }

    /// The GPU.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// That nothing has gone wrong on the GPU so far.
    pub(super) fn healthy(&self) -> Result<(), SessionError> {
        self.health
            .failure()
            .map_or(Ok(()), |failure| Err(SessionError::Gpu(failure)))
    }

    async fn check_against_cpu(&self) -> Result<(), SessionError> {
        let gpu = self.fixed_fit(&self.device, "webgpu").await?;
        let cpu = self.fixed_fit(&Device::flex(), "cpu").await?;
        if let Some(failure) = self.health.failure() {
            return Err(SessionError::Gpu(failure));
        }
        let parameters = |fit: &Fit| {
            let mut parameters = fit.weights().to_vec();
            parameters.push(fit.intercept());
            parameters
        };
        // NaN is not close to anything.
        let close = |(gpu, cpu): (f32, f32)| (gpu - cpu).abs() < SELF_TEST_TOLERANCE;
        if !parameters(&gpu)
            .into_iter()
            .zip(parameters(&cpu))
            .all(close)
        {
            return Err(SessionError::Gpu(
                "The GPU did not pass its self-test: it fits a tiny model otherwise than the CPU."
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// Twenty Adam steps on sixty-four fixed rows.
    async fn fixed_fit(&self, device: &Device, name: &str) -> Result<Fit, SessionError> {
        const ROWS: u32 = 64;
        const WIDTH: u32 = 5;
        let x: Vec<f32> = (0..ROWS * WIDTH)
            .map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0)
            .collect();
        let y: Vec<f32> = x
            .chunks(WIDTH as usize)
            .map(|row| f32::from(u8::from(row[0] + 0.5 * row[3] > 0.1)))
            .collect();
        let data = OwnedData {
            x,
            width: WIDTH as usize,
            y,
            weights: None,
            train: (0..ROWS).collect(),
            validation: Vec::new(),
            journeys: None,
            statics: Vec::new(),
        };
        let mut host = self.host(crate::job::Quiet::default());
        let options =
            self_test_options(name).map_err(|error| SessionError::Gpu(error.to_string()))?;
        fit(&data.borrow(), &options, device, "self-test", &mut host)
            .await
            .map_err(|error| SessionError::Gpu(format!("The GPU's self-test failed: {error}")))
    }
}

fn self_test_options(device: &str) -> Result<ValidTrainOptions, TrainError> {
    TrainOptions {
        device: Some(device.to_owned()),
        epochs: Some(20.0),
        batch_size: Some(0.0),
        optimizer: Some(OptimizerOptions {
            kind: "adam".to_owned(),
            learning_rate: Some(0.05),
            momentum: None,
        }),
        ..TrainOptions::default()
    }
    .check(64)
}

/// A host that also cancels the job when the device has failed.
struct Watched<H> {
    inner: H,
    health: Health,
}

impl<H> Watched<H> {
    fn failure(&self) -> Option<String> {
        self.health.failure()
    }
}

impl<H: Host> Host for Watched<H> {
    fn now(&self) -> f64 {
        self.inner.now()
    }

    fn report(&mut self, progress: Progress) {
        self.inner.report(progress);
    }

    async fn breathe(&mut self) -> Signal {
        let signal = self.inner.breathe().await;
        if self.failure().is_some() {
            Signal::Cancel
        } else {
            signal
        }
    }
}
