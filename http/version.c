/* SPDX-License-Identifier: ISC */
/*
 * GET /version: what runs and which commit it serves.  GET /healthz: does it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/server.h"

static json_t *
time_or_null(int64_t unix_s)
{
	char text[24];

	if (unix_s == 0)
		return json_null();
	str_time(text, unix_s);
	return json_string(text);
}

enum MHD_Result
version_reply(struct request *request)
{
	const struct info *info = &request->server->info;
	json_t            *json = json_pack("{s:i, s:b, s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "v", 1, "ok", 1, "program",
	               "zonesh", "version", ZONESH_VERSION, "commit", info->commit, "zones", (int)info->zones, "broken",
	               (int)info->broken, "fetched", time_or_null(info->fetched_s), "pushed", time_or_null(info->pushed_s));
	char              *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct buf         line = { 0 };
	enum MHD_Result    done;

	buf_putf(&line, "%s\n", text);
	done = server_text(request, MHD_HTTP_OK, "application/json", buf_str(&line));
	buf_done(&line);
	free(text);
	json_decref(json);
	return done;
}

enum MHD_Result
health_reply(struct request *request)
{
	const struct server *server = request->server;
	char                 text[64];

	if (server->store_io == NULL)
		return server_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", "the store is restarting\n");
	if (!server->info_known || !server->info.dns_live)
		return server_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", "zones are being loaded\n");
	if (server->info.dead != 0) {
		snprintf(text, sizeof text, "%u zone%s no version that loads\n", server->info.dead, server->info.dead == 1 ? " has" : "s have");
		return server_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", text);
	}
	return server_text(request, MHD_HTTP_OK, "text/plain", "ok\n");
}
