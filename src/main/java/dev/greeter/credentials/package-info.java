/** How a token is sent with a call. */
@NullMarked
package dev.greeter.credentials;

import org.jspecify.annotations.NullMarked;
