/* SPDX-License-Identifier: ISC */
/*
 * Dynamic updates as messages (RFC 2136 2 and 3.1 to 3.4.1): sections to a change.  Nothing here looks at a zone's records.
 */
#ifndef DNS_UPDATE_H
#define DNS_UPDATE_H

#include "base/arena.h"
#include "dns/packet.h"
#include "zone/change.h"

/*
 * The change that PACKET (opcode UPDATE, well-formed) asks for, in memory of ARENA, or NULL with the rcode to answer with.  Its zone is the zone section's, which
 * was checked to be one name of type SOA; whether it is ours is for the caller.
 * FORMERR: a record is not what RFC 2136 2.4 and 2.5 allow.  NOTZONE: an owner lies outside.  NOTAUTH: not class IN.
 */
struct change *update_decode(const struct packet *packet, struct arena *arena, unsigned *rcode);

#endif
