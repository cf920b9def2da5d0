// SPDX-License-Identifier: GPL-2.0

//! What a guest is told of a counter.

use super::counter;
use crate::kvm::PmuContext;
use crate::sbi::SbiError;

/// Who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CounterType {
    /// A perf event of the host.
    Hardware,
    /// KVM.
    Firmware,
}

const WIDTH_SHIFT: u32 = 12;
const WIDTH_MASK: usize = 0x3F;
const TYPE_SHIFT: u32 = usize::BITS - 1;

/// `counter_info` of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CounterInfo(usize);

impl CounterInfo {
    /// A hardware counter that is read through `csr`. `width` is the number of its uppermost bit.
    pub(super) fn hardware(csr: usize, width: usize) -> Self {
        Self(csr | (width & WIDTH_MASK) << WIDTH_SHIFT)
    }

    /// A firmware counter, which has 64 bits.
    pub(super) fn firmware() -> Self {
        Self(63 << WIDTH_SHIFT | 1 << TYPE_SHIFT)
    }

    /// From the register of the call.
    pub(super) fn from_register(register: usize) -> Self {
        Self(register)
    }

    /// The register of the call.
    pub(super) fn to_register(self) -> usize {
        self.0
    }

    /// Who counts.
    pub(super) fn counter_type(self) -> CounterType {
        match self.0 >> TYPE_SHIFT {
            0 => CounterType::Hardware,
            _ => CounterType::Firmware,
        }
    }

    /// The number of the counter's uppermost bit, at most 63.
    pub(super) fn width(self) -> usize {
        (self.0 >> WIDTH_SHIFT) & WIDTH_MASK
    }
}

/// FID 1, as `kvm_riscv_vcpu_pmu_ctr_info()`.
pub(super) fn get(pmu: &PmuContext<'_>, index: usize) -> Result<usize, SbiError> {
    let counter = counter::find(pmu, index).ok_or(SbiError::InvalidParam)?;
    Ok(counter.info())
}
