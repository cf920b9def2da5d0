// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_vcpu`: a virtual hart.

use core::ops::Deref;

use kernel::bindings;
use kernel::types::Opaque;

use super::once::read_once;
use super::once::write_once;
use super::Errno;
use super::Vm;
use crate::sbi::Call;

/// An interrupt that KVM raises in VS-mode.
#[derive(Clone, Copy)]
pub(crate) enum VsInterrupt {
    /// The software interrupt, VSSIP: an IPI.
    Software,
}

impl VsInterrupt {
    /// The interrupt number in hvip and `irqs_pending`.
    fn number(self) -> u32 {
        match self {
            Self::Software => bindings::IRQ_VS_SOFT,
        }
    }
}

/// A vCPU that somebody keeps alive; it may be running on another CPU.
///
/// Only what KVM may do to another vCPU is offered. What needs the vCPU's own thread is in
/// [`LoadedVcpu`].
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

    /// Sets the power state to `KVM_MP_STATE_STOPPED` and says whether it was another one.
    ///
    /// The vCPU leaves the guest only when it sees a request, see [`Vm::request_sleep`].
    ///
    /// Context: takes `mp_state_lock`; must not be held.
    pub(crate) fn mark_stopped(&self) -> bool {
        let vcpu = self.as_ptr();
        // SAFETY: Live; initialised by `kvm_arch_vcpu_create()`.
        let lock = unsafe { &raw mut (*vcpu).arch.mp_state_lock };
        // SAFETY: As above.
        let state = unsafe { &raw mut (*vcpu).arch.mp_state.mp_state };

        // SAFETY: An initialised spinlock that this thread does not hold.
        unsafe { bindings::spin_lock(lock) };
        // SAFETY: A word; readers outside the lock use READ_ONCE().
        let was_running = unsafe { read_once(state) } != bindings::KVM_MP_STATE_STOPPED;
        // SAFETY: As above.
        unsafe { write_once(state, bindings::KVM_MP_STATE_STOPPED) };
        // SAFETY: Taken above.
        unsafe { bindings::spin_unlock(lock) };

        was_running
    }
}

/// The vCPU that this thread runs: loaded on this CPU, its mutex and the VM's SRCU read lock held.
///
/// Its guest registers and timer are this thread's alone.
///
/// Context: preemptible, interrupts on, unless a method says otherwise.
#[repr(transparent)]
pub(crate) struct LoadedVcpu(Vcpu);

impl LoadedVcpu {
    /// Wraps the pointer that C passes to a handler on a vCPU's own thread.
    ///
    /// # Safety
    ///
    /// `ptr` points to an initialised vCPU that stays loaded on this thread for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_vcpu) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// The VM that the vCPU belongs to.
    #[inline]
    pub(crate) fn vm(&self) -> &Vm {
        // SAFETY: Live; the pointer is set once, and the VM outlives its vCPUs.
        unsafe { Vm::from_raw((*self.as_ptr()).kvm) }
    }

    /// The SBI call that the guest has made, from the registers it left.
    #[inline]
    pub(crate) fn sbi_call(&self) -> Call {
        let vcpu = self.as_ptr();
        // SAFETY: `LoadedVcpu`: the guest's registers are this thread's.
        let context = unsafe { &raw const (*vcpu).arch.guest_context };
        // SAFETY: As above, for every field.
        unsafe {
            Call {
                a0: (*context).a0,
                a1: (*context).a1,
                a2: (*context).a2,
                a3: (*context).a3,
                a4: (*context).a4,
                function: (*context).a6,
            }
        }
    }
}

impl Deref for LoadedVcpu {
    type Target = Vcpu;

    #[inline]
    fn deref(&self) -> &Vcpu {
        &self.0
    }
}
