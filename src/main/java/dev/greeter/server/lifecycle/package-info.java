/** The start and the stop of the service, and its health. */
@NullMarked
package dev.greeter.server.lifecycle;

import org.jspecify.annotations.NullMarked;
