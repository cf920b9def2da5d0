// SPDX-License-Identifier: GPL-2.0

//! Fakes of the kernel crate's `kvm`: the same types and methods, which note what was asked.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use crate::sbi::Fence;
use crate::sbi::FirmwareEvent;

pub(crate) const LINUX_VERSION_CODE: usize = (7 << 16) | (2 << 8) | 1;

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

/// A request that makes vCPUs fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    FenceI,
    QueuedFences,
    FullFence,
}

/// vCPUs, by their ids.
pub(crate) struct VcpuSet(Vec<usize>);

impl VcpuSet {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn insert(&mut self, vcpu: &Vcpu) {
        self.0.push(vcpu.id());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(crate) struct QueuedFence(Fence);

#[derive(Debug, Default)]
pub(crate) struct Vcpu {
    id: usize,
    pub(crate) stopped: Cell<bool>,
    pub(crate) blocking: Cell<bool>,
    locked: Cell<bool>,
    /// Where a reset that was asked for begins, with a1.
    pub(crate) reset: Cell<Option<(usize, usize)>>,
    pub(crate) kicked: Cell<bool>,
    pub(crate) fences: RefCell<Vec<Fence>>,
    pub(crate) queue_is_full: Cell<bool>,
    pub(crate) fences_are_requested: Cell<bool>,
    pub(crate) woken: Cell<bool>,
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

    pub(crate) fn lock_mp_state(&self) -> MpState<'_> {
        assert!(!self.locked.replace(true), "locked twice");
        MpState(self)
    }

    pub(crate) fn is_to_make_queued_fences(&self) -> bool {
        self.fences_are_requested.get()
    }

    pub(crate) fn queue_fence(&self, fence: &QueuedFence) -> bool {
        let room = !self.queue_is_full.get();
        if room {
            self.fences.borrow_mut().push(fence.0);
        }
        room
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.blocking.get()
    }

    pub(crate) fn count_firmware_event(&self, event: FirmwareEvent) {
        *self
            .firmware_events
            .borrow_mut()
            .entry(event as usize)
            .or_default() += 1;
    }
}

/// The power state of a vCPU, locked.
pub(crate) struct MpState<'a>(&'a Vcpu);

impl MpState<'_> {
    pub(crate) fn mark_stopped(&self) -> bool {
        !self.0.stopped.replace(true)
    }

    pub(crate) fn power_off(&self) {
        self.0.stopped.set(true);
        self.0.kicked.set(true);
    }

    pub(crate) fn power_on(&self) {
        self.0.stopped.set(false);
        self.0.woken.set(true);
    }

    pub(crate) fn request_reset(&self, pc: usize, a1: usize) {
        self.0.reset.set(Some((pc, a1)));
    }
}

impl Drop for MpState<'_> {
    fn drop(&mut self) {
        assert!(self.0.locked.replace(false), "unlocked twice");
    }
}

/// What another vCPU does at a point where the real thing can be interrupted.
type Meanwhile = Box<dyn Fn(&Vm)>;

#[derive(Default)]
pub(crate) struct Vm {
    vcpus: Vec<Vcpu>,
    /// The requests made, each with the ids of its vCPUs.
    pub(crate) requests: RefCell<Vec<(Request, Vec<usize>)>>,
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

    pub(crate) fn vcpu_by_id(&self, id: usize) -> Option<&Vcpu> {
        self.vcpus.iter().find(|vcpu| vcpu.id == id)
    }

    /// Memory is at 0x8000_0000 to 0x8fff_ffff.
    pub(crate) fn has_memory_at(&self, address: usize) -> bool {
        address >> 28 == 8
    }

    pub(crate) fn request_sleep(&self) {
        if let Some(meanwhile) = &*self.meanwhile.borrow() {
            meanwhile(self);
        }
        self.sleep_requests.set(self.sleep_requests.get() + 1);
    }

    pub(crate) fn queued_fence(&self, fence: Fence) -> QueuedFence {
        QueuedFence(fence)
    }

    fn note(&self, request: Request, vcpus: &VcpuSet) {
        let mut ids = vcpus.0.clone();
        ids.sort_unstable();
        self.requests.borrow_mut().push((request, ids));
    }

    pub(crate) fn request_fence_i(&self, vcpus: &mut VcpuSet) {
        self.note(Request::FenceI, vcpus);
    }

    pub(crate) fn request_queued_fences(&self, vcpus: &mut VcpuSet) {
        self.note(Request::QueuedFences, vcpus);
    }

    pub(crate) fn request_full_fence(&self, vcpus: &mut VcpuSet) {
        self.note(Request::FullFence, vcpus);
    }
}

/// The vCPU that makes the call: the first of its VM.
pub(crate) struct LoadedVcpu {
    vm: Rc<Vm>,
    pub(crate) deadline: Cell<Option<u64>>,
    pub(crate) waits: Cell<usize>,
    /// The ids of the extensions that the guest has.
    pub(crate) extensions: RefCell<Vec<usize>>,
}

impl LoadedVcpu {
    pub(crate) fn first_of(vm: &Rc<Vm>) -> Self {
        Self {
            vm: Rc::clone(vm),
            deadline: Cell::new(None),
            waits: Cell::new(0),
            extensions: RefCell::default(),
        }
    }

    pub(crate) fn vm(&self) -> &Vm {
        &self.vm
    }

    pub(crate) fn has_extension(&self, id: usize) -> bool {
        self.extensions.borrow().contains(&id)
    }

    pub(crate) fn probe_extension(&self, id: usize) -> usize {
        self.has_extension(id).into()
    }

    pub(crate) fn forward_call(&self, run: &Run) {
        run.forwarded.set(run.forwarded.get() + 1);
        run.answer_sbi_call(usize::MAX - 1, 0);
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

    pub(crate) fn wait_for_interrupt(&self) {
        assert!(
            self.vm.vcpus.iter().all(|vcpu| !vcpu.locked.get()),
            "sleeps with a lock"
        );
        self.waits.set(self.waits.get() + 1);
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
    /// How many calls were handed to user space.
    pub(crate) forwarded: Cell<usize>,
    /// What the guest gets if user space leaves the last of them alone.
    pub(crate) answer: Cell<Option<(usize, usize)>>,
}

impl Run {
    pub(crate) fn answer_sbi_call(&self, error: usize, value: usize) {
        self.answer.set(Some((error, value)));
    }

    pub(crate) fn report_system_event(&self, event: SystemEvent, data: u64) {
        self.system_event.set(Some((event, data)));
    }
}
