// SPDX-License-Identifier: GPL-2.0

//! What a vCPU shares with its VMM.

use std::cell::Cell;

use crate::isa::Width;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemEvent {
    Shutdown,
    Reset,
}

/// `exit_reason`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExitReason {
    /// The kernel has not written it.
    #[default]
    Untouched,
    Unknown,
    Debug,
    /// With the error and the CPU.
    FailEntry(usize, u32),
    Mmio,
    RiscvCsr,
    RiscvSbi,
    SystemEvent,
}

/// `mmio`, as the kernel wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MmioReport {
    pub(crate) address: usize,
    pub(crate) bytes: usize,
    /// What is stored, only the bytes that count.
    pub(crate) data: Option<u64>,
}

/// `riscv_csr`, as the kernel wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsrReport {
    pub(crate) csr: usize,
    pub(crate) value: usize,
    pub(crate) mask: usize,
}

/// `riscv_sbi`, as the kernel wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SbiReport {
    pub(crate) extension: usize,
    pub(crate) function: usize,
    pub(crate) arguments: [usize; 6],
}

#[derive(Default)]
pub(crate) struct Run {
    pub(crate) system_event: Cell<Option<(SystemEvent, u64)>>,
    /// How many calls were handed to user space.
    pub(crate) forwarded: Cell<usize>,
    pub(crate) sbi: Cell<Option<SbiReport>>,
    /// What the guest gets if user space leaves the last of them alone, or what that has answered.
    pub(crate) answer: Cell<Option<(usize, usize)>>,
    pub(crate) exit_reason: Cell<ExitReason>,
    pub(crate) mmio: Cell<Option<MmioReport>>,
    pub(crate) csr: Cell<Option<CsrReport>>,
    /// What the VMM has written where the answer is read.
    pub(crate) vmm_data: Cell<u64>,
    /// Whether the VMM writes something else there whenever the kernel has read it.
    pub(crate) vmm_is_racing: Cell<bool>,
    /// How often the kernel has read it.
    pub(crate) reads: Cell<usize>,
}

impl Run {
    pub(crate) fn report_sbi_call(&self, extension: usize, function: usize, arguments: [usize; 6]) {
        self.forwarded.set(self.forwarded.get() + 1);
        self.sbi.set(Some(SbiReport {
            extension,
            function,
            arguments,
        }));
        self.answer_sbi_call(usize::MAX - 1, 0);
        self.exit_reason.set(ExitReason::RiscvSbi);
    }

    pub(crate) fn sbi_answer(&self) -> (usize, usize) {
        self.reads.set(self.reads.get() + 1);
        self.answer.get().unwrap_or((0xBAD0, 0xBAD1))
    }

    pub(crate) fn answer_sbi_call(&self, error: usize, value: usize) {
        self.answer.set(Some((error, value)));
    }

    pub(crate) fn report_system_event(&self, event: SystemEvent, data: u64) {
        self.system_event.set(Some((event, data)));
        self.exit_reason.set(ExitReason::SystemEvent);
    }

    pub(crate) fn forget_exit_reason(&self) {
        self.exit_reason.set(ExitReason::Unknown);
    }

    pub(crate) fn report_debug(&self) {
        self.exit_reason.set(ExitReason::Debug);
    }

    pub(crate) fn report_fail_entry(&self, error: usize, cpu: u32) {
        self.exit_reason.set(ExitReason::FailEntry(error, cpu));
    }

    pub(crate) fn report_mmio_load(&self, address: usize, width: Width) {
        self.report_mmio(address, width, None);
    }

    pub(crate) fn report_mmio_store(&self, address: usize, width: Width, data: u64) {
        let mask = u64::MAX >> (64 - 8 * width.bytes());
        self.report_mmio(address, width, Some(data & mask));
    }

    fn report_mmio(&self, address: usize, width: Width, data: Option<u64>) {
        self.mmio.set(Some(MmioReport {
            address,
            bytes: width.bytes(),
            data,
        }));
        self.exit_reason.set(ExitReason::Mmio);
    }

    fn read(&self) -> u64 {
        let data = self.vmm_data.get();
        self.reads.set(self.reads.get() + 1);
        if self.vmm_is_racing.get() {
            self.vmm_data.set(!data.rotate_left(5).wrapping_add(1));
        }
        data
    }

    pub(crate) fn mmio_data(&self) -> u64 {
        self.read()
    }

    pub(crate) fn report_csr_access(&self, csr: usize, value: usize, mask: usize) {
        self.csr.set(Some(CsrReport { csr, value, mask }));
        self.exit_reason.set(ExitReason::RiscvCsr);
    }

    pub(crate) fn csr_value(&self) -> usize {
        self.read() as usize
    }
}
