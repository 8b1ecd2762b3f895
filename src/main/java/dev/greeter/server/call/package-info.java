/** How a call is decoded, timed, ended, counted, traced and logged. */
@NullMarked
package dev.greeter.server.call;

import org.jspecify.annotations.NullMarked;
