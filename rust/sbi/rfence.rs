// SPDX-License-Identifier: GPL-2.0

//! The RFENCE extension (SBI v3.0, "RFENCE Extension").

use super::Asid;
use super::Call;
use super::Extension;
use super::Fence;
use super::FenceRange;
use super::FirmwareEvent;
use super::HartMask;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;
use crate::kvm::VcpuSet;
use crate::kvm::Vm;

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
        // The HFENCE functions, 3 to 6, too: a guest has no hypervisor extension.
        if call.function > Self::REMOTE_SFENCE_VMA_ASID {
            return Ok(Outcome::NOT_SUPPORTED);
        }
        let harts = HartMask {
            mask: call.a0,
            base: call.a1,
        };
        Ok(match call.function {
            Self::REMOTE_FENCE_I => fence_i(vcpu, harts),
            Self::REMOTE_SFENCE_VMA => sfence_vma(vcpu, harts, call.a2, call.a3),
            _ => sfence_vma_asid(vcpu, harts, call.a2, call.a3, call.a4),
        }
        .into())
    }
}

// Harts that do not exist are an error only after those that do have been asked to fence: a guest
// that does not look at the result is never left with a stale translation that C would have fenced.

/// FENCE.I on each hart.
#[inline(never)]
fn fence_i(vcpu: &LoadedVcpu, harts: HartMask) -> Result<(), SbiError> {
    let exist = request_fence_i(vcpu.vm(), harts);
    vcpu.count_firmware_event(FirmwareEvent::FenceISent);
    exist
}

/// Has each hart make a FENCE.I.
pub(super) fn request_fence_i(vm: &Vm, harts: HartMask) -> Result<(), SbiError> {
    let mut targets = VcpuSet::new();
    let exist = harts.for_each(vm, |target| targets.insert(target));
    vm.request_fence_i(&mut targets);
    exist
}

/// SFENCE.VMA of `size` bytes from `start` on each hart, for every ASID.
#[inline(never)]
fn sfence_vma(
    vcpu: &LoadedVcpu,
    harts: HartMask,
    start: usize,
    size: usize,
) -> Result<(), SbiError> {
    let fence = Fence {
        range: FenceRange::new(start, size),
        asid: None,
    };
    let exist = request(vcpu.vm(), harts, fence);
    vcpu.count_firmware_event(FirmwareEvent::HfenceVvmaSent);
    exist
}

/// SFENCE.VMA of `size` bytes from `start` on each hart, for the ASID in a register.
#[inline(never)]
fn sfence_vma_asid(
    vcpu: &LoadedVcpu,
    harts: HartMask,
    start: usize,
    size: usize,
    asid: usize,
) -> Result<(), SbiError> {
    let fence = Fence {
        range: FenceRange::new(start, size),
        asid: Some(Asid::from_register(asid)),
    };
    let exist = request(vcpu.vm(), harts, fence);
    vcpu.count_firmware_event(FirmwareEvent::HfenceVvmaAsidSent);
    exist
}

/// Has each hart make the fence; one whose queue is full fences everything.
///
/// A full queue is emptied too, which C's fall-back for KVM's own fences may have left to nobody.
pub(super) fn request(vm: &Vm, harts: HartMask, fence: Fence) -> Result<(), SbiError> {
    let fence = vm.queued_fence(fence);
    let mut targets = VcpuSet::new();
    let mut full = VcpuSet::new();
    let exist = harts.for_each(vm, |target| {
        if target.queue_fence(&fence) {
            targets.insert(target);
        } else {
            full.insert(target);
            if !target.is_to_make_queued_fences() {
                targets.insert(target);
            }
        }
    });
    vm.request_queued_fences(&mut targets);
    if !full.is_empty() {
        vm.request_full_fence(&mut full);
    }
    exist
}
