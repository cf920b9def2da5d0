// SPDX-License-Identifier: GPL-2.0

//! VMs.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Page;
use super::Vcpu;
use super::VcpuSet;
use crate::sbi::Fence;

/// A request that makes vCPUs fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    FenceI,
    QueuedFences,
    FullFence,
}

pub(crate) struct QueuedFence(pub(super) Fence);

/// What another vCPU does at a point where the real thing can be interrupted.
type Meanwhile = Box<dyn Fn(&Vm)>;

#[derive(Default)]
pub(crate) struct Vm {
    pub(super) vcpus: Vec<Vcpu>,
    /// The requests made, each with the ids of its vCPUs.
    pub(crate) requests: RefCell<Vec<(Request, Vec<usize>)>>,
    /// How many of the requests the vCPUs have seen, all of them together.
    pub(crate) requests_seen: Cell<usize>,
    /// How many vCPUs were looked up.
    pub(crate) lookups: Cell<usize>,
    pub(crate) sleep_requests: Cell<usize>,
    /// Happens just before each `request_sleep()`.
    pub(crate) meanwhile: RefCell<Option<Meanwhile>>,
    /// What is at a page, where not what [`Vm::has_memory_at`] says.
    pub(crate) pages: RefCell<BTreeMap<usize, Page>>,
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

    /// Whether the vCPU with this id is to do something before it enters the guest again.
    pub(super) fn has_request(&self, id: usize) -> bool {
        let requests = self.requests.borrow();
        let mut unseen = requests.iter().skip(self.requests_seen.get());
        unseen.any(|(_, ids)| ids.contains(&id))
    }

    /// Every vCPU enters its guest: what was requested is done.
    pub(crate) fn enter_guests(&self) {
        self.requests_seen.set(self.requests.borrow().len());
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
