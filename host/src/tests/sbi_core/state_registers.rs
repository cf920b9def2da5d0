// SPDX-License-Identifier: GPL-2.0

//! What extensions remember, as user space sees it: a random walk beside a model of
//! `kvm_riscv_vcpu_set_reg_sbi()`, `kvm_riscv_vcpu_get_reg_sbi()` and
//! `kvm_riscv_vcpu_reg_indices_sbi()`. What the extensions themselves say is asked of their twins on
//! another vCPU.

use std::cell::Cell;

use proptest::prelude::*;

use super::Guest;
use super::STATES;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::ListedRegister;
use crate::kvm::OneReg;
use crate::kvm::RegisterList;
use crate::sbi::state_registers;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::Fwft;
use crate::sbi::Kind;
use crate::sbi::Sta;

/// Those with such registers in the order of `sbi_ext[]`, with their subtypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Sta = 0,
    Fwft = 1 << 16,
}

impl Owner {
    const ALL: [Self; 2] = [Self::Sta, Self::Fwft];

    fn kind(self) -> Kind {
        match self {
            Self::Sta => Kind::Sta,
            Self::Fwft => Kind::Fwft,
        }
    }

    fn get(self, vcpu: &HeldVcpu, number: usize) -> Result<usize, Errno> {
        match self {
            Self::Sta => Sta::get_state(vcpu, number),
            Self::Fwft => Fwft::get_state(vcpu, number),
        }
    }

    fn set(self, vcpu: &HeldVcpu, number: usize, value: usize) -> Result<(), Errno> {
        match self {
            Self::Sta => Sta::set_state(vcpu, number, value),
            Self::Fwft => Fwft::set_state(vcpu, number, value),
        }
    }

    fn numbers(self, vcpu: &HeldVcpu) -> Vec<usize> {
        match self {
            Self::Sta => (0..Sta::state_register_count(vcpu))
                .map(|index| Sta::state_register(vcpu, index).unwrap())
                .collect(),
            Self::Fwft => (0..Fwft::state_register_count(vcpu))
                .map(|index| Fwft::state_register(vcpu, index).unwrap())
                .collect(),
        }
    }
}

/// The enabled one whose registers have this subtype.
fn owner(vcpu: &HeldVcpu, subtype: usize) -> Option<Owner> {
    let is_enabled = |owner: &Owner| vcpu.extension_state(owner.kind()) == ExtensionState::Enabled;
    let owner = Owner::ALL
        .into_iter()
        .find(|&owner| owner as usize == subtype)?;
    is_enabled(&owner).then_some(owner)
}

fn expected_set(twin: &HeldVcpu, register: &OneReg) -> Result<(), Errno> {
    if ![1, 2, 4, 8].contains(&register.size) {
        return Err(Errno(-22));
    }
    if !register.is_mapped {
        return Err(Errno(-14));
    }
    match owner(twin, register.subtype) {
        Some(owner) if register.size == 8 => {
            owner.set(twin, register.number, register.memory.get())
        }
        _ => Err(Errno(-22)),
    }
}

fn expected_get(twin: &HeldVcpu, register: &OneReg) -> Result<usize, Errno> {
    match owner(twin, register.subtype) {
        Some(owner) if register.size == 8 => match owner.get(twin, register.number) {
            Ok(_) if !register.is_mapped => Err(Errno(-14)),
            result => result,
        },
        _ => Err(Errno(-22)),
    }
}

fn expected_list(twin: &HeldVcpu) -> Vec<ListedRegister> {
    Owner::ALL
        .into_iter()
        .filter_map(|own| owner(twin, own as usize))
        .flat_map(|owner| {
            let numbers = owner.numbers(twin);
            numbers
                .into_iter()
                .map(move |number| ListedRegister::State(owner as usize + number))
        })
        .collect()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Set,
    Get,
    List(Option<usize>),
}

type Fields = (usize, usize, usize, usize, bool);

fn steps() -> impl Strategy<Value = (Step, Fields)> {
    let step = prop_oneof![
        4 => Just(Step::Set),
        4 => Just(Step::Get),
        1 => prop::option::of(0..10usize).prop_map(Step::List),
    ];
    let sizes = prop_oneof![6 => Just(3u32), 2 => 0..4u32, 1 => 4..16u32];
    let subtypes = prop_oneof![8 => 0..2usize, 1 => 0..256usize].prop_map(|subtype| subtype << 16);
    let numbers = prop_oneof![8 => 0..8usize, 1 => any::<usize>()];
    let values = prop_oneof![
        0..2usize,
        Just(usize::MAX),
        any::<usize>().prop_map(|value| value & !63),
        any::<usize>(),
    ];
    let is_mapped = prop::bool::weighted(0.9);
    (
        step,
        (
            sizes.prop_map(|size| 1 << size),
            subtypes,
            numbers,
            values,
            is_mapped,
        ),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_registers_are_those_of_the_c(
        states in prop::array::uniform2(prop_oneof![
            2 => Just(ExtensionState::Enabled),
            1 => prop::sample::select(&STATES[..]),
        ]),
        steps in prop::collection::vec(steps(), 1..40),
    ) {
        let (guest, twin) = (Guest::new(&[0]), Guest::new(&[0]));
        for vcpu in [&guest.vcpu, &twin.vcpu] {
            for (owner, state) in Owner::ALL.into_iter().zip(states) {
                vcpu.set_extension_state(owner.kind(), state);
            }
            // Neither the states of others nor that it has run make a difference.
            vcpu.set_extension_state(Kind::Time, ExtensionState::Disabled);
            vcpu.sbi.has_run.set(true);
        }
        for (step, (size, subtype, number, value, is_mapped)) in steps {
            let register = OneReg { size, subtype, number, memory: Cell::new(value), is_mapped };
            match step {
                Step::Set => prop_assert_eq!(
                    state_registers::set(&guest.vcpu, &register),
                    expected_set(&twin.vcpu, &register),
                    "{:x?}", register
                ),
                Step::Get => {
                    let expected = expected_get(&twin.vcpu, &register);
                    let result = state_registers::get(&guest.vcpu, &register);
                    prop_assert_eq!(result, expected.map(|_| ()), "{:x?}", register);
                    prop_assert_eq!(register.memory.get(), expected.unwrap_or(value));
                }
                Step::List(room) => {
                    let mut ours = RegisterList { room, ..RegisterList::default() };
                    let result = state_registers::list(&guest.vcpu, &mut ours);
                    let mut theirs = expected_list(&twin.vcpu);
                    let fits = room.is_none_or(|room| theirs.len() <= room);
                    prop_assert_eq!(result, if fits { Ok(()) } else { Err(Errno(-14)) });
                    if fits {
                        prop_assert_eq!(ours.count, theirs.len());
                    }
                    theirs.truncate(room.unwrap_or(0));
                    prop_assert_eq!(ours.registers, theirs);
                }
            }
            for owner in Owner::ALL {
                for number in owner.numbers(&twin.vcpu) {
                    prop_assert_eq!(owner.get(&guest.vcpu, number), owner.get(&twin.vcpu, number));
                }
            }
        }
    }
}
