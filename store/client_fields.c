/* SPDX-License-Identifier: ISC */
/*
 * Fields of messages.  What is put here is got here, in the same order.
 */
#include "store/client_fields.h"

#include <stdlib.h>
#include <string.h>

void
client_get_text(struct msg *msg, char *out, size_t size)
{
	const char *text = msg_get_str(msg);
	size_t      len = strnlen(text, size - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

void
client_put_identity(struct msg *msg, const struct identity *identity)
{
	msg_put_u8(msg, (uint8_t)identity->kind);
	msg_put_str(msg, identity->name);
	msg_put_str(msg, identity->display);
	msg_put_str(msg, identity->key);
	msg_put_str(msg, identity->proof);
	msg_put_str(msg, identity->from);
	msg_put_str(msg, identity->via);
	msg_put_bool(msg, identity->admin);
}

bool
client_get_identity(struct msg *msg, struct identity *out)
{
	unsigned kind = msg_get_u8(msg);

	*out = (struct identity){ .kind = kind < ID_KINDS ? (enum id_kind)kind : ID_TSIG };
	client_get_text(msg, out->name, sizeof out->name);
	client_get_text(msg, out->display, sizeof out->display);
	client_get_text(msg, out->key, sizeof out->key);
	client_get_text(msg, out->proof, sizeof out->proof);
	client_get_text(msg, out->from, sizeof out->from);
	client_get_text(msg, out->via, sizeof out->via);
	out->admin = msg_get_bool(msg);
	return !msg->in.bad && kind < ID_KINDS;
}

void
client_put_key(struct msg *msg, const struct key *key)
{
	msg_put_blob(msg, key->name, name_len(key->name));
	msg_put_u8(msg, (uint8_t)key->hash);
	msg_put_blob(msg, key->secret, key->secret_len);
}

bool
client_get_key(struct msg *msg, struct key *out)
{
	size_t      name_size, secret_len;
	const void *name = msg_get_blob(msg, &name_size);
	unsigned    hash = msg_get_u8(msg);
	const void *secret = msg_get_blob(msg, &secret_len);

	*out = (struct key){ 0 };
	if (msg->in.bad || name_size == 0 || name_check(name, name_size) != name_size || hash >= CRYPT_HASHES ||
	    secret_len > sizeof out->secret)
		return false;
	memcpy(out->name, name, name_size);
	out->hash = (enum crypt_hash)hash;
	out->secret_len = (uint16_t)secret_len;
	memcpy(out->secret, secret, secret_len);
	return true;
}

void
client_put_info(struct msg *msg, const struct info *info)
{
	msg_put_str(msg, info->commit);
	msg_put_u32(msg, info->zones);
	msg_put_u32(msg, info->broken);
	msg_put_u32(msg, info->accounts);
	msg_put_u32(msg, info->dead);
	msg_put_u32(msg, info->broken_files);
	msg_put_str(msg, info->problems);
	msg_put_bool(msg, info->dns_live);
	msg_put_bool(msg, info->has_remote);
	msg_put_str(msg, info->remote);
	msg_put_u64(msg, (uint64_t)info->fetched_s);
	msg_put_u64(msg, (uint64_t)info->pushed_s);
	msg_put_bool(msg, info->unpushed);
	msg_put_str(msg, info->remote_error);
	msg_put_str(msg, info->conflict);
	msg_put_u64(msg, (uint64_t)info->conflict_s);
	msg_put_u64(msg, (uint64_t)info->started_s);
}

bool
client_get_info(struct msg *msg, struct info *out)
{
	*out = (struct info){ 0 };
	client_get_text(msg, out->commit, sizeof out->commit);
	out->zones = msg_get_u32(msg);
	out->broken = msg_get_u32(msg);
	out->accounts = msg_get_u32(msg);
	out->dead = msg_get_u32(msg);
	out->broken_files = msg_get_u32(msg);
	client_get_text(msg, out->problems, sizeof out->problems);
	out->dns_live = msg_get_bool(msg);
	out->has_remote = msg_get_bool(msg);
	client_get_text(msg, out->remote, sizeof out->remote);
	out->fetched_s = (int64_t)msg_get_u64(msg);
	out->pushed_s = (int64_t)msg_get_u64(msg);
	out->unpushed = msg_get_bool(msg);
	client_get_text(msg, out->remote_error, sizeof out->remote_error);
	client_get_text(msg, out->conflict, sizeof out->conflict);
	out->conflict_s = (int64_t)msg_get_u64(msg);
	out->started_s = (int64_t)msg_get_u64(msg);
	return !msg->in.bad;
}

static void
put_finding(struct msg *msg, const struct finding *finding)
{
	msg_put_u8(msg, (uint8_t)finding->level);
	msg_put_str(msg, finding->code);
	msg_put_u32(msg, finding->line);
	msg_put_u32(msg, finding->col);
	msg_put_str(msg, finding->owner);
	msg_put_str(msg, finding->type);
	msg_put_str(msg, finding->text);
	msg_put_str(msg, finding->hint);
}

static void
get_finding(struct msg *msg, struct finding *out)
{
	out->level = msg_get_u8(msg) == FINDING_ERROR ? FINDING_ERROR : FINDING_WARNING;
	out->code = msg_get_str(msg);
	out->line = msg_get_u32(msg);
	out->col = msg_get_u32(msg);
	out->owner = msg_get_str(msg);
	out->type = msg_get_str(msg);
	out->text = msg_get_str(msg);
	out->hint = msg_get_str(msg);
}

void
client_put_report(struct msg *msg, const struct report *report)
{
	size_t count = report != NULL ? report->count : 0;

	msg_put_u32(msg, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_finding(msg, &report->findings[i]);
	msg_put_u64(msg, report != NULL ? report->errors : 0);
	msg_put_u64(msg, report != NULL ? report->warnings : 0);
}

bool
client_get_report(struct msg *msg, struct report *out)
{
	uint32_t count = msg_get_u32(msg);

	report_init(out);
	if (count > REPORT_MAX)
		msg->in.bad = true;
	for (uint32_t i = 0; i < count && !msg->in.bad; i++) {
		struct finding finding;

		get_finding(msg, &finding);
		if (!msg->in.bad)
			report_add(out, &finding);
	}
	out->errors = msg_get_u64(msg);
	out->warnings = msg_get_u64(msg);
	return !msg->in.bad;
}

/* The change as a blob; none is an empty one. */
static void
put_change(struct msg *msg, const struct change *change)
{
	struct buf buf = { 0 };

	if (change != NULL)
		change_encode(&buf, change);
	msg_put_blob(msg, buf.data, buf.len);
	buf_done(&buf);
}

void
client_put_update(struct msg *msg, const char *key, const char *from, const char *zone, const struct change *change)
{
	msg_put_str(msg, key);
	msg_put_str(msg, from);
	msg_put_str(msg, zone);
	put_change(msg, change);
}

bool
client_get_update(struct msg *msg, bool *changed, uint32_t *serial, char commit[static OID_TEXT_MAX], struct err *err)
{
	*changed = false;
	*serial = 0;
	commit[0] = '\0';
	if (msg->type == MSG_ERR) {
		msg_get_err(msg, err);
		return false;
	}
	*changed = msg_get_bool(msg);
	*serial = msg_get_u32(msg);
	client_get_text(msg, commit, OID_TEXT_MAX);
	if (msg->type != MSG_OK || !msg_end(msg))
		return err_set(err, ERR_FAILED, "the store sent a broken reply");
	return true;
}

void
client_put_zone_info(struct msg *msg, const struct zone_info *info)
{
	msg_put_str(msg, info->name);
	msg_put_u32(msg, info->rrs);
	msg_put_u32(msg, info->serial);
	msg_put_bool(msg, info->broken);
	msg_put_str(msg, info->problem);
	msg_put_u64(msg, (uint64_t)info->changed_s);
	msg_put_str(msg, info->changed_by);
	msg_put_u8(msg, (uint8_t)info->access);
}

static enum access
get_access(struct msg *msg)
{
	unsigned access = msg_get_u8(msg);

	if (access > ACCESS_OWNER)
		msg->in.bad = true;
	return msg->in.bad ? ACCESS_NONE : (enum access)access;
}

bool
client_get_zone_info(struct msg *msg, struct zone_info *out)
{
	*out = (struct zone_info){ 0 };
	client_get_text(msg, out->name, sizeof out->name);
	out->rrs = msg_get_u32(msg);
	out->serial = msg_get_u32(msg);
	out->broken = msg_get_bool(msg);
	client_get_text(msg, out->problem, sizeof out->problem);
	out->changed_s = (int64_t)msg_get_u64(msg);
	client_get_text(msg, out->changed_by, sizeof out->changed_by);
	out->access = get_access(msg);
	return !msg->in.bad;
}

/* A text of any length as the caller's own. */
static char *
get_owned(struct msg *msg, size_t *len)
{
	const void *data = msg_get_blob(msg, len);
	char       *text = mem_alloc(*len + 1);

	memcpy(text, data, *len);
	return text;
}

void
client_put_zone_doc(struct msg *msg, const struct zone_doc *doc)
{
	msg_put_blob(msg, doc->text, doc->len);
	msg_put_str(msg, doc->blob);
	msg_put_str(msg, doc->commit);
	msg_put_u32(msg, doc->serial);
	msg_put_bool(msg, doc->broken);
	msg_put_err(msg, &doc->problem);
	msg_put_u8(msg, (uint8_t)doc->access);
}

bool
client_get_zone_doc(struct msg *msg, struct zone_doc *out)
{
	*out = (struct zone_doc){ 0 };
	out->text = get_owned(msg, &out->len);
	client_get_text(msg, out->blob, sizeof out->blob);
	client_get_text(msg, out->commit, sizeof out->commit);
	out->serial = msg_get_u32(msg);
	out->broken = msg_get_bool(msg);
	msg_get_err(msg, &out->problem);
	out->access = get_access(msg);
	return !msg->in.bad;
}

void
client_put_submit(struct msg *msg, const struct submit *submit)
{
	msg_put_u8(msg, (uint8_t)submit->mode);
	msg_put_str(msg, submit->zone);
	msg_put_str(msg, submit->base);
	put_change(msg, submit->change);
	msg_put_blob(msg, submit->text, submit->text_len);
	msg_put_bool(msg, submit->dry_run);
	msg_put_str(msg, submit->message);
	msg_put_bool(msg, submit->has_if_serial);
	msg_put_u32(msg, submit->if_serial);
	msg_put_str(msg, submit->if_commit);
}

bool
client_get_submit(struct msg *msg, struct submit *out, struct arena *arena, struct err *err)
{
	unsigned    mode = msg_get_u8(msg);
	const void *change;
	size_t      change_len;

	*out = (struct submit){ .mode = (enum submit_mode)mode };
	out->zone = msg_get_str(msg);
	out->base = msg_get_str(msg);
	change = msg_get_blob(msg, &change_len);
	out->text = msg_get_blob(msg, &out->text_len);
	out->dry_run = msg_get_bool(msg);
	out->message = msg_get_str(msg);
	out->has_if_serial = msg_get_bool(msg);
	out->if_serial = msg_get_u32(msg);
	out->if_commit = msg_get_str(msg);
	if (!msg_end(msg) || mode > SUBMIT_REPLACE || (mode == SUBMIT_CHANGE && change_len == 0))
		return err_set(err, ERR_SYNTAX, "the request is broken");
	if (mode == SUBMIT_CHANGE)
		out->change = change_decode(arena, change, change_len, err);
	return mode != SUBMIT_CHANGE || out->change != NULL;
}

void
client_put_result(struct msg *msg, const struct submit_result *result)
{
	msg_put_bool(msg, result->changed);
	msg_put_bool(msg, result->live);
	msg_put_u32(msg, result->serial_old);
	msg_put_u32(msg, result->serial);
	msg_put_str(msg, result->commit);
	msg_put_u32(msg, result->added);
	msg_put_u32(msg, result->altered);
	msg_put_u32(msg, result->removed);
	msg_put_blob(msg, result->diff, result->diff != NULL ? strlen(result->diff) : 0);
	client_put_report(msg, &result->report);
}

bool
client_get_result(struct msg *msg, struct submit_result *out)
{
	size_t len;

	*out = (struct submit_result){ 0 };
	out->changed = msg_get_bool(msg);
	out->live = msg_get_bool(msg);
	out->serial_old = msg_get_u32(msg);
	out->serial = msg_get_u32(msg);
	client_get_text(msg, out->commit, sizeof out->commit);
	out->added = msg_get_u32(msg);
	out->altered = msg_get_u32(msg);
	out->removed = msg_get_u32(msg);
	out->diff = get_owned(msg, &len);
	return client_get_report(msg, &out->report);
}

void
client_put_log_query(struct msg *msg, const struct log_query *query)
{
	msg_put_str(msg, query->zone);
	msg_put_str(msg, query->owner);
	msg_put_str(msg, query->type);
	msg_put_u32(msg, query->skip);
	msg_put_u32(msg, query->limit);
	msg_put_bool(msg, query->people);
}

bool
client_get_log_query(struct msg *msg, struct log_query *out)
{
	*out = (struct log_query){ 0 };
	out->zone = msg_get_str(msg);
	out->owner = msg_get_str(msg);
	out->type = msg_get_str(msg);
	out->skip = msg_get_u32(msg);
	out->limit = msg_get_u32(msg);
	out->people = msg_get_bool(msg);
	return !msg->in.bad;
}

void
client_put_log_entry(struct msg *msg, const struct log_entry *entry)
{
	msg_put_str(msg, entry->commit);
	msg_put_u64(msg, (uint64_t)entry->time_s);
	msg_put_str(msg, entry->author);
	msg_put_str(msg, entry->email);
	msg_put_str(msg, entry->zone);
	msg_put_str(msg, entry->via);
	msg_put_str(msg, entry->actor);
	msg_put_str(msg, entry->from);
	msg_put_str(msg, entry->subject);
	msg_put_u32(msg, entry->serial);
}

bool
client_get_log_entry(struct msg *msg, struct log_entry *out)
{
	*out = (struct log_entry){ 0 };
	client_get_text(msg, out->commit, sizeof out->commit);
	out->time_s = (int64_t)msg_get_u64(msg);
	client_get_text(msg, out->author, sizeof out->author);
	client_get_text(msg, out->email, sizeof out->email);
	client_get_text(msg, out->zone, sizeof out->zone);
	client_get_text(msg, out->via, sizeof out->via);
	client_get_text(msg, out->actor, sizeof out->actor);
	client_get_text(msg, out->from, sizeof out->from);
	client_get_text(msg, out->subject, sizeof out->subject);
	out->serial = msg_get_u32(msg);
	return !msg->in.bad;
}

void
client_put_event(struct msg *msg, const struct client_event *event)
{
	msg_put_str(msg, event->zone);
	msg_put_u32(msg, event->serial);
	msg_put_str(msg, event->commit);
	msg_put_str(msg, event->who);
	msg_put_str(msg, event->via);
	msg_put_str(msg, event->subject);
}

bool
client_get_event(struct msg *msg, struct client_event *out)
{
	*out = (struct client_event){ 0 };
	client_get_text(msg, out->zone, sizeof out->zone);
	out->serial = msg_get_u32(msg);
	client_get_text(msg, out->commit, sizeof out->commit);
	client_get_text(msg, out->who, sizeof out->who);
	client_get_text(msg, out->via, sizeof out->via);
	client_get_text(msg, out->subject, sizeof out->subject);
	return !msg->in.bad;
}
