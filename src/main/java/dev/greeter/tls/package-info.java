/** Certificates and keys of both sides: read from the files that the starters' settings name, and replaced live. */
@NullMarked
package dev.greeter.tls;

import org.jspecify.annotations.NullMarked;
