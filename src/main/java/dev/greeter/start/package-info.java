/** What a start reads, what stops it, and how that is told. */
@NullMarked
package dev.greeter.start;

import org.jspecify.annotations.NullMarked;
