// SPDX-License-Identifier: GPL-2.0

//! The Performance Monitoring Unit extension (SBI v3.0, "Performance Monitoring Unit Extension").
//!
//! A guest's counters are virtual. A hardware counter is backed by a perf event of the host, which
//! exists while the counter is configured and counts while it is started; a firmware counter counts
//! what KVM does for the guest. What is remembered of them is in `struct kvm_pmu`, behind
//! [`PmuContext`](crate::kvm::PmuContext).
//!
//! | file                | what it holds                                                |
//! |---------------------|--------------------------------------------------------------|
//! | [`lifecycle`]       | which counters a vCPU has; reset                             |
//! | [`counter_info`]    | what a guest is told of a counter                            |
//! | [`counter_set`]     | `counter_idx_base` and `counter_idx_mask`                    |
//! | [`flags`]           | the flags of the calls                                       |
//! | [`event`]           | `event_idx` and `event_data`                                 |
//! | [`config_matching`] | finding a counter for an event                               |
//! | [`counter`]         | one counter: configure, start, stop, read, reset             |
//! | [`sample_period`]   | how far a counter is from its overflow                       |
//! | [`start_stop`]      | starting and stopping sets of counters                       |
//! | [`snapshot`]        | the memory that a guest shares for the values                |
//! | [`read`]            | reading counters: firmware counters by calls, others by CSRs |
//! | [`event_info`]      | which events there are                                       |

mod config_matching;
mod counter;
mod counter_info;
mod counter_set;
mod event;
mod event_info;
mod flags;
pub(crate) mod lifecycle;
mod read;
mod sample_period;
mod snapshot;
mod start_stop;

use super::Call;
use super::Extension;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

pub(crate) use event::FirmwareEventCode;
pub(crate) use event::PerfEventConfig;
pub(crate) use event::PerfType;
pub(crate) use read::read_counter_csr;

/// Performance Monitoring Unit.
pub(crate) struct Pmu;

impl Pmu {
    /// FID 0.
    pub(crate) const NUM_COUNTERS: usize = 0;
    /// FID 1.
    pub(crate) const COUNTER_GET_INFO: usize = 1;
    /// FID 2.
    pub(crate) const COUNTER_CONFIG_MATCHING: usize = 2;
    /// FID 3.
    pub(crate) const COUNTER_START: usize = 3;
    /// FID 4.
    pub(crate) const COUNTER_STOP: usize = 4;
    /// FID 5.
    pub(crate) const COUNTER_FW_READ: usize = 5;
    /// FID 6.
    pub(crate) const COUNTER_FW_READ_HI: usize = 6;
    /// FID 7.
    pub(crate) const SNAPSHOT_SET_SHMEM: usize = 7;
    /// FID 8.
    pub(crate) const EVENT_GET_INFO: usize = 8;
}

impl Extension for Pmu {
    const FIRST_ID: usize = 0x50_4D55;
    const IS_BUILT: bool = crate::kvm::HAS_PMU;

    fn is_available(vcpu: &HeldVcpu) -> bool {
        // As in C, what is not compiled in has a register that says it is there.
        !Self::IS_BUILT || vcpu.pmu().is_some()
    }

    #[inline(never)]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        let Some(pmu) = vcpu.pmu() else {
            return Ok(Outcome::NOT_SUPPORTED);
        };
        let answer = match call.function {
            Self::NUM_COUNTERS => Ok(pmu.counters()),
            Self::COUNTER_GET_INFO => counter_info::get(&pmu, call.a0),
            Self::COUNTER_CONFIG_MATCHING => config_matching::configure(&pmu, call),
            Self::COUNTER_START => start_stop::start(vcpu, &pmu, call),
            Self::COUNTER_STOP => start_stop::stop(vcpu, &pmu, call),
            Self::COUNTER_FW_READ => read::read_firmware_counter(vcpu, &pmu, call.a0),
            // On RV64 the upper half of the register pair is no part of the value.
            Self::COUNTER_FW_READ_HI => read::read_firmware_counter(vcpu, &pmu, call.a0).map(|_| 0),
            Self::SNAPSHOT_SET_SHMEM => snapshot::set_shared_memory(vcpu, &pmu, call),
            Self::EVENT_GET_INFO => return Ok(event_info::get(vcpu, call)),
            _ => return Ok(Outcome::NOT_SUPPORTED),
        };
        Ok(Outcome::Return(answer))
    }
}
