//! Starting WebGPU, and finding out whether it can be trusted.

use super::boundary::SessionError;
use burn::tensor::Device;
use burn_wgpu::{
    RuntimeOptions, WgpuDevice, graphics::WebGpu, try_init_setup_async, wgpu::DeviceLostReason,
};
use std::sync::{Arc, Mutex};

/// How many operations go to the GPU in one command buffer.
const TASKS_PER_SUBMISSION: usize = 32;

/// What has gone wrong on the device since it was started, if anything: looked at between steps, since
/// errors of pipelines and shaders are told to a callback and to nobody else.
#[derive(Debug, Clone, Default)]
pub struct Health {
    failure: Arc<Mutex<Option<String>>>,
}

impl Health {
    fn note(&self, message: String) {
        if let Ok(mut failure) = self.failure.lock() {
            failure.get_or_insert(message);
        }
    }

    /// The first failure.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().ok().and_then(|failure| failure.clone())
    }
}

/// Starts burn's WebGPU runtime on the browser's high-performance adapter.
///
/// # Errors
/// `webgpu-failed` where no adapter or device can be had.
pub async fn start() -> Result<(Device, Health), SessionError> {
    let mut options = RuntimeOptions::try_default()
        .map_err(|error| SessionError::Gpu(format!("WebGPU could not be configured: {error}")))?;
    options.tasks_max = TASKS_PER_SUBMISSION;
    let device = WgpuDevice::default();
    let setup = try_init_setup_async::<WebGpu>(&device, options)
        .await
        .map_err(|error| SessionError::Gpu(format!("WebGPU could not be started: {error}")))?;

    let health = Health::default();
    let lost = health.clone();
    setup
        .device
        .set_device_lost_callback(move |reason, message| {
            if reason != DeviceLostReason::Destroyed {
                lost.note(format!("The GPU was lost: {message}"));
            }
        });
    let uncaptured = health.clone();
    setup.device.on_uncaptured_error(Arc::new(move |error| {
        uncaptured.note(format!("The GPU reported an error: {error}"));
    }));
    Ok((Device::from(device), health))
}
