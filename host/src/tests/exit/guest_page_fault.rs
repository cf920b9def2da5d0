// SPDX-License-Identifier: GPL-2.0

//! Guest page faults: what is mapped, what is MMIO, what the guest gets, by a model of the ledger's
//! rows X3, X5 and X7 to X10 and of what the C does besides.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::guest_instruction::guest_instructions;
use super::guest_instruction::Effect;
use super::guest_instruction::GuestInstruction;
use super::state::states;
use super::state::State;
use super::unprivileged_read::of_a_fetch;
use super::Machine;
use super::ENTER_GUEST;
use super::EXIT;
use super::INSTRUCTION_ACCESS_FAULT;
use super::INSTRUCTION_GUEST_PAGE_FAULT;
use super::LOAD_ACCESS_FAULT;
use super::LOAD_GUEST_PAGE_FAULT;
use super::STORE_ACCESS_FAULT;
use super::STORE_GUEST_PAGE_FAULT;
use crate::exit::complete_mmio;
use crate::exit::Next;
use crate::exit::Trap;
use crate::kvm::BusAccess;
use crate::kvm::Code;
use crate::kvm::Errno;
use crate::kvm::ExitReason;
use crate::kvm::MmioReport;
use crate::kvm::Page;
use crate::kvm::Statistic;

/// What the hart says in htinst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Htinst {
    /// 0, or what is to be treated so.
    Nothing(usize),
    /// The transformed instruction.
    Transformed,
    /// The fault was in the walk of the guest's page tables.
    PageTable { value: usize, write: bool },
}

/// A guest page fault and all that its handling depends on.
#[derive(Clone, Debug)]
struct Fault {
    before: State,
    cause: usize,
    instruction: GuestInstruction,
    /// How far from the start of the access the fault is: on the next page.
    address_offset: usize,
    /// The address that the guest accessed; bits that pointer masking ignores may differ from what
    /// the registers say.
    stval: usize,
    guest_physical_address: usize,
    htinst: Htinst,
    /// What is at the guest physical address.
    page: Page,
    map_result: Result<(), Errno>,
    /// What reading the instruction comes to, if not the instruction.
    unreadable: Option<Code>,
    /// The data of a device of the kernel's, if one is there.
    device: Option<u64>,
}

impl Fault {
    /// The value of htinst, and whether KVM need not read the instruction.
    fn htinst(&self) -> (usize, bool) {
        match self.htinst {
            Htinst::Nothing(value) => (value, false),
            Htinst::PageTable { value, .. } => (value, false),
            Htinst::Transformed => {
                let offset = u32::try_from(self.address_offset).unwrap();
                let value = self.instruction.transformed(offset) as usize;
                (value, value != 0)
            }
        }
    }

    fn trap(&self) -> Trap {
        Trap {
            sepc: self.before.pc,
            scause: self.cause,
            stval: self.stval,
            htval: self.guest_physical_address >> 2,
            htinst: self.htinst().0,
        }
    }
}

/// What comes of a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Handled {
    mapped: Vec<(usize, bool)>,
    guest_reads: Vec<usize>,
    bus_accesses: Vec<BusAccess>,
    statistics: BTreeMap<Statistic, usize>,
    mmio: Option<MmioReport>,
    fetches_anew: bool,
}

/// The number that a load leaves in a register: the lowest bytes of `data`, extended.
fn extended(data: u64, bytes: usize, is_signed: bool) -> usize {
    let bits = 8 * bytes as u32;
    let value = u128::from(data) % (1 << bits);
    let is_negative = value >> (bits - 1) == 1;
    let extended = if is_signed && is_negative {
        value.wrapping_sub(1 << bits)
    } else {
        value
    };
    extended as usize
}

/// The model: what is to come of the fault, the result and the guest's state.
fn model(fault: &Fault) -> (Result<Next, Errno>, State, Handled) {
    let before = fault.before.clone();
    let mut handled = Handled::default();
    let address = fault.guest_physical_address;
    let (page_table, write) = match fault.htinst {
        Htinst::PageTable { write, .. } => (true, write),
        _ => (false, fault.cause == STORE_GUEST_PAGE_FAULT),
    };

    match fault.page {
        // X3: it will be known in a moment.
        Page::InTransition => return (ENTER_GUEST, before, handled),
        // The walk of a store counts as a write, where it may be one.
        Page::Writable => {
            let store = fault.cause == STORE_GUEST_PAGE_FAULT;
            handled.mapped.push((address, write || store));
        }
        Page::ReadOnly if !write => handled.mapped.push((address, write)),
        Page::ReadOnly | Page::Nothing => (),
    }
    if !handled.mapped.is_empty() {
        let result = fault.map_result.map(|()| Next::EnterGuest);
        return (result, before, handled);
    }

    let access_fault = match fault.cause {
        INSTRUCTION_GUEST_PAGE_FAULT => INSTRUCTION_ACCESS_FAULT,
        LOAD_GUEST_PAGE_FAULT => LOAD_ACCESS_FAULT,
        _ => STORE_ACCESS_FAULT,
    };
    let refused = before.clone().after_exception(access_fault, fault.stval);
    // X7, and a fetch from where nothing is.
    if page_table || fault.cause == INSTRUCTION_GUEST_PAGE_FAULT {
        return (ENTER_GUEST, refused, handled);
    }

    let (_, is_told) = fault.htinst();
    if !is_told {
        match fault.unreadable {
            Some(Code::OutOfDate) => return (ENTER_GUEST, before, handled),
            Some(Code::Fault(trap)) => {
                handled.guest_reads.push(before.pc);
                let after = match trap.scause {
                    LOAD_GUEST_PAGE_FAULT => before,
                    // X2.
                    cause => before.after_exception(of_a_fetch(cause), trap.stval),
                };
                return (ENTER_GUEST, after, handled);
            }
            _ => handled.guest_reads.push(before.pc),
        }
    }

    let is_load = fault.cause == LOAD_GUEST_PAGE_FAULT;
    // X10: the guest has written over the instruction meanwhile, and executes what is there now.
    let is_another = match fault.instruction.effect {
        Effect::Load { .. } => !is_load,
        Effect::Store { .. } => is_load,
        Effect::Other => false,
        Effect::Nothing => true,
    };
    if is_another && !is_told {
        handled.fetches_anew = true;
        return (ENTER_GUEST, before, handled);
    }
    let length = fault.instruction.length();
    let bytes = match fault.instruction.effect {
        Effect::Load { bytes, .. } if is_load => bytes,
        Effect::Store { bytes, .. } if !is_load => bytes,
        // X10; or what no hart says in htinst.
        _ => return (ENTER_GUEST, refused, handled),
    };
    // X8.
    if address % bytes != 0 || fault.address_offset != 0 {
        return (ENTER_GUEST, refused, handled);
    }

    // X5: from x0 a 0 is stored.
    let stored = match fault.instruction.effect {
        Effect::Store { rs2, .. } => Some(before.register(rs2) as u64),
        _ => None,
    };
    handled
        .bus_accesses
        .push(BusAccess::new(address, bytes, stored));
    let Some(data) = fault.device else {
        handled.statistics.insert(Statistic::MmioExitUser, 1);
        let data = stored.map(|data| extended(data, bytes, false) as u64);
        handled.mmio = Some(MmioReport {
            address,
            bytes,
            data,
        });
        return (EXIT, before, handled);
    };
    handled.statistics.insert(Statistic::MmioExitKernel, 1);
    (ENTER_GUEST, after_access(fault, data).past(length), handled)
}

/// The guest's registers after the access, which may have loaded `data`.
fn after_access(fault: &Fault, data: u64) -> State {
    let before = fault.before.clone();
    match fault.instruction.effect {
        Effect::Load {
            bytes,
            is_signed,
            rd,
        } => before.with_register(rd, extended(data, bytes, is_signed)),
        _ => before,
    }
}

/// Handles the fault and, if user space is asked, lets it answer with `answer`.
fn check(fault: &Fault, answer: u64) {
    let machine = Machine::new(&fault.before);
    let vcpu = &machine.vcpu;
    let page = fault.guest_physical_address >> 12;
    machine.vm.pages.borrow_mut().insert(page, fault.page);
    vcpu.map_result.set(fault.map_result);
    vcpu.device.set(fault.device);
    let code = Code::Bits(fault.instruction.bits);
    vcpu.code.set(fault.unreadable.unwrap_or(code));

    let (expected, after, expected_handled) = model(fault);
    let result = machine.handle_exit(&fault.trap());
    let handled = Handled {
        mapped: vcpu.mapped.borrow().clone(),
        guest_reads: vcpu.guest_reads.borrow().clone(),
        bus_accesses: vcpu.bus_accesses.borrow().clone(),
        statistics: vcpu.statistics.borrow().clone(),
        mmio: machine.run.mmio.get(),
        fetches_anew: vcpu.fetches_anew.get(),
    };
    assert_eq!(result, expected);
    assert_eq!(machine.state(), after);
    assert_eq!(handled, expected_handled);

    let is_mmio = result == EXIT;
    let reason = if is_mmio {
        ExitReason::Mmio
    } else {
        ExitReason::Unknown
    };
    assert_eq!(machine.run.exit_reason.get(), reason);
    assert_eq!(vcpu.pending_mmio.get().is_some(), is_mmio);
    if is_mmio {
        machine.run.vmm_data.set(answer);
        complete_mmio(vcpu, &machine.run);
        let after = after_access(fault, answer).past(fault.instruction.length());
        assert_eq!(machine.state(), after);
    }
}

/// Values of htinst that mean as much as 0: custom instructions, reserved values, and transformed
/// ones or pseudoinstructions with bits above 31.
fn nothing() -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => Just(0usize),
        1 => prop::sample::select(vec![0x0B, 0x2B, 0x5B, 0x7B, 0x09, 0x2000_0000, 2, 0x2010]),
        1 => (1usize..1 << 32, prop::sample::select(vec![0x2003, 0x2023, 0x3000, 0x3020]))
            .prop_map(|(high, low)| (high << 32) | low),
    ]
}

fn htinsts() -> impl Strategy<Value = Htinst> {
    prop_oneof![
        3 => Just(Htinst::Transformed),
        3 => nothing().prop_map(Htinst::Nothing),
        1 => prop::sample::select(vec![
            Htinst::PageTable { value: 0x2000, write: false },
            Htinst::PageTable { value: 0x2020, write: true },
            Htinst::PageTable { value: 0x3000, write: false },
            Htinst::PageTable { value: 0x3020, write: true },
        ]),
    ]
}

fn pages() -> impl Strategy<Value = Page> {
    prop_oneof![
        5 => Just(Page::Nothing),
        2 => Just(Page::ReadOnly),
        1 => Just(Page::InTransition),
        1 => Just(Page::Writable),
    ]
}

fn unreadable() -> impl Strategy<Value = Option<Code>> {
    let fault = (1usize..32, any::<usize>()).prop_map(|(scause, stval)| {
        Code::Fault(Trap {
            sepc: 0xBAD,
            scause,
            stval,
            htval: 0xBAD,
            htinst: 0xBAD,
        })
    });
    prop_oneof![
        8 => Just(None),
        1 => Just(Some(Code::OutOfDate)),
        1 => fault.prop_map(Some),
    ]
}

prop_compose! {
    /// Where the access begins within its page: anywhere, on a multiple of 8, near the end.
    fn page_offsets()(any in 0usize..4096, near_end in 4088usize..4096, which in 0..4) -> usize {
        match which {
            0 => any,
            1 => near_end,
            _ => any & !7,
        }
    }
}

prop_compose! {
    /// Faults as a hart can make them; the cause fits the instruction, mostly.
    fn faults()(
        before in states(),
        supervisor in any::<bool>(),
        instruction in guest_instructions(),
        page_offset in page_offsets(),
        frame in 0usize..1 << 38,
        fault_is_in_second_page in any::<bool>(),
        masked_bits in prop_oneof![Just(0usize), 0usize..128],
        misfit in 0u32..16,
        htinst in htinsts(),
        page in pages(),
        map_result in prop_oneof![8 => Just(Ok(())), 1 => Just(Err(Errno(-14))), 1 => Just(Err(Errno(-4)))],
        unreadable in unreadable(),
        device in any::<Option<u64>>(),
    ) -> Fault {
        let mut before = before.in_mode(supervisor);
        // The base register is what makes the access begin there; x0 cannot be chosen.
        let offset = instruction.offset as usize;
        if instruction.rs1 != 0 {
            let base = before.x[instruction.rs1 as usize] / 4096 * 4096 + page_offset;
            before.x[instruction.rs1 as usize] = base.wrapping_sub(offset);
        }
        let address = before.register(instruction.rs1).wrapping_add(offset);

        let bytes = match instruction.effect {
            Effect::Load { bytes, .. } | Effect::Store { bytes, .. } => bytes,
            Effect::Other | Effect::Nothing => 1,
        };
        let crosses = address % 4096 + bytes > 4096;
        let address_offset = if crosses && fault_is_in_second_page {
            4096 - address % 4096
        } else {
            0
        };
        let stval = address.wrapping_add(address_offset) ^ (masked_bits << 57);

        let cause = match (misfit, instruction.effect) {
            (0, _) => INSTRUCTION_GUEST_PAGE_FAULT,
            (1, _) => LOAD_GUEST_PAGE_FAULT,
            (2, _) => STORE_GUEST_PAGE_FAULT,
            (_, Effect::Store { .. }) => STORE_GUEST_PAGE_FAULT,
            (_, Effect::Load { .. }) => LOAD_GUEST_PAGE_FAULT,
            (_, Effect::Other | Effect::Nothing) => if misfit % 2 == 0 { LOAD_GUEST_PAGE_FAULT } else { STORE_GUEST_PAGE_FAULT },
        };
        // A fetch has no transformed instruction.
        let htinst = match htinst {
            Htinst::Transformed if cause == INSTRUCTION_GUEST_PAGE_FAULT => Htinst::Nothing(0),
            htinst => htinst,
        };
        Fault {
            cause,
            instruction,
            address_offset,
            stval,
            guest_physical_address: (frame << 12) | (stval & 0xFFF),
            htinst,
            page,
            map_result,
            unreadable,
            device,
            before,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn guest_page_faults_are_handled_as_the_model_says(fault in faults(), answer in any::<u64>()) {
        check(&fault, answer);
    }
}

/// How often the model takes each of its ways is no accident: that each row is reached is seen here.
#[test]
fn the_faults_of_the_test_reach_every_row() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<&str, usize>::new();
    for _ in 0..20_000 {
        let fault = faults().new_tree(&mut runner).unwrap().current();
        let (result, after, handled) = model(&fault);
        let is_mmio = handled.bus_accesses.len() == 1;
        let is_access_fault = [1, 5, 7].contains(&after.vscause) && after != fault.before;
        let is_data = fault.cause != INSTRUCTION_GUEST_PAGE_FAULT;
        let page_table = matches!(fault.htinst, Htinst::PageTable { .. });
        let is_other = fault.instruction.effect == Effect::Other;
        let fits = is_access_fault && is_data && !page_table && !is_other;
        let x0 = match fault.instruction.effect {
            Effect::Load { rd, .. } => rd == 0,
            Effect::Store { rs2, .. } => rs2 == 0,
            Effect::Other | Effect::Nothing => false,
        };
        let is_read = handled.guest_reads.len() == 1 && fault.unreadable.is_none();
        for (row, is_reached) in [
            ("X3", fault.page == Page::InTransition),
            ("X5", is_mmio && x0),
            ("X7 mapped", page_table && !handled.mapped.is_empty()),
            ("X7 access fault", page_table && is_access_fault),
            ("X8 misaligned", fits && fault.address_offset == 0),
            (
                "X8 part way, told",
                fits && fault.address_offset != 0 && fault.htinst().1,
            ),
            (
                "X8 part way, read",
                fits && fault.address_offset != 0 && !fault.htinst().1,
            ),
            (
                "X9",
                is_mmio
                    && fault.instruction.bits & 0xFFFF_CF83 == 0xC002
                    && handled.guest_reads.len() == 1,
            ),
            ("X10", is_other && is_data && is_access_fault && !page_table),
            (
                "X10 written over",
                is_read && after == fault.before && handled.bus_accesses.is_empty(),
            ),
            ("kernel", is_mmio && result == ENTER_GUEST),
            ("user space", is_mmio && result == EXIT),
            ("fetch", !is_data && is_access_fault),
            ("read-only", is_mmio && fault.page == Page::ReadOnly),
        ] {
            *reached.entry(row).or_default() += usize::from(is_reached);
        }
    }
    for (row, count) in reached {
        assert!(count >= 5, "{row}: {count}");
    }
}
