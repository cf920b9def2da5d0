// SPDX-License-Identifier: GPL-2.0

//! The memory that harts share with the hypervisor beneath, one page number of a heap each.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Errno;
use crate::riscv::Hypervisor;
use crate::riscv::Nested;

/// The memory of all harts.
#[derive(Default)]
pub(crate) struct Memories {
    /// Where that of each hart is, 0 for nowhere, and whether KVM thinks that it is shared.
    pub(crate) harts: Vec<(usize, bool)>,
    /// The harts that are online.
    pub(crate) online: Vec<usize>,
    /// How many allocations succeed.
    pub(crate) left: usize,
    /// Every allocation has an address of its own.
    pub(crate) next: usize,
    pub(crate) allocated: BTreeSet<usize>,
    /// The addresses whose content is zero.
    pub(crate) zeroed: BTreeSet<usize>,
    pub(crate) lost: usize,
    /// The harts that were made to forget what was before, in this order.
    pub(crate) forgot_past: Vec<usize>,
    pub(crate) lines: Vec<&'static str>,
}

thread_local! {
    static MEMORIES: RefCell<Memories> = RefCell::default();
}

impl Memories {
    pub(crate) fn with<T>(f: impl FnOnce(&mut Self) -> T) -> T {
        MEMORIES.with_borrow_mut(f)
    }
}

pub(crate) struct NaclMemory(usize);

impl NaclMemory {
    pub(crate) fn of_this_hart() -> Self {
        Self(Hypervisor::with(|it| it.hart))
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Memories::with(|all| all.harts.len())).map(Self)
    }

    pub(crate) fn allocate(&self) -> Result<(), Errno> {
        Memories::with(|all| {
            if all.left == 0 {
                return Err(Errno::ENOMEM);
            }
            all.left -= 1;
            all.next += 0x4000;
            all.allocated.insert(all.next);
            assert_eq!(all.harts[self.0], (0, false), "allocated twice");
            all.harts[self.0] = (all.next, false);
            Ok(())
        })
    }

    pub(crate) fn free(&self) {
        Memories::with(|all| {
            let (address, _) = std::mem::take(&mut all.harts[self.0]);
            if address != 0 {
                Hypervisor::with(|it| {
                    assert!(
                        !it.shared.values().any(|&its| its == address),
                        "still shared"
                    );
                });
                assert!(all.allocated.remove(&address));
            }
        });
    }

    pub(crate) fn zero(&self) {
        Memories::with(|all| {
            let (address, _) = all.harts[self.0];
            assert_ne!(address, 0);
            all.zeroed.insert(address);
        });
    }

    pub(crate) fn set_csr(&self, csr: usize, value: usize) {
        assert_eq!((csr, value), (0x600, Nested::hstatus()));
        let zeroed = Memories::with(|all| all.zeroed.contains(&all.harts[self.0].0));
        assert!(zeroed, "it would be lost");
    }

    pub(crate) fn address(&self) -> usize {
        Memories::with(|all| {
            let (address, _) = all.harts[self.0];
            assert!(
                all.zeroed.remove(&address),
                "not zeroed since it was last shared"
            );
            address
        })
    }

    pub(crate) fn is_shared(&self) -> bool {
        Memories::with(|all| all.harts[self.0].1)
    }

    pub(crate) fn set_shared(&self, shared: bool) {
        Memories::with(|all| all.harts[self.0].1 = shared);
    }

    pub(crate) fn report_lost(&self) {
        Memories::with(|all| {
            all.harts[self.0] = (0, false);
            all.lost += 1;
        });
    }

    pub(crate) fn report_too_few_features() {
        Memories::with(|all| all.lines.push("too few features"));
    }

    pub(crate) fn report_refusal() {
        Memories::with(|all| all.lines.push("refused"));
    }

    pub(crate) fn forget_past() {
        let hart = Hypervisor::with(|it| it.hart);
        Memories::with(|all| all.forgot_past.push(hart));
    }

    pub(crate) fn on_each_hart<F: Fn() -> bool + Sync>(f: &F) -> bool {
        let mut result = true;
        for hart in Memories::with(|all| all.online.clone()) {
            let before = Hypervisor::with(|it| std::mem::replace(&mut it.hart, hart));
            result &= f();
            Hypervisor::with(|it| it.hart = before);
        }
        result
    }
}
