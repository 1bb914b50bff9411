/* Loopback internet sockets, for tcp and udp: bound to 127.0.0.1 or ::1 and a port that the kernel
 * chooses, so that nobody outside this machine reaches them. */
#ifndef IPCBENCH_TRANSPORTS_COMMON_INET_H
#define IPCBENCH_TRANSPORTS_COMMON_INET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct error;

enum inet_family { INET_IPV4, INET_IPV6 };

#define INET_FAMILY_OPTION                                                                         \
    {                                                                                              \
        .key = "family", .kind = OPTION_CHOICE, .choices = "ipv4|ipv6", .default_value = "ipv4",   \
        .meaning = "127.0.0.1 or ::1",                                                             \
    }

struct inet_address {
    struct sockaddr_storage storage;
    socklen_t length;
};

/* A socket bound to loopback, and where. Unavailable where the machine has no such address. */
int inet_open(enum inet_family family, int type, int *fd, struct inet_address *address,
              struct error *error);

/* The socket's own address, or its peer's. */
int inet_own_address(int fd, struct inet_address *address, struct error *error);
int inet_peer_address(int fd, struct inet_address *address, struct error *error);

int inet_connect(int fd, const struct inet_address *address, struct error *error);

/* Same host and port? */
bool inet_is_same(const struct inet_address *one, const struct inet_address *other);

#endif
