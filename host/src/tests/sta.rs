// SPDX-License-Identifier: GPL-2.0

//! The Steal-time Accounting extension.

use std::rc::Rc;

use proptest::prelude::*;

use super::answer;
use super::INVALID_PARAM;
use super::UNKNOWN_FUNCTIONS;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::SharedAccess;
use crate::kvm::Vm;
use crate::sbi::sta::record_steal_time;
use crate::sbi::Extension;
use crate::sbi::Outcome;
use crate::sbi::SbiError;
use crate::sbi::Sta;
use crate::sbi::StealTimeArea;

const INVALID_ADDRESS: Outcome = Outcome::Return(Err(SbiError::InvalidAddress));
const AREA: usize = 0x8000_1040;
const ALL_ONES: usize = usize::MAX;

fn one_hart() -> (Rc<Vm>, LoadedVcpu) {
    let vm = Vm::with_ids(&[0]);
    let vcpu = LoadedVcpu::first_of(&vm);
    Sta::reset(&vcpu);
    (vm, vcpu)
}

fn set_shmem(vcpu: &LoadedVcpu, lo: usize, hi: usize, flags: usize) -> Outcome {
    answer::<Sta>(vcpu, Sta::SET_SHMEM, [lo, hi, flags, 0, 0]).unwrap()
}

fn address(vcpu: &LoadedVcpu) -> Option<usize> {
    vcpu.steal_time_area().map(StealTimeArea::address)
}

/// Addresses at the edges of memory, which is from 0x8000_0000 to 0x8fff_ffff.
fn addresses() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(ALL_ONES),
        Just(0),
        Just(0x7fff_ffc0),
        Just(0x8000_0000),
        Just(0x8fff_ffc0),
        Just(0x9000_0000),
        Just(AREA),
        0x8000_0000..0x8000_0100usize,
        any::<usize>(),
    ]
}

fn words() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => Just(0),
        1 => Just(ALL_ONES),
        1 => (0..64u32).prop_map(|bit| 1 << bit),
        1 => any::<usize>(),
    ]
}

proptest! {
    /// The table of errors, and what is said of the arguments.
    #[test]
    fn set_shmem_gives_what_the_specification_says(lo in addresses(), hi in words(), flags in words()) {
        let (_vm, vcpu) = one_hart();
        vcpu.sta.run_delay.set(1000);
        let in_memory = (0x8000_0000..0x9000_0000).contains(&lo);
        let (outcome, at) = if flags != 0 {
            (INVALID_PARAM, None)
        } else if lo == ALL_ONES && hi == ALL_ONES {
            (Outcome::SUCCESS, None)
        } else if lo & 63 != 0 {
            (INVALID_PARAM, None)
        } else if hi != 0 || !in_memory {
            (INVALID_ADDRESS, None)
        } else {
            (Outcome::SUCCESS, Some(lo))
        };
        prop_assert_eq!(set_shmem(&vcpu, lo, hi, flags), outcome);
        prop_assert_eq!(address(&vcpu), at);
        // Filled with zeros, and from now on counted.
        prop_assert_eq!(&*vcpu.sta.cleared.borrow(), &Vec::from_iter(at));
        prop_assert_eq!(vcpu.sta.last_run_delay.get(), if at.is_some() { 1000 } else { 0 });
    }

    /// A call that fails leaves the old area; only all ones end it.
    #[test]
    fn a_call_that_fails_changes_nothing(lo in addresses(), hi in words(), flags in words()) {
        let (_vm, vcpu) = one_hart();
        assert_eq!(set_shmem(&vcpu, AREA, 0, 0), Outcome::SUCCESS);
        let expected = match set_shmem(&vcpu, lo, hi, flags) {
            Outcome::SUCCESS if lo == ALL_ONES => None,
            Outcome::SUCCESS => Some(lo),
            _ => Some(AREA),
        };
        prop_assert_eq!(address(&vcpu), expected);
    }

    /// A1: all of the register is looked at.
    #[test]
    fn no_bit_of_the_flags_is_ignored(flags in 1..=usize::MAX, bit in 0..64u32) {
        let (_vm, vcpu) = one_hart();
        prop_assert_eq!(set_shmem(&vcpu, AREA, 0, flags), INVALID_PARAM);
        prop_assert_eq!(set_shmem(&vcpu, ALL_ONES, ALL_ONES, 1 << bit), INVALID_PARAM);
    }

    /// Whatever happens, the guest finds the sum of what was lost while it could have run, between
    /// two values that the scheduler gave; and an even sequence number.
    #[test]
    fn the_steal_time_is_the_sum_of_what_was_lost(events in prop::collection::vec((any::<u32>(), any::<bool>()), 1..50)) {
        let (vm, vcpu) = one_hart();
        vcpu.sta.run_delay.set(123_456);
        set_shmem(&vcpu, AREA, 0, 0);
        let (mut lost, mut updates) = (0, 0);
        for (delay, stopped) in events {
            vm.by_id(0).stopped.set(stopped);
            vcpu.sta.run_delay.set(vcpu.sta.run_delay.get() + u64::from(delay));
            let before = vcpu.sta.accesses.borrow().len();
            record_steal_time(&vcpu);
            lost += u64::from(delay);
            if stopped {
                // A2.
                prop_assert_eq!(vcpu.sta.accesses.borrow().len(), before);
            } else {
                updates += 1;
                prop_assert_eq!(vcpu.sta.steal.get(), lost);
            }
            prop_assert_eq!(vcpu.sta.sequence.get(), 2 * updates);
        }
    }

    /// A4: memory that cannot be accessed, from any access on, ends the update and nothing else.
    #[test]
    fn a_fault_ends_the_update(accesses in 0..6usize, sequence in any::<u32>(), steal in any::<u64>()) {
        let (_vm, vcpu) = one_hart();
        set_shmem(&vcpu, AREA, 0, 0);
        vcpu.sta.sequence.set(sequence);
        vcpu.sta.steal.set(steal);
        vcpu.sta.run_delay.set(7);
        vcpu.sta.fails_after.set(Some(accesses));
        record_steal_time(&vcpu);
        prop_assert_eq!(address(&vcpu), Some(AREA));

        // The accesses are: sequence, +1, steal, +7, +2.
        let done = accesses.min(5) as u32;
        prop_assert_eq!(vcpu.sta.steal.get(), if done >= 4 { steal.wrapping_add(7) } else { steal });
        let steps = [0, 0, 1, 1, 1, 2][done as usize];
        prop_assert_eq!(vcpu.sta.sequence.get(), sequence.wrapping_add(steps));

        // Once it can be accessed again, the steps are whole.
        vcpu.sta.fails_after.set(None);
        let now = vcpu.sta.sequence.get();
        record_steal_time(&vcpu);
        prop_assert_eq!(vcpu.sta.sequence.get(), now.wrapping_add(2));
    }

    /// A3: what is read of a vCPU and written to another one in any order is the same there.
    #[test]
    fn registers_restore_in_any_order(address in addresses(), hi_first in any::<bool>()) {
        let (_vm, from) = one_hart();
        from.set_steal_time_area(StealTimeArea::at(address));
        let (_vm, to) = one_hart();
        let mut numbers = [Sta::SHMEM_LO, Sta::SHMEM_HI];
        if hi_first {
            numbers.reverse();
        }
        for number in numbers {
            Sta::set_state(&to, number, Sta::get_state(&from, number).unwrap()).unwrap();
        }
        prop_assert_eq!(to.steal_time_area(), from.steal_time_area());
    }

    #[test]
    fn the_registers_take_what_is_an_address(number in 0..4usize, value in addresses()) {
        let (_vm, vcpu) = one_hart();
        vcpu.set_steal_time_area(StealTimeArea::at(AREA));
        let expected = match number {
            0 if value == ALL_ONES || value & 63 == 0 => Ok(()),
            1 if value == 0 => Ok(()),
            0 | 1 => Err(Errno::EINVAL),
            _ => Err(Errno::ENOENT),
        };
        prop_assert_eq!(Sta::set_state(&vcpu, number, value), expected);
        let lo = if number == 0 && expected.is_ok() { value } else { AREA };
        prop_assert_eq!(Sta::get_state(&vcpu, 0), Ok(lo));
        prop_assert_eq!(Sta::get_state(&vcpu, 1), Ok(0));
        prop_assert_eq!(Sta::get_state(&vcpu, 2 + number), Err(Errno::ENOENT));
    }
}

/// A steal time that cannot be read or written leaves the sequence number even.
#[test]
fn a_fault_at_the_steal_time_does_not_leave_the_sequence_odd() {
    for (accesses, steal) in [(2, 0), (3, 0), (4, 9)] {
        let (_vm, vcpu) = one_hart();
        set_shmem(&vcpu, AREA, 0, 0);
        vcpu.sta.run_delay.set(9);
        vcpu.sta.fails_after.set(Some(accesses));
        vcpu.sta.fails_once.set(true);
        record_steal_time(&vcpu);
        assert_eq!(vcpu.sta.steal.get(), steal);
        let sequence = if accesses == 4 { 1 } else { 2 };
        assert_eq!(vcpu.sta.sequence.get(), sequence);
        assert_eq!(
            vcpu.sta.accesses.borrow().last(),
            Some(&SharedAccess::MarkDirty)
        );
    }
}

#[test]
fn only_each_64th_byte_is_aligned() {
    let (_vm, vcpu) = one_hart();
    for offset in 0..256 {
        let expected = if offset % 64 == 0 {
            Outcome::SUCCESS
        } else {
            INVALID_PARAM
        };
        assert_eq!(set_shmem(&vcpu, 0x8000_0000 + offset, 0, 0), expected);
    }
}

/// "MUST increment this field to an odd value before writing the steal field, and increment it again
/// to an even value after writing steal", and each write is seen in that order.
// conforms: STA.set_shmem.sequence
#[test]
fn an_update_is_in_the_order_of_the_specification() {
    let (_vm, vcpu) = one_hart();
    set_shmem(&vcpu, AREA, 0, 0);
    vcpu.sta.run_delay.set(42);
    record_steal_time(&vcpu);
    assert_eq!(
        *vcpu.sta.accesses.borrow(),
        [
            SharedAccess::ReadSequence,
            SharedAccess::WriteSequence(1),
            SharedAccess::Order,
            SharedAccess::ReadSteal,
            SharedAccess::WriteSteal(42),
            SharedAccess::Order,
            SharedAccess::WriteSequence(2),
            SharedAccess::MarkDirty,
        ]
    );
}

#[test]
fn it_ends_where_the_slot_is_gone() {
    let (_vm, vcpu) = one_hart();
    set_shmem(&vcpu, AREA, 0, 0);
    vcpu.sta.slot_is_gone.set(true);
    record_steal_time(&vcpu);
    assert_eq!(address(&vcpu), None);
    vcpu.sta.slot_is_gone.set(false);
    record_steal_time(&vcpu);
    assert!(vcpu.sta.accesses.borrow().is_empty());
}

#[test]
fn a_reset_ends_it() {
    let (_vm, vcpu) = one_hart();
    vcpu.sta.run_delay.set(5);
    set_shmem(&vcpu, AREA, 0, 0);
    Sta::reset(&vcpu);
    record_steal_time(&vcpu);
    assert!(vcpu.sta.accesses.borrow().is_empty());
    assert_eq!(Sta::get_state(&vcpu, Sta::SHMEM_LO), Ok(ALL_ONES));
    assert_eq!(vcpu.sta.last_run_delay.get(), 0);
}

#[test]
fn an_unknown_function_does_nothing() {
    let (_vm, vcpu) = one_hart();
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([1]) {
        assert_eq!(
            answer::<Sta>(&vcpu, function, [AREA, 0, 0, 0, 0]),
            Ok(Outcome::NOT_SUPPORTED)
        );
    }
    assert_eq!(address(&vcpu), None);
}

/// The table of the shared memory's layout.
#[test]
fn the_area_is_laid_out_as_the_specification_says() {
    assert_eq!(StealTimeArea::SEQUENCE, 0);
    assert_eq!(StealTimeArea::STEAL, 8);
    assert_eq!(StealTimeArea::SIZE, 64);
}

#[test]
fn there_are_two_registers() {
    let (_vm, vcpu) = one_hart();
    assert_eq!(Sta::state_register_count(&vcpu), 2);
    assert_eq!(Sta::state_register(&vcpu, 1), Some(1));
}
