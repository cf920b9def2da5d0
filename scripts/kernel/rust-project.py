#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Add kvm_riscv to the kernel's rust-project.json, which lists only crates of samples/ and drivers/.

usage: rust-project.py RUST-PROJECT.JSON TOP >NEW
"""

import json
import sys

# What scripts/Makefile.build passes to every crate outside rust/.
DEPENDENCIES = ("core", "kernel", "pin_init", "zerocopy", "zerocopy_derive")


def main():
    path, top = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        project = json.load(file)
    crates = project["crates"]
    place = {crate["display_name"]: number for number, crate in enumerate(crates)}
    kernel = crates[place["kernel"]]
    crates.append({
        "display_name": "kvm_riscv",
        "root_module": f"{top}/rust/kvm_riscv.rs",
        "is_workspace_member": True,
        "is_proc_macro": False,
        "deps": [{"crate": place[name], "name": name} for name in DEPENDENCIES if name in place],
        "cfg": kernel["cfg"],
        "edition": "2021",
        "env": kernel.get("env", {}),
    })
    json.dump(project, sys.stdout, sort_keys=True, indent=4)


if __name__ == "__main__":
    main()
