/** What counts as a person's name. */
@NullMarked
package dev.greeter.naming;

import org.jspecify.annotations.NullMarked;
