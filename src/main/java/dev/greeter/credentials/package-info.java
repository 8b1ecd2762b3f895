/** How a token is sent with a call, and who has sent one. */
@NullMarked
package dev.greeter.credentials;

import org.jspecify.annotations.NullMarked;
