// SPDX-License-Identifier: GPL-2.0

//! The CSRs of the hypervisor extension, all that this hart may have, and their words.

use super::shmem::Shmem;
use super::strict;
use super::ALL;
use crate::counters;
use crate::csr;
use crate::hart::Hart;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use nacl::counting::Counter;
use nacl::direct::Operation;
use nacl::shmem;

pub(crate) struct Csr {
    number: u16,
    exists: fn() -> bool,
    read: fn() -> u64,
    write: fn(u64),
    /// How often the supervisor used it directly, with `count-csrs`.
    direct: AtomicU64,
}

macro_rules! csrs {
    ($($number:literal)*) => {
        [$(Csr {
            number: $number,
            exists: || csr::probe::<$number>().is_some(),
            read: csr::read::<$number>,
            write: csr::write::<$number>,
            direct: AtomicU64::new(0),
        },)*]
    };
}

/// In the order in which they are written: what others depend on first. Not vstopei and vsireg,
/// which cannot always be read.
static CSRS: [Csr; 35] = csrs![
    // hstatus hedeleg hideleg hvien hvictl hcounteren hgeie henvcfg
    // hstateen0 to 3, htimedelta hcontext
    0x600 0x602 0x603 0x608 0x609 0x606 0x607 0x60a
    0x60c 0x60d 0x60e 0x60f 0x605 0x6a8
    // hvip hip hie htval htinst hgatp hviprio1 hviprio2
    0x645 0x644 0x604 0x643 0x64a 0x680 0x646 0x647
    // vsstatus vsie vstvec vsscratch vsepc vscause vstval vsip vstimecmp vsiselect vsatp
    0x200 0x204 0x205 0x240 0x241 0x242 0x243 0x244 0x24d 0x250 0x280
    // hgeip vstopi
    0xe12 0xeb0
];

/// Which of them this machine has.
static PRESENT: AtomicU64 = AtomicU64::new(0);

/// Find out; all harts of QEMU are alike.
pub(crate) fn find() {
    let present = CSRS.iter().enumerate().filter(|(_, csr)| (csr.exists)());
    PRESENT.store(present.fold(0, |set, (index, _)| set | 1 << index), Relaxed);
}

fn present() -> impl Iterator<Item = &'static Csr> {
    let present = PRESENT.load(Relaxed);
    CSRS.iter()
        .enumerate()
        .filter(move |(index, _)| present >> index & 1 != 0)
        .map(|(_, csr)| csr)
}

/// Whether there is a CSR of this number.
pub(crate) fn exists(number: u64) -> bool {
    shmem::is_hypervisor_csr(number) && present().any(|csr| u64::from(csr.number) == number)
}

/// The CSR of a number, for a direct access.
pub(crate) fn find_by_number(number: u16) -> Option<&'static Csr> {
    present().find(|csr| csr.number == number)
}

/// Give each CSR that the supervisor used directly, and how often.
pub(crate) fn used_directly() -> impl Iterator<Item = (u16, u64)> {
    let used = CSRS
        .iter()
        .map(|csr| (csr.number, csr.direct.load(Relaxed)));
    used.filter(|(_, count)| *count != 0)
}

/// Begin to count those again.
pub(crate) fn reset_used_directly() {
    CSRS.iter().for_each(|csr| csr.direct.store(0, Relaxed));
}

impl Csr {
    /// Access it as an instruction does: the value before, and what is then written.
    pub(crate) fn access(&self, written: Option<(Operation, u64)>) -> u64 {
        self.direct.fetch_add(1, Relaxed);
        let old = (self.read)();
        match written {
            Some((Operation::Write, value)) => (self.write)(value),
            Some((Operation::Set, bits)) => (self.write)(old | bits),
            Some((Operation::Clear, bits)) => (self.write)(old & !bits),
            None => {}
        }
        old
    }
}

/// Whether a number is read-only, by the ISA's rule.
fn read_only(number: u16) -> bool {
    number >> 10 == 3
}

/// Synchronize one CSR, or all: first all that are dirty are written, in order, then all words,
/// since some CSRs are views of others.
pub(crate) fn sync(hart: &Hart, which: u64) {
    let Some(shmem) = &hart.nacl.shmem else {
        return;
    };
    let wanted = |csr: &&Csr| which == ALL || u64::from(csr.number) == which;
    for csr in present().filter(wanted) {
        let (offset, bit) = shmem::csr_dirty(csr.number);
        let dirty = shmem.get(offset);
        if dirty & bit != 0 {
            if !read_only(csr.number) {
                (csr.write)(shmem.get(shmem::csr_word(csr.number)));
            }
            shmem.set(offset, dirty & !bit);
            counters::count(hart.id, Counter::DirtyCsr);
        }
    }
    if which == ALL {
        strict::no_dirty_bit_is_left(hart, shmem);
    }
    for csr in present().filter(wanted) {
        shmem.set(shmem::csr_word(csr.number), (csr.read)());
    }
}

/// Write all words.
pub(crate) fn write_words(shmem: &Shmem) {
    for csr in present() {
        shmem.set(shmem::csr_word(csr.number), (csr.read)());
    }
}
