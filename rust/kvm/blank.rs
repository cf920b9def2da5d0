// SPDX-License-Identifier: GPL-2.0

//! C's objects as the KUnit tests have them: all zero but for their locks, in memory of their own.

use core::mem::MaybeUninit;

use kernel::alloc::flags::__GFP_ZERO;
use kernel::alloc::flags::GFP_KERNEL;
use kernel::alloc::AllocError;
use kernel::alloc::KBox;
use kernel::bindings;

use super::LoadedVcpu;
use super::Run;
use super::Vm;

/// A `T` of zeroes that nobody else knows.
pub(crate) struct Blank<T>(*mut MaybeUninit<T>);

impl<T> Blank<T> {
    /// Allocates it.
    ///
    /// Context: sleeps.
    pub(crate) fn new() -> Result<Self, AllocError> {
        Ok(Self(KBox::into_raw(KBox::<T>::new_uninit(
            GFP_KERNEL | __GFP_ZERO,
        )?)))
    }

    /// Where it is.
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.0.cast()
    }
}

impl<T> Drop for Blank<T> {
    fn drop(&mut self) {
        // SAFETY: Of `KBox::into_raw()`, once.
        drop(unsafe { KBox::from_raw(self.0) });
    }
}

impl Blank<bindings::kvm> {
    /// It as a VM, without memory or vCPUs.
    pub(crate) fn vm(&self) -> &Vm {
        // SAFETY: It lives as long; nobody else knows it.
        unsafe { Vm::from_raw(self.as_ptr()) }
    }
}

impl Blank<bindings::kvm_run> {
    /// It as what a vCPU shares with its VMM.
    pub(crate) fn run(&self) -> &Run {
        // SAFETY: It lives as long; nobody else knows it.
        unsafe { Run::from_raw(self.as_ptr()) }
    }
}

/// A vCPU of no VM that nobody else knows.
pub(crate) struct BlankVcpu(Blank<bindings::kvm_vcpu>);

impl BlankVcpu {
    /// Allocates it.
    ///
    /// Context: sleeps.
    pub(crate) fn new() -> Result<Self, AllocError> {
        // SAFETY: A class without a lock is zero.
        static mut CLASS: bindings::lock_class_key = unsafe { core::mem::zeroed() };

        let blank = Blank::<bindings::kvm_vcpu>::new()?;
        let vcpu = blank.as_ptr();
        // SAFETY: Live; only addresses are taken.
        let locks = unsafe {
            [
                &raw mut (*vcpu).arch.mp_state_lock,
                &raw mut (*vcpu).arch.hfence_lock,
            ]
        };
        for lock in locks {
            // SAFETY: A lock that nobody uses yet; name and class are static.
            unsafe { bindings::__spin_lock_init(lock, c"blank".as_ptr(), &raw mut CLASS) };
        }
        Ok(Self(blank))
    }

    /// Where it is.
    pub(crate) fn as_ptr(&self) -> *mut bindings::kvm_vcpu {
        self.0.as_ptr()
    }

    /// It as the vCPU that this thread runs: whatever does not leave its structure may be done.
    pub(crate) fn vcpu(&self) -> &LoadedVcpu {
        // SAFETY: It lives as long; nobody else knows it, which is more than a mutex gives.
        unsafe { LoadedVcpu::from_raw(self.as_ptr()) }
    }
}
