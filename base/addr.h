/* SPDX-License-Identifier: ISC */
/*
 * Socket addresses as people write them: "127.0.0.1:53", "[::1]:53", "0.0.0.0:2222".
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

#define ADDR_TEXT_MAX 64

struct addr {
	struct sockaddr_storage sa;
	socklen_t               len;
};

bool addr_parse(struct addr *out, const char *text, struct err *err);           /* numeric address and port */
void addr_print(char out[static ADDR_TEXT_MAX], const struct addr *addr);       /* with the port */
void addr_print_ip(char out[static ADDR_TEXT_MAX], const struct addr *addr);    /* without; v4-mapped as v4 */
bool addr_is_loopback(const struct addr *addr);

#endif
