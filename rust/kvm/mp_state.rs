// SPDX-License-Identifier: GPL-2.0

//! A vCPU's power state: whether it is to run at all.

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::read_once;
use super::once::write_once;
use super::Vcpu;

/// The right to change a vCPU's power state: `mp_state_lock` is held while the value lives.
pub(crate) struct MpState<'a>(&'a Vcpu);

impl MpState<'_> {
    /// Marks the vCPU stopped and says whether it was not.
    ///
    /// It leaves the guest only when it sees a request, see [`Vm::request_sleep`](super::Vm).
    pub(crate) fn mark_stopped(&self) -> bool {
        let was_running = !self.0.is_stopped();
        // SAFETY: `Vcpu`: live; a word, and readers outside the lock use READ_ONCE().
        unsafe { write_once(self.0.mp_state(), bindings::KVM_MP_STATE_STOPPED) };
        was_running
    }

    /// Marks the vCPU stopped and makes it leave the guest, as `__kvm_riscv_vcpu_power_off()`.
    pub(crate) fn power_off(&self) {
        // SAFETY: Live, and the lock that the function wants is held.
        unsafe { bindings::__kvm_riscv_vcpu_power_off(self.0.as_ptr()) };
    }

    /// Marks the vCPU runnable and wakes its thread, as `__kvm_riscv_vcpu_power_on()`.
    pub(crate) fn power_on(&self) {
        // SAFETY: As in `power_off()`.
        unsafe { bindings::__kvm_riscv_vcpu_power_on(self.0.as_ptr()) };
    }

    /// Makes the vCPU begin anew at `pc` with `a1` in that register, before it next enters the guest.
    pub(crate) fn request_reset(&self, pc: usize, a1: usize) {
        self.0.request_reset(pc, a1);
    }
}

impl Drop for MpState<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: Taken by `lock_mp_state()`, and the value is neither copied nor sent elsewhere.
        unsafe { bindings::spin_unlock(self.0.mp_state_lock()) };
    }
}

impl Vcpu {
    /// Takes `mp_state_lock`.
    ///
    /// Context: process context; this thread must not hold the lock of any vCPU yet. Until the value
    /// is dropped nothing may sleep.
    #[inline]
    pub(crate) fn lock_mp_state(&self) -> MpState<'_> {
        // SAFETY: An initialised spinlock that this thread does not hold.
        unsafe { bindings::spin_lock(self.mp_state_lock()) };
        MpState(self)
    }

    /// Whether the vCPU is stopped, as `kvm_riscv_vcpu_stopped()`. Without the lock it may be
    /// otherwise the next moment.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        // SAFETY: Live; a word that is written with WRITE_ONCE().
        unsafe { read_once(self.mp_state()) == bindings::KVM_MP_STATE_STOPPED }
    }

    /// Whether the vCPU's thread waits for an interrupt on the guest's behalf right now.
    #[inline]
    pub(crate) fn is_blocking(&self) -> bool {
        let vcpu = self.as_ptr();
        // SAFETY: Live; a word that the vCPU's thread writes in one access.
        unsafe { read_once(&raw const (*vcpu).stat.generic.blocking) != 0 }
    }

    fn mp_state(&self) -> *mut u32 {
        let vcpu = self.as_ptr();
        // SAFETY: Live; only the address is taken.
        unsafe { &raw mut (*vcpu).arch.mp_state.mp_state }
    }

    fn mp_state_lock(&self) -> *mut bindings::spinlock_t {
        let vcpu = self.as_ptr();
        // SAFETY: Live; only the address is taken.
        unsafe { &raw mut (*vcpu).arch.mp_state_lock }
    }
}

#[kunit_tests(kvm_riscv_mp_state)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use crate::kvm::blank::BlankVcpu;

    // Nothing is asserted while the lock is held.

    #[test]
    fn who_stops_it_is_told_whether_it_ran() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        let before = vcpu.is_stopped();
        let state = vcpu.lock_mp_state();
        let ran = (state.mark_stopped(), state.mark_stopped());
        drop(state);
        assert!(!before);
        assert_eq!(ran, (true, false));
        assert!(vcpu.is_stopped());
        Ok(())
    }

    #[test]
    fn only_stopped_is_stopped() -> Result {
        let blank = BlankVcpu::new()?;
        for (state, stopped) in [
            (bindings::KVM_MP_STATE_RUNNABLE, false),
            (bindings::KVM_MP_STATE_INIT_RECEIVED, false),
            (bindings::KVM_MP_STATE_STOPPED, true),
            (bindings::KVM_MP_STATE_SUSPENDED, false),
        ] {
            // SAFETY: The vCPU is this function's.
            unsafe { (*blank.as_ptr()).arch.mp_state.mp_state = state };
            assert_eq!(blank.vcpu().is_stopped(), stopped);
        }
        Ok(())
    }

    #[test]
    fn the_lock_is_held_until_it_is_dropped() -> Result {
        let blank = BlankVcpu::new()?;
        let lock = blank.vcpu().mp_state_lock();
        let state = blank.vcpu().lock_mp_state();
        // SAFETY: An initialised lock.
        let meanwhile = unsafe { bindings::spin_trylock(lock) };
        drop(state);
        // SAFETY: As above.
        let after = unsafe { bindings::spin_trylock(lock) };
        if after != 0 {
            // SAFETY: Taken.
            unsafe { bindings::spin_unlock(lock) };
        }
        assert_eq!((meanwhile, after), (0, 1));
        Ok(())
    }

    #[test]
    fn it_blocks_while_its_thread_says_so() -> Result {
        let blank = BlankVcpu::new()?;
        assert!(!blank.vcpu().is_blocking());
        // SAFETY: The vCPU is this function's.
        unsafe { (*blank.as_ptr()).stat.generic.blocking = 1 };
        assert!(blank.vcpu().is_blocking());
        Ok(())
    }
}
