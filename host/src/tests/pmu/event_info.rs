// SPDX-License-Identifier: GPL-2.0

//! Which events there are.

use proptest::prelude::*;

use super::super::INVALID_PARAM;
use super::call;
use super::vcpu;
use super::COUNTERS;
use super::CYCLES;
use super::NOT_SUPPORTED;
use crate::kvm::LoadedVcpu;
use crate::kvm::MEMORY;
use crate::kvm::READ_ONLY;
use crate::sbi::Outcome;
use crate::sbi::PerfEventConfig;
use crate::sbi::PerfType;
use crate::sbi::Pmu;
use crate::sbi::SbiError;

const INVALID_ADDRESS: Outcome = Outcome::Return(Err(SbiError::InvalidAddress));

fn get(vcpu: &LoadedVcpu, low: u64, high: usize, count: usize, flags: usize) -> Outcome {
    let args = [low as usize, high, count, flags, 0];
    call(vcpu, Pmu::EVENT_GET_INFO, args)
}

fn put(vcpu: &LoadedVcpu, address: u64, entries: &[(u64, u64)]) {
    let mut words = vcpu.fake_pmu.words.borrow_mut();
    for (entry, address) in entries.iter().zip((address..).step_by(16)) {
        words.insert(address, entry.0);
        words.insert(address + 8, entry.1);
    }
}

fn is_event(vcpu: &LoadedVcpu, event: u64, data: u64) -> bool {
    put(vcpu, MEMORY.start, &[(event | 0xDEAD_BEEF << 32, data)]);
    assert_eq!(get(vcpu, MEMORY.start, 0, 1, 0), Outcome::SUCCESS);
    let word = vcpu.fake_pmu.word(MEMORY.start);
    assert_eq!(word & 0xFFFF_FFFF, event);
    assert_eq!(vcpu.fake_pmu.word(MEMORY.start + 8), data);
    assert!(word >> 32 <= 1);
    word >> 32 == 1
}

proptest! {
    /// M11: an event is there exactly if a counter can be configured for it; data that it does not
    /// have do not count.
    #[test]
    fn what_is_there_can_be_configured(event in 0..1u64 << 20, data in prop_oneof![Just(0), any::<u64>()]) {
        let vcpu = vcpu();
        let used = if event >> 17 == 0 || event >> 16 == 15 { 0 } else { data as usize };
        let args = [0, (1 << COUNTERS) - 1, 0, event as usize, used];
        let configured = call(&vcpu, Pmu::COUNTER_CONFIG_MATCHING, args);
        prop_assert_eq!(is_event(&vcpu, event, data), configured != NOT_SUPPORTED);
    }

    /// M11.
    #[test]
    fn reserved_bits_are_invalid(bit in 20..32u32, number in 0..200usize) {
        let vcpu = vcpu();
        let mut entries = [(CYCLES as u64, 0); 200];
        entries[number].0 |= 1 << bit;
        put(&vcpu, MEMORY.start, &entries);
        prop_assert_eq!(get(&vcpu, MEMORY.start, 0, 200, 0), INVALID_PARAM);
    }

    /// K7: whatever the guest asks for, memory is taken in portions of the same size.
    #[test]
    fn tables_of_any_size(count in prop_oneof![1..4096usize, any::<usize>()]) {
        let vcpu = vcpu();
        let fits = count <= (MEMORY.end - MEMORY.start) as usize / 16;
        let wanted = match count {
            0 => INVALID_PARAM,
            _ if count >> 60 != 0 => INVALID_PARAM,
            _ if fits => Outcome::SUCCESS,
            _ => INVALID_ADDRESS,
        };
        prop_assert_eq!(get(&vcpu, MEMORY.start, 0, count, 0), wanted);
        prop_assert!(vcpu.fake_pmu.most_words_at_once.get() <= 128);
    }
}

#[test]
fn the_host_is_asked() {
    let vcpu = vcpu();
    assert!(is_event(&vcpu, 3, 0));
    vcpu.fake_pmu.host_lacks.borrow_mut().push(PerfEventConfig {
        perf_type: PerfType::Hardware,
        config: 2,
    });
    assert!(!is_event(&vcpu, 3, 0));
}

#[test]
fn arguments_are_looked_at() {
    let vcpu = vcpu();
    let at = MEMORY.start;
    assert_eq!(get(&vcpu, at, 0, 1, 1), INVALID_PARAM);
    assert_eq!(get(&vcpu, at + 8, 0, 1, 0), INVALID_PARAM);
    assert_eq!(get(&vcpu, at, 0, 0, 0), INVALID_PARAM);
    assert_eq!(get(&vcpu, at, 1, 1, 0), INVALID_ADDRESS);
    assert_eq!(get(&vcpu, 0, 0, 1, 0), INVALID_ADDRESS);
    assert_eq!(get(&vcpu, READ_ONLY.start, 0, 1, 0), INVALID_ADDRESS);
    assert_eq!(get(&vcpu, !0xF, 0, 1, 0), INVALID_ADDRESS);
    assert_eq!(get(&vcpu, !0xF, 0, 1000, 0), INVALID_ADDRESS);
}

/// K8: user space empties the ring of dirty pages before there are more than it has room for; what is
/// answered already is not written again.
#[test]
fn the_dirty_ring_is_emptied_in_between() {
    const PORTION: usize = 128;
    let vcpu = vcpu();
    vcpu.fake_pmu.dirty_ring_room.set(Some(PORTION));
    put(&vcpu, MEMORY.start, &[(CYCLES as u64, 0); 1024]);
    let mut retries = 0;
    let outcome = loop {
        let outcome = get(&vcpu, MEMORY.start, 0, 1024, 0);
        assert!(vcpu.fake_pmu.written.borrow().len() <= PORTION);
        vcpu.fake_pmu.written.borrow_mut().clear();
        if outcome != Outcome::Retry {
            break outcome;
        }
        retries += 1;
        assert!(retries < 100, "it does not get on");
    };
    assert_eq!(outcome, Outcome::SUCCESS);
    assert!(retries > 10);
}

/// K8: what need not be written has to be writable all the same.
#[test]
fn answered_memory_has_to_be_writable() {
    let vcpu = vcpu();
    put(&vcpu, READ_ONLY.start, &[(CYCLES as u64 | 1 << 32, 0)]);
    assert_eq!(get(&vcpu, READ_ONLY.start, 0, 1, 0), INVALID_ADDRESS);
}

/// K7: a signal ends a long call, which the guest then makes again.
#[test]
fn a_signal_is_heeded() {
    let vcpu = vcpu();
    vcpu.fake_pmu.signal_after.set(Some(3));
    assert_eq!(get(&vcpu, MEMORY.start, 0, 4096, 0), Outcome::Retry);
    assert_eq!(vcpu.fake_pmu.reschedules.get(), 3);
    vcpu.fake_pmu.signal_after.set(None);
    assert_eq!(get(&vcpu, MEMORY.start, 0, 4096, 0), Outcome::SUCCESS);
}
