// SPDX-License-Identifier: GPL-2.0

//! The bookkeeping of counters, against a model that is written from the specification: each counter
//! is an event, a number, and whether it runs.

use proptest::prelude::*;

use super::super::INVALID_PARAM;
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
use crate::exit::CsrEmulation;
use crate::sbi::pmu::lifecycle;
use crate::sbi::pmu::read_counter_csr;
use crate::sbi::Outcome;
use crate::sbi::Pmu;
use crate::sbi::SbiError;

#[derive(Clone, Copy, Debug, Default)]
struct ModelCounter {
    event: Option<usize>,
    started: bool,
    value: u64,
}

#[derive(Clone, Debug)]
struct Model([ModelCounter; COUNTERS]);

/// What the guest does.
#[derive(Clone, Debug)]
enum Step {
    Config(usize, usize, usize, usize),
    Start(usize, usize, Option<u64>),
    Stop(usize, usize, bool),
    /// It executes, and every event of the hardware comes so often.
    Run(u64),
    Firmware(usize),
    Reset,
}

fn is_firmware_event(event: usize) -> bool {
    event >> 16 == 15
}

fn can_count(index: usize, event: usize) -> bool {
    match index {
        0 => event == CYCLES,
        1 => false,
        2 => event == INSTRUCTIONS,
        3..HARDWARE => !is_firmware_event(event),
        _ => is_firmware_event(event),
    }
}

/// The indices that a set names; none if it is invalid.
fn named(base: usize, mask: usize) -> Option<Vec<usize>> {
    let indices: Vec<_> = (0..64)
        .filter(|bit| mask >> bit & 1 != 0)
        .map(|bit| base.saturating_add(bit))
        .collect();
    (!indices.is_empty() && indices.iter().all(|&index| index < COUNTERS)).then_some(indices)
}

impl Model {
    fn config(&mut self, base: usize, mask: usize, flags: usize, event: usize) -> Outcome {
        let Some(indices) = named(base, mask) else {
            return INVALID_PARAM;
        };
        let skips = flags & 1 != 0;
        let fixed = |&index: &usize| index < 3 && !self.0[index].started;
        let free = |&index: &usize| self.0[index].event.is_none();
        let mut possible = indices.iter().copied().filter(|&i| can_count(i, event));
        let chosen = if skips {
            indices.first().copied().filter(|&i| can_count(i, event))
        } else {
            possible.clone().find(fixed).or_else(|| possible.find(free))
        };
        let Some(chosen) = chosen else {
            return NOT_SUPPORTED;
        };
        let counter = &mut self.0[chosen];
        counter.event = Some(event);
        counter.started = flags & 4 != 0;
        if flags & 2 != 0 {
            counter.value = 0;
        }
        value(chosen)
    }

    /// The same to all that are configured; the last error is the result.
    fn each(
        &mut self,
        base: usize,
        mask: usize,
        mut act: impl FnMut(&mut ModelCounter) -> Option<SbiError>,
    ) -> Outcome {
        let Some(indices) = named(base, mask) else {
            return INVALID_PARAM;
        };
        let mut result = Outcome::SUCCESS;
        for index in indices {
            let counter = &mut self.0[index];
            if counter.event.is_some() {
                result = act(counter).map_or(result, error);
            }
        }
        result
    }

    fn start(&mut self, base: usize, mask: usize, initial: Option<u64>) -> Outcome {
        self.each(base, mask, |counter| {
            if counter.started {
                return Some(SbiError::AlreadyStarted);
            }
            counter.started = true;
            counter.value = initial.unwrap_or(counter.value);
            None
        })
    }

    fn stop(&mut self, base: usize, mask: usize, reset: bool) -> Outcome {
        self.each(base, mask, |counter| {
            let was_started = std::mem::replace(&mut counter.started, false);
            if reset {
                counter.event = None;
            }
            (!was_started).then_some(SbiError::AlreadyStopped)
        })
    }

    fn count(&mut self, count: u64, counts: impl Fn(usize) -> bool) {
        for counter in &mut self.0 {
            if counter.started && counter.event.is_some_and(&counts) {
                counter.value = counter.value.wrapping_add(count);
            }
        }
    }
}

/// Mostly what a guest would do.
fn step() -> impl Strategy<Value = Step> {
    let sets = prop_oneof![
        4 => (0..HARDWARE + 3, Just(1)),
        3 => Just((0, (1 << COUNTERS) - 1)),
        2 => (0..COUNTERS + 2, 1..16usize),
        1 => (prop_oneof![Just(0), Just(usize::MAX), any::<usize>()], any::<usize>()),
    ];
    let flags = prop_oneof![Just(0), Just(1), 0..8usize, 0..256usize];
    let event = prop_oneof![
        Just(CYCLES),
        Just(INSTRUCTIONS),
        Just(RAW),
        3..11usize,
        (0..4usize).prop_map(firmware),
    ];
    prop_oneof![
        6 => (sets.clone(), flags, event).prop_map(|(s, f, e)| Step::Config(s.0, s.1, f, e)),
        5 => (sets.clone(), any::<Option<u64>>()).prop_map(|(s, v)| Step::Start(s.0, s.1, v)),
        4 => (sets, any::<bool>()).prop_map(|(s, r)| Step::Stop(s.0, s.1, r)),
        3 => (0..10_000u64).prop_map(Step::Run),
        3 => (0..4usize).prop_map(Step::Firmware),
        1 => Just(Step::Reset),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn counters_are_those_of_the_model(steps in prop::collection::vec(step(), 1..80)) {
        let vcpu = vcpu();
        let mut model = Model([ModelCounter::default(); COUNTERS]);
        for step in steps {
            match step {
                Step::Config(base, mask, flags, event) => prop_assert_eq!(
                    config(&vcpu, base, mask, flags, event),
                    model.config(base, mask, flags, event)
                ),
                Step::Start(base, mask, initial) => prop_assert_eq!(
                    start(&vcpu, base, mask, initial.is_some().into(), initial.unwrap_or(7)),
                    model.start(base, mask, initial)
                ),
                Step::Stop(base, mask, reset) => prop_assert_eq!(
                    stop(&vcpu, base, mask, reset.into()),
                    model.stop(base, mask, reset)
                ),
                Step::Run(count) => {
                    vcpu.fake_pmu.run(count);
                    model.count(count, |event| !is_firmware_event(event));
                }
                Step::Firmware(code) => {
                    vcpu.fake_pmu.firmware_event(code);
                    model.count(1, |event| event == firmware(code));
                }
                Step::Reset => {
                    lifecycle::reset(&vcpu);
                    model.0 = Default::default();
                }
            }

            // What the guest can read, and what the host has for it.
            let mut events = 0;
            for (index, counter) in model.0.iter().enumerate() {
                let wanted = counter.event.map(|_| counter.value as usize);
                let is_firmware = index >= HARDWARE;
                let read = call(&vcpu, Pmu::COUNTER_FW_READ, [index, 0, 0, 0, 0]);
                prop_assert_eq!(read, wanted.filter(|_| is_firmware).map_or(INVALID_PARAM, value));
                let csr = read_counter_csr(&vcpu, 0xC00 + index, 0);
                let wanted = wanted.filter(|_| !is_firmware);
                prop_assert_eq!(csr, wanted.map_or(CsrEmulation::IllegalInstruction, CsrEmulation::Done));
                events += usize::from(counter.event.is_some() && !is_firmware);
                let runs = vcpu.fake_pmu.perf_event(index).is_some_and(|event| event.enabled.get());
                prop_assert_eq!(runs, counter.started && !is_firmware);
            }
            prop_assert_eq!(vcpu.fake_pmu.perf_events.get(), events);
        }
        lifecycle::reset(&vcpu);
        prop_assert_eq!(vcpu.fake_pmu.perf_events.get(), 0);
    }
}
