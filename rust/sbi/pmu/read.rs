// SPDX-License-Identifier: GPL-2.0

//! Reading counters.

use super::counter;
use super::counter_info::CounterType;
use crate::exit::csr_number::CYCLE;
use crate::exit::csr_number::INSTRET;
use crate::exit::CsrEmulation;
use crate::kvm::LoadedVcpu;
use crate::kvm::PmuContext;
use crate::sbi::SbiError;

/// FID 5, as `kvm_riscv_vcpu_pmu_fw_ctr_read()`: the value of a firmware counter that is configured.
#[inline(never)]
pub(super) fn read_firmware_counter(
    vcpu: &LoadedVcpu,
    pmu: &PmuContext<'_>,
    index: usize,
) -> Result<usize, SbiError> {
    // CAST: No bits are lost.
    read(vcpu, pmu, index, CounterType::Firmware)
        .map(|value| value as usize)
        .ok_or(SbiError::InvalidParam)
}

/// Reads the CSR of a counter, as `kvm_riscv_vcpu_pmu_read_hpm()`. `mask`: the bits that are to be
/// written; counters are read-only.
///
/// Without a PMU cycle and instret are 0, for guests that read them without having asked.
///
/// Context: sleeps.
pub(crate) fn read_counter_csr(vcpu: &LoadedVcpu, csr: usize, mask: usize) -> CsrEmulation {
    let value = match vcpu.pmu() {
        None => matches!(csr, CYCLE | INSTRET).then_some(0),
        Some(_) if mask != 0 => None,
        Some(pmu) => read(vcpu, &pmu, csr.wrapping_sub(CYCLE), CounterType::Hardware),
    };
    // CAST: No bits are lost.
    value.map_or(CsrEmulation::IllegalInstruction, |value| {
        CsrEmulation::Done(value as usize)
    })
}

fn read(
    vcpu: &LoadedVcpu,
    pmu: &PmuContext<'_>,
    index: usize,
    counter_type: CounterType,
) -> Option<u64> {
    let Some(counter) = counter::find(pmu, index) else {
        vcpu.report_invalid_counter(index);
        return None;
    };
    if counter::type_of(&counter) != counter_type {
        return None;
    }
    counter::read(pmu, &counter)
}
