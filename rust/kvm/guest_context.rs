// SPDX-License-Identifier: GPL-2.0

//! The registers that a guest left, `guest_context`.

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::write_once;
use super::HeldVcpu;
use super::LoadedVcpu;
use crate::exit::status::SPP;
use crate::isa::Register;
use crate::riscv::HypervisorCsrs;

/// hstatus.SPV: the trap came from a guest.
const SPV: usize = 1 << 7;

const _: () = assert!(SPV == bindings::HSTATUS_SPV);

impl HeldVcpu {
    /// The context, which is this thread's alone.
    #[inline(always)]
    fn context(&self) -> *mut bindings::kvm_cpu_context {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.guest_context }
    }

    /// The slot of a register: they stand in the order of their numbers. `None` for x0.
    #[inline(always)]
    fn slot(&self, register: Register) -> Option<*mut usize> {
        let number = register.slot()?;
        const _: () = assert!(
            core::mem::offset_of!(bindings::kvm_cpu_context, t6)
                == core::mem::offset_of!(bindings::kvm_cpu_context, zero) + 31 * size_of::<usize>()
        );
        // SAFETY: `context()`; only the address is taken.
        let zero = unsafe { &raw mut (*self.context()).zero };
        // SAFETY: A `Register` is at most 31, and there are 32 words.
        Some(unsafe { zero.add(number) })
    }

    /// What the guest has in `register`; 0 in x0, whatever is in its slot.
    #[inline]
    pub(crate) fn register(&self, register: Register) -> usize {
        match self.slot(register) {
            // SAFETY: `slot()`: this thread's.
            Some(slot) => unsafe { *slot },
            None => 0,
        }
    }

    /// Gives the guest `value` in `register`; nothing for x0.
    #[inline]
    pub(crate) fn set_register(&self, register: Register, value: usize) {
        if let Some(slot) = self.slot(register) {
            // SAFETY: `slot()`: this thread's.
            unsafe { *slot = value };
        }
    }

    /// Where the guest goes on.
    #[inline]
    pub(crate) fn pc(&self) -> usize {
        // SAFETY: `context()`: this thread's.
        unsafe { (*self.context()).sepc }
    }

    /// Sets where the guest goes on.
    #[inline]
    pub(crate) fn set_pc(&self, pc: usize) {
        // SAFETY: `context()`: this thread's.
        unsafe { (*self.context()).sepc = pc };
    }

    /// Moves the guest past an instruction of `length` bytes.
    #[inline]
    pub(crate) fn advance_pc(&self, length: usize) {
        self.set_pc(self.pc().wrapping_add(length));
    }

    /// The guest's hstatus.
    pub(super) fn hstatus(&self) -> usize {
        // SAFETY: `context()`: this thread's.
        unsafe { (*self.context()).hstatus }
    }
}

impl LoadedVcpu {
    /// Whether it was the guest that trapped, and not KVM on its way there.
    #[inline]
    pub(crate) fn trapped_in_guest(&self) -> bool {
        self.hstatus() & SPV != 0
    }

    /// Whether the guest is in VS-mode, not in VU-mode.
    #[inline]
    pub(crate) fn is_in_supervisor_mode(&self) -> bool {
        // SAFETY: `context()`: written by this thread alone; others may look (`kvm_vcpu_on_spin()`).
        unsafe { (*self.context()).sstatus & SPP != 0 }
    }

    /// Lets the guest go on in VS-mode.
    #[inline]
    pub(crate) fn enter_supervisor_mode(&self) {
        // SAFETY: `context()`: this thread's.
        let sstatus = unsafe { &raw mut (*self.context()).sstatus };
        // SAFETY: As above; a word that others may look at.
        unsafe { write_once(sstatus, *sstatus | SPP) };
    }

    /// The guest's scounteren: the counters that VU-mode may read.
    pub(crate) fn scounteren(&self) -> usize {
        // SAFETY: `LoadedVcpu`: outside the guest the value is here, and this thread's.
        unsafe { (*self.as_ptr()).arch.guest_csr.scounteren }
    }

    /// The guest's supervisor CSRs, which are in the hart while the vCPU is loaded. Interrupts are
    /// off while the value lives.
    #[inline(always)]
    pub(crate) fn vs_csrs(&self) -> HypervisorCsrs {
        HypervisorCsrs::of_this_hart()
    }
}

#[kunit_tests(kvm_riscv_guest_context)]
mod tests {
    use kernel::prelude::Result;

    use crate::exit::status::SPP;
    use crate::isa::Register;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn each_register_has_its_slot() -> Result {
        let blank = BlankVcpu::new()?;
        for number in 0..32 {
            blank
                .vcpu()
                .set_register(Register::new(number), 0x100 + number as usize);
        }
        // SAFETY: The vCPU is this function's.
        let context = unsafe { (*blank.as_ptr()).arch.guest_context };
        // x0 was left alone.
        assert_eq!((context.zero, context.ra, context.sp), (0, 0x101, 0x102));
        assert_eq!((context.a0, context.a7, context.t6), (0x10A, 0x111, 0x11F));
        for number in 1..32 {
            assert_eq!(
                blank.vcpu().register(Register::new(number)),
                0x100 + number as usize
            );
        }
        Ok(())
    }

    #[test]
    fn x0_is_0_whatever_is_in_its_slot() -> Result {
        let blank = BlankVcpu::new()?;
        // SAFETY: The vCPU is this function's.
        unsafe { (*blank.as_ptr()).arch.guest_context.zero = 5 };
        assert_eq!(blank.vcpu().register(Register::ZERO), 0);
        Ok(())
    }

    #[test]
    fn the_pc_wraps() -> Result {
        let blank = BlankVcpu::new()?;
        blank.vcpu().set_pc(usize::MAX - 1);
        blank.vcpu().advance_pc(4);
        assert_eq!(blank.vcpu().pc(), 2);
        Ok(())
    }

    #[test]
    fn the_mode_is_spp_and_the_trap_the_guests_with_spv() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        // SAFETY: The vCPU is this function's.
        let context = unsafe { &raw mut (*blank.as_ptr()).arch.guest_context };
        // SAFETY: As above.
        unsafe { (*context).sstatus = !SPP };
        assert!(!vcpu.is_in_supervisor_mode());
        vcpu.enter_supervisor_mode();
        assert!(vcpu.is_in_supervisor_mode());
        // SAFETY: As above.
        assert_eq!(unsafe { (*context).sstatus }, usize::MAX);
        // SAFETY: As above.
        unsafe { (*context).hstatus = !super::SPV };
        assert!(!vcpu.trapped_in_guest());
        // SAFETY: As above.
        unsafe { (*context).hstatus = super::SPV };
        assert!(vcpu.trapped_in_guest());
        Ok(())
    }
}
