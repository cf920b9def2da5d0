// SPDX-License-Identifier: GPL-2.0

//! Which counters a vCPU has, and their reset.

use super::counter_info::CounterInfo;
use super::FirmwareEventCode;
use crate::exit::csr_number::CYCLE;
use crate::kvm::HeldVcpu;

/// As many as there are CSRs.
const MOST_HARDWARE_COUNTERS: usize = 32;

/// Indices from here on are those of programmable counters.
const FIRST_PROGRAMMABLE: usize = 3;

/// The number of the uppermost bit of cycle and instret.
const FIXED_WIDTH: usize = 63;

/// Gives a new vCPU its PMU, as `kvm_riscv_vcpu_pmu_init()`, if the host can tell guests from itself
/// when it counts, and has programmable counters.
///
/// A counter's index says nothing of the host's counter that will be behind it. The CSR is for a read
/// that KVM traps and emulates, so a guest can be migrated to a host with fewer counters.
///
/// Context: the vCPU is being made.
pub(crate) fn init(vcpu: &HeldVcpu) {
    let Some((count, width)) = vcpu.host_counters() else {
        return;
    };
    // The host's count is without the time counter, whose index is left out.
    let hardware = count.saturating_add(1);
    if hardware > MOST_HARDWARE_COUNTERS {
        vcpu.report_counter_limit();
    }
    let hardware = hardware.min(MOST_HARDWARE_COUNTERS);
    vcpu.make_pmu(hardware, FirmwareEventCode::COUNT, |index| {
        let info = match index {
            _ if index >= hardware => CounterInfo::firmware(),
            _ if index >= FIRST_PROGRAMMABLE => CounterInfo::hardware(CYCLE + index, width),
            _ => CounterInfo::hardware(CYCLE + index, FIXED_WIDTH),
        };
        info.to_register()
    });
}

/// Forgets all that the guest has configured and shared, and releases what that holds, as
/// `kvm_riscv_vcpu_pmu_reset()` and `kvm_riscv_vcpu_pmu_deinit()`.
///
/// Context: sleeps.
pub(crate) fn reset(vcpu: &HeldVcpu) {
    let Some(pmu) = vcpu.pmu() else {
        return;
    };
    // One that is not configured has no perf event, is stopped, and has not overflown.
    for counter in pmu.configured() {
        counter.perf_event().replace(None);
        counter.set_event(None);
        counter.set_started(false);
        counter.clear_overflow();
    }
    pmu.clear_values();
    pmu.forget_firmware_events();
    pmu.set_snapshot(None);
}
