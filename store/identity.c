/* SPDX-License-Identifier: ISC */
/*
 * Public keys to identities, in one array sorted by key.
 */
#include "store/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

struct store_ident {
	const char              *type, *base64;         /* the files' */
	const struct store_file *file;                  /* account or policy */
	const char              *fingerprint;
	const char              *device;                /* of a policy: its name there */
	size_t                   order;                 /* the first owner of a key has it */
};

void
identity_done(struct store *store)
{
	free(store->idents);
	store->idents = NULL;
	store->ident_count = store->ident_cap = 0;
}

static void
ident_add(struct store *store, struct store_ident ident)
{
	mem_grow(&store->idents, &store->ident_cap, store->ident_count + 1, sizeof ident);
	ident.order = store->ident_count;
	store->idents[store->ident_count++] = ident;
}

static int
compare_keys(const struct store_ident *a, const struct store_ident *b)
{
	int order = strcmp(a->base64, b->base64);

	return order != 0 ? order : strcmp(a->type, b->type);
}

static int
compare(const void *a, const void *b)
{
	const struct store_ident *x = a, *y = b;
	int                       order = compare_keys(x, y);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static void
add_accounts(struct store *store, struct arena *scratch)
{
	size_t              count;
	struct store_file **files = store_list(store, FILE_ACCOUNT, scratch, &count);

	for (size_t i = 0; i < count; i++) {
		const struct account *account = files[i]->content.account;

		for (size_t k = 0; account != NULL && k < account->key_count; k++) {
			const struct account_key *key = &account->keys[k];

			ident_add(store, (struct store_ident){ key->type, key->base64, files[i], key->fingerprint, NULL, 0 });
		}
	}
}

static void
add_devices(struct store *store, struct arena *scratch)
{
	size_t              count;
	struct store_file **files = store_list(store, FILE_POLICY, scratch, &count);

	for (size_t i = 0; i < count; i++) {
		const struct policy *policy = files[i]->content.policy;

		for (size_t k = 0; policy != NULL && k < policy->device_count; k++) {
			const struct policy_device *device = &policy->devices[k];

			ident_add(store, (struct store_ident){ device->type, device->base64, files[i], device->fingerprint, device->name, 0 });
		}
	}
}

/* Leave the first of those who have the same key. */
static void
drop_doubles(struct store *store)
{
	size_t kept = 0;

	for (size_t i = 0; i < store->ident_count; i++) {
		const struct store_ident *ident = &store->idents[i];

		if (kept != 0 && compare_keys(&store->idents[kept - 1], ident) == 0)
			log_warn("file %s: key %s belongs to %s already and does not count here", ident->file->path, ident->fingerprint,
			    store->idents[kept - 1].file->path);
		else
			store->idents[kept++] = *ident;
	}
	store->ident_count = kept;
}

static void
refill(struct store *store)
{
	struct arena *scratch = arena_new();

	store->ident_count = 0;
	add_accounts(store, scratch);
	add_devices(store, scratch);
	if (store->ident_count != 0)
		qsort(store->idents, store->ident_count, sizeof *store->idents, compare);
	drop_doubles(store);
	store->idents_stale = false;
	arena_free(scratch);
}

static const struct store_ident *
ident_find(struct store *store, const char *type, const char *base64)
{
	struct store_ident wanted = { .type = type, .base64 = base64 };
	size_t             low = 0, high;

	if (store->idents_stale)
		refill(store);
	high = store->ident_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int    order = compare_keys(&store->idents[mid], &wanted);

		if (order == 0)
			return &store->idents[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool
identity_find(struct store *store, const char *type, const char *base64, struct identity *out, struct err *err)
{
	const struct store_ident *ident = ident_find(store, type, base64);

	*out = (struct identity){ .kind = ID_ACCOUNT };
	if (ident == NULL) {
		err_set(err, ERR_NOTAUTH, "this key is not enrolled");
		return err_hint(err, "an administrator can add it to users/<e-mail>");
	}
	snprintf(out->key, sizeof out->key, "%s", ident->fingerprint);
	if (ident->device != NULL) {
		out->kind = ID_DEVICE;
		snprintf(out->name, sizeof out->name, "%s.%.*s", ident->device, (int)(sizeof out->name - 65), ident->file->name);
		snprintf(out->display, sizeof out->display, "%s", ident->device);
		return true;
	}
	snprintf(out->name, sizeof out->name, "%s", ident->file->name);
	snprintf(out->display, sizeof out->display, "%s", ident->file->content.account->name);
	out->admin = ident->file->content.account->admin;
	return true;
}

static bool
account_has(const struct account *account, const char *fingerprint)
{
	for (size_t i = 0; account != NULL && i < account->key_count; i++)
		if (strcmp(account->keys[i].fingerprint, fingerprint) == 0)
			return true;
	return false;
}

/* The device NAME ("router.example.org"): of a zone at any of its dots. */
static bool
device_is(const struct store *store, const char *name, const char *fingerprint)
{
	for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
		const struct policy *policy = identity_policy(store, dot + 1);

		for (size_t i = 0; policy != NULL && i < policy->device_count; i++)
			if (strlen(policy->devices[i].name) == (size_t)(dot - name) &&
			    strncmp(policy->devices[i].name, name, (size_t)(dot - name)) == 0 &&
			    strcmp(policy->devices[i].fingerprint, fingerprint) == 0)
				return true;
	}
	return false;
}

static bool
tsig_is(const struct store *store, const char *text)
{
	uint8_t name[NAME_SIZE];

	return name_parse(name, text, NULL, NULL) && store_has_key(store, name);
}

bool
identity_refresh(struct store *store, struct identity *who, struct err *err)
{
	const struct store_file *file = who->kind == ID_ACCOUNT ? store_find(store, FILE_ACCOUNT, who->name) : NULL;

	if (who->kind == ID_ACCOUNT && file != NULL && account_has(file->content.account, who->key)) {
		who->admin = file->content.account->admin;
		snprintf(who->display, sizeof who->display, "%s", file->content.account->name);
		return true;
	}
	if (who->kind == ID_ADMIN || (who->kind == ID_DEVICE && device_is(store, who->name, who->key)) ||
	    (who->kind == ID_TSIG && tsig_is(store, who->name)))
		return true;
	return err_set(err, ERR_NOTAUTH, "%s or its key has been removed", who->name);
}

enum access
identity_access(const struct store *store, const struct identity *who, const char *zone)
{
	const struct store_file *file;

	if (who->kind == ID_ADMIN)
		return ACCESS_OWNER;
	file = who->kind == ID_ACCOUNT ? store_find(store, FILE_ACCOUNT, who->name) : NULL;
	return file != NULL && file->content.account != NULL ? account_access(file->content.account, zone) : ACCESS_NONE;
}

bool
identity_sees(const struct store *store, const struct identity *who, const char *zone)
{
	uint8_t        name[NAME_SIZE], apex[NAME_SIZE];
	const uint8_t *right;

	if (who->kind == ID_ADMIN || who->kind == ID_ACCOUNT)
		return identity_access(store, who, zone) != ACCESS_NONE;
	if (!name_parse(name, who->name, NULL, NULL) || !name_parse_zone(apex, zone, NULL))
		return false;
	if (who->kind == ID_TSIG && key_right(name, &right) >= KEY_UPDATE)
		return name_below(apex, right) || name_below(right, apex);
	return name_below(name, apex);
}

const struct policy *
identity_policy(const struct store *store, const char *zone)
{
	const struct store_file *file = store_find(store, FILE_POLICY, zone);

	return file != NULL ? file->content.policy : NULL;
}
