/** What stops a start, and how it is told. */
@NullMarked
package dev.greeter.start;

import org.jspecify.annotations.NullMarked;
