/* SPDX-License-Identifier: ISC */
/*
 * Fields of the client messages that only client.c and the serving side exchange: the put and get of each structure of
 * client.h stand side by side in client_fields.c, so that they cannot drift apart.  A getter fails when the message is
 * bad; what it returned until then is zeroes.
 */
#ifndef STORE_CLIENT_FIELDS_H
#define STORE_CLIENT_FIELDS_H

#include "base/arena.h"
#include "store/client.h"

/* Copy the next string, cut to SIZE bytes with its NUL. */
void client_get_text(struct msg *msg, char *out, size_t size);

void client_put_zone_info(struct msg *msg, const struct zone_info *info);
bool client_get_zone_info(struct msg *msg, struct zone_info *out);

void client_put_zone_doc(struct msg *msg, const struct zone_doc *doc);
bool client_get_zone_doc(struct msg *msg, struct zone_doc *out);       /* OUT->text is the caller's (zone_doc_done), also after a failure */

void client_put_submit(struct msg *msg, const struct submit *submit);
/* Texts are borrowed from MSG, the change is ARENA's.  ERR_SYNTAX: not a submit. */
bool client_get_submit(struct msg *msg, struct submit *out, struct arena *arena, struct err *err);

void client_put_result(struct msg *msg, const struct submit_result *result);
bool client_get_result(struct msg *msg, struct submit_result *out);    /* OUT is the caller's (submit_result_done), also after a failure */

void client_put_log_query(struct msg *msg, const struct log_query *query);
bool client_get_log_query(struct msg *msg, struct log_query *out);     /* texts are borrowed */
void client_put_log_entry(struct msg *msg, const struct log_entry *entry);
bool client_get_log_entry(struct msg *msg, struct log_entry *out);

void client_put_event(struct msg *msg, const struct client_event *event);
bool client_get_event(struct msg *msg, struct client_event *out);

#endif
