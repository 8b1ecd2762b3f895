/** How a failure leaves the server, and how a wrong setting stops its start. */
@NullMarked
package dev.greeter.error;

import org.jspecify.annotations.NullMarked;
