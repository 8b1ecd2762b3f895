/** A data source that may be away: its state, the statements of calls, and the statuses for its failures. */
@NullMarked
package dev.greeter.database;

import org.jspecify.annotations.NullMarked;
