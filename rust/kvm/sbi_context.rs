// SPDX-License-Identifier: GPL-2.0

//! What KVM remembers of a vCPU's SBI, `struct kvm_vcpu_sbi_context`, and the registers of a call.

use core::ffi::c_int;
use core::marker::PhantomData;

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::write_once;
use super::HeldVcpu;
use super::Run;
use crate::sbi::Call;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;

// The states of the pending call, in `return_handled`, which nothing else reads. A new vCPU has 0.

/// Set if user space is answering a call. The other bits are those of the pc, which is even.
const PENDING: u32 = 1;
/// Set if no call is pending and the hart is about to resume from a suspended system. The bits above are
/// those of the pc where it does.
const RESUMES: u32 = 2;

/// What the state is while the hart is about to resume at `pc`.
fn resumes_at(pc: usize) -> u32 {
    // CAST: Cutting is the point.
    ((pc as u32) << 1) & !(PENDING | RESUMES) | RESUMES
}

/// Where KVM keeps the state of an extension: a word of `ext_status`.
pub(crate) struct ExtensionStatus<'a> {
    status: *mut u32,
    vcpu: PhantomData<&'a HeldVcpu>,
}

impl ExtensionStatus<'_> {
    /// The state.
    #[inline]
    pub(crate) fn state(&self) -> ExtensionState {
        // SAFETY: Of a `HeldVcpu`: only who holds the mutex writes it.
        match unsafe { *self.status } {
            bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_ENABLED => {
                ExtensionState::Enabled
            }
            bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_DISABLED => {
                ExtensionState::Disabled
            }
            bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_UNAVAILABLE => {
                ExtensionState::Unavailable
            }
            _ => ExtensionState::Uninitialized,
        }
    }

    /// Sets the state.
    #[inline]
    pub(crate) fn set_state(&self, state: ExtensionState) {
        let number = match state {
            ExtensionState::Uninitialized => {
                bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_UNINITIALIZED
            }
            ExtensionState::Unavailable => {
                bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_UNAVAILABLE
            }
            ExtensionState::Enabled => {
                bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_ENABLED
            }
            ExtensionState::Disabled => {
                bindings::kvm_riscv_sbi_ext_status_KVM_RISCV_SBI_EXT_STATUS_DISABLED
            }
        };
        // SAFETY: As in `state()`.
        unsafe { *self.status = number };
    }
}

impl HeldVcpu {
    fn sbi_context(&self) -> *mut bindings::kvm_vcpu_sbi_context {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.sbi_context }
    }

    /// The state of an extension, to be read and set; `None` for one without an index.
    #[inline]
    pub(crate) fn extension(&self, kind: Kind) -> Option<ExtensionStatus<'_>> {
        let index = kind.index()?;
        // SAFETY: `sbi_context()`.
        let states = unsafe { &raw mut (*self.sbi_context()).ext_status };
        Some(ExtensionStatus {
            // SAFETY: Each index is below the array's length (asserted in `sbi_constants`).
            status: unsafe { states.cast::<u32>().add(index) },
            vcpu: PhantomData,
        })
    }

    /// The state of an extension; one without an index is always enabled.
    #[inline]
    pub(crate) fn extension_state(&self, kind: Kind) -> ExtensionState {
        self.extension(kind)
            .map_or(ExtensionState::Enabled, |extension| extension.state())
    }

    /// Sets the state of an extension; nothing for one without an index.
    pub(crate) fn set_extension_state(&self, kind: Kind, state: ExtensionState) {
        if let Some(extension) = self.extension(kind) {
            extension.set_state(state);
        }
    }

    /// The extension id of the call that the guest has made, a7.
    #[inline]
    pub(crate) fn sbi_extension_id(&self) -> usize {
        // SAFETY: `HeldVcpu`: the guest's registers are this thread's.
        unsafe { (*self.as_ptr()).arch.guest_context.a7 }
    }

    /// The SBI call that the guest has made, from the registers it left.
    #[inline]
    pub(crate) fn sbi_call(&self) -> Call {
        let vcpu = self.as_ptr();
        // SAFETY: `HeldVcpu`: the guest's registers are this thread's.
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

    /// Gives the guest the two values that a call returns.
    #[inline]
    pub(crate) fn set_sbi_return(&self, error: usize, value: usize) {
        self.set_legacy_sbi_return(error);
        // SAFETY: `HeldVcpu`: the guest's registers are this thread's.
        unsafe { (*self.as_ptr()).arch.guest_context.a1 = value };
    }

    /// Gives the guest the value that a legacy call returns; a1 stays.
    #[inline]
    pub(crate) fn set_legacy_sbi_return(&self, value: usize) {
        // SAFETY: `HeldVcpu`: the guest's registers are this thread's.
        unsafe { (*self.as_ptr()).arch.guest_context.a0 = value };
    }

    /// Puts the guest's call into the run structure, for user space to answer.
    pub(crate) fn report_sbi_call(&self, run: &Run) {
        let call = self.sbi_call();
        let vcpu = self.as_ptr();
        // SAFETY: `HeldVcpu`: the guest's registers are this thread's.
        let a5 = unsafe { (*vcpu).arch.guest_context.a5 };
        let arguments = [call.a0, call.a1, call.a2, call.a3, call.a4, a5];
        run.report_sbi_call(self.sbi_extension_id(), call.function, arguments);
        // SAFETY: `HeldVcpu`: only who holds the mutex counts.
        let counter = unsafe { &raw mut (*vcpu).stat.ecall_exit_stat };
        // SAFETY: As above; others read it in one access.
        unsafe { write_once(counter, (*counter).wrapping_add(1)) };
    }

    fn pending_sbi_call(&self) -> *mut c_int {
        // SAFETY: `sbi_context()`.
        unsafe { &raw mut (*self.sbi_context()).return_handled }
    }

    fn write_pending_sbi_call(&self, state: u32) {
        // SAFETY: `HeldVcpu`: the field is this thread's. CAST: Only bits.
        unsafe { *self.pending_sbi_call() = state as c_int };
    }

    fn read_pending_sbi_call(&self) -> u32 {
        // SAFETY: `HeldVcpu`: the field is this thread's. CAST: Only bits.
        unsafe { *self.pending_sbi_call() as u32 }
    }

    /// What `return_handled` is while a call at the guest's pc is pending: there is room for the
    /// lower half of the pc, which is enough to see that somebody has moved the guest.
    fn pending_here(&self) -> u32 {
        // CAST: Cutting is the point.
        self.pc() as u32 | PENDING
    }

    /// Remembers that user space is answering the guest's call.
    pub(crate) fn set_pending_sbi_call(&self) {
        self.write_pending_sbi_call(self.pending_here());
    }

    /// Whether there was a call to be answered, and the guest is still there; once.
    pub(crate) fn take_pending_sbi_call(&self) -> bool {
        let state = self.read_pending_sbi_call();
        if state & PENDING == 0 {
            return false;
        }
        self.write_pending_sbi_call(0);
        state == self.pending_here()
    }

    /// Forgets whatever user space was performing for the guest.
    pub(crate) fn forget_pending(&self) {
        if self.read_pending_sbi_call() & PENDING != 0 {
            self.write_pending_sbi_call(0);
        }
        self.take_pending_mmio();
        self.take_pending_csr_access();
    }

    /// Makes the hart resume at `pc` with `a1`, before it next enters the guest.
    pub(crate) fn request_resume(&self, pc: usize, a1: usize) {
        self.write_pending_sbi_call(resumes_at(pc));
        self.request_reset(pc, a1);
    }

    /// Whether the hart that is being reset, and has its new pc, resumes from a suspended system; once.
    ///
    /// It does not if another hart, or user space, has it begin somewhere else meanwhile.
    pub(crate) fn take_resume(&self) -> bool {
        let state = self.read_pending_sbi_call();
        if state & PENDING != 0 {
            return false;
        }
        self.write_pending_sbi_call(0);
        state == resumes_at(self.pc())
    }

    /// Whether the vCPU has run: then its extensions stay as they are.
    pub(crate) fn has_run(&self) -> bool {
        // SAFETY: `HeldVcpu`: only who holds the mutex writes it.
        unsafe { (*self.as_ptr()).arch.ran_atleast_once }
    }

    /// The vendor id that the guest sees.
    pub(crate) fn mvendorid(&self) -> usize {
        // SAFETY: `HeldVcpu`: written through ONE_REG, under the mutex that this thread holds.
        unsafe { (*self.as_ptr()).arch.mvendorid }
    }

    /// The architecture id that the guest sees.
    pub(crate) fn marchid(&self) -> usize {
        // SAFETY: As in `mvendorid()`.
        unsafe { (*self.as_ptr()).arch.marchid }
    }

    /// The implementation id that the guest sees.
    pub(crate) fn mimpid(&self) -> usize {
        // SAFETY: As in `mvendorid()`.
        unsafe { (*self.as_ptr()).arch.mimpid }
    }
}

#[kunit_tests(kvm_riscv_sbi_context)]
mod tests {
    use kernel::prelude::Result;

    use crate::kvm::blank::Blank;
    use crate::kvm::blank::BlankVcpu;
    use crate::sbi::ExtensionState;
    use crate::sbi::Kind;

    const STATES: [ExtensionState; 4] = [
        ExtensionState::Uninitialized,
        ExtensionState::Unavailable,
        ExtensionState::Enabled,
        ExtensionState::Disabled,
    ];

    #[test]
    fn each_extension_has_a_state_of_its_own() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        let state_of = |number: usize| STATES.into_iter().cycle().nth(number);
        for (number, &kind) in Kind::ALL.iter().enumerate() {
            if let Some(state) = state_of(number) {
                vcpu.set_extension_state(kind, state);
            }
        }
        for (number, &kind) in Kind::ALL.iter().enumerate() {
            let wanted = match kind.index() {
                Some(_) => state_of(number),
                None => Some(ExtensionState::Enabled),
            };
            assert!(Some(vcpu.extension_state(kind)) == wanted);
        }
        Ok(())
    }

    #[test]
    fn a_call_is_answered_once() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        vcpu.set_pc(0x8000_0000_0000_0010);
        assert!(!vcpu.take_pending_sbi_call());
        vcpu.set_pending_sbi_call();
        assert!(vcpu.take_pending_sbi_call());
        assert!(!vcpu.take_pending_sbi_call());
        Ok(())
    }

    #[test]
    fn a_call_is_not_answered_elsewhere_or_once_it_is_forgotten() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        vcpu.set_pc(0x1000);
        vcpu.set_pending_sbi_call();
        vcpu.set_pc(0x1002);
        assert!(!vcpu.take_pending_sbi_call());
        vcpu.set_pc(0x1000);
        assert!(!vcpu.take_pending_sbi_call());
        vcpu.set_pending_sbi_call();
        vcpu.forget_pending();
        assert!(!vcpu.take_pending_sbi_call());
        Ok(())
    }

    #[test]
    fn a_hart_resumes_once_where_it_was_told_to() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        vcpu.request_resume(0x8000_1000, 7);
        // That there is no call to forget leaves it.
        vcpu.forget_pending();
        vcpu.load_reset_state();
        assert_eq!(vcpu.pc(), 0x8000_1000);
        assert!(vcpu.take_resume());
        assert!(!vcpu.take_resume());
        // Another hart has it begin somewhere else.
        vcpu.request_resume(0x8000_1000, 7);
        vcpu.request_reset(0x8000_2000, 7);
        vcpu.load_reset_state();
        assert!(!vcpu.take_resume());
        Ok(())
    }

    #[test]
    fn what_the_guest_left_is_the_call() -> Result {
        let blank = BlankVcpu::new()?;
        // SAFETY: The vCPU is this function's.
        let context = unsafe { &raw mut (*blank.as_ptr()).arch.guest_context };
        // SAFETY: As above; a0 to a7 stand in this order.
        unsafe {
            (&raw mut (*context).a0)
                .cast::<[usize; 8]>()
                .write([10, 11, 12, 13, 14, 15, 16, 17])
        };
        let call = blank.vcpu().sbi_call();
        assert_eq!((call.a0, call.a1, call.a2), (10, 11, 12));
        assert_eq!((call.a3, call.a4, call.function), (13, 14, 16));
        assert_eq!(blank.vcpu().sbi_extension_id(), 17);

        let run = Blank::<kernel::bindings::kvm_run>::new()?;
        blank.vcpu().report_sbi_call(run.run());
        // SAFETY: The structure is this function's, and the union has no invalid values.
        let report = unsafe { (*run.as_ptr()).__bindgen_anon_1.riscv_sbi };
        assert_eq!((report.extension_id, report.function_id), (17, 16));
        assert_eq!(report.args, [10, 11, 12, 13, 14, 15]);
        // SAFETY: The vCPU is this function's.
        assert_eq!(unsafe { (*blank.as_ptr()).stat.ecall_exit_stat }, 1);

        blank.vcpu().set_sbi_return(1, 2);
        // SAFETY: As above.
        assert_eq!(
            unsafe { ((*context).a0, (*context).a1, (*context).a2) },
            (1, 2, 12)
        );
        blank.vcpu().set_legacy_sbi_return(3);
        // SAFETY: As above.
        assert_eq!(unsafe { ((*context).a0, (*context).a1) }, (3, 2));
        Ok(())
    }
}
