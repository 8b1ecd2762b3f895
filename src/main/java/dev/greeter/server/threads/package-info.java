/** The threads on which calls run. */
@NullMarked
package dev.greeter.server.threads;

import org.jspecify.annotations.NullMarked;
