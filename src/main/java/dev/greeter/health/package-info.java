/** What a feature tells of its health. */
@NullMarked
package dev.greeter.health;

import org.jspecify.annotations.NullMarked;
