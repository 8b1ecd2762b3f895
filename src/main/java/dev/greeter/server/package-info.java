/** The order of the interceptor chain, its check and its description. */
@NullMarked
package dev.greeter.server;

import org.jspecify.annotations.NullMarked;
