// SPDX-License-Identifier: GPL-2.0

//! The vCPU that a thread runs.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use super::BusAccess;
use super::Code;
use super::CsrCall;
use super::Errno;
use super::HeldVcpu;
use super::Vm;
use super::VsCsrs;
use crate::exit::CsrEmulation;
use crate::exit::Trap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Statistic {
    WfiExits,
    WrsExits,
    MmioExitUser,
    MmioExitKernel,
    CsrExitUser,
    CsrExitKernel,
    IllegalInstructionExits,
    LoadMisalignedExits,
    StoreMisalignedExits,
    LoadAccessExits,
    StoreAccessExits,
}

/// The vCPU that makes the call or that trapped: the first of its VM.
pub(crate) struct LoadedVcpu {
    held: HeldVcpu,
    pub(crate) deadline: Cell<Option<u64>>,
    pub(crate) waits: Cell<usize>,
    /// Whether an interrupt is there that ends a wait before it begins.
    pub(crate) runnable: Cell<bool>,
    /// How often it let others run.
    pub(crate) yields: Cell<usize>,
    pub(crate) statistics: RefCell<BTreeMap<Statistic, usize>>,
    /// The errors that went to the log.
    pub(crate) reported_errors: RefCell<Vec<(Errno, Trap)>>,
    /// The pages that were mapped: the address, and whether to write.
    pub(crate) mapped: RefCell<Vec<(usize, bool)>>,
    pub(crate) map_result: Cell<Result<(), Errno>>,
    /// The data that a device of the kernel's has, if one is there.
    pub(crate) device: Cell<Option<u64>>,
    pub(crate) bus_accesses: RefCell<Vec<BusAccess>>,
    /// What is at the guest's pc.
    pub(crate) code: Cell<Code>,
    pub(crate) has_old_vmid: Cell<bool>,
    /// Whether the hypervisor beneath refuses to sync.
    pub(crate) sync_fails: Cell<bool>,
    /// What is at other addresses that are read as data.
    pub(crate) words: RefCell<BTreeMap<usize, Result<usize, Trap>>>,
    pub(crate) guest_reads: RefCell<Vec<usize>>,
    /// What the emulation of a CSR comes to.
    /// Whether the hart has been told to fetch instructions anew.
    pub(crate) fetches_anew: Cell<bool>,
    pub(crate) csr_emulation: Cell<Result<CsrEmulation, Errno>>,
    pub(crate) csr_calls: RefCell<Vec<CsrCall>>,
    pub(crate) has_zkr: Cell<bool>,
    pub(crate) scounteren: Cell<usize>,
    pub(crate) vs_csrs: VsCsrs,
    /// How many guards have interrupts off just now.
    pub(super) interrupts_off: Cell<usize>,
}

impl LoadedVcpu {
    pub(crate) fn first_of(vm: &Rc<Vm>) -> Self {
        Self {
            held: HeldVcpu::first_of(vm),
            deadline: Cell::default(),
            waits: Cell::default(),
            runnable: Cell::default(),
            yields: Cell::default(),
            statistics: RefCell::default(),
            reported_errors: RefCell::default(),
            mapped: RefCell::default(),
            map_result: Cell::new(Ok(())),
            device: Cell::default(),
            bus_accesses: RefCell::default(),
            code: Cell::new(Code::OutOfDate),
            has_old_vmid: Cell::default(),
            sync_fails: Cell::default(),
            words: RefCell::default(),
            guest_reads: RefCell::default(),
            fetches_anew: Cell::default(),
            csr_emulation: Cell::new(Ok(CsrEmulation::IllegalInstruction)),
            csr_calls: RefCell::default(),
            has_zkr: Cell::default(),
            scounteren: Cell::default(),
            vs_csrs: VsCsrs::default(),
            interrupts_off: Cell::default(),
        }
    }

    pub(crate) fn vm(&self) -> &Vm {
        self.held.its_vm()
    }

    pub(crate) fn count(&self, statistic: Statistic) {
        *self.statistics.borrow_mut().entry(statistic).or_default() += 1;
    }

    pub(crate) fn mvendorid(&self) -> usize {
        0x111
    }

    pub(crate) fn marchid(&self) -> usize {
        0x222
    }

    pub(crate) fn mimpid(&self) -> usize {
        0x333
    }

    pub(crate) fn set_timer(&self, deadline: u64) {
        self.deadline.set(Some(deadline));
    }

    pub(crate) fn forget_instructions(&self) {
        self.fetches_anew.set(true);
    }

    /// To be called by what may sleep.
    pub(super) fn might_sleep(&self) {
        assert_eq!(self.interrupts_off.get(), 0, "sleeps with interrupts off");
        assert!(
            self.vm().vcpus.iter().all(|vcpu| !vcpu.locked.get()),
            "sleeps with a lock"
        );
    }
}

impl Deref for LoadedVcpu {
    type Target = HeldVcpu;

    fn deref(&self) -> &HeldVcpu {
        &self.held
    }
}
