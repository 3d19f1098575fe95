/* SPDX-License-Identifier: ISC */
/*
 * Commit messages.
 *
 * People's text goes in without control characters, and no line of it can be taken for a trailer.
 */
#include "store/note.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "zone/change.h"
#include "zone/name.h"

#define MESSAGE_MAX 1000        /* bytes of a person's own text */
#define SUBJECT_MAX 200
#define LINES_MAX   50          /* of a difference, in the body */

static const char *const machine_vias[] = { "rfc2136", "ssh-device", "dyndns2", "acme-dns", "httpreq" };
static const char *const machine_subjects[] = { "ddns:", "acme:", "dnssec:" };

bool
note_by_machine(const struct log_entry *entry)
{
	for (size_t i = 0; i < sizeof machine_vias / sizeof *machine_vias; i++)
		if (strcmp(entry->via, machine_vias[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof machine_subjects / sizeof *machine_subjects; i++)
		if (strncmp(entry->subject, machine_subjects[i], strlen(machine_subjects[i])) == 0)
			return true;
	return false;
}

/* ---- who ---- */

/* TEXT on one line; as the name or address of an author: git allows no angle brackets and no line ends in them. */
static void
put_author(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < size; text++)
		if ((unsigned char)*text >= ' ' && *text != 0x7f && strchr("<>", *text) == NULL)
			out[len++] = *text;
	out[len] = '\0';
}

static void
write_author(const struct note *note, struct log_entry *entry)
{
	const struct identity *who = note->who;
	char                   text[sizeof who->name + 64];

	if (who->kind == ID_ACCOUNT) {
		put_author(entry->author, sizeof entry->author, who->display[0] != '\0' ? who->display : who->name);
		put_author(entry->email, sizeof entry->email, who->name);
		return;
	}
	snprintf(text, sizeof text, who->kind == ID_ADMIN ? "%s" : "%.50s via zonesh", who->name);
	put_author(entry->author, sizeof entry->author, text);
	snprintf(text, sizeof text, "%s@%.60s", who->name, note->host);
	put_author(entry->email, sizeof entry->email, text);
}

/* "alice (SHA256:... ed25519-sk, touch)", "token home.example.org (hmac-sha256)", "root (local)". */
static void
write_actor(const struct identity *who, struct log_entry *entry)
{
	const char *blank = who->key[0] != '\0' && who->proof[0] != '\0' ? " " : "";
	char        text[sizeof who->name + sizeof who->key + sizeof who->proof + 16];

	snprintf(text, sizeof text, "%s%.*s (%s%s%s)", who->kind == ID_DEVICE || who->kind == ID_TSIG ? "token " : "",
	    who->kind == ID_ACCOUNT ? 30 : 60, who->kind == ID_ACCOUNT && who->display[0] != '\0' ? who->display : who->name, who->key, blank,
	    who->proof);
	put_author(entry->actor, sizeof entry->actor, text);
}

/* ---- what ---- */

static bool
is_challenge(const uint8_t *owner)
{
	return owner[0] == 15 && strncasecmp((const char *)owner + 1, "_acme-challenge", 15) == 0;
}

/* The word that the subject begins with. */
static const char *
kind_of(const struct identity *who, const struct note_part *part)
{
	bool machine = who->kind == ID_DEVICE || who->kind == ID_TSIG, addresses = !diff_soa(part->diff) && !diff_empty(part->diff);
	bool challenges = addresses;

	if (part->submit->mode == SUBMIT_REPLACE)
		return "import";
	for (size_t i = 0; i < part->diff->count; i++) {
		const struct rr *rr = &part->diff->items[i].rr;

		if (rr->type == TYPE_SOA)
			continue;
		addresses = addresses && (rr->type == TYPE_A || rr->type == TYPE_AAAA);
		challenges = challenges && rr->type == TYPE_TXT && is_challenge(rr->owner);
	}
	if (challenges)
		return "acme";
	return machine && addresses ? "ddns" : "edit";
}

/* Append a person's TEXT, cleaned and cut; line ends stay when LINES, else it ends there. */
static void
put_clean(struct buf *out, const char *text, size_t max, bool lines)
{
	struct buf plain = { 0 };
	bool       line_start = true;

	for (; *text != '\0' && plain.len < max && (*text != '\n' || lines); text++)
		if (*text == '\n' || ((unsigned char)*text >= ' ' && *text != 0x7f))
			buf_putc(&plain, *text);
		else if (*text == '\t')
			buf_putc(&plain, ' ');
	for (text = buf_str(&plain); *text != '\0'; text++) {
		size_t word = line_start && lines ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") : 0;

		if (word != 0 && text[word + strspn(text + word, " ")] == ':')
			buf_putc(out, ' ');
		line_start = *text == '\n';
		buf_putc(out, *text);
	}
	buf_done(&plain);
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* A line of a difference as a subject: "+ a A 192.0.2.1" stays, "~ a A x -> y" is told by its arrow. */
static void
put_diff_subject(struct buf *out, const char *lines)
{
	size_t count = count_lines(lines);

	if (strncmp(lines, "~ ", 2) == 0)
		lines += 2;
	put_clean(out, lines, SUBJECT_MAX, false);
	if (count > 1)
		buf_putf(out, " (and %zu more)", count - 1);
}

static void
put_subject(struct buf *out, const struct note *note, const struct note_part *part, const char *lines)
{
	const char *message = part->submit->message;
	unsigned    added, altered, removed;

	buf_putf(out, "%s: ", kind_of(note->who, part));
	if (message != NULL && message[strspn(message, " \t\r\n")] != '\0') {
		put_clean(out, message + strspn(message, " \t\r\n"), SUBJECT_MAX, false);
	} else if (part->submit->mode == SUBMIT_CHANGE && lines[0] == '\0') {
		buf_putf(out, "serial %u", part->diff->serial_new);
	} else if (part->submit->mode == SUBMIT_CHANGE) {
		put_diff_subject(out, lines);
	} else if (part->submit->mode == SUBMIT_REPLACE && diff_empty(part->diff)) {
		buf_puts(out, "comments and layout");
	} else {
		diff_count(part->diff, &added, &altered, &removed);
		buf_putf(out, "%s %s, +%u ~%u -%u", part->submit->mode == SUBMIT_CREATE ? "create zone" : "zone", note->zone, added, altered, removed);
	}
}

/* What the subject did not say: the rest of the message, and the difference. */
static void
put_body(struct buf *out, const struct note_part *part, const char *lines, bool always)
{
	const char *message = part->submit->message != NULL ? part->submit->message : "";
	const char *rest = strchr(message + strspn(message, " \t\r\n"), '\n');
	size_t      shown = 0, count = count_lines(lines);

	if (rest != NULL && rest[strspn(rest, " \t\r\n")] != '\0') {
		buf_putc(out, '\n');
		put_clean(out, rest + strspn(rest, " \t\r\n"), MESSAGE_MAX, true);
		buf_putc(out, '\n');
	}
	if (part->submit->mode != SUBMIT_CHANGE || (count <= 1 && message[0] == '\0' && !always))
		return;
	buf_putc(out, '\n');
	for (const char *end; shown < LINES_MAX && (end = strchr(lines, '\n')) != NULL; lines = end + 1, shown++)
		buf_put(out, lines, (size_t)(end + 1 - lines));
	if (count > shown)
		buf_putf(out, "... and %zu more\n", count - shown);
}

static void
put_trailers(struct buf *out, const struct note *note, const struct log_entry *entry)
{
	buf_putf(out, "\nZone: %s\nActor: %s\nVia: %s\n", note->zone, entry->actor, entry->via);
	if (entry->from[0] != '\0')
		buf_putf(out, "From: %s\n", entry->from);
	buf_putf(out, "Serial: %u %u\nChange-Id: %s\n", note->serial_old, note->serial_new, note->change_id);
}

void
note_write(const struct note *note, struct log_entry *entry, struct buf *message)
{
	struct buf body = { 0 }, lines = { 0 };

	*entry = (struct log_entry){ .time_s = note->time_s, .serial = note->serial_new };
	write_author(note, entry);
	write_actor(note->who, entry);
	snprintf(entry->zone, sizeof entry->zone, "%s", note->zone);
	put_author(entry->via, sizeof entry->via, note->who->via);      /* other processes said these */
	put_author(entry->from, sizeof entry->from, note->who->from);

	for (size_t i = 0; i < note->part_count; i++) {
		buf_reset(&lines);
		diff_print(&lines, note->parts[i].diff);
		if (i == 0)
			put_subject(message, note, &note->parts[i], buf_str(&lines));
		put_body(&body, &note->parts[i], buf_str(&lines), note->part_count > 1);
	}
	if (note->part_count > 1)
		buf_putf(message, " (%zu changes)", note->part_count);
	snprintf(entry->subject, sizeof entry->subject, "%s", buf_str(message));
	buf_putc(message, '\n');
	buf_put(message, body.data, body.len);
	put_trailers(message, note, entry);
	buf_done(&body);
	buf_done(&lines);
}
