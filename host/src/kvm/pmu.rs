// SPDX-License-Identifier: GPL-2.0

//! A vCPU's counters, perf events, and the guest's memory by physical addresses.

use std::cell::Cell;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Errno;
use super::HeldVcpu;
use super::LoadedVcpu;
use crate::sbi::FirmwareEventCode;
use crate::sbi::PerfEventConfig;

/// Memory is here, and here it is read-only.
pub(crate) const MEMORY: std::ops::Range<u64> = 0x8000_0000..0x8001_0000;
pub(crate) const READ_ONLY: std::ops::Range<u64> = 0x9000_0000..0x9000_2000;

/// What a perf event was made of, and what it does.
#[derive(Debug)]
pub(crate) struct PerfEventState {
    pub(crate) config: PerfEventConfig,
    pub(crate) inhibits: (bool, bool),
    pub(crate) enabled: Cell<bool>,
    pub(crate) count: Cell<u64>,
    /// How many events are left until the overflow.
    pub(crate) left: Cell<u64>,
}

/// Its owner; the fake host counts how many there are.
pub(crate) struct PerfEvent(Rc<PerfEventState>, Rc<Cell<usize>>);

impl Drop for PerfEvent {
    fn drop(&mut self) {
        self.1.set(self.1.get() - 1);
    }
}

#[derive(Default)]
struct FakeCounter {
    info: Cell<usize>,
    value: Cell<u64>,
    started: Cell<bool>,
    event: Cell<Option<usize>>,
    overflown: Cell<bool>,
    slot: RefCell<Option<PerfEvent>>,
}

/// A vCPU's PMU and the host's.
pub(crate) struct FakePmu {
    counters: OnceCell<Vec<FakeCounter>>,
    snapshot: Cell<Option<u64>>,
    /// The counts of firmware events, and whether they go on.
    firmware: [(Cell<u64>, Cell<bool>); FirmwareEventCode::COUNT],
    /// What the host has: the number of its counters, and the uppermost bit of them.
    pub(crate) host: Cell<Option<(usize, usize)>>,
    /// Events that the host cannot count.
    pub(crate) host_lacks: RefCell<Vec<PerfEventConfig>>,
    /// How many perf events there are.
    pub(crate) perf_events: Rc<Cell<usize>>,
    /// Whether starting an event fails.
    pub(crate) refuses_periods: Cell<bool>,
    pub(crate) reports: Cell<usize>,
    /// The words of the guest's memory that are not 0.
    pub(crate) words: RefCell<BTreeMap<u64, u64>>,
    /// The addresses that were written.
    pub(crate) written: RefCell<Vec<u64>>,
    pub(crate) most_words_at_once: Cell<usize>,
    /// After so many portions a signal comes.
    pub(crate) signal_after: Cell<Option<usize>>,
    pub(crate) reschedules: Cell<usize>,
    /// As many words may be written before user space has to look.
    pub(crate) dirty_ring_room: Cell<Option<usize>>,
}

impl Default for FakePmu {
    fn default() -> Self {
        Self {
            counters: OnceCell::default(),
            snapshot: Cell::default(),
            firmware: std::array::from_fn(|_| Default::default()),
            host: Cell::default(),
            host_lacks: RefCell::default(),
            perf_events: Rc::default(),
            refuses_periods: Cell::default(),
            reports: Cell::default(),
            words: RefCell::default(),
            written: RefCell::default(),
            most_words_at_once: Cell::default(),
            signal_after: Cell::default(),
            reschedules: Cell::default(),
            dirty_ring_room: Cell::default(),
        }
    }
}

impl FakePmu {
    /// The guest executes, and every event comes `count` times.
    pub(crate) fn run(&self, count: u64) {
        for counter in self.counters.get().into_iter().flatten() {
            let slot = counter.slot.borrow();
            if let Some(event) = slot.as_ref().filter(|event| event.0.enabled.get()) {
                event.0.count.set(event.0.count.get() + count);
                let left = event.0.left.get();
                event.0.left.set(left.saturating_sub(count));
                counter
                    .overflown
                    .set(counter.overflown.get() || left <= count);
            }
        }
    }

    /// A firmware event comes.
    pub(crate) fn firmware_event(&self, code: usize) {
        let (count, goes_on) = &self.firmware[code];
        count.set(count.get() + u64::from(goes_on.get()));
    }

    /// The perf event of a counter.
    pub(crate) fn perf_event(&self, index: usize) -> Option<Rc<PerfEventState>> {
        let slot = self.counters.get().unwrap()[index].slot.borrow();
        slot.as_ref().map(|event| Rc::clone(&event.0))
    }

    pub(crate) fn word(&self, address: u64) -> u64 {
        self.words.borrow().get(&address).copied().unwrap_or(0)
    }

    fn is_memory(address: u64, words: usize, ranges: &[std::ops::Range<u64>]) -> bool {
        (0..words as u64).all(|word| {
            let address = address.checked_add(word * 8);
            address.is_some_and(|address| ranges.iter().any(|range| range.contains(&address)))
        })
    }
}

#[derive(Clone, Copy)]
pub(crate) struct PmuContext<'a> {
    pmu: &'a FakePmu,
    counters: &'a [FakeCounter],
}

impl HeldVcpu {
    pub(crate) fn pmu(&self) -> Option<PmuContext<'_>> {
        let counters = self.fake_pmu.counters.get()?;
        Some(PmuContext {
            pmu: &self.fake_pmu,
            counters,
        })
    }

    pub(crate) fn make_pmu(&self, hardware: usize, firmware: usize, info: impl Fn(usize) -> usize) {
        let counters = (0..hardware + firmware).map(|index| FakeCounter {
            info: Cell::new(info(index)),
            ..FakeCounter::default()
        });
        let made = self.fake_pmu.counters.set(counters.collect());
        assert!(made.is_ok(), "made twice");
    }

    pub(crate) fn host_counters(&self) -> Option<(usize, usize)> {
        self.fake_pmu.host.get()
    }

    pub(crate) fn host_has_event(&self, event: &PerfEventConfig) -> bool {
        !self.fake_pmu.host_lacks.borrow().contains(event)
    }

    fn report(&self) {
        self.fake_pmu.reports.set(self.fake_pmu.reports.get() + 1);
    }

    pub(crate) fn report_invalid_counter(&self, _index: usize) {
        self.report();
    }

    pub(crate) fn report_unreadable_snapshot(&self) {
        self.report();
    }

    pub(crate) fn report_counter_limit(&self) {
        self.report();
    }
}

impl<'a> PmuContext<'a> {
    pub(crate) fn counters(&self) -> usize {
        self.counters.len()
    }

    pub(crate) fn counter(&self, index: usize) -> Option<Counter<'a>> {
        let counter = self.counters.get(index)?;
        Some(Counter {
            pmu: self.pmu,
            counter,
            index,
        })
    }

    pub(crate) fn configured(&self) -> impl Iterator<Item = Counter<'a>> {
        let pmu = *self;
        (0..self.counters())
            .filter_map(move |index| pmu.counter(index))
            .filter(|counter| counter.event().is_some())
    }

    pub(crate) fn clear_values(&self) {
        for counter in self.counters {
            counter.value.set(0);
        }
    }

    pub(crate) fn snapshot(&self) -> Option<u64> {
        self.pmu.snapshot.get()
    }

    pub(crate) fn set_snapshot(&self, address: Option<u64>) {
        self.pmu.snapshot.set(address);
    }

    pub(crate) fn count_firmware_event(&self, event: FirmwareEventCode) {
        self.pmu.firmware[event.code()].1.set(true);
    }

    pub(crate) fn firmware_event_count(&self, event: FirmwareEventCode) -> u64 {
        self.pmu.firmware[event.code()].0.get()
    }

    pub(crate) fn forget_firmware_events(&self) {
        for (_, goes_on) in &self.pmu.firmware {
            goes_on.set(false);
        }
    }
}

pub(crate) struct Counter<'a> {
    pmu: &'a FakePmu,
    counter: &'a FakeCounter,
    index: usize,
}

impl<'a> Counter<'a> {
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn info(&self) -> usize {
        self.counter.info.get()
    }

    pub(crate) fn value(&self) -> u64 {
        self.counter.value.get()
    }

    pub(crate) fn set_value(&self, value: u64) {
        self.counter.value.set(value);
    }

    pub(crate) fn is_started(&self) -> bool {
        self.counter.started.get()
    }

    pub(crate) fn set_started(&self, started: bool) {
        self.counter.started.set(started);
    }

    pub(crate) fn event(&self) -> Option<usize> {
        self.counter.event.get()
    }

    pub(crate) fn set_event(&self, event: Option<usize>) {
        self.counter.event.set(event);
    }

    pub(crate) fn has_overflown(&self) -> bool {
        self.counter.overflown.get()
    }

    pub(crate) fn clear_overflow(&self) {
        self.counter.overflown.set(false);
    }

    pub(crate) fn perf_event(&self) -> PerfEventSlot<'a> {
        PerfEventSlot(self.pmu, self.counter)
    }

    pub(crate) fn create_perf_event(
        &self,
        index: usize,
        event: &PerfEventConfig,
        inhibit_user: bool,
        inhibit_supervisor: bool,
    ) -> Result<PerfEvent, Errno> {
        assert!(index < 1 << 20, "the log has no such event");
        if self.pmu.host_lacks.borrow().contains(event) {
            return Err(Errno(-2));
        }
        let events = &self.pmu.perf_events;
        events.set(events.get() + 1);
        let state = PerfEventState {
            config: *event,
            inhibits: (inhibit_user, inhibit_supervisor),
            enabled: Cell::new(false),
            count: Cell::new(0),
            left: Cell::new(u64::MAX),
        };
        Ok(PerfEvent(Rc::new(state), Rc::clone(events)))
    }
}

pub(crate) struct PerfEventSlot<'a>(&'a FakePmu, &'a FakeCounter);

impl PerfEventSlot<'_> {
    pub(crate) fn replace(&self, event: Option<PerfEvent>) {
        drop(self.1.slot.replace(event));
    }

    pub(crate) fn set_period(&self, period: u64) -> Result<(), Errno> {
        assert!(period != 0 && period >> 63 == 0, "perf refuses {period:#x}");
        if self.0.refuses_periods.get() {
            return Err(Errno(-22));
        }
        let slot = self.1.slot.borrow();
        slot.as_ref().ok_or(Errno(-2))?.0.left.set(period);
        Ok(())
    }

    pub(crate) fn enable(&self) {
        let slot = self.1.slot.borrow();
        slot.as_ref().unwrap().0.enabled.set(true);
    }

    pub(crate) fn pause(&self) -> u64 {
        let slot = self.1.slot.borrow();
        let event = slot.as_ref().unwrap();
        event.0.enabled.set(false);
        event.0.count.take()
    }

    pub(crate) fn read(&self) -> u64 {
        let slot = self.1.slot.borrow();
        slot.as_ref().unwrap().0.count.get()
    }
}

impl LoadedVcpu {
    pub(crate) fn read_guest(&self, address: u64, words: &mut [u64]) -> Result<(), Errno> {
        self.might_sleep();
        if !FakePmu::is_memory(address, words.len(), &[MEMORY, READ_ONLY]) {
            return Err(Errno(-14));
        }
        let most = &self.fake_pmu.most_words_at_once;
        most.set(most.get().max(words.len()));
        for (word, address) in words.iter_mut().zip((address..).step_by(8)) {
            *word = self.fake_pmu.word(address);
        }
        Ok(())
    }

    pub(crate) fn write_guest(&self, address: u64, words: &[u64]) -> Result<(), Errno> {
        self.might_sleep();
        if !FakePmu::is_memory(address, words.len(), &[MEMORY]) {
            return Err(Errno(-14));
        }
        for (word, address) in words.iter().zip((address..).step_by(8)) {
            self.fake_pmu.words.borrow_mut().insert(address, *word);
            self.fake_pmu.written.borrow_mut().push(address);
        }
        Ok(())
    }

    pub(crate) fn may_write_guest(&self, address: u64, words: &[u64]) -> bool {
        FakePmu::is_memory(address, words.len(), &[MEMORY])
    }

    pub(crate) fn clear_guest(&self, address: u64, size: usize) -> Result<(), Errno> {
        assert_eq!(size % 8, 0);
        self.write_guest(address, &vec![0; size / 8])
    }

    pub(crate) fn reschedule(&self) {
        self.might_sleep();
        let count = &self.fake_pmu.reschedules;
        count.set(count.get() + 1);
    }

    pub(crate) fn dirty_ring_is_full(&self) -> bool {
        let room = self.fake_pmu.dirty_ring_room.get();
        room.is_some_and(|room| self.fake_pmu.written.borrow().len() >= room)
    }

    pub(crate) fn has_signal(&self) -> bool {
        self.fake_pmu.signal_after.get() == Some(self.fake_pmu.reschedules.get())
    }
}
