// SPDX-License-Identifier: GPL-2.0

//! Fences that vCPUs make before they enter the guest again; `tlb.c` makes them.
//!
//! A fence is put into the queue of each vCPU that is to make it, as `vcpu_hfence_enqueue()`, and then
//! one request makes them all look, as the end of `make_xfence_request()`. A request returns once
//! every vCPU of the set has left the guest; it fences before it enters again, on the CPU that it enters
//! on (K6 of docs/differences.md).

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::Vcpu;
use super::VcpuSet;
use super::Vm;
use crate::sbi::Fence;
use crate::sbi::FenceRange;
use crate::sbi::PAGE_SHIFT;

/// A [`Fence`] as the queues hold it: with the VMID that the VM has now.
///
/// If the VM gets another VMID before the fence is made, the old one is not used any more, and what
/// is translated under the new one is read from page tables that the guest has written before.
pub(crate) struct QueuedFence(bindings::kvm_riscv_hfence);

impl Vm {
    /// Makes a fence ready for the queues.
    #[inline]
    pub(crate) fn queued_fence(&self, fence: Fence) -> QueuedFence {
        let (address, size) = match fence.range {
            FenceRange::All => (0, 0),
            FenceRange::Pages(pages) => (pages.start(), pages.size()),
        };
        let all = matches!(fence.range, FenceRange::All);
        QueuedFence(bindings::kvm_riscv_hfence {
            type_: match (all, fence.asid.is_some()) {
                (true, false) => bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ALL,
                (true, true) => bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ASID_ALL,
                (false, false) => bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_GVA,
                (false, true) => bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ASID_GVA,
            },
            asid: fence.asid.map_or(0, |asid| asid.to_register()),
            vmid: self.vmid(),
            order: if all { 0 } else { PAGE_SHIFT },
            // CAST: Both are 64 bits.
            addr: address as u64,
            size: size as u64,
        })
    }

    /// Makes each vCPU of the set do a FENCE.I, by `KVM_REQ_FENCE_I`.
    ///
    /// Context: process context; waits for other CPUs to leave their guests.
    pub(crate) fn request_fence_i(&self, vcpus: &mut VcpuSet) {
        // SAFETY: Live; the bitmap has a bit for each vCPU that there can be.
        unsafe { bindings::kvm_riscv_rs_request_fence_i(self.as_ptr(), vcpus.as_mut_ptr()) };
    }

    /// Makes each vCPU of the set make the fences in its queue, by `KVM_REQ_HFENCE`.
    ///
    /// Context: as [`Vm::request_fence_i`].
    pub(crate) fn request_queued_fences(&self, vcpus: &mut VcpuSet) {
        // SAFETY: As in `request_fence_i()`.
        unsafe { bindings::kvm_riscv_rs_request_hfence(self.as_ptr(), vcpus.as_mut_ptr()) };
    }

    /// Makes each vCPU of the set fence every page of every ASID, by `KVM_REQ_HFENCE_VVMA_ALL`.
    ///
    /// Context: as [`Vm::request_fence_i`].
    pub(crate) fn request_full_fence(&self, vcpus: &mut VcpuSet) {
        // SAFETY: As in `request_fence_i()`.
        unsafe {
            bindings::kvm_riscv_rs_request_hfence_vvma_all(self.as_ptr(), vcpus.as_mut_ptr())
        };
    }
}

impl Vcpu {
    /// Whether the vCPU is to make the fences in its queue before it enters the guest again:
    /// `KVM_REQ_HFENCE` is pending.
    pub(crate) fn is_to_make_queued_fences(&self) -> bool {
        // SAFETY: `Vcpu`: live.
        unsafe { bindings::kvm_riscv_rs_hfence_is_requested(self.as_ptr()) }
    }

    /// Puts a fence into the vCPU's queue; `false` if it is full.
    ///
    /// Context: takes `hfence_lock`.
    pub(crate) fn queue_fence(&self, fence: &QueuedFence) -> bool {
        let vcpu = self.as_ptr();
        // SAFETY: `Vcpu`: live; only addresses are taken.
        let (lock, tail, queue) = unsafe {
            (
                &raw mut (*vcpu).arch.hfence_lock,
                &raw mut (*vcpu).arch.hfence_tail,
                (&raw mut (*vcpu).arch.hfence_queue).cast::<bindings::kvm_riscv_hfence>(),
            )
        };

        // SAFETY: An initialised spinlock that this thread does not hold.
        unsafe { bindings::spin_lock(lock) };
        // SAFETY: A live word, written with the lock held.
        let mut next = unsafe { *tail };
        // SAFETY: Everybody keeps the tail below the queue's length.
        let slot = unsafe { queue.add(next) };
        // SAFETY: A slot of the queue.
        let free = unsafe { (*slot).type_ } == 0;
        if free {
            // SAFETY: As above; who takes fences out holds the lock.
            unsafe { slot.write(fence.0) };
            next += 1;
            let wraps = next == bindings::KVM_RISCV_VCPU_MAX_HFENCE as usize;
            // SAFETY: As above.
            unsafe { *tail = if wraps { 0 } else { next } };
        }
        // SAFETY: Taken above.
        unsafe { bindings::spin_unlock(lock) };
        free
    }
}

#[kunit_tests(kvm_riscv_fence)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use crate::kvm::blank::Blank;
    use crate::kvm::blank::BlankVcpu;
    use crate::sbi::Asid;
    use crate::sbi::Fence;
    use crate::sbi::FenceRange;

    const QUEUE: usize = bindings::KVM_RISCV_VCPU_MAX_HFENCE as usize;

    const EVERYTHING: Fence = Fence {
        range: FenceRange::All,
        asid: None,
    };

    #[test]
    fn the_four_types() -> Result {
        let blank = Blank::<bindings::kvm>::new()?;
        // SAFETY: The VM is this function's.
        unsafe { (*blank.as_ptr()).arch.vmid.vmid = 0x2A };
        let pages = FenceRange::new(0x1234_5678, 0x1000);
        let asid = Some(Asid::from_register(7));
        for (range, asid, wanted) in [
            (
                FenceRange::All,
                None,
                (
                    bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ALL,
                    0,
                    0,
                    0,
                    0,
                ),
            ),
            (
                FenceRange::All,
                asid,
                (
                    bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ASID_ALL,
                    7,
                    0,
                    0,
                    0,
                ),
            ),
            (
                pages,
                None,
                (
                    bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_GVA,
                    0,
                    12,
                    0x1234_5000,
                    0x2000,
                ),
            ),
            (
                pages,
                asid,
                (
                    bindings::kvm_riscv_hfence_type_KVM_RISCV_HFENCE_VVMA_ASID_GVA,
                    7,
                    12,
                    0x1234_5000,
                    0x2000,
                ),
            ),
        ] {
            let queued = blank.vm().queued_fence(Fence { range, asid }).0;
            let got = (
                queued.type_,
                queued.asid,
                queued.order,
                queued.addr,
                queued.size,
            );
            assert_eq!(got, wanted);
            assert_eq!(queued.vmid, 0x2A);
        }
        Ok(())
    }

    #[test]
    fn a_queue_takes_as_many_as_it_has_room_for() -> Result {
        let blank = Blank::<bindings::kvm>::new()?;
        let vcpu = BlankVcpu::new()?;
        let fence = blank.vm().queued_fence(EVERYTHING);
        let taken = (0..QUEUE + 3)
            .filter(|_| vcpu.vcpu().queue_fence(&fence))
            .count();
        assert_eq!(taken, QUEUE);
        Ok(())
    }

    #[test]
    fn the_next_slot_is_the_one_after_the_last_and_then_the_first() -> Result {
        let blank = Blank::<bindings::kvm>::new()?;
        let vcpu = BlankVcpu::new()?;
        let fence = blank.vm().queued_fence(EVERYTHING);
        // SAFETY: The vCPU is this function's.
        unsafe { (*vcpu.as_ptr()).arch.hfence_tail = QUEUE - 2 };
        for tail in [QUEUE - 1, 0, 1] {
            assert!(vcpu.vcpu().queue_fence(&fence));
            // SAFETY: As above.
            assert_eq!(unsafe { (*vcpu.as_ptr()).arch.hfence_tail }, tail);
        }
        // SAFETY: As above.
        let queue = unsafe { (*vcpu.as_ptr()).arch.hfence_queue };
        let full = queue.iter().filter(|fence| fence.type_ != 0).count();
        assert_eq!(full, 3);
        assert!(queue[QUEUE - 2].type_ != 0 && queue[QUEUE - 1].type_ != 0 && queue[0].type_ != 0);
        Ok(())
    }
}
