//  tui_crash: a terminal that is left as it was found, also when the program ends by a signal
//  that nobody expects.

#ifndef BR_TUI_CRASH_H
#define BR_TUI_CRASH_H

#include <termios.h>

//  From now on: such a signal writes the bytes to standard output, brings the terminal back to
//  the modes, and does then what it would have done. bytes are copied, as many as fit.
void tui_crash_arm (const struct termios *modes, const char *bytes);
void tui_crash_disarm (void);

#endif
