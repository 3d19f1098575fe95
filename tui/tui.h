/* SPDX-License-Identifier: ISC */
/*
 * The editor, a helper process on a pty.
 */
#ifndef TUI_TUI_H
#define TUI_TUI_H

/* Client channel at descriptor 3; $ZONESH_COMMAND may name a zone to open.  The exit status. */
int tui_main(void);

#endif
