// System calls that the C library's Swift module leaves out.
#pragma once

/// Tells the system to begin storing what was written to a file, without waiting for it. A hint: where there is no
/// such call, or it fails, nothing happens, and whoever syncs the file waits longer.
void vlmc_begin_writeback(int descriptor);
