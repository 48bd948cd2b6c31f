//  streams: stdin, stdout and stderr, which every program is thought to have.

#ifndef BR_CLI_STREAMS_H
#define BR_CLI_STREAMS_H

//  Opens those of the three that whoever started the program has closed. Else the next file
//  that is opened, like the pid file or the database, would get what is meant for them.
//  Nothing is read from them, and writing fails as it does on a closed one.
//  err:  -1 when /dev/null cannot be opened
int cli_streams_hold (void);

#endif
