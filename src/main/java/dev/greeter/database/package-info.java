/** A data source that may be away: its state, the statements of calls, and what its failures mean to callers. */
@NullMarked
package dev.greeter.database;

import org.jspecify.annotations.NullMarked;
