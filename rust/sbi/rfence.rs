// SPDX-License-Identifier: GPL-2.0

//! The RFENCE extension (SBI v3.0, "RFENCE Extension").

use super::Asid;
use super::Call;
use super::Extension;
use super::FenceRange;
use super::FirmwareEvent;
use super::HartMask;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Remote fences, as `kvm_sbi_ext_rfence_handler()`.
pub(crate) struct Rfence;

impl Rfence {
    /// FID 0.
    pub(crate) const REMOTE_FENCE_I: usize = 0;
    /// FID 1.
    pub(crate) const REMOTE_SFENCE_VMA: usize = 1;
    /// FID 2.
    pub(crate) const REMOTE_SFENCE_VMA_ASID: usize = 2;
}

impl Extension for Rfence {
    const FIRST_ID: usize = 0x5246_4E43;

    #[inline]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        let harts = HartMask {
            mask: call.a0,
            base: call.a1,
        };
        let result = match call.function {
            Self::REMOTE_FENCE_I => fence_i(vcpu, harts),
            Self::REMOTE_SFENCE_VMA => sfence_vma(vcpu, harts, FenceRange::new(call.a2, call.a3)),
            Self::REMOTE_SFENCE_VMA_ASID => {
                let range = FenceRange::new(call.a2, call.a3);
                sfence_vma_asid(vcpu, harts, range, Asid::from_register(call.a4))
            }
            // The HFENCE functions, 3 to 6, too: a guest has no hypervisor extension.
            _ => return Ok(Outcome::NOT_SUPPORTED),
        };
        Ok(result.into())
    }
}

// Harts that do not exist are an error only after those that do have fenced: a guest that does not
// look at the result is never left with a stale translation that C would have fenced.

/// FENCE.I on each hart.
fn fence_i(vcpu: &LoadedVcpu, harts: HartMask) -> Result<(), SbiError> {
    vcpu.vm().fence_i(harts);
    vcpu.count_firmware_event(FirmwareEvent::FenceISent);
    harts.check(vcpu.vm())
}

/// SFENCE.VMA of a range on each hart, for every ASID.
fn sfence_vma(vcpu: &LoadedVcpu, harts: HartMask, range: FenceRange) -> Result<(), SbiError> {
    match range {
        FenceRange::All => vcpu.vm().hfence_vvma_all(harts),
        FenceRange::Pages(pages) => vcpu.vm().hfence_vvma_gva(harts, pages),
    }
    vcpu.count_firmware_event(FirmwareEvent::HfenceVvmaSent);
    harts.check(vcpu.vm())
}

/// SFENCE.VMA of a range on each hart, for one ASID.
fn sfence_vma_asid(
    vcpu: &LoadedVcpu,
    harts: HartMask,
    range: FenceRange,
    asid: Asid,
) -> Result<(), SbiError> {
    match range {
        FenceRange::All => vcpu.vm().hfence_vvma_asid_all(harts, asid),
        FenceRange::Pages(pages) => vcpu.vm().hfence_vvma_asid_gva(harts, pages, asid),
    }
    vcpu.count_firmware_event(FirmwareEvent::HfenceVvmaAsidSent);
    harts.check(vcpu.vm())
}
