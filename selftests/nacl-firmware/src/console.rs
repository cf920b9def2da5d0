// SPDX-License-Identifier: GPL-2.0

//! The 16550 that QEMU virt has: lines of this firmware, and bytes of the debug console extension.

use crate::platform;
use core::fmt;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Release;

const LINE_STATUS: usize = 5;
const DATA_READY: u8 = 1 << 0;
const TRANSMITTER_EMPTY: u8 = 1 << 5;

/// One line at a time.
static LOCK: AtomicBool = AtomicBool::new(false);

/// Write one byte, waiting for room.
pub(crate) fn put(byte: u8) {
    while platform::read8(platform::UART + LINE_STATUS) & TRANSMITTER_EMPTY == 0 {}
    platform::write8(platform::UART, byte);
}

/// Read one byte, if there is one.
pub(crate) fn get() -> Option<u8> {
    (platform::read8(platform::UART + LINE_STATUS) & DATA_READY != 0)
        .then(|| platform::read8(platform::UART))
}

struct Writer;

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                put(b'\r');
            }
            put(byte);
        }
        Ok(())
    }
}

/// Write a line, whole, beginning with the firmware's name.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    use fmt::Write;
    while LOCK.swap(true, Acquire) {
        core::hint::spin_loop();
    }
    // The console does not fail.
    let _ = writeln!(Writer, "nacl-firmware: {text}");
    LOCK.store(false, Release);
}

/// A line on the console.
macro_rules! say {
    ($($text:tt)*) => { $crate::console::line(format_args!($($text)*)) };
}
pub(crate) use say;

/// A line, and the end of the machine, with a status that says so.
macro_rules! stop {
    ($($text:tt)*) => {{
        $crate::console::say!($($text)*);
        $crate::platform::fail()
    }};
}
pub(crate) use stop;

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    // The lock may be held by whoever panicked.
    LOCK.store(false, Release);
    stop!("{info}")
}
