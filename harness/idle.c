#include "harness/idle.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static const char latency_file[] = "/dev/cpu_dma_latency";

static const char *const policy_names[] = {[IDLE_DEFAULT] = "default", [IDLE_POLL] = "poll"};

const char *idle_policy_name(enum idle_policy policy)
{
    return policy_names[policy];
}

int idle_policy_parse(const char *text, enum idle_policy *policy, struct error *error)
{
    for (size_t i = 0; i < sizeof policy_names / sizeof policy_names[0]; i++) {
        if (strcmp(policy_names[i], text) == 0) {
            *policy = (enum idle_policy)i;
            return 0;
        }
    }
    return error_plain(error, "idle=%s: must be default or poll", text);
}

static bool booted_with_idle_poll(void)
{
    struct text line = {0};
    bool found = false;

    if (file_read("/proc/cmdline", &line, NULL) == 0) {
        const char *const token = strstr(text_string(&line), "idle=poll");
        found = token && (token == line.data || token[-1] == ' ') &&
                strchr(" \n", token[strlen("idle=poll")]);
    }
    text_free(&line);
    return found;
}

/* The latency limit is obeyed by the cpuidle governors alone: without a cpuidle driver the kernel
 * halts at once, whatever limit is held, and a kernel told so at boot polls anyway. */
static bool limit_is_obeyed(void)
{
    char driver[64];

    if (file_read_line("/sys/devices/system/cpu/cpuidle/current_driver", driver, sizeof driver) < 0)
        return true;
    return strcmp(driver, "none") != 0 || booted_with_idle_poll();
}

static int refuse(int code, const char *call, struct error *error)
{
    const char *const knob = code == EACCES || code == EPERM
                                 ? "run as root, or let this user write /dev/cpu_dma_latency"
                                 : "give this system /dev/cpu_dma_latency (container: --device)";
    return error_unavailable(error, knob, "idle=poll: %s(%s): %s (%s)", call, latency_file,
                             strerror(code), error_name(code));
}

int idle_hold(enum idle_policy policy, int *hold, struct error *error)
{
    const int32_t limit_us = 0;

    *hold = -1;
    if (policy == IDLE_DEFAULT)
        return 0;
    if (!limit_is_obeyed())
        return error_unavailable(error, "boot with idle=poll",
                                 "idle=poll: no cpuidle driver, so %s has no effect", latency_file);
    const int fd = open(latency_file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(errno, "open", error);
    if (write(fd, &limit_us, sizeof limit_us) != (ssize_t)sizeof limit_us) {
        const int code = errno;
        (void)close(fd);
        return refuse(code, "write", error);
    }
    *hold = fd;
    return 0;
}

void idle_release(int *hold)
{
    if (*hold >= 0)
        (void)close(*hold);
    *hold = -1;
}
