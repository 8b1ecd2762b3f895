/** The demo client: a command-line runner on injected stubs. */
@NullMarked
package dev.greeter.client;

import org.jspecify.annotations.NullMarked;
