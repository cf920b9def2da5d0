// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_run`: what a vCPU shares with its VMM.

use kernel::bindings;
use kernel::prelude::kunit_tests;
use kernel::types::Opaque;

use super::once::read_once;
use super::once::write_once;
use crate::isa::Width;
use crate::sbi::SbiError;

/// Why the whole VM stops, as `KVM_EXIT_SYSTEM_EVENT` reports it.
#[derive(Clone, Copy)]
pub(crate) enum SystemEvent {
    /// The guest powers itself off.
    Shutdown,
    /// The guest asks to be started again.
    Reset,
}

impl SystemEvent {
    /// The number in `run->system_event.type`.
    fn number(self) -> u32 {
        match self {
            Self::Shutdown => bindings::KVM_SYSTEM_EVENT_SHUTDOWN,
            Self::Reset => bindings::KVM_SYSTEM_EVENT_RESET,
        }
    }
}

/// The address of a field of the union that describes an exit. It is in live memory, and any bits
/// are valid.
macro_rules! exit_field {
    ($run:expr, $($field:ident).+) => {{
        let run: *mut bindings::kvm_run = $run.0.get();
        // SAFETY: A `Run` is live; only the address is taken.
        unsafe { &raw mut (*run).__bindgen_anon_1.$($field).+ }
    }};
}

/// Writes a field of the union that describes an exit.
macro_rules! write_exit_field {
    ($run:expr, $($field:ident).+, $value:expr) => {{
        let value = $value;
        let field = exit_field!($run, $($field).+);
        // SAFETY: `exit_field!`.
        unsafe { write_once(field, value) }
    }};
}

/// The run structure of a vCPU.
///
/// The VMM has it mapped and may write it at any moment: nothing that is read from it can be
/// trusted, and what is written may not be there when it is read back.
#[repr(transparent)]
pub(crate) struct Run(Opaque<bindings::kvm_run>);

impl Run {
    /// Wraps the pointer that C passes along with a vCPU.
    ///
    /// # Safety
    ///
    /// `ptr` is the run structure of a vCPU that lives for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_run) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// Asks user space to answer an SBI call: `KVM_EXIT_RISCV_SBI`. If it does not, the answer is
    /// SBI_ERR_NOT_SUPPORTED.
    ///
    /// Context: on the thread that runs the vCPU.
    pub(crate) fn report_sbi_call(&self, extension: usize, function: usize, arguments: [usize; 6]) {
        write_exit_field!(self, riscv_sbi.extension_id, extension);
        write_exit_field!(self, riscv_sbi.function_id, function);
        let args = exit_field!(self, riscv_sbi.args).cast::<usize>();
        for (index, argument) in arguments.into_iter().enumerate() {
            // SAFETY: `exit_field!`: live; there are six elements.
            unsafe { write_once(args.add(index), argument) };
        }
        self.answer_sbi_call(SbiError::NotSupported.to_register(), 0);
        self.set_exit_reason(bindings::KVM_EXIT_RISCV_SBI);
    }

    /// What user space has answered, for a0 and a1; each is read once.
    pub(crate) fn sbi_answer(&self) -> (usize, usize) {
        let ret = exit_field!(self, riscv_sbi.ret).cast::<usize>();
        // SAFETY: `exit_field!`: live.
        let error = unsafe { read_once(ret) };
        // SAFETY: As above; there are two elements.
        (error, unsafe { read_once(ret.add(1)) })
    }

    /// Sets what the guest gets in a0 and a1 for a forwarded SBI call that user space leaves alone.
    ///
    /// Context: on the thread that runs the vCPU, after the call was forwarded.
    pub(crate) fn answer_sbi_call(&self, error: usize, value: usize) {
        let run = self.0.get();
        // SAFETY: `run` is live, and the union has no invalid values.
        let ret = unsafe { &raw mut (*run).__bindgen_anon_1.riscv_sbi.ret };
        // SAFETY: As above.
        unsafe { write_once(ret.cast(), error) };
        // SAFETY: As above; there are two elements.
        unsafe { write_once(ret.cast::<usize>().add(1), value) };
    }

    fn set_exit_reason(&self, reason: u32) {
        let run = self.0.get();
        // SAFETY: `run` is live.
        unsafe { write_once(&raw mut (*run).exit_reason, reason) };
    }

    /// Sets `KVM_EXIT_UNKNOWN`, which stays if nothing is to be reported.
    ///
    /// Context: on the thread that runs the vCPU; so for all methods that follow.
    #[inline]
    pub(crate) fn forget_exit_reason(&self) {
        self.set_exit_reason(bindings::KVM_EXIT_UNKNOWN);
    }

    /// Reports a breakpoint: `KVM_EXIT_DEBUG`.
    pub(crate) fn report_debug(&self) {
        self.set_exit_reason(bindings::KVM_EXIT_DEBUG);
    }

    /// Reports that the guest could not be entered: `KVM_EXIT_FAIL_ENTRY`, with the SBI's error and the
    /// CPU it happened on.
    pub(crate) fn report_fail_entry(&self, error: usize, cpu: u32) {
        // CAST: No bits are lost.
        let reason = error as u64;
        write_exit_field!(self, fail_entry.hardware_entry_failure_reason, reason);
        write_exit_field!(self, fail_entry.cpu, cpu);
        self.set_exit_reason(bindings::KVM_EXIT_FAIL_ENTRY);
    }

    /// Asks user space to load from `address`: `KVM_EXIT_MMIO`.
    pub(crate) fn report_mmio_load(&self, address: usize, width: Width) {
        self.report_mmio(address, width, false);
    }

    /// Asks user space to store the lowest bytes of `data` to `address`: `KVM_EXIT_MMIO`.
    pub(crate) fn report_mmio_store(&self, address: usize, width: Width, data: u64) {
        // What user space is not asked to store is not its business.
        let data = data & (u64::MAX >> (64 - 8 * width.bytes()));
        // SAFETY: `mmio_data_ptr()`; the field has 8 bytes.
        unsafe { write_once(self.mmio_data_ptr(), data.to_le()) };
        self.report_mmio(address, width, true);
    }

    fn report_mmio(&self, address: usize, width: Width, is_write: bool) {
        // CAST: No bits are lost.
        write_exit_field!(self, mmio.phys_addr, address as u64);
        // CAST: At most 8.
        write_exit_field!(self, mmio.len, width.bytes() as u32);
        write_exit_field!(self, mmio.is_write, is_write.into());
        self.set_exit_reason(bindings::KVM_EXIT_MMIO);
    }

    /// What user space has loaded for the guest, read once; only as many bytes as were asked for
    /// mean something.
    pub(crate) fn mmio_data(&self) -> u64 {
        // SAFETY: `mmio_data_ptr()`.
        u64::from_le(unsafe { read_once(self.mmio_data_ptr()) })
    }

    /// The 8 bytes of data, which are aligned.
    fn mmio_data_ptr(&self) -> *mut u64 {
        const OFFSET: usize = core::mem::offset_of!(bindings::kvm_run, __bindgen_anon_1.mmio.data);
        const _: () = assert!(OFFSET % align_of::<u64>() == 0);
        exit_field!(self, mmio.data).cast()
    }

    /// Asks user space to read the CSR `csr` and to write `value` to it where `mask` has ones:
    /// `KVM_EXIT_RISCV_CSR`. What it reads is 0 unless it says otherwise.
    pub(crate) fn report_csr_access(&self, csr: usize, value: usize, mask: usize) {
        write_exit_field!(self, riscv_csr.csr_num, csr);
        write_exit_field!(self, riscv_csr.new_value, value);
        write_exit_field!(self, riscv_csr.write_mask, mask);
        write_exit_field!(self, riscv_csr.ret_value, 0);
        self.set_exit_reason(bindings::KVM_EXIT_RISCV_CSR);
    }

    /// What user space has read from the CSR, read once.
    pub(crate) fn csr_value(&self) -> usize {
        let value = exit_field!(self, riscv_csr.ret_value);
        // SAFETY: `exit_field!`.
        unsafe { read_once(value) }
    }

    /// Fills the run structure for a `KVM_EXIT_SYSTEM_EVENT` with `data[0]` as its only datum, as
    /// the end of `kvm_riscv_vcpu_sbi_system_reset()`.
    ///
    /// Context: on the thread that runs the vCPU.
    pub(crate) fn report_system_event(&self, event: SystemEvent, data: u64) {
        let run = self.0.get();
        // SAFETY: `run` is live. The union has no invalid values.
        let report = unsafe { &raw mut (*run).__bindgen_anon_1.system_event };
        // SAFETY: As above; zero is a valid value of each field.
        unsafe { report.write_bytes(0, 1) };
        // SAFETY: `report` points into the live `run`.
        unsafe { write_once(&raw mut (*report).type_, event.number()) };
        // SAFETY: As above.
        unsafe { write_once(&raw mut (*report).ndata, 1) };
        // SAFETY: As above; `data` has 16 elements.
        unsafe { write_once((&raw mut (*report).__bindgen_anon_1.data).cast(), data) };
        self.set_exit_reason(bindings::KVM_EXIT_SYSTEM_EVENT);
    }
}

#[kunit_tests(kvm_riscv_run)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use super::SystemEvent;
    use crate::isa::Width;
    use crate::kvm::blank::Blank;

    type Union = bindings::kvm_run__bindgen_ty_1;

    /// Why KVM_RUN ended, and the union that describes it.
    fn exit(blank: &Blank<bindings::kvm_run>) -> (u32, Union) {
        let run = blank.as_ptr();
        // SAFETY: The structure is the caller's; the union has no invalid values.
        unsafe { ((*run).exit_reason, (*run).__bindgen_anon_1) }
    }

    #[test]
    fn a_forwarded_call() -> Result {
        let blank = Blank::<bindings::kvm_run>::new()?;
        let run = blank.run();
        run.report_sbi_call(0x0800_0001, 3, [10, 11, 12, 13, 14, 15]);
        let (reason, union) = exit(&blank);
        // SAFETY: The union has no invalid values.
        let call = unsafe { union.riscv_sbi };
        assert_eq!(reason, bindings::KVM_EXIT_RISCV_SBI);
        assert_eq!((call.extension_id, call.function_id), (0x0800_0001, 3));
        assert_eq!(call.args, [10, 11, 12, 13, 14, 15]);
        // Not supported, if it is left at that.
        assert_eq!(run.sbi_answer(), ((-2isize).cast_unsigned(), 0));
        run.answer_sbi_call(5, 6);
        assert_eq!(run.sbi_answer(), (5, 6));
        Ok(())
    }

    #[test]
    fn a_store_of_each_width() -> Result {
        for (width, length, data) in [
            (Width::Byte, 1, 0xF8),
            (Width::Half, 2, 0xF7F8),
            (Width::Word, 4, 0xF5F6_F7F8),
            (Width::Double, 8, 0xF1F2_F3F4_F5F6_F7F8),
        ] {
            let blank = Blank::<bindings::kvm_run>::new()?;
            blank
                .run()
                .report_mmio_store(0x1_0000_0008, width, 0xF1F2_F3F4_F5F6_F7F8);
            let (reason, union) = exit(&blank);
            // SAFETY: The union has no invalid values.
            let mmio = unsafe { union.mmio };
            assert_eq!(reason, bindings::KVM_EXIT_MMIO);
            assert_eq!(
                (mmio.phys_addr, mmio.len, mmio.is_write),
                (0x1_0000_0008, length, 1)
            );
            assert_eq!(u64::from_le_bytes(mmio.data), data);
        }
        Ok(())
    }

    #[test]
    fn a_load_and_what_user_space_says() -> Result {
        let blank = Blank::<bindings::kvm_run>::new()?;
        blank.run().report_mmio_load(0x8, Width::Word);
        // SAFETY: The union has no invalid values.
        let mut mmio = unsafe { exit(&blank).1.mmio };
        assert_eq!((mmio.phys_addr, mmio.len, mmio.is_write), (0x8, 4, 0));
        mmio.data = [1, 2, 3, 4, 5, 6, 7, 8];
        // SAFETY: The structure is this function's.
        unsafe { (*blank.as_ptr()).__bindgen_anon_1.mmio = mmio };
        assert_eq!(blank.run().mmio_data(), 0x0807_0605_0403_0201);
        Ok(())
    }

    #[test]
    fn a_csr() -> Result {
        let blank = Blank::<bindings::kvm_run>::new()?;
        // SAFETY: The structure is this function's.
        unsafe { (*blank.as_ptr()).__bindgen_anon_1.riscv_csr.ret_value = 99 };
        blank.run().report_csr_access(0x15, 1, 2);
        let (reason, union) = exit(&blank);
        // SAFETY: The union has no invalid values.
        let csr = unsafe { union.riscv_csr };
        assert_eq!(reason, bindings::KVM_EXIT_RISCV_CSR);
        assert_eq!((csr.csr_num, csr.new_value, csr.write_mask), (0x15, 1, 2));
        assert_eq!(blank.run().csr_value(), 0);
        Ok(())
    }

    #[test]
    fn a_system_event_leaves_nothing_of_what_was_there() -> Result {
        for (event, number) in [
            (SystemEvent::Shutdown, bindings::KVM_SYSTEM_EVENT_SHUTDOWN),
            (SystemEvent::Reset, bindings::KVM_SYSTEM_EVENT_RESET),
        ] {
            let blank = Blank::<bindings::kvm_run>::new()?;
            blank
                .run()
                .report_sbi_call(usize::MAX, usize::MAX, [usize::MAX; 6]);
            blank.run().report_system_event(event, 7);
            let (reason, union) = exit(&blank);
            // SAFETY: The union has no invalid values.
            let report = unsafe { union.system_event };
            // SAFETY: As above.
            let data = unsafe { report.__bindgen_anon_1.data };
            assert_eq!(reason, bindings::KVM_EXIT_SYSTEM_EVENT);
            assert_eq!((report.type_, report.ndata), (number, 1));
            assert_eq!((data[0], data[1], data[5]), (7, 0, 0));
        }
        Ok(())
    }

    #[test]
    fn an_entry_that_failed() -> Result {
        let blank = Blank::<bindings::kvm_run>::new()?;
        blank.run().report_fail_entry((-1isize).cast_unsigned(), 3);
        let (reason, union) = exit(&blank);
        // SAFETY: The union has no invalid values.
        let failure = unsafe { union.fail_entry };
        assert_eq!(reason, bindings::KVM_EXIT_FAIL_ENTRY);
        assert_eq!(
            (failure.hardware_entry_failure_reason, failure.cpu),
            (u64::MAX, 3)
        );
        blank.run().forget_exit_reason();
        assert_eq!(exit(&blank).0, bindings::KVM_EXIT_UNKNOWN);
        Ok(())
    }
}
