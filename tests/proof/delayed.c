/* ipcbench as a whole, with transports that can be told to be slower (tests/proof/wrapped.h): what
 * ipcbench ab should find. Its table of transports stands in for the product's. */
#include "tests/proof/wrapped.h"
#include "transports/builtin.h"

extern const struct transport transport_pipe, transport_shm, transport_uds_stream;

enum { COUNT = 3 };
static struct wrapped wrapped[COUNT];

const struct transport *const transports_builtin[] = {
    &wrapped[0].transport,
    &wrapped[1].transport,
    &wrapped[2].transport,
};
const size_t transports_builtin_count = COUNT;

__attribute__((constructor)) static void wrap(void)
{
    static const struct transport *const inner[COUNT] = {&transport_pipe, &transport_shm,
                                                         &transport_uds_stream};
    for (size_t index = 0; index < COUNT; ++index)
        wrapped_make_of(&wrapped[index], inner[index]);
}
