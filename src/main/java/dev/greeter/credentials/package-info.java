/** Tokens and certificates of servers and clients. */
@NullMarked
package dev.greeter.credentials;

import org.jspecify.annotations.NullMarked;
