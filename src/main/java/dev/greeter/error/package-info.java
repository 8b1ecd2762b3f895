/** How a failure leaves the server. */
@NullMarked
package dev.greeter.error;

import org.jspecify.annotations.NullMarked;
