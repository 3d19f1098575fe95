/* SPDX-License-Identifier: ISC */
/* Telling systemd how we are (sd_notify(3)), without its library.  Used by the parent. */
#ifndef BASE_SDNOTIFY_H
#define BASE_SDNOTIFY_H

/* Send STATE ("READY=1") to whom NOTIFY_SOCKET names.  Nothing happens when nobody asked. */
void sdnotify_send(const char *state);

#endif
