# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What /init does when no test is asked for: a shell for a person. Sourced after guest.sh.

module=$(sed -n 's/.*\bkvm=\([a-z]*\).*/\1/p' /proc/cmdline)
insmod "/lib/kvm-${module:-rust}.ko"
export KVM_FENCE_PROBES="/lib/kvm-${module:-rust}.fences"
echo
echo "$(uname -sr), kvm-${module:-rust}.ko. Selftests: /selftests. The modules: /lib. Ctrl-A X leaves QEMU."
echo
cd /selftests || :
while :; do
	setsid cttyhack sh
done
