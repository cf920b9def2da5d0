/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules that help tests do is switched on and off by a parameter, whose operations are
 * `armed_ops` and whose variable is `armed`. A module defines arm() and disarm(); they are
 * called one at a time, disarm() only after arm() has succeeded.
 */
#ifndef SELFTESTS_ARMING_H
#define SELFTESTS_ARMING_H

#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>

static int arm(void);
static void disarm(void);

static DEFINE_MUTEX(arming_lock);
static bool armed;

/* To be called when the module goes: no parameter is written any more. */
static void disarm_if_armed(void)
{
	if (armed)
		disarm();
	armed = false;
}

static int set_armed(const char *text, const struct kernel_param *parameter)
{
	bool on;
	int ret;

	ret = kstrtobool(text, &on);
	if (ret)
		return ret;

	mutex_lock(&arming_lock);
	disarm_if_armed();
	if (on) {
		ret = arm();
		armed = !ret;
	}
	mutex_unlock(&arming_lock);

	return ret;
}

static const struct kernel_param_ops armed_ops = {
	.set = set_armed,
	.get = param_get_bool,
};

#endif /* SELFTESTS_ARMING_H */
