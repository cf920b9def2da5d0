// SPDX-License-Identifier: GPL-2.0

//! Setting nested acceleration up and undoing it, with a hypervisor that refuses, and without memory.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::kvm::Errno;
use crate::kvm::Memories;
use crate::nacl;
use crate::nacl::Feature;
use crate::riscv::Call;
use crate::riscv::Hypervisor;

const HARTS: usize = 4;

/// A machine of four harts, all online but the last.
fn begin(features: &[usize], refuses: &[(usize, Call)]) {
    Hypervisor::with(|it| {
        *it = Hypervisor {
            is_offered: true,
            features: features.to_vec(),
            refuses: refuses.to_vec(),
            ..Hypervisor::default()
        };
    });
    Memories::with(|all| {
        *all = Memories {
            harts: vec![(0, false); HARTS],
            online: vec![0, 1, 2],
            left: usize::MAX,
            ..Memories::default()
        };
    });
}

/// Nothing is left but what the hypervisor has kept.
fn check_undone() {
    Hypervisor::with(|it| assert!(it.used.is_none(), "a key is on"));
    Memories::with(|all| {
        assert!(all.harts.iter().all(|&hart| hart == (0, false)));
        // What it has is not freed. What is not freed beyond that is of harts on which it refuses to
        // forget: there nobody knows.
        let kept: BTreeSet<_> = Hypervisor::with(|it| it.shared.values().copied().collect());
        assert!(all.allocated.is_superset(&kept), "shared and freed");
        assert_eq!(all.lost, all.allocated.len(), "lost without a word");
        let forgets = Hypervisor::with(|it| {
            let refuses = |(_, call): &(usize, Call)| *call == Call::ForgetSharedMemory;
            !it.refuses.iter().any(refuses) && !it.refused_to_forget
        });
        assert!(!forgets || all.allocated.is_empty(), "memory is lost");
    });
}

fn on(hart: usize) {
    Hypervisor::with(|it| it.hart = hart);
}

fn lines() -> Vec<&'static str> {
    Memories::with(|all| all.lines.clone())
}

/// N4.
#[test]
fn all_sets_of_features_are_used_or_declined() {
    for set in 0..16usize {
        let features: Vec<_> = (0..4).filter(|feature| set >> feature & 1 != 0).collect();
        begin(&features, &[]);
        let result = nacl::init();
        if set & 5 == 5 {
            assert_eq!(result, Ok(()), "{set:#x}");
            let used = Hypervisor::with(|it| it.used).unwrap();
            for feature in Feature::ALL {
                assert_eq!(used.have(feature), features.contains(&feature.number()));
            }
            assert!(lines().is_empty());
            // Not before KVM is enabled.
            Hypervisor::with(|it| assert!(it.shared.is_empty()));
            nacl::exit();
        } else {
            assert_eq!(result, Err(Errno::ENODEV), "{set:#x}");
            assert_eq!(lines(), ["too few features"], "{set:#x}");
        }
        check_undone();
    }
}

#[test]
fn without_the_extension_there_is_nothing_to_say() {
    begin(&[0, 1, 2, 3], &[]);
    Hypervisor::with(|it| it.is_offered = false);
    assert_eq!(nacl::init(), Err(Errno::ENODEV));
    assert_eq!(nacl::attach(), Ok(()));
    nacl::detach();
    nacl::exit();
    assert!(lines().is_empty());
    check_undone();
}

/// N9: the C left its keys on and the memory freed.
#[test]
fn without_memory_nothing_is_left() {
    for left in 0..HARTS {
        begin(&[0, 1, 2, 3], &[]);
        Memories::with(|all| all.left = left);
        assert_eq!(nacl::init(), Err(Errno::ENOMEM));
        check_undone();
    }
}

/// N9: a hart that refuses rules it out for all, and KVM runs without.
#[test]
fn a_hart_that_refuses_is_found_when_kvm_is_loaded() {
    for call in [Call::SetSharedMemory, Call::SyncCsrs, Call::SyncFences] {
        for hart in 0..3 {
            begin(&[0, 1, 2, 3], &[(hart, call)]);
            assert_eq!(nacl::init(), Err(Errno::ENODEV), "{call:?} on {hart}");
            assert_eq!(lines(), ["refused"]);
            check_undone();
        }
        // This one is not online: it is refused later, and stays offline.
        begin(&[0, 1, 2, 3], &[(3, call)]);
        assert_eq!(nacl::init(), Ok(()));
        on(3);
        assert!(nacl::attach().is_err());
        Hypervisor::with(|it| assert!(it.shared.is_empty()));
        nacl::exit();
        check_undone();
    }
}

/// A hypervisor without the feature is not asked to make fences.
#[test]
fn fences_are_handed_over_only_where_that_is_offered() {
    begin(&[0, 2], &[(1, Call::SyncFences)]);
    assert_eq!(nacl::init(), Ok(()));
    on(1);
    assert_eq!(nacl::attach(), Ok(()));
    nacl::detach();
    nacl::exit();
    check_undone();
}

/// N9: what the hypervisor may still write is not freed, and is used again by its own hart.
#[test]
fn memory_that_is_kept_is_not_freed() {
    begin(&[0, 1, 2, 3], &[]);
    assert_eq!(nacl::init(), Ok(()));
    for hart in 0..3 {
        on(hart);
        assert_eq!(nacl::attach(), Ok(()));
    }
    Hypervisor::with(|it| it.refuses = vec![(1, Call::ForgetSharedMemory)]);
    for hart in 0..3 {
        on(hart);
        nacl::detach();
    }
    Hypervisor::with(|it| assert_eq!(it.shared.len(), 1));
    // It comes back, is refused once more, and goes.
    on(1);
    assert_eq!(nacl::attach(), Ok(()));
    nacl::detach();
    nacl::exit();
    check_undone();
    Memories::with(|all| assert_eq!(all.lost, 1));
}

/// It says no and has the memory: KVM makes it forget, or leaves it the memory.
#[test]
fn what_a_hypervisor_keeps_of_what_it_refuses_is_not_freed() {
    for forgets in [true, false] {
        let mut refuses = vec![(1, Call::SetSharedMemory)];
        if !forgets {
            refuses.push((1, Call::ForgetSharedMemory));
        }
        begin(&[0, 1, 2, 3], &refuses);
        Hypervisor::with(|it| it.keeps_what_it_refuses = true);
        assert_eq!(nacl::init(), Err(Errno::ENODEV));
        check_undone();
        Hypervisor::with(|it| assert_eq!(it.shared.is_empty(), forgets));
    }
}

/// Fences that wait on a hart that goes offline are made.
#[test]
fn fences_are_handed_over_before_a_hart_goes() {
    begin(&[0, 1, 2, 3], &[]);
    assert_eq!(nacl::init(), Ok(()));
    on(2);
    assert_eq!(nacl::attach(), Ok(()));
    let before = Hypervisor::with(|it| it.fences_handed_over);
    nacl::detach();
    assert_eq!(Hypervisor::with(|it| it.fences_handed_over), before + 1);
    nacl::exit();
    check_undone();
}

/// N7: with nested acceleration or without, each time.
#[test]
fn a_hart_that_comes_online_forgets_what_was() {
    for features in [&[0, 1, 2, 3][..], &[]] {
        begin(features, &[]);
        assert_eq!(nacl::init().is_ok(), !features.is_empty());
        Memories::with(|all| assert!(all.forgot_past.is_empty()));
        for hart in [2, 0, 2] {
            on(hart);
            assert_eq!(nacl::attach(), Ok(()));
            nacl::detach();
        }
        Memories::with(|all| assert_eq!(all.forgot_past, [2, 0, 2]));
        nacl::exit();
        check_undone();
    }
}

fn refusals() -> impl Strategy<Value = Vec<(usize, Call)>> {
    let call = prop_oneof![
        Just(Call::SetSharedMemory),
        Just(Call::ForgetSharedMemory),
        Just(Call::SyncCsrs),
        Just(Call::SyncFences),
    ];
    prop::collection::vec((0usize..HARTS, call), 0..3)
}

proptest! {
    /// Harts come and go, the hypervisor refuses what it likes: nothing is lost that it does not keep, and
    /// it never has what is freed. The fakes look at the rest.
    #[test]
    fn harts_come_and_go(
        features in 0usize..16,
        first in refusals(),
        keeps_what_it_refuses in any::<bool>(),
        steps in prop::collection::vec((0usize..HARTS, any::<bool>(), prop::option::weighted(0.2, refusals())), 0..40),
    ) {
        let features: Vec<_> = (0..4).filter(|feature| features >> feature & 1 != 0).collect();
        begin(&features, &first);
        Hypervisor::with(|it| it.keeps_what_it_refuses = keeps_what_it_refuses);
        let mut online = [false; HARTS];
        if nacl::init().is_ok() {
            for (hart, up, refuses) in steps {
                if let Some(refuses) = refuses {
                    Hypervisor::with(|it| it.refuses = refuses);
                }
                on(hart);
                match (up, online[hart]) {
                    (true, false) => online[hart] = nacl::attach().is_ok(),
                    (false, true) => {
                        nacl::detach();
                        online[hart] = false;
                    }
                    _ => {}
                }
                if online[hart] {
                    Hypervisor::with(|it| assert!(it.shared.contains_key(&hart)));
                }
            }
            for (hart, online) in online.into_iter().enumerate() {
                if online {
                    on(hart);
                    nacl::detach();
                }
            }
            nacl::exit();
        }
        check_undone();
    }
}
