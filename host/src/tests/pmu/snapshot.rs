// SPDX-License-Identifier: GPL-2.0

//! The snapshot's shared memory.

use proptest::prelude::*;

use super::call;
use super::config;
use super::error;
use super::firmware;
use super::start;
use super::stop;
use super::value;
use super::vcpu;
use super::HARDWARE;
use super::INSTRUCTIONS;
use crate::kvm::LoadedVcpu;
use crate::kvm::MEMORY;
use crate::kvm::READ_ONLY;
use crate::sbi::pmu::lifecycle;
use crate::sbi::Outcome;
use crate::sbi::Pmu;
use crate::sbi::SbiError;

const NO_SHMEM: Outcome = Outcome::Return(Err(SbiError::NoShmem));
const PAGE: u64 = MEMORY.start + 0x1000;

fn set(vcpu: &LoadedVcpu, low: u64, high: usize, flags: usize) -> Outcome {
    let args = [low as usize, high, flags, 0, 0];
    call(vcpu, Pmu::SNAPSHOT_SET_SHMEM, args)
}

/// A vCPU that shares [`PAGE`] and has firmware counters, started with these values.
fn vcpu_with(values: &[u64]) -> LoadedVcpu {
    let vcpu = vcpu();
    assert_eq!(set(&vcpu, PAGE, 0, 0), Outcome::SUCCESS);
    for (number, &value) in values.iter().enumerate() {
        config(&vcpu, HARDWARE + number, 1, 0, firmware(number));
        start(&vcpu, HARDWARE + number, 1, 1, value);
    }
    vcpu.fake_pmu.written.borrow_mut().clear();
    vcpu
}

/// K1, M10: only what can be written is taken, and otherwise what was there stays.
#[test]
fn a_call_that_fails_changes_nothing() {
    let vcpu = vcpu_with(&[1, 2]);
    for (low, high, flags, wanted) in [
        (PAGE, 0, 1, SbiError::InvalidParam),
        (u64::MAX, usize::MAX, 1, SbiError::InvalidParam),
        (PAGE + 8, 0, 0, SbiError::InvalidParam),
        (PAGE + 2048, 0, 0, SbiError::InvalidParam),
        (u64::MAX, 0, 0, SbiError::InvalidParam),
        (PAGE, 1, 0, SbiError::InvalidAddress),
        (0, 0, 0, SbiError::InvalidAddress),
        (READ_ONLY.start, 0, 0, SbiError::InvalidAddress),
        (!0xFFF, 0, 0, SbiError::InvalidAddress),
    ] {
        assert_eq!(set(&vcpu, low, high, flags), error(wanted));
    }
    assert_eq!(stop(&vcpu, HARDWARE, 3, 2), Outcome::SUCCESS);
    assert_eq!(vcpu.fake_pmu.word(PAGE + 8), 1);
    assert_eq!(vcpu.fake_pmu.word(PAGE + 16), 2);
}

#[test]
fn without_memory_nothing_is_started_or_stopped() {
    let vcpu = vcpu_with(&[1]);
    assert_eq!(set(&vcpu, u64::MAX, usize::MAX, 0), Outcome::SUCCESS);
    assert_eq!(stop(&vcpu, HARDWARE, 1, 2), NO_SHMEM);
    assert_eq!(start(&vcpu, HARDWARE, 1, 2, 0), NO_SHMEM);
    assert_eq!(
        start(&vcpu, HARDWARE, 1, 0, 0),
        error(SbiError::AlreadyStarted)
    );
    lifecycle::reset(&vcpu);
    assert_eq!(stop(&vcpu, HARDWARE, 1, 2), NO_SHMEM);
}

proptest! {
    /// M8: what is written is the bitmap and the values of the counters that were stopped, each word
    /// once; the other bits and words stay.
    #[test]
    fn only_words_of_stopped_counters_are_written(
        before in any::<u64>(),
        values in prop::collection::vec(any::<u64>(), 12),
        running in 0..1usize << 12,
        mask in 1..1usize << 12,
        shift in 0..3usize,
        reset in any::<bool>(),
    ) {
        let vcpu = vcpu_with(&values);
        for number in (0..12).filter(|number| running >> number & 1 == 0) {
            stop(&vcpu, HARDWARE + number, 1, 0);
        }
        vcpu.fake_pmu.words.borrow_mut().insert(PAGE, before);
        // Counters from `shift` on, relative to there.
        let mask = mask >> shift;
        prop_assume!(mask != 0);
        let answered = stop(&vcpu, HARDWARE + shift, mask, 2 | usize::from(reset));

        let stopped = (running >> shift & mask) as u64;
        let touched = if reset { mask as u64 } else { stopped };
        let wanted = if stopped == mask as u64 { Outcome::SUCCESS } else { error(SbiError::AlreadyStopped) };
        prop_assert_eq!(answered, wanted);
        prop_assert_eq!(vcpu.fake_pmu.word(PAGE), before & !touched);
        let mut addresses: Vec<_> = (0..64)
            .filter(|bit| stopped >> bit & 1 != 0)
            .map(|bit| PAGE + 8 + 8 * bit)
            .collect();
        for &address in &addresses {
            let number = (address - PAGE - 8) as usize / 8;
            prop_assert_eq!(vcpu.fake_pmu.word(address), values[shift + number]);
        }
        if touched != 0 {
            addresses.insert(0, PAGE);
        }
        prop_assert_eq!(&*vcpu.fake_pmu.written.borrow(), &addresses);
    }

    #[test]
    fn counters_start_with_the_words_of_their_bits(
        words in prop::collection::vec(any::<u64>(), 5), mask in 1..32usize, shift in 0..3usize
    ) {
        let vcpu = vcpu_with(&[0; 8]);
        stop(&vcpu, HARDWARE, 0xFF, 0);
        for (word, address) in words.iter().zip((PAGE + 8..).step_by(8)) {
            vcpu.fake_pmu.words.borrow_mut().insert(address, *word);
        }
        prop_assert_eq!(start(&vcpu, HARDWARE + shift, mask, 2, 9), Outcome::SUCCESS);
        for number in 0..8 {
            let bit = usize::wrapping_sub(number, shift);
            let wanted = if bit < 5 && mask >> bit & 1 != 0 { words[bit] } else { 0 };
            let read = call(&vcpu, Pmu::COUNTER_FW_READ, [HARDWARE + number, 0, 0, 0, 0]);
            prop_assert_eq!(read, value(wanted as usize));
        }
        prop_assert!(vcpu.fake_pmu.written.borrow().is_empty());
    }
}

/// M8: an overflow is one of the run that has just ended.
#[test]
fn overflows_come_and_go() {
    let vcpu = vcpu_with(&[]);
    config(&vcpu, 2, 1, 0, INSTRUCTIONS);
    for (initial, wanted) in [(-5i64, 2), (-500, 0), (-5, 2), (0, 0)] {
        assert_eq!(start(&vcpu, 2, 1, 1, initial as u64), Outcome::SUCCESS);
        vcpu.fake_pmu.run(10);
        assert_eq!(stop(&vcpu, 1, 3, 2), Outcome::SUCCESS);
        assert_eq!(vcpu.fake_pmu.word(PAGE), wanted);
        assert_eq!(vcpu.fake_pmu.word(PAGE + 16), (initial + 10) as u64);
    }
}
