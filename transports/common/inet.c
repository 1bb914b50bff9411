#include "transports/common/inet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static const char *const loopback_knobs[] = {
    [INET_IPV4] = "ip link set lo up",
    [INET_IPV6] = "sysctl net.ipv6.conf.lo.disable_ipv6=0, ip link set lo up",
};

static struct inet_address loopback(enum inet_family family)
{
    struct inet_address address = {.length = sizeof(struct sockaddr_in)};
    if (family == INET_IPV6) {
        struct sockaddr_in6 *const six = (struct sockaddr_in6 *)(void *)&address.storage;
        address.length = sizeof(*six);
        *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    } else {
        struct sockaddr_in *const four = (struct sockaddr_in *)(void *)&address.storage;
        *four =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    }
    return address;
}

/* No such protocol, address or way to it. */
static bool says_unavailable(int code)
{
    return code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == ENETUNREACH ||
           code == ENETDOWN || code == EHOSTUNREACH;
}

static int refuse(enum inet_family family, int code, const char *call, struct error *error)
{
    if (says_unavailable(code))
        return error_unavailable(error, loopback_knobs[family], "%s to %s: %s", call,
                                 family == INET_IPV6 ? "::1" : "127.0.0.1", error_name(code));
    return error_system(error, code, "%s", call);
}

int inet_open(enum inet_family family, int type, int *fd, struct inet_address *address,
              struct error *error)
{
    const struct inet_address wanted = loopback(family);
    *fd = socket(family == INET_IPV6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return refuse(family, errno, "socket", error);
    if (bind(*fd, (const struct sockaddr *)&wanted.storage, wanted.length))
        return refuse(family, errno, "bind", error);
    return inet_own_address(*fd, address, error);
}

int inet_own_address(int fd, struct inet_address *address, struct error *error)
{
    *address = (struct inet_address){.length = sizeof(address->storage)};
    if (getsockname(fd, (struct sockaddr *)&address->storage, &address->length))
        return error_system(error, errno, "getsockname");
    return 0;
}

int inet_peer_address(int fd, struct inet_address *address, struct error *error)
{
    *address = (struct inet_address){.length = sizeof(address->storage)};
    if (getpeername(fd, (struct sockaddr *)&address->storage, &address->length))
        return error_system(error, errno, "getpeername");
    return 0;
}

int inet_connect(int fd, const struct inet_address *address, struct error *error)
{
    if (!connect(fd, (const struct sockaddr *)&address->storage, address->length))
        return 0;
    return refuse(address->storage.ss_family == AF_INET6 ? INET_IPV6 : INET_IPV4, errno, "connect",
                  error);
}

bool inet_is_same(const struct inet_address *one, const struct inet_address *other)
{
    if (one->storage.ss_family != other->storage.ss_family)
        return false;
    if (one->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *const a =
            (const struct sockaddr_in6 *)(const void *)&one->storage;
        const struct sockaddr_in6 *const b =
            (const struct sockaddr_in6 *)(const void *)&other->storage;
        return a->sin6_port == b->sin6_port &&
               !memcmp(&a->sin6_addr, &b->sin6_addr, sizeof(a->sin6_addr));
    }
    const struct sockaddr_in *const a = (const struct sockaddr_in *)(const void *)&one->storage;
    const struct sockaddr_in *const b = (const struct sockaddr_in *)(const void *)&other->storage;
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}
