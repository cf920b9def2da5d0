/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page of a real device that refuses accesses which its specification does
 * not have, so that a load, a store or a fetch of a guest that has been given
 * it ends in an access fault.
 */
#ifndef SELFTEST_KVM_REFUSING_DEVICE_H
#define SELFTEST_KVM_REFUSING_DEVICE_H

/*
 * The page with the MSI-X table of any PCI device, mapped into this process. It
 * takes accesses of 4 and 8 bytes (PCI Express Base Specification, 6.1.4.2); in
 * QEMU others do not get to it. The case is skipped where there is none.
 */
void *refusing_device_or_skip(void);

#endif /* SELFTEST_KVM_REFUSING_DEVICE_H */
