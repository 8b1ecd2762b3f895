/** What the features share of their domain. */
@NullMarked
package dev.greeter.person;

import org.jspecify.annotations.NullMarked;
