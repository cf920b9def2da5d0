// SPDX-License-Identifier: GPL-2.0

//! The PMU extension.

mod calls;
mod event_info;
mod model;
mod snapshot;

use super::answer;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::sbi::pmu::lifecycle;
use crate::sbi::Outcome;
use crate::sbi::Pmu;
use crate::sbi::SbiError;

/// Counters of the hardware, with the gap of time, and of the firmware.
const HARDWARE: usize = 6;
const COUNTERS: usize = HARDWARE + 22;
/// The uppermost bit of the programmable ones.
const WIDTH: usize = 47;

const NOT_SUPPORTED: Outcome = Outcome::NOT_SUPPORTED;

const CYCLES: usize = 1;
const INSTRUCTIONS: usize = 2;
const RAW: usize = 0x2_0000;

fn firmware(code: usize) -> usize {
    0xF_0000 | code
}

fn error(error: SbiError) -> Outcome {
    Outcome::Return(Err(error))
}

fn value(value: usize) -> Outcome {
    Outcome::Return(Ok(value))
}

/// A vCPU with [`COUNTERS`].
fn vcpu() -> LoadedVcpu {
    let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
    vcpu.fake_pmu.host.set(Some((HARDWARE - 1, WIDTH)));
    lifecycle::init(&vcpu);
    vcpu
}

fn call(vcpu: &LoadedVcpu, function: usize, args: [usize; 5]) -> Outcome {
    answer::<Pmu>(vcpu, function, args).unwrap()
}

/// Configures the first of a set that will do.
fn config(vcpu: &LoadedVcpu, base: usize, mask: usize, flags: usize, event: usize) -> Outcome {
    let args = [base, mask, flags, event, 0];
    call(vcpu, Pmu::COUNTER_CONFIG_MATCHING, args)
}

fn start(vcpu: &LoadedVcpu, base: usize, mask: usize, flags: usize, value: u64) -> Outcome {
    let args = [base, mask, flags, value as usize, 0];
    call(vcpu, Pmu::COUNTER_START, args)
}

fn stop(vcpu: &LoadedVcpu, base: usize, mask: usize, flags: usize) -> Outcome {
    call(vcpu, Pmu::COUNTER_STOP, [base, mask, flags, 0, 0])
}
