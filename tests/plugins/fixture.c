/* The plug-in that tests load. Each variant is made by one -D and has one thing wrong, or none. */
#include "fixture.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef FIXTURE_NAME
#define FIXTURE_NAME "fixture"
#endif
#ifndef FIXTURE_FAULT
#define FIXTURE_FAULT FIXTURE_RIGHT
#endif

static int fixture_limits(const struct options *options, struct message_limits *limits,
                          struct error *error)
{
    (void)options, (void)error;
    *limits = (struct message_limits){
        .minimum_bytes = 1, .maximum_bytes = 8192, .knob = "another transport", .is_fixed = true};
    return 0;
}

static int fixture_create(struct channel *channel, struct error *error)
{
    struct fixture *const fixture = channel->state;
#ifdef FIXTURE_UNDEFINED
    extern int ipcbench_has_no_such_function(void);
    ipcbench_has_no_such_function();
#endif
    fixture->fault = FIXTURE_FAULT;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fixture->ends))
        return error_system(error, errno, "socketpair");
    obtained_text(&channel->obtained, "socket", "pair");
    return 0;
}

static int fixture_attach(struct channel *channel, enum side side, struct error *error)
{
    struct fixture *const fixture = channel->state;
    (void)error;
    fixture->own = fixture->ends[side];
    close(fixture->ends[side == SIDE_SENDER ? SIDE_RECEIVER : SIDE_SENDER]);
    return 0;
}

static void fixture_destroy(struct channel *channel)
{
    struct fixture *const fixture = channel->state;
    for (int side = 0; side < SIDE_COUNT; ++side) {
        if (fixture->ends[side])
            close(fixture->ends[side]);
        fixture->ends[side] = 0;
    }
}

const struct transport fixture_transport;
const struct transport fixture_transport = {
#ifdef FIXTURE_OLD_TRANSPORT
    .abi = TRANSPORT_ABI - 1,
#else
    .abi = TRANSPORT_ABI,
#endif
    .name = FIXTURE_NAME,
    .summary = "record sockets, for tests",
    .family = FAMILY_MESSAGE,
    .state_bytes = sizeof(struct fixture),
    .limits = fixture_limits,
    .create = fixture_create,
    .attach = fixture_attach,
#ifndef FIXTURE_NO_LOOPS
    .loops = fixture_loops_for,
#endif
    .destroy = fixture_destroy,
};

#if defined(FIXTURE_OTHER_ABI)
const struct plugin ipcbench_plugin;
const struct plugin ipcbench_plugin = {
    .abi = TRANSPORT_ABI + 1, .plugin_bytes = sizeof(struct plugin), .sizes = PLUGIN_SIZES};
#elif defined(FIXTURE_OTHER_SIZE)
const struct plugin ipcbench_plugin;
const struct plugin ipcbench_plugin = {
    .abi = TRANSPORT_ABI,
    .plugin_bytes = sizeof(struct plugin),
    .sizes = {.transport_bytes = sizeof(struct transport) - sizeof(void *)},
    .transport = &fixture_transport};
#elif defined(FIXTURE_NO_TRANSPORT)
const struct plugin ipcbench_plugin;
const struct plugin ipcbench_plugin = {
    .abi = TRANSPORT_ABI, .plugin_bytes = sizeof(struct plugin), .sizes = PLUGIN_SIZES};
#elif !defined(FIXTURE_NO_SYMBOL)
IPCBENCH_PLUGIN(fixture_transport)
#endif
