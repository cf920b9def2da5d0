// SPDX-License-Identifier: GPL-2.0

//! The registers that a guest left, and the accesses that user space is performing for it.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use super::firmware_features::FeatureStates;
use super::sbi_context::SbiContext;
use super::steal_time::StealTimeState;
use super::FakePmu;
use super::LoadedVcpu;
use super::Vcpu;
use super::Vm;
use crate::exit::PendingCsrAccess;
use crate::exit::PendingMmio;
use crate::isa::Register;

/// hstatus.SPV.
const SPV: usize = 1 << 7;
/// sstatus.SPP.
const SPP: usize = 1 << 8;

/// The first vCPU of a VM, in the hands of its thread.
pub(crate) struct HeldVcpu {
    vm: Rc<Vm>,
    /// x0 to x31. As in the kernel there is a slot for x0, and `Register::slot()` keeps out of it.
    pub(crate) x: [Cell<usize>; 32],
    pub(crate) sepc: Cell<usize>,
    pub(crate) sstatus: Cell<usize>,
    pub(crate) hstatus: Cell<usize>,
    pub(crate) pending_mmio: Cell<Option<PendingMmio>>,
    pub(crate) pending_csr_access: Cell<Option<PendingCsrAccess>>,
    pub(crate) sbi: SbiContext,
    pub(crate) sta: StealTimeState,
    pub(crate) fwft: FeatureStates,
    pub(crate) fake_pmu: FakePmu,
}

impl HeldVcpu {
    pub(super) fn first_of(vm: &Rc<Vm>) -> Self {
        Self {
            vm: Rc::clone(vm),
            x: Default::default(),
            sepc: Cell::default(),
            sstatus: Cell::default(),
            hstatus: Cell::default(),
            pending_mmio: Cell::default(),
            pending_csr_access: Cell::default(),
            sbi: SbiContext::default(),
            sta: StealTimeState::default(),
            fwft: FeatureStates::default(),
            fake_pmu: FakePmu::default(),
        }
    }

    pub(super) fn its_vm(&self) -> &Vm {
        &self.vm
    }

    fn slot(&self, register: Register) -> Option<&Cell<usize>> {
        register.slot().map(|number| &self.x[number])
    }

    pub(crate) fn register(&self, register: Register) -> usize {
        self.slot(register).map_or(0, Cell::get)
    }

    pub(crate) fn set_register(&self, register: Register, value: usize) {
        if let Some(slot) = self.slot(register) {
            slot.set(value);
        }
    }

    pub(crate) fn pc(&self) -> usize {
        self.sepc.get()
    }

    pub(crate) fn set_pc(&self, pc: usize) {
        self.sepc.set(pc);
    }

    pub(crate) fn advance_pc(&self, length: usize) {
        self.set_pc(self.pc().wrapping_add(length));
    }

    pub(crate) fn set_pending_mmio(&self, pending: PendingMmio) {
        self.pending_mmio.set(Some(pending));
    }

    pub(crate) fn take_pending_mmio(&self) -> Option<PendingMmio> {
        self.pending_mmio.take()
    }

    pub(crate) fn set_pending_csr_access(&self, pending: PendingCsrAccess) {
        self.pending_csr_access.set(Some(pending));
    }

    pub(crate) fn take_pending_csr_access(&self) -> Option<PendingCsrAccess> {
        self.pending_csr_access.take()
    }
}

impl Deref for HeldVcpu {
    type Target = Vcpu;

    fn deref(&self) -> &Vcpu {
        &self.vm.vcpus[0]
    }
}

impl LoadedVcpu {
    pub(crate) fn trapped_in_guest(&self) -> bool {
        self.hstatus.get() & SPV != 0
    }

    pub(crate) fn is_in_supervisor_mode(&self) -> bool {
        self.sstatus.get() & SPP != 0
    }

    pub(crate) fn enter_supervisor_mode(&self) {
        self.sstatus.set(self.sstatus.get() | SPP);
    }
}
