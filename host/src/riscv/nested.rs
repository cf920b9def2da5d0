// SPDX-License-Identifier: GPL-2.0

//! A hypervisor that offers nested acceleration, on a machine of several harts, as the calls see it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::kvm::Errno;
use crate::nacl::Feature;
use crate::nacl::Features;

/// A call that the hypervisor can be told to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    SetSharedMemory,
    ForgetSharedMemory,
    SyncCsrs,
    SyncFences,
}

/// What the hypervisor is like and what it knows, and what KVM has set up.
#[derive(Default)]
pub(crate) struct Hypervisor {
    pub(crate) is_offered: bool,
    /// The numbers of the features that it has.
    pub(crate) features: Vec<usize>,
    /// The harts on which it refuses a call.
    pub(crate) refuses: Vec<(usize, Call)>,
    /// Whether it has the memory nevertheless where it refuses it.
    pub(crate) keeps_what_it_refuses: bool,
    /// The hart that the task is on.
    pub(crate) hart: usize,
    /// The memory that it has of each hart.
    pub(crate) shared: BTreeMap<usize, usize>,
    /// How often it was asked to make the fences that wait.
    pub(crate) fences_handed_over: usize,
    /// Whether it has ever refused to forget memory.
    pub(crate) refused_to_forget: bool,
    /// What KVM uses.
    pub(crate) used: Option<Features>,
}

thread_local! {
    pub(crate) static HYPERVISOR: RefCell<Hypervisor> = RefCell::default();
}

impl Hypervisor {
    pub(crate) fn with<T>(f: impl FnOnce(&mut Self) -> T) -> T {
        HYPERVISOR.with_borrow_mut(f)
    }

    fn check(&self, call: Call) -> Result<(), Errno> {
        if self.refuses.contains(&(self.hart, call)) {
            return Err(Errno(-524));
        }
        let needs = match call {
            Call::SyncCsrs => 0,
            Call::SyncFences => 1,
            _ => return Ok(()),
        };
        // SBI_ERR_NOT_SUPPORTED, SBI_ERR_NO_SHMEM.
        match (
            self.features.contains(&needs),
            self.shared.contains_key(&self.hart),
        ) {
            (true, true) => Ok(()),
            (false, _) => Err(Errno(-524)),
            (true, false) => Err(Errno(-12)),
        }
    }
}

pub(crate) struct Nested;

impl Nested {
    pub(crate) fn is_offered() -> bool {
        Hypervisor::with(|it| it.is_offered)
    }

    pub(crate) fn offers(feature: Feature) -> bool {
        Hypervisor::with(|it| it.features.contains(&feature.number()))
    }

    pub(crate) fn hstatus() -> usize {
        0x2_0000_0000
    }

    pub(crate) fn set_shared_memory(address: usize) -> Result<(), Errno> {
        Hypervisor::with(|it| {
            if it.keeps_what_it_refuses && it.refuses.contains(&(it.hart, Call::SetSharedMemory)) {
                it.shared.insert(it.hart, address);
            }
            it.check(Call::SetSharedMemory)?;
            assert_eq!(address % 4096, 0, "SBI_ERR_INVALID_PARAM");
            assert_ne!(address, 0, "no memory");
            it.shared.insert(it.hart, address);
            Ok(())
        })
    }

    pub(crate) fn forget_shared_memory() -> Result<(), Errno> {
        Hypervisor::with(|it| {
            if let Err(errno) = it.check(Call::ForgetSharedMemory) {
                it.refused_to_forget = true;
                return Err(errno);
            }
            it.shared.remove(&it.hart);
            Ok(())
        })
    }

    pub(crate) fn sync_csrs() -> Result<(), Errno> {
        Hypervisor::with(|it| it.check(Call::SyncCsrs))
    }

    pub(crate) fn sync_fences() -> Result<(), Errno> {
        Hypervisor::with(|it| {
            it.check(Call::SyncFences)?;
            it.fences_handed_over += 1;
            Ok(())
        })
    }

    pub(crate) fn features() -> Option<Features> {
        Hypervisor::with(|it| it.used)
    }

    pub(crate) fn enable(features: Features) {
        Hypervisor::with(|it| assert_eq!(it.used.replace(features), None));
    }

    pub(crate) fn disable() {
        Hypervisor::with(|it| assert!(it.used.take().is_some()));
    }
}
