// SPDX-License-Identifier: GPL-2.0

//! The queue of fences that the hypervisor beneath makes before it enters the guest.

use super::Fence;
use super::FENCE_ENTRIES;
use crate::riscv::FenceQueue;

/// How often a full queue is handed over before a fence is made in another way.
const SYNCS: usize = 5;

/// Has this hart make `fence` before it enters a guest, as `__kvm_riscv_nacl_hfence()`: by way of the
/// queue, or with the fence instruction itself where there is none, or where it stays full. So no
/// fence is lost, and none waits for a hypervisor that does not make any.
///
/// Context: the task stays on the hart until the guest is entered; may be preempted.
pub(crate) fn make_fence(fence: &Fence) {
    let queue = FenceQueue::of_this_hart();
    if !queue.is_served() || !put(&queue, fence) {
        queue.fence_directly(fence);
    }
}

/// Puts `fence` into a free entry; false if there is none even though the hypervisor was asked to make
/// those that are waiting.
fn put(queue: &FenceQueue, fence: &Fence) -> bool {
    let mut syncs = 0;
    loop {
        for index in 0..FENCE_ENTRIES {
            if !queue.is_pending(index) {
                queue.put(index, fence);
                return true;
            }
        }
        if syncs == SYNCS || !queue.sync() {
            return false;
        }
        syncs += 1;
    }
}
