/** Authentication and authorization of callers: tokens, certificates and the access table. */
@NullMarked
package dev.greeter.server.security;

import org.jspecify.annotations.NullMarked;
