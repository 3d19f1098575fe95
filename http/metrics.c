/* SPDX-License-Identifier: ISC */
/*
 * GET /metrics: the counters of all roles as Prometheus text, and what the store last said.
 */
#include "base/metric.h"

#include "base/buf.h"
#include "http/server.h"

enum MHD_Result
metrics_reply(struct request *request)
{
	struct buf      out = { 0 };
	enum MHD_Result done;

	metric_print(&out);
	buf_putf(&out, "# HELP zonesh_git_head_info commit of the branch that is served\n"
	               "# TYPE zonesh_git_head_info gauge\nzonesh_git_head_info{commit=\"%s\"} 1\n",
	    request->server->info.commit);
	buf_putf(&out, "# HELP zonesh_build_info version that runs\n# TYPE zonesh_build_info gauge\n"
	               "zonesh_build_info{version=\"%s\"} 1\n", ZONESH_VERSION);
	done = server_text(request, MHD_HTTP_OK, "text/plain; version=0.0.4", buf_str(&out));
	buf_done(&out);
	return done;
}
