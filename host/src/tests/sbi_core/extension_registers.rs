// SPDX-License-Identifier: GPL-2.0

//! Which extensions the guest has, as user space sees it: a random walk beside a model of
//! `kvm_riscv_vcpu_set_reg_sbi_ext()`, `kvm_riscv_vcpu_get_reg_sbi_ext()` and
//! `kvm_riscv_vcpu_reg_indices_sbi_ext()`.

use std::cell::Cell;

use proptest::prelude::*;

use super::STATES;
use crate::kvm::Errno;
use crate::kvm::ListedRegister;
use crate::kvm::LoadedVcpu;
use crate::kvm::OneReg;
use crate::kvm::RegisterList;
use crate::kvm::Vm;
use crate::sbi::extension_registers;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;

const ENOENT: i32 = -2;
const EFAULT: i32 = -14;
const EBUSY: i32 = -16;
const EINVAL: i32 = -22;

/// `KVM_RISCV_SBI_EXT_MAX`.
const MAX: usize = 14;

#[derive(Clone, Copy, Debug)]
enum Step {
    Set(Register, usize),
    Get(Register),
    /// With so much room, or none and only counted.
    List(Option<usize>),
    /// The vCPU runs for the first time.
    Run,
}

#[derive(Clone, Copy, Debug)]
struct Register {
    size: usize,
    subtype: usize,
    number: usize,
    is_mapped: bool,
}

fn registers() -> impl Strategy<Value = Register> {
    let sizes = prop_oneof![8 => Just(3u32), 1 => 0..16u32];
    let subtypes = prop_oneof![
        8 => (0..4usize).prop_map(|subtype| subtype << 16),
        1 => (0..256usize).prop_map(|subtype| subtype << 16),
    ];
    let numbers = prop_oneof![
        4 => 0..MAX,
        4 => Just(0usize),
        1 => MAX..70,
        1 => 0..0x1_0000usize,
        1 => (0..64u32).prop_map(|bit| 1 << bit),
    ];
    let is_mapped = prop::bool::weighted(0.9);
    (sizes, subtypes, numbers, is_mapped).prop_map(|(size, subtype, number, is_mapped)| Register {
        size: 1 << size,
        subtype,
        number,
        is_mapped,
    })
}

fn steps() -> impl Strategy<Value = Step> {
    let values = prop_oneof![
        4 => 0..2usize,
        1 => 2..5usize,
        4 => any::<usize>(),
        1 => Just(1 << 32),
        2 => (0..64u32).prop_map(|bit| 1 << bit),
    ];
    prop_oneof![
        10 => (registers(), values).prop_map(|(register, value)| Step::Set(register, value)),
        10 => registers().prop_map(Step::Get),
        2 => prop::option::of(0..20usize).prop_map(Step::List),
        1 => Just(Step::Run),
    ]
}

/// The C. States are those of `ext_status[]`.
struct Model {
    status: [ExtensionState; MAX],
    ran: bool,
}

impl Model {
    fn set_single(&mut self, number: usize, value: usize) -> i32 {
        if value != 1 && value != 0 {
            return EINVAL;
        }
        if number >= MAX || self.status[number] == ExtensionState::Unavailable {
            return ENOENT;
        }
        self.status[number] = if value == 1 {
            ExtensionState::Enabled
        } else {
            ExtensionState::Disabled
        };
        0
    }

    fn get_single(&self, number: usize, value: &mut usize) -> i32 {
        if number >= MAX || self.status[number] == ExtensionState::Unavailable {
            return ENOENT;
        }
        *value = (self.status[number] == ExtensionState::Enabled).into();
        0
    }

    fn set_multi(&mut self, number: usize, value: usize, enable: bool) -> i32 {
        if number > (MAX - 1) / 64 {
            return ENOENT;
        }
        for bit in 0..64 {
            if value & (1 << bit) == 0 {
                continue;
            }
            let id = bit + number * 64;
            if id >= MAX {
                break;
            }
            self.set_single(id, enable.into());
        }
        0
    }

    fn get_multi(&self, number: usize, value: &mut usize) -> i32 {
        if number > (MAX - 1) / 64 {
            return ENOENT;
        }
        for bit in 0..64 {
            let id = bit + number * 64;
            if id >= MAX {
                break;
            }
            let mut is_enabled = 0;
            self.get_single(id, &mut is_enabled);
            if is_enabled != 0 {
                *value |= 1 << bit;
            }
        }
        0
    }

    fn set(&mut self, register: &Register, memory: usize) -> i32 {
        if register.size != 8 {
            return EINVAL;
        }
        if self.ran {
            return EBUSY;
        }
        if !register.is_mapped {
            return EFAULT;
        }
        match register.subtype >> 16 {
            0 => self.set_single(register.number, memory),
            1 => self.set_multi(register.number, memory, true),
            2 => self.set_multi(register.number, memory, false),
            _ => ENOENT,
        }
    }

    fn get(&self, register: &Register, memory: &mut usize) -> i32 {
        if register.size != 8 {
            return EINVAL;
        }
        let mut value = 0;
        let result = match register.subtype >> 16 {
            0 => self.get_single(register.number, &mut value),
            1 => self.get_multi(register.number, &mut value),
            2 => {
                let result = self.get_multi(register.number, &mut value);
                value = !value;
                result
            }
            _ => ENOENT,
        };
        if result != 0 {
            return result;
        }
        if !register.is_mapped {
            return EFAULT;
        }
        *memory = value;
        0
    }

    fn list(&self) -> Vec<ListedRegister> {
        (0..MAX)
            .filter(|&id| self.status[id] != ExtensionState::Unavailable)
            .map(ListedRegister::Extension)
            .collect()
    }
}

fn number(result: Result<(), Errno>) -> i32 {
    result.map_or_else(|errno| errno.0, |()| 0)
}

fn one_reg(register: &Register, memory: usize) -> OneReg {
    OneReg {
        size: register.size,
        subtype: register.subtype,
        number: register.number,
        memory: Cell::new(memory),
        is_mapped: register.is_mapped,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_registers_are_those_of_the_c(
        status in prop::array::uniform14(prop::sample::select(&STATES[..])),
        steps in prop::collection::vec(steps(), 1..60),
    ) {
        let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
        let mut model = Model { status, ran: false };
        for (index, &state) in status.iter().enumerate() {
            vcpu.set_extension_state(Kind::of_index(index).unwrap(), state);
        }
        for step in steps {
            match step {
                Step::Set(register, value) => {
                    let ours = one_reg(&register, value);
                    let result = extension_registers::set(&vcpu, &ours);
                    prop_assert_eq!(number(result), model.set(&register, value), "{:?}", step);
                    prop_assert_eq!(ours.memory.get(), value);
                }
                Step::Get(register) => {
                    let mut theirs = 0x5A5A;
                    let ours = one_reg(&register, theirs);
                    let result = extension_registers::get(&vcpu, &ours);
                    prop_assert_eq!(number(result), model.get(&register, &mut theirs), "{:?}", step);
                    prop_assert_eq!(ours.memory.get(), theirs, "{:?}", step);
                }
                Step::List(room) => {
                    let mut ours = RegisterList { room, ..RegisterList::default() };
                    let result = extension_registers::list(&vcpu, &mut ours);
                    let mut theirs = model.list();
                    let fits = room.is_none_or(|room| theirs.len() <= room);
                    prop_assert_eq!(number(result), if fits { 0 } else { EFAULT });
                    if fits {
                        prop_assert_eq!(ours.count, theirs.len());
                    }
                    theirs.truncate(room.unwrap_or(0));
                    prop_assert_eq!(ours.registers, theirs);
                }
                Step::Run => {
                    vcpu.sbi.has_run.set(true);
                    model.ran = true;
                }
            }
            for (index, &state) in model.status.iter().enumerate() {
                let kind = Kind::of_index(index).unwrap();
                prop_assert_eq!(vcpu.extension_state(kind), state, "{:?} after {:?}", kind, step);
            }
        }
    }
}
