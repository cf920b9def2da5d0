// SPDX-License-Identifier: GPL-2.0

//! The System Suspend extension.

use proptest::prelude::*;

use super::super::UNKNOWN_FUNCTIONS;
use super::returned;
use super::Guest;
use super::DENIED;
use super::ENTER_GUEST;
use super::EXIT;
use super::FAILED;
use super::INVALID_ADDRESS;
use super::INVALID_PARAM;
use super::MEMORY;
use super::NOT_SUPPORTED;
use crate::sbi::complete_call;

const SUSP: usize = 0x5355_5350;

/// sstatus.SPP.
const SPP: usize = 1 << 8;

fn types() -> impl Strategy<Value = usize> {
    let low = prop_oneof![4 => Just(0u32), 1 => 1..4u32, 1 => any::<u32>(), 1 => Just(1u32 << 31)];
    (low, prop_oneof![Just(0u32), any::<u32>()])
        .prop_map(|(low, high)| (low as usize) | ((high as usize) << 32))
}

fn addresses() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => 0x8000_0000..=0x8FFF_FFFFusize,
        1 => any::<usize>(),
        1 => Just(0x9000_0000usize),
        1 => (32..64u32).prop_map(|bit| 0x8000_0000 | (1 << bit)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// The errors in the order of `kvm_sbi_ext_susp_handler()`; user space is asked only where there
    /// is none, and nothing else happens before it has answered (P1).
    #[test]
    fn a_system_that_cannot_be_suspended_is_not(
        sleep_type in types(),
        address in addresses(),
        is_supervisor in prop::bool::weighted(0.8),
        stopped in prop::collection::vec(prop::bool::weighted(0.8), 0..5),
    ) {
        // The caller is not the first by its id, nor by anything but its place.
        let ids: Vec<_> = (0..=stopped.len()).map(|place| [7, 0, 3, 64, 9, 2][place]).collect();
        let guest = Guest::new(&ids);
        for (&id, &is_stopped) in ids.iter().skip(1).zip(&stopped) {
            guest.vm.by_id(id).stopped.set(is_stopped);
        }
        let sstatus = guest.vcpu.sstatus.get() & !SPP;
        guest.vcpu.sstatus.set(sstatus | if is_supervisor { SPP } else { 0 });

        let error = if sleep_type % (1 << 32) != 0 {
            Some(INVALID_PARAM)
        } else if !is_supervisor {
            Some(FAILED)
        } else if !(0x8000_0000..0x9000_0000).contains(&address) {
            Some(INVALID_ADDRESS)
        } else if stopped.iter().any(|&is_stopped| !is_stopped) {
            Some(DENIED)
        } else {
            None
        };
        let (before, result) = guest.call(SUSP, 0, [sleep_type, address, 0x77, 4, 5, 6]);
        match error {
            Some(error) => {
                prop_assert_eq!(result, ENTER_GUEST);
                prop_assert_eq!(guest.state(), returned(before, error, 0));
                prop_assert_eq!(guest.run.forwarded.get(), 0);
            }
            None => {
                prop_assert_eq!(result, EXIT);
                prop_assert_eq!(guest.state(), before);
                prop_assert_eq!(guest.run.forwarded.get(), 1);
            }
        }
        prop_assert_eq!(guest.vcpu.reset.get(), None);
        prop_assert!(!guest.vcpu.stopped.get());
    }
}

/// P1.
#[test]
fn a_refusal_comes_back_to_the_guest() {
    for error in [NOT_SUPPORTED, FAILED, DENIED, 1] {
        let guest = Guest::new(&[0]);
        let (before, _) = guest.call(SUSP, 0, [0, MEMORY, 0x77, 4, 5, 6]);
        guest.run.answer.set(Some((error, 0x99)));
        complete_call(&guest.vcpu, &guest.run);
        assert_eq!(guest.state(), returned(before, error, 0x99));
        assert_eq!(guest.vcpu.reset.get(), None);
        assert!(!guest.vcpu.take_resume());
    }
}

/// What user space does not answer is NOT_SUPPORTED, and so the guest is told.
#[test]
fn silence_is_a_refusal() {
    let guest = Guest::new(&[0]);
    let (before, _) = guest.call(SUSP, 0, [0, MEMORY, 0x77, 4, 5, 6]);
    complete_call(&guest.vcpu, &guest.run);
    assert_eq!(guest.state(), returned(before, NOT_SUPPORTED, 0));
}

#[test]
fn a_system_that_was_suspended_resumes_where_it_said() {
    let guest = Guest::new(&[0]);
    let (before, _) = guest.call(SUSP, 0, [0, MEMORY, 0x77, 4, 5, 6]);
    guest.run.answer.set(Some((0, 0x99)));
    complete_call(&guest.vcpu, &guest.run);
    // Where the guest would go on without the reset, which sets the registers.
    assert_eq!(guest.state(), returned(before, 0, 0x99));
    assert_eq!(guest.vcpu.reset.get(), Some((MEMORY, 0x77)));
    guest.vcpu.set_pc(MEMORY);
    assert!(guest.vcpu.take_resume());
    assert!(!guest.vcpu.take_resume());
}

#[test]
fn an_unknown_function_does_nothing() {
    for function in UNKNOWN_FUNCTIONS.into_iter().chain([1]) {
        let guest = Guest::new(&[0]);
        let (before, result) = guest.call(SUSP, function, [0, MEMORY, 0x77, 4, 5, 6]);
        assert_eq!(result, ENTER_GUEST);
        assert_eq!(guest.state(), returned(before, NOT_SUPPORTED, 0));
        guest.assert_nothing_happened("unknown");
    }
}
