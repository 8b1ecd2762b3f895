/** The part of the domain that the features share. */
@NullMarked
package dev.greeter.person;

import org.jspecify.annotations.NullMarked;
