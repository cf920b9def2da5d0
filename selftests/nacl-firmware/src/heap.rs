// SPDX-License-Identifier: GPL-2.0

//! Memory for the device tree, made once while the boot hart is alone. Nothing is given back.

use core::alloc::GlobalAlloc;
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

const SIZE: usize = 768 << 10;

#[repr(C, align(16))]
struct Heap {
    memory: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: each part is handed out once.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap {
    memory: UnsafeCell::new([0; SIZE]),
    used: AtomicUsize::new(0),
};

// SAFETY: what is handed out is aligned, large enough, and never handed out again.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut at = 0;
        let took = self.used.fetch_update(Relaxed, Relaxed, |used| {
            at = used.next_multiple_of(layout.align());
            at.checked_add(layout.size()).filter(|end| *end <= SIZE)
        });
        match took {
            // SAFETY: `at` is within the memory.
            Ok(_) => unsafe { self.memory.get().cast::<u8>().add(at) },
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
