/** Tokens and certificates of both sides. */
@NullMarked
package dev.greeter.credentials;

import org.jspecify.annotations.NullMarked;
