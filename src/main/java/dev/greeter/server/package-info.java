/** The order of what every call passes, its check and its description. */
@NullMarked
package dev.greeter.server;

import org.jspecify.annotations.NullMarked;
