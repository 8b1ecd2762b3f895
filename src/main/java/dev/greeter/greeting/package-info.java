/** The Greeter service: its calls, its phrases and the caller's language. */
@NullMarked
package dev.greeter.greeting;

import org.jspecify.annotations.NullMarked;
