// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_vcpu`: a virtual hart.

use core::ops::Deref;

use kernel::bindings;
use kernel::prelude::kunit_tests;
use kernel::types::Opaque;

use super::once::read_once;
use super::Errno;
use super::Vm;

/// An interrupt that KVM raises in VS-mode.
#[derive(Clone, Copy)]
pub(crate) enum VsInterrupt {
    /// The software interrupt, VSSIP: an IPI.
    Software,
    /// The local counter overflow interrupt, LCOFI.
    #[cfg(CONFIG_RISCV_PMU_SBI)]
    CounterOverflow,
}

impl VsInterrupt {
    /// The interrupt number in hvip and `irqs_pending`.
    fn number(self) -> u32 {
        match self {
            Self::Software => bindings::IRQ_VS_SOFT,
            #[cfg(CONFIG_RISCV_PMU_SBI)]
            Self::CounterOverflow => bindings::IRQ_PMU_OVF,
        }
    }
}

/// A vCPU that somebody keeps alive; it may be running on another CPU.
///
/// Only what KVM may do to another vCPU is offered. What needs the vCPU's own thread is in
/// [`HeldVcpu`] and [`LoadedVcpu`].
#[repr(transparent)]
pub(crate) struct Vcpu(Opaque<bindings::kvm_vcpu>);

impl Vcpu {
    /// Wraps a vCPU pointer from C.
    ///
    /// # Safety
    ///
    /// `ptr` points to an initialised vCPU that lives for `'a`. A vCPU of a VM lives as long as
    /// the VM.
    pub(super) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_vcpu) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// The pointer that C knows the vCPU by.
    #[inline]
    pub(super) fn as_ptr(&self) -> *mut bindings::kvm_vcpu {
        self.0.get()
    }

    /// The vCPU's id: its hart id in the guest, any number below `KVM_CAP_MAX_VCPU_ID`.
    #[inline]
    pub(crate) fn id(&self) -> usize {
        // SAFETY: Live; written once, before the vCPU can be found.
        let id = unsafe { (*self.as_ptr()).vcpu_id };
        // CAST: `kvm_vm_ioctl_create_vcpu()` refuses ids that are not small and positive.
        id as usize
    }

    /// The vCPU's index: its place in the order of creation.
    #[inline]
    pub(super) fn index(&self) -> usize {
        // SAFETY: As in `id()`.
        let index = unsafe { (*self.as_ptr()).vcpu_idx };
        // CAST: From 0 to below `KVM_MAX_VCPUS`.
        index as usize
    }

    /// Makes `interrupt` not pending, as `kvm_riscv_vcpu_unset_interrupt()`.
    ///
    /// Context: any; takes `irqs_pending_lock` with interrupts off.
    pub(crate) fn clear_interrupt(&self, interrupt: VsInterrupt) -> Result<(), Errno> {
        // SAFETY: Live.
        let ret =
            unsafe { bindings::kvm_riscv_vcpu_unset_interrupt(self.as_ptr(), interrupt.number()) };
        Errno::check(ret)
    }

    /// Makes `interrupt` pending and wakes the vCPU or kicks it out of the guest, as
    /// `kvm_riscv_vcpu_set_interrupt()`.
    ///
    /// Context: any; takes `irqs_pending_lock` with interrupts off.
    pub(crate) fn set_interrupt(&self, interrupt: VsInterrupt) -> Result<(), Errno> {
        // SAFETY: Live.
        let ret =
            unsafe { bindings::kvm_riscv_vcpu_set_interrupt(self.as_ptr(), interrupt.number()) };
        Errno::check(ret)
    }
}

/// A vCPU whose mutex this thread holds: nobody else runs it or changes its registers.
///
/// It need not be loaded on this CPU, so its CSRs may be anywhere.
#[repr(transparent)]
pub(crate) struct HeldVcpu(Vcpu);

impl HeldVcpu {
    /// Wraps the pointer that C passes along while it holds the vCPU's mutex.
    ///
    /// # Safety
    ///
    /// `ptr` points to an initialised vCPU whose mutex this thread holds for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_vcpu) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }
}

impl HeldVcpu {
    /// The VM that the vCPU belongs to.
    #[inline]
    pub(crate) fn vm(&self) -> &Vm {
        // SAFETY: Live; the pointer is set once, and the VM outlives its vCPUs.
        unsafe { Vm::from_raw((*self.as_ptr()).kvm) }
    }

    /// Whether the guest has `interrupt` pending, as far as KVM knew when the vCPU left it: what has
    /// changed since then, or else what the guest's hvip says.
    pub(crate) fn is_pending(&self, interrupt: VsInterrupt) -> bool {
        let vcpu = self.as_ptr();
        // SAFETY: Live; only the address is taken, here and below.
        let changed = unsafe { (&raw const (*vcpu).arch.irqs_pending_mask).cast::<usize>() };
        // SAFETY: As above.
        let pending = unsafe { (&raw const (*vcpu).arch.irqs_pending).cast::<usize>() };
        // SAFETY: As above; bitmaps of 64 bits that others change atomically.
        let (changed, pending) = unsafe { (read_once(changed), read_once(pending)) };
        // SAFETY: `HeldVcpu`: outside the guest the value is here, and this thread's.
        let hvip = unsafe { (*vcpu).arch.guest_csr.hvip };
        let bits = (pending & changed) | (hvip & !changed);
        (bits >> interrupt.number()) & 1 != 0
    }
}

impl Deref for HeldVcpu {
    type Target = Vcpu;

    #[inline]
    fn deref(&self) -> &Vcpu {
        &self.0
    }
}

/// The vCPU that this thread runs: loaded on this CPU, its mutex and the VM's SRCU read lock held.
///
/// Its guest registers, timer and CSRs are this thread's alone.
///
/// Context: preemptible, interrupts on, unless a method says otherwise.
#[repr(transparent)]
pub(crate) struct LoadedVcpu(HeldVcpu);

impl LoadedVcpu {
    /// Wraps the pointer that C passes to a handler on a vCPU's own thread.
    ///
    /// # Safety
    ///
    /// `ptr` points to an initialised vCPU that stays loaded on this thread for `'a`, with its mutex
    /// and, where the C that calls holds it, the VM's SRCU read lock held.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_vcpu) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }
}

impl Deref for LoadedVcpu {
    type Target = HeldVcpu;

    #[inline]
    fn deref(&self) -> &HeldVcpu {
        &self.0
    }
}

#[kunit_tests(kvm_riscv_vcpu)]
mod tests {
    use kernel::prelude::Result;

    use super::VsInterrupt;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn what_has_changed_counts_and_else_hvip() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.as_ptr();
        let bit = 1usize << VsInterrupt::Software.number();
        for (changed, pending, hvip, wanted) in [
            (0, 0, 0, false),
            (0, 0, bit, true),
            (0, bit, 0, false),
            (bit, bit, 0, true),
            (bit, 0, bit, false),
            (!bit, !bit, !bit, false),
        ] {
            // SAFETY: The vCPU is this function's.
            let mask = unsafe { &raw mut (*vcpu).arch.irqs_pending_mask };
            // SAFETY: As above; a bitmap of 64 bits.
            unsafe { *mask.cast::<usize>() = changed };
            // SAFETY: As above.
            let bits = unsafe { &raw mut (*vcpu).arch.irqs_pending };
            // SAFETY: As above.
            unsafe { *bits.cast::<usize>() = pending };
            // SAFETY: As above.
            unsafe { (*vcpu).arch.guest_csr.hvip = hvip };
            assert_eq!(blank.vcpu().is_pending(VsInterrupt::Software), wanted);
        }
        Ok(())
    }
}
