// SPDX-License-Identifier: GPL-2.0

//! The device tree: what the firmware needs of it, and what the kernel must not see or must see
//! besides.
//!
//! The kernel gets QEMU's tree with the firmware's memory reserved, and disabled in it the M-level
//! interrupt controllers and the ways to power off that would go around the firmware and its table.
//! The tree is written anew, and takes the place of the old one.

use crate::counters;
use crate::hart::MAX_HARTS;
use crate::nacl::shmem;
use crate::platform;
use crate::platform::aplic;
use crate::sbi::pmu;
use crate::start::envcfg;
use core::sync::atomic::Ordering::Relaxed;
use fdt::node::FdtNode;
use fdt::Fdt;
use vm_fdt::FdtWriter;

/// QEMU puts the tree at such a boundary, with nothing behind it.
const ALIGNMENT: usize = 2 << 20;
/// The interrupt of a hart that an M-level controller raises.
const M_EXTERNAL: u32 = 11;
const S_EXTERNAL: u32 = 9;

/// What the firmware has learned.
pub(crate) struct Machine {
    /// How many harts there are.
    pub(crate) harts: usize,
    /// menvcfg for them.
    pub(crate) envcfg: u64,
}

/// Read the tree, set up what depends on it, and leave one for the kernel in its place.
pub(crate) fn adapt(place: *mut u8) -> Result<Machine, &'static str> {
    // SAFETY: QEMU's reset code has left the tree's address in a1.
    let tree = unsafe { Fdt::from_ptr(place) }.map_err(|_| "QEMU gave none that can be read")?;
    let root = tree.find_node("/").ok_or("there is no root")?;
    let harts = tree.cpus().count();
    if harts > MAX_HARTS || tree.cpus().any(|cpu| cpu.ids().first() >= MAX_HARTS) {
        return Err("there are more than 8 harts");
    }
    counters::HARTS.store(harts, Relaxed);
    let memory = tree
        .memory()
        .regions()
        .find(|region| region.starting_address as u64 == platform::RAM);
    let memory = memory
        .and_then(|region| region.size)
        .ok_or("no memory at 0x80000000")?;
    shmem::memory_ends_at(platform::RAM + memory as u64);
    interrupt_controllers(&tree, harts);
    if let Some(rows) = tree
        .all_nodes()
        .find_map(|node| node.property("riscv,event-to-mhpmcounters"))
    {
        let row = |row: &[u8]| {
            let mut cells = cells(row);
            Some([cells.next()?, cells.next()?, cells.next()?])
        };
        pmu::events(rows.value.chunks_exact(12).filter_map(row));
    }
    let envcfg = envcfg_of(&tree);

    let mut writer = FdtWriter::new().map_err(|_| "out of memory")?;
    writer.set_boot_cpuid_phys(0);
    copy(&mut writer, root, true).map_err(|_| "it could not be copied")?;
    let new = writer.finish().map_err(|_| "it could not be written")?;
    if new.len() > ALIGNMENT - place as usize % ALIGNMENT {
        return Err("the new one is too large for its place");
    }
    // SAFETY: the old one is not used any more, and there is room.
    unsafe { place.copy_from_nonoverlapping(new.as_ptr(), new.len()) };
    Ok(Machine { harts, envcfg })
}

fn cells(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .map(|cell| u32::from_be_bytes([cell[0], cell[1], cell[2], cell[3]]))
}

fn is_a(node: FdtNode<'_, '_>, compatible: &str) -> bool {
    node.compatible()
        .is_some_and(|all| all.all().any(|one| one == compatible))
}

fn raises(node: FdtNode<'_, '_>, interrupt: u32) -> bool {
    node.property("interrupts-extended")
        .is_some_and(|it| cells(it.value).nth(1) == Some(interrupt))
}

/// Whether it is of M-mode only.
fn is_of_machine_mode(node: FdtNode<'_, '_>) -> bool {
    (is_a(node, "riscv,imsics") && raises(node, M_EXTERNAL))
        || (is_a(node, "riscv,aplic") && node.property("riscv,children").is_some())
}

fn copy(writer: &mut FdtWriter, node: FdtNode<'_, '_>, root: bool) -> Result<(), vm_fdt::Error> {
    let here = writer.begin_node(if root { "" } else { node.name })?;
    for property in node.properties() {
        writer.property(property.name, property.value)?;
    }
    if is_of_machine_mode(node) || is_a(node, "syscon-poweroff") || is_a(node, "syscon-reboot") {
        writer.property_string("status", "disabled")?;
    }
    for child in node.children() {
        copy(writer, child, false)?;
    }
    if root {
        let reserved = writer.begin_node("reserved-memory")?;
        writer.property_u32("#address-cells", 2)?;
        writer.property_u32("#size-cells", 2)?;
        writer.property_null("ranges")?;
        let firmware = writer.begin_node("nacl-firmware@80000000")?;
        writer.property_array_u64("reg", &[platform::RAM, platform::FIRMWARE_SIZE])?;
        writer.property_null("no-map")?;
        writer.end_node(firmware)?;
        writer.end_node(reserved)?;
    }
    writer.end_node(here)
}

/// An APLIC of M-mode gives all its sources to the one of S-mode, and knows where the IMSICs are.
fn interrupt_controllers(tree: &Fdt<'_>, harts: usize) {
    let address = |node: FdtNode<'_, '_>| {
        node.reg()
            .and_then(|mut regions| regions.next())
            .map(|region| region.starting_address as usize)
    };
    let of_machine =
        |node: &FdtNode<'_, '_>| is_a(*node, "riscv,aplic") && is_of_machine_mode(*node);
    let Some(root) = tree.all_nodes().find(of_machine) else {
        return;
    };
    let Some(base) = address(root) else { return };
    let sources = root
        .property("riscv,num-sources")
        .and_then(|it| it.as_usize())
        .unwrap_or(0);
    aplic::delegate(base, sources);
    let imsic = |interrupt| {
        let node = tree
            .all_nodes()
            .find(|node| is_a(*node, "riscv,imsics") && raises(*node, interrupt))?;
        let guest_bits = node
            .property("riscv,guest-index-bits")
            .and_then(|it| it.as_usize());
        Some((address(node)? as u64, guest_bits.unwrap_or(0) as u32))
    };
    if let (Some((machine, _)), Some((supervisor, guest_bits))) =
        (imsic(M_EXTERNAL), imsic(S_EXTERNAL))
    {
        let hart_bits = harts.next_power_of_two().trailing_zeros();
        aplic::set_msi_addresses(base, machine, supervisor, guest_bits, hart_bits);
    }
}

/// menvcfg: everything that the harts have, as OpenSBI sets it.
fn envcfg_of(tree: &Fdt<'_>) -> u64 {
    let extensions = tree
        .all_nodes()
        .find_map(|node| node.property("riscv,isa-extensions"))
        .map_or(&b""[..], |property| property.value);
    let has = |name: &str| {
        extensions
            .split(|byte| *byte == 0)
            .any(|one| one == name.as_bytes())
    };
    let mut value = 0;
    for (name, bits) in [
        ("zicbom", envcfg::CBIE_INVALIDATE | envcfg::CBCFE),
        ("zicboz", envcfg::CBZE),
        ("svpbmt", envcfg::PBMTE),
        ("sstc", envcfg::STCE),
        ("ssccfg", envcfg::CDE),
    ] {
        if has(name) {
            value |= bits;
        }
    }
    // Where Svade is there as well, it is how harts start.
    if has("svadu") && !has("svade") {
        value |= envcfg::ADUE;
    }
    value
}
