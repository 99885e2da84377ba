/* walk.h - all sound files below a folder. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include "cli.h"

typedef struct cli_walk {
    char **paths;                /* [count] folder/.../name; sorted within each folder */
    size_t count, room;
    size_t unread;               /* folders that could not be read, which was said */
} cli_walk;

/* False: the context says why. Close it in any case. */
bool cli_walk_open(cli *k, cli_walk *w, const char *folder);
void cli_walk_close(cli_walk *w);

#endif
