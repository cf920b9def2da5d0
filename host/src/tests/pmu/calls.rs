// SPDX-License-Identifier: GPL-2.0

//! What single calls answer.

use proptest::prelude::*;

use super::super::INVALID_PARAM;
use super::super::UNKNOWN_FUNCTIONS;
use super::call;
use super::config;
use super::error;
use super::firmware;
use super::start;
use super::stop;
use super::value;
use super::vcpu;
use super::COUNTERS;
use super::CYCLES;
use super::HARDWARE;
use super::INSTRUCTIONS;
use super::NOT_SUPPORTED;
use super::RAW;
use super::WIDTH;
use crate::exit::CsrEmulation;
use crate::kvm::LoadedVcpu;
use crate::kvm::Vm;
use crate::kvm::MEMORY;
use crate::sbi::pmu::lifecycle;
use crate::sbi::pmu::read_counter_csr;
use crate::sbi::Extension;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;
use crate::sbi::Outcome;
use crate::sbi::PerfEventConfig;
use crate::sbi::PerfType;
use crate::sbi::Pmu;
use crate::sbi::SbiError;

#[test]
fn functions_are_those_of_sbi_spec() {
    use sbi_spec::pmu;

    assert_eq!(Pmu::FIRST_ID, pmu::EID_PMU);
    assert_eq!(Pmu::NUM_COUNTERS, pmu::NUM_COUNTERS);
    assert_eq!(Pmu::COUNTER_GET_INFO, pmu::COUNTER_GET_INFO);
    assert_eq!(Pmu::COUNTER_CONFIG_MATCHING, pmu::COUNTER_CONFIG_MATCHING);
    assert_eq!(Pmu::COUNTER_START, pmu::COUNTER_START);
    assert_eq!(Pmu::COUNTER_STOP, pmu::COUNTER_STOP);
    assert_eq!(Pmu::COUNTER_FW_READ, pmu::COUNTER_FW_READ);
    assert_eq!(Pmu::COUNTER_FW_READ_HI, pmu::COUNTER_FW_READ_HI);
    assert_eq!(Pmu::SNAPSHOT_SET_SHMEM, pmu::SNAPSHOT_SET_SHMEM);
}

/// A host without Sscofpmf, or without programmable counters.
#[test]
fn without_counters_there_is_no_pmu() {
    let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
    lifecycle::init(&vcpu);
    assert!(!Pmu::is_available(&vcpu));
    for function in 0..10 {
        assert_eq!(call(&vcpu, function, [0; 5]), NOT_SUPPORTED);
    }
    // Guests that read these without having asked are not hurt.
    for (csr, wanted) in [
        (0xC00, CsrEmulation::Done(0)),
        (0xC01, CsrEmulation::IllegalInstruction),
        (0xC02, CsrEmulation::Done(0)),
        (0xC03, CsrEmulation::IllegalInstruction),
    ] {
        assert_eq!(read_counter_csr(&vcpu, csr, 0), wanted);
    }
    lifecycle::reset(&vcpu);
}

#[test]
fn at_most_32_counters_are_hardware() {
    for (host, hardware, reports) in [(4, 5, 0), (31, 32, 0), (32, 32, 1), (63, 32, 1)] {
        let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
        vcpu.fake_pmu.host.set(Some((host, WIDTH)));
        lifecycle::init(&vcpu);
        let counters = call(&vcpu, Pmu::NUM_COUNTERS, [0; 5]);
        assert_eq!(counters, value(hardware + 22));
        assert_eq!(vcpu.fake_pmu.reports.get(), reports);
    }
}

/// M1.
#[test]
fn infos_are_those_of_the_specification() {
    let vcpu = vcpu();
    let info = |index| call(&vcpu, Pmu::COUNTER_GET_INFO, [index, 0, 0, 0, 0]);
    assert_eq!(info(0), value(0xC00 | 63 << 12));
    assert_eq!(info(1), INVALID_PARAM);
    assert_eq!(info(2), value(0xC02 | 63 << 12));
    for index in 3..HARDWARE {
        assert_eq!(info(index), value((0xC00 + index) | WIDTH << 12));
    }
    for index in HARDWARE..COUNTERS {
        assert_eq!(info(index), value(1 << 63 | 63 << 12));
    }
    for index in [COUNTERS, COUNTERS + 1, 63, 64, 1 << 32, usize::MAX] {
        assert_eq!(info(index), INVALID_PARAM);
    }
}

/// The perf event behind a counter, of event and data.
fn perf_config(event: usize, data: usize) -> Option<PerfEventConfig> {
    let vcpu = vcpu();
    match call(&vcpu, Pmu::COUNTER_CONFIG_MATCHING, [3, 1, 0, event, data]) {
        Outcome::Return(Ok(3)) => Some(vcpu.fake_pmu.perf_event(3).unwrap().config),
        Outcome::Return(Err(SbiError::NotSupported)) => None,
        other => panic!("{other:?}"),
    }
}

// conforms: PMU.event.hardware PMU.event.cache PMU.event.event_data PMU.event.raw PMU.event.raw_v2
#[test]
fn events_are_those_of_perf() {
    let perf = |perf_type, config| Some(PerfEventConfig { perf_type, config });
    for code in 1..11 {
        let wanted = perf(PerfType::Hardware, code as u64 - 1);
        assert_eq!(perf_config(code, 0), wanted);
        assert_eq!(perf_config(code, 1), None, "M4");
    }
    for cache in 0..9 {
        for operation in 0..4 {
            for result in 0..2 {
                let there = cache < 7 && operation < 3;
                let config = (cache | operation << 8 | result << 16) as u64;
                let event = 0x1_0000 | cache << 3 | operation << 1 | result;
                let wanted = perf(PerfType::Cache, config).filter(|_| there);
                assert_eq!(perf_config(event, 0), wanted);
                assert_eq!(perf_config(event, 1), None, "M4");
            }
        }
    }
    // Bits that are not the guest's are not programmed.
    let data = 0xFEDC_BA98_7654_3210;
    assert_eq!(
        perf_config(0x2_0000, data),
        perf(PerfType::Raw, 0xBA98_7654_3210)
    );
    assert_eq!(
        perf_config(0x3_0000, data),
        perf(PerfType::Raw, 0xDC_BA98_7654_3210)
    );
}

proptest! {
    /// M4: whatever is no event gets no counter.
    #[test]
    fn other_numbers_are_no_events(event in any::<usize>(), low in 0..1usize << 21, data in any::<usize>()) {
        for event in [event, low] {
            let (event_type, code) = (event >> 16, event & 0xFFFF);
            let is_event = match event_type {
                0 => (1..11).contains(&code) && data == 0,
                1 => code >> 3 < 7 && (code >> 1) % 4 < 3 && data == 0,
                2 | 3 => code == 0,
                15 => code < 22 && data == 0,
                _ => false,
            };
            let vcpu = vcpu();
            let args = [0, (1 << COUNTERS) - 1, 0, event, data];
            let answered = call(&vcpu, Pmu::COUNTER_CONFIG_MATCHING, args);
            prop_assert_eq!(matches!(answered, Outcome::Return(Ok(_))), is_event);
            prop_assert!(is_event || answered == NOT_SUPPORTED);
        }
    }

    /// M2.
    #[test]
    fn reserved_flags_are_invalid(flags in any::<usize>(), bit in 0..64u32) {
        for flags in [flags, 1 << bit] {
            let vcpu = vcpu();
            let all = (1 << COUNTERS) - 1;
            prop_assert_eq!(config(&vcpu, 0, all, flags, CYCLES) == INVALID_PARAM, flags > 0xFF);
            prop_assert_eq!(start(&vcpu, 0, all, flags, 0) == INVALID_PARAM, flags > 2);
            prop_assert_eq!(stop(&vcpu, 0, all, flags) == INVALID_PARAM, flags > 3);
        }
    }

    /// M14: perf gets a period that it takes, and one that is not too short.
    #[test]
    fn a_counter_overflows_when_it_wraps(
        start_value in prop_oneof![any::<u64>(), 0..100u64, Just(1 << 48), Just(u64::MAX)],
        index in 2..4usize,
        more in 0..100u64
    ) {
        let width = if index == 2 { 64 } else { WIDTH + 1 };
        let mask = u64::MAX >> (64 - width);
        // From 0 it is a whole round, which C has as one event less.
        let distance = mask - (start_value & mask).max(1);
        let vcpu = vcpu();
        config(&vcpu, index, 1, 0, INSTRUCTIONS);
        prop_assert_eq!(start(&vcpu, index, 1, 1, start_value), Outcome::SUCCESS);
        let has_overflown = || vcpu.pmu().unwrap().counter(index).unwrap().has_overflown();
        vcpu.fake_pmu.run(distance.min(1 << 62));
        prop_assert!(!has_overflown());
        if distance < 1 << 62 {
            vcpu.fake_pmu.run(2 + more);
            prop_assert!(has_overflown());
        }
    }
}

/// M14: if perf refuses after all, the counter does not pretend to count.
#[test]
fn a_period_that_is_refused_starts_nothing() {
    let vcpu = vcpu();
    config(&vcpu, 2, 1, 0, INSTRUCTIONS);
    vcpu.fake_pmu.refuses_periods.set(true);
    assert_eq!(start(&vcpu, 2, 1, 1, 5), error(SbiError::Failed));
    assert_eq!(stop(&vcpu, 2, 1, 0), error(SbiError::AlreadyStopped));
    assert_eq!(read_counter_csr(&vcpu, 0xC02, 0), CsrEmulation::Done(0));
}

/// What the host cannot count leaves a counter as it is.
#[test]
fn a_failed_configuration_changes_nothing() {
    let vcpu = vcpu();
    config(&vcpu, 3, 1, 4, INSTRUCTIONS);
    vcpu.fake_pmu.run(10);
    vcpu.fake_pmu.host_lacks.borrow_mut().push(PerfEventConfig {
        perf_type: PerfType::Raw,
        config: 0,
    });
    assert_eq!(config(&vcpu, 3, 1, 7, RAW), NOT_SUPPORTED);
    vcpu.fake_pmu.run(10);
    assert_eq!(read_counter_csr(&vcpu, 0xC03, 0), CsrEmulation::Done(20));
}

#[test]
fn hints_reach_perf() {
    for flags in (0..256).step_by(8) {
        let vcpu = vcpu();
        config(&vcpu, 2, 1, flags, INSTRUCTIONS);
        let wanted = (flags & 0x20 != 0, flags & 0x40 != 0);
        assert_eq!(vcpu.fake_pmu.perf_event(2).unwrap().inhibits, wanted);
    }
}

/// M16: where the host has fewer counters than there are CSRs, the indices from there on are those of
/// firmware counters, which have no CSR.
#[test]
fn csrs_past_the_hardware_counters_are_illegal() {
    let vcpu = vcpu();
    config(&vcpu, HARDWARE, 1, 4, firmware(0));
    for csr in 0xC00 + HARDWARE..0xC20 {
        assert_eq!(
            read_counter_csr(&vcpu, csr, 0),
            CsrEmulation::IllegalInstruction
        );
    }
}

#[test]
fn counters_are_read_only() {
    let vcpu = vcpu();
    config(&vcpu, 0, 1, 4, CYCLES);
    assert_eq!(read_counter_csr(&vcpu, 0xC00, 0), CsrEmulation::Done(0));
    assert_eq!(
        read_counter_csr(&vcpu, 0xC00, 1),
        CsrEmulation::IllegalInstruction
    );
}

#[test]
fn unknown_functions_do_nothing() {
    let vcpu = vcpu();
    for function in UNKNOWN_FUNCTIONS
        .into_iter()
        .filter(|&id| id > 8)
        .chain([9])
    {
        assert_eq!(call(&vcpu, function, [0, 1, 0, CYCLES, 0]), NOT_SUPPORTED);
    }
}

/// The extension is there if the host has counters, and the SBI's own lifecycle leaves them alone.
#[test]
fn the_extension_is_there_with_its_counters() {
    for host in [None, Some((4, WIDTH))] {
        let vcpu = LoadedVcpu::first_of(&Vm::with_ids(&[0]));
        vcpu.fake_pmu.host.set(host);
        lifecycle::init(&vcpu);
        crate::sbi::lifecycle::init(&vcpu);
        let state = match host {
            None => ExtensionState::Unavailable,
            Some(_) => ExtensionState::Enabled,
        };
        assert_eq!(vcpu.extension_state(Kind::Pmu), state);
        config(&vcpu, 2, 1, 0, INSTRUCTIONS);
        let events = vcpu.fake_pmu.perf_events.get();
        crate::sbi::lifecycle::reset(&vcpu);
        assert_eq!(vcpu.fake_pmu.perf_events.get(), events);
        lifecycle::reset(&vcpu);
        assert_eq!(vcpu.fake_pmu.perf_events.get(), 0);
    }
}

/// M2.
#[test]
fn a_counter_starts_with_one_value() {
    let vcpu = vcpu();
    vcpu.pmu().unwrap().set_snapshot(Some(MEMORY.start));
    config(&vcpu, 2, 1, 0, INSTRUCTIONS);
    assert_eq!(start(&vcpu, 2, 1, 3, 0), INVALID_PARAM);
    assert_eq!(start(&vcpu, 2, 1, 2, 0), Outcome::SUCCESS);
}

/// M4.
#[test]
fn numbers_beside_those_of_events_are_none() {
    let beside = (20..64).map(|bit| 1 << bit | CYCLES);
    for event in beside.chain([0, 11, 0x1_0000 | 7 << 3, firmware(22)]) {
        let answered = config(&vcpu(), 0, (1 << COUNTERS) - 1, 0, event);
        assert_eq!(answered, NOT_SUPPORTED, "{event:#x}");
    }
}

/// M6.
#[test]
fn a_firmware_counter_is_cleared_where_that_is_asked_for() {
    let vcpu = vcpu();
    let read = || call(&vcpu, Pmu::COUNTER_FW_READ, [HARDWARE, 0, 0, 0, 0]);
    config(&vcpu, HARDWARE, 1, 0, firmware(5));
    start(&vcpu, HARDWARE, 1, 1, 77);
    stop(&vcpu, HARDWARE, 1, 1);
    for (flags, wanted) in [(0, 77), (2, 0)] {
        assert_eq!(
            config(&vcpu, HARDWARE, 1, flags, firmware(5)),
            value(HARDWARE)
        );
        assert_eq!(read(), value(wanted));
        stop(&vcpu, HARDWARE, 1, 1);
    }
}

/// M7.
#[test]
fn starting_what_is_started_changes_nothing() {
    let vcpu = vcpu();
    config(&vcpu, 3, 1, 0, INSTRUCTIONS);
    start(&vcpu, 3, 1, 1, (1 << (WIDTH + 1)) - 5);
    vcpu.fake_pmu.run(10);
    let has_overflown = || vcpu.pmu().unwrap().counter(3).unwrap().has_overflown();
    assert!(has_overflown());
    assert_eq!(start(&vcpu, 3, 1, 1, 0), error(SbiError::AlreadyStarted));
    assert!(has_overflown());
}

/// M9: on RV64 nothing is above a firmware counter, but it has to be one, and configured.
#[test]
fn the_upper_half_is_read_of_firmware_counters_only() {
    let vcpu = vcpu();
    let read = |index| call(&vcpu, Pmu::COUNTER_FW_READ_HI, [index, 0, 0, 0, 0]);
    config(&vcpu, 2, 1, 0, INSTRUCTIONS);
    config(&vcpu, HARDWARE, 1, 0, firmware(5));
    assert_eq!(read(HARDWARE), value(0));
    for index in [0, 2, HARDWARE + 1, COUNTERS, 64, usize::MAX] {
        assert_eq!(read(index), INVALID_PARAM);
    }
}
