/** The command line and the settings of a start, and the report of those that stop it. */
@NullMarked
package dev.greeter.start;

import org.jspecify.annotations.NullMarked;
