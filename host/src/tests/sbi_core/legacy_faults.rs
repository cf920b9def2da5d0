// SPDX-License-Identifier: GPL-2.0

//! Legacy calls whose mask cannot be read, L5: the fault is the guest's, unless KVM can put it right.

use proptest::prelude::*;

use super::legacy::MASK;
use super::legacy::REMOTE_FENCE_I;
use super::legacy::REMOTE_SFENCE_VMA_ASID;
use super::legacy::SEND_IPI;
use super::returned_legacy;
use super::Guest;
use super::ENTER_GUEST;
use crate::exit::Trap;
use crate::kvm::Code;
use crate::kvm::Errno;
use crate::kvm::Page;

/// The guest physical address of a fault.
const GPA: usize = 0x9000_3000;

/// 130 harts: three words.
fn guest() -> Guest {
    let guest = Guest::new(&(0..130).collect::<Vec<_>>());
    let mut words = guest.vcpu.words.borrow_mut();
    for index in 0..3 {
        words.insert(MASK + 8 * index, Ok(usize::MAX));
    }
    drop(words);
    guest
}

/// What reading a word makes. htval is the address shifted by 2.
fn trap(word: usize, scause: usize, htinst: usize) -> Trap {
    Trap {
        sepc: 0x1234,
        scause,
        stval: MASK + 8 * word,
        htval: GPA >> 2,
        htinst,
    }
}

/// The mask's page was mapped.
fn repair(guest: &Guest) {
    for word in guest.vcpu.words.borrow_mut().values_mut() {
        *word = Ok(usize::MAX);
    }
}

fn faults(guest: &Guest, word: usize, trap: Trap) {
    let mut words = guest.vcpu.words.borrow_mut();
    words.insert(MASK + 8 * word, Err(trap));
}

fn calls() -> impl Strategy<Value = (usize, usize)> {
    (SEND_IPI..=REMOTE_SFENCE_VMA_ASID, 0..3usize)
}

proptest! {
    /// A fault of the guest's own page tables, or of what lies behind them, is what a load would have
    /// made. Nothing has been done to the harts of the words before.
    #[test]
    fn a_fault_of_the_guests_own_is_passed_on((id, word) in calls(), scause in prop::sample::select(vec![4usize, 5, 13])) {
        let guest = guest();
        let trap = trap(word, scause, 0);
        faults(&guest, word, trap);
        let (before, result) = guest.call(id, 0, [MASK, 0, 0, 0, 0, 0]);
        prop_assert_eq!(result, ENTER_GUEST);
        prop_assert_eq!(guest.state(), before.after_exception(scause, trap.stval));
        prop_assert!(guest.vcpu.mapped.borrow().is_empty());
        guest.assert_nothing_happened("a fault");
    }

    /// What a G-stage fault comes to, by what is there, and by whether the hart read the mask, read a
    /// page table, or wrote one (A and D bits).
    #[test]
    fn a_g_stage_fault_is_kvms_to_put_right(
        (id, word) in calls(),
        page in prop::sample::select(vec![Page::Nothing, Page::InTransition, Page::ReadOnly, Page::Writable]),
        htinst in prop::sample::select(vec![0usize, 0x3000, 0x3020]),
    ) {
        let guest = guest();
        let trap = trap(word, 21, htinst);
        faults(&guest, word, trap);
        guest.vm.pages.borrow_mut().insert(GPA >> 12, page);
        let (before, result) = guest.call(id, 0, [MASK, 0, 0, 0, 0, 0]);
        prop_assert_eq!(result, ENTER_GUEST);
        guest.assert_nothing_happened("a fault");

        let writes = htinst == 0x3020;
        let is_mapped = page == Page::Writable || (page == Page::ReadOnly && !writes);
        let address = GPA | (trap.stval & 3);
        let mapped = if is_mapped { vec![(address, writes)] } else { vec![] };
        prop_assert_eq!(&*guest.vcpu.mapped.borrow(), &mapped);
        if !is_mapped && page != Page::InTransition {
            prop_assert_eq!(guest.state(), before.after_exception(5, trap.stval));
            return Ok(());
        }
        // The guest makes the call again, and then it succeeds.
        prop_assert_eq!(guest.state(), before.clone());
        repair(&guest);
        let (calls, result) = guest.call_until_done();
        prop_assert_eq!((calls, result), (1, ENTER_GUEST));
        prop_assert_eq!(guest.state(), returned_legacy(before, 0));
    }

    /// What is known of the guest's page tables is out of date: nothing is read, nothing is done.
    #[test]
    fn what_is_out_of_date_is_not_read(id in SEND_IPI..=REMOTE_SFENCE_VMA_ASID) {
        let guest = guest();
        guest.vcpu.code.set(Code::OutOfDate);
        let (before, result) = guest.call(id, 0, [MASK, 0, 0, 0, 0, 0]);
        prop_assert_eq!(result, ENTER_GUEST);
        prop_assert_eq!(guest.state(), before);
        prop_assert!(guest.vcpu.guest_reads.borrow().is_empty());
        guest.assert_nothing_happened("out of date");
    }
}

/// A page that KVM cannot map ends `KVM_RUN`, as with any guest page fault.
#[test]
fn an_errno_of_the_mapping_ends_the_run() {
    let guest = guest();
    faults(&guest, 1, trap(1, 21, 0));
    guest
        .vm
        .pages
        .borrow_mut()
        .insert(GPA >> 12, Page::Writable);
    guest.vcpu.map_result.set(Err(Errno(-14)));
    let (before, result) = guest.call(REMOTE_FENCE_I, 0, [MASK, 0, 0, 0, 0, 0]);
    assert_eq!(result, Err(Errno(-14)));
    assert_eq!(guest.state(), before);
    guest.assert_nothing_happened("an errno");
}

/// A fence that the caller is to make makes what it knows of its page tables out of date: were the
/// words read one by one, with fences between them, the call would never end.
#[test]
fn a_fence_of_the_caller_does_not_keep_the_call_from_ending() {
    for id in REMOTE_FENCE_I..=REMOTE_SFENCE_VMA_ASID {
        let guest = guest();
        let before = guest.prepare(id, 0, [MASK, 0, 0, 0, 0, 0]);
        let (calls, result) = guest.call_until_done();
        assert_eq!((calls, result), (1, ENTER_GUEST));
        assert_eq!(guest.state(), returned_legacy(before, 0));
        let requests = guest.vm.requests.borrow();
        let asked: usize = requests.iter().map(|(_, ids)| ids.len()).sum();
        assert_eq!(asked, 130);
    }
}
