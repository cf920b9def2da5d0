// SPDX-License-Identifier: GPL-2.0

//! One counter.
//!
//! It is configured when it has an event, and only then can it be started. While it is started its
//! value is the sum of the one it was given, which [`Counter::value()`] is, and of what has been
//! counted since. KVM counts each firmware event once, however many counters count it; so the value
//! of a firmware counter that is started is kept less what the event's count was then.

use super::counter_info::CounterInfo;
use super::counter_info::CounterType;
use super::event::Event;
use super::flags::ConfigFlags;
use super::sample_period::sample_period;
use super::FirmwareEventCode;
use crate::kvm::Counter;
use crate::kvm::PmuContext;
use crate::sbi::SbiError;

/// The index that the time counter would have. It is read with `rdtime`, and no counter of the PMU.
const TIME: usize = 1;

/// The counter with this index, any register of a guest.
pub(super) fn find<'a>(pmu: &PmuContext<'a>, index: usize) -> Option<Counter<'a>> {
    if index == TIME {
        return None;
    }
    pmu.counter(index)
}

/// Who counts.
pub(super) fn type_of(counter: &Counter<'_>) -> CounterType {
    CounterInfo::from_register(counter.info()).counter_type()
}

/// How often the event of a firmware counter has come since somebody asked first; 0 for another
/// counter.
fn firmware_event_count(pmu: &PmuContext<'_>, counter: &Counter<'_>) -> u64 {
    counter
        .event()
        .and_then(FirmwareEventCode::of_index)
        .map_or(0, |event| pmu.firmware_event_count(event))
}

/// What has been counted since the counter was started.
fn counted(pmu: &PmuContext<'_>, counter: &Counter<'_>) -> u64 {
    match type_of(counter) {
        _ if !counter.is_started() => 0,
        CounterType::Firmware => firmware_event_count(pmu, counter),
        CounterType::Hardware => counter.perf_event().read(),
    }
}

/// The value; `None` unless it is configured.
pub(super) fn read(pmu: &PmuContext<'_>, counter: &Counter<'_>) -> Option<u64> {
    counter.event()?;
    Some(counter.value().wrapping_add(counted(pmu, counter)))
}

/// Makes the counter count `event`, whose `event_idx` is `index`.
///
/// If it counts already it stops. If the host cannot count the event nothing changes.
pub(super) fn configure(
    pmu: &PmuContext<'_>,
    counter: &Counter<'_>,
    index: usize,
    event: Event,
    flags: ConfigFlags,
) -> Result<(), SbiError> {
    let perf_event = match event {
        Event::Firmware(_) => None,
        Event::Hardware(config) => Some(
            counter
                .create_perf_event(index, &config, flags.inhibit_user, flags.inhibit_supervisor)
                .map_err(|_| SbiError::NotSupported)?,
        ),
    };
    if counter.is_started() {
        stop(pmu, counter)?;
    }
    counter.perf_event().replace(perf_event);
    counter.set_event(Some(index));
    if flags.clear_value {
        counter.set_value(0);
    }
    if flags.auto_start {
        start(pmu, counter, None)?;
    }
    Ok(())
}

/// Starts a counter that is configured, with the value it has or with `initial`.
///
/// If that is not possible nothing changes.
pub(super) fn start(
    pmu: &PmuContext<'_>,
    counter: &Counter<'_>,
    initial: Option<u64>,
) -> Result<(), SbiError> {
    if counter.is_started() {
        return Err(SbiError::AlreadyStarted);
    }
    let value = initial.unwrap_or(counter.value());
    match type_of(counter) {
        CounterType::Firmware => {
            let event = counter
                .event()
                .and_then(FirmwareEventCode::of_index)
                .ok_or(SbiError::InvalidParam)?;
            pmu.count_firmware_event(event);
            counter.clear_overflow();
            counter.set_value(value.wrapping_sub(pmu.firmware_event_count(event)));
        }
        CounterType::Hardware => {
            let event = counter.perf_event();
            let width = CounterInfo::from_register(counter.info()).width();
            event
                .set_period(sample_period(value, width))
                .map_err(|_| SbiError::Failed)?;
            counter.clear_overflow();
            counter.set_value(value);
            event.enable();
        }
    }
    counter.set_started(true);
    Ok(())
}

/// Stops a counter. Returns its value.
pub(super) fn stop(pmu: &PmuContext<'_>, counter: &Counter<'_>) -> Result<u64, SbiError> {
    if !counter.is_started() {
        return Err(SbiError::AlreadyStopped);
    }
    let counted = match type_of(counter) {
        CounterType::Firmware => firmware_event_count(pmu, counter),
        CounterType::Hardware => counter.perf_event().pause(),
    };
    let value = counter.value().wrapping_add(counted);
    counter.set_value(value);
    counter.set_started(false);
    Ok(value)
}

/// Takes the event from a counter that is stopped. The value stays.
pub(super) fn reset(counter: &Counter<'_>) {
    counter.perf_event().replace(None);
    counter.set_event(None);
    counter.clear_overflow();
}
