/** Connections, their limits and TLS. */
@NullMarked
package dev.greeter.server.socket;

import org.jspecify.annotations.NullMarked;
