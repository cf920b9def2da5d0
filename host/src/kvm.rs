// SPDX-License-Identifier: GPL-2.0

//! Fakes of the kernel crate's `kvm`: the same types and methods, which note what was asked.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use crate::sbi::Asid;
use crate::sbi::FirmwareEvent;
use crate::sbi::HartMask;
use crate::sbi::Pages;

/// An error that ends `KVM_RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VsInterrupt {
    Software,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemEvent {
    Shutdown,
    Reset,
}

/// A fence that `tlb.c` was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    I(HartMask),
    VvmaAll(HartMask),
    VvmaGva(HartMask, Pages),
    VvmaAsidAll(HartMask, Asid),
    VvmaAsidGva(HartMask, Pages, Asid),
}

#[derive(Debug, Default)]
pub(crate) struct Vcpu {
    id: usize,
    pub(crate) stopped: Cell<bool>,
    pub(crate) interrupts: Cell<usize>,
    pub(crate) firmware_events: RefCell<BTreeMap<usize, usize>>,
    /// What `set_interrupt()` returns, where not success.
    pub(crate) refuses_interrupts: Cell<Option<Errno>>,
}

impl Vcpu {
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    pub(crate) fn set_interrupt(&self, VsInterrupt::Software: VsInterrupt) -> Result<(), Errno> {
        if let Some(errno) = self.refuses_interrupts.get() {
            return Err(errno);
        }
        self.interrupts.set(self.interrupts.get() + 1);
        Ok(())
    }

    pub(crate) fn mark_stopped(&self) -> bool {
        !self.stopped.replace(true)
    }

    pub(crate) fn count_firmware_event(&self, event: FirmwareEvent) {
        *self
            .firmware_events
            .borrow_mut()
            .entry(event as usize)
            .or_default() += 1;
    }
}

/// What another vCPU does at a point where the real thing can be interrupted.
type Meanwhile = Box<dyn Fn(&Vm)>;

#[derive(Default)]
pub(crate) struct Vm {
    vcpus: Vec<Vcpu>,
    pub(crate) fences: RefCell<Vec<Fence>>,
    /// How many vCPUs were looked up.
    pub(crate) lookups: Cell<usize>,
    pub(crate) sleep_requests: Cell<usize>,
    /// Happens just before each `request_sleep()`.
    pub(crate) meanwhile: RefCell<Option<Meanwhile>>,
}

impl Vm {
    /// A VM whose vCPUs were created with these ids, in this order.
    pub(crate) fn with_ids(ids: &[usize]) -> Rc<Self> {
        Rc::new(Self {
            vcpus: ids
                .iter()
                .map(|&id| Vcpu {
                    id,
                    ..Vcpu::default()
                })
                .collect(),
            ..Self::default()
        })
    }

    /// The vCPU with this id.
    pub(crate) fn by_id(&self, id: usize) -> &Vcpu {
        self.vcpus.iter().find(|vcpu| vcpu.id == id).unwrap()
    }

    pub(crate) fn online_vcpus(&self) -> usize {
        self.vcpus.len()
    }

    pub(crate) fn vcpu(&self, index: usize) -> Option<&Vcpu> {
        self.lookups.set(self.lookups.get() + 1);
        self.vcpus.get(index)
    }

    pub(crate) fn vcpus(&self) -> impl Iterator<Item = &Vcpu> {
        (0..self.vcpus.len()).filter_map(|index| self.vcpu(index))
    }

    pub(crate) fn request_sleep(&self) {
        if let Some(meanwhile) = &*self.meanwhile.borrow() {
            meanwhile(self);
        }
        self.sleep_requests.set(self.sleep_requests.get() + 1);
    }

    fn note(&self, fence: Fence) {
        self.fences.borrow_mut().push(fence);
    }

    pub(crate) fn fence_i(&self, harts: HartMask) {
        self.note(Fence::I(harts));
    }

    pub(crate) fn hfence_vvma_all(&self, harts: HartMask) {
        self.note(Fence::VvmaAll(harts));
    }

    pub(crate) fn hfence_vvma_gva(&self, harts: HartMask, pages: Pages) {
        self.note(Fence::VvmaGva(harts, pages));
    }

    pub(crate) fn hfence_vvma_asid_all(&self, harts: HartMask, asid: Asid) {
        self.note(Fence::VvmaAsidAll(harts, asid));
    }

    pub(crate) fn hfence_vvma_asid_gva(&self, harts: HartMask, pages: Pages, asid: Asid) {
        self.note(Fence::VvmaAsidGva(harts, pages, asid));
    }
}

/// The vCPU that makes the call: the first of its VM.
pub(crate) struct LoadedVcpu {
    vm: Rc<Vm>,
    pub(crate) deadline: Cell<Option<u64>>,
}

impl LoadedVcpu {
    pub(crate) fn first_of(vm: &Rc<Vm>) -> Self {
        Self {
            vm: Rc::clone(vm),
            deadline: Cell::new(None),
        }
    }

    pub(crate) fn vm(&self) -> &Vm {
        &self.vm
    }

    pub(crate) fn set_timer(&self, deadline: u64) {
        self.deadline.set(Some(deadline));
    }
}

impl Deref for LoadedVcpu {
    type Target = Vcpu;

    fn deref(&self) -> &Vcpu {
        &self.vm.vcpus[0]
    }
}

#[derive(Default)]
pub(crate) struct Run {
    pub(crate) system_event: Cell<Option<(SystemEvent, u64)>>,
}

impl Run {
    pub(crate) fn report_system_event(&self, event: SystemEvent, data: u64) {
        self.system_event.set(Some((event, data)));
    }
}
