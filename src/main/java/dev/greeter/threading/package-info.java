/** On which thread a service runs. */
@NullMarked
package dev.greeter.threading;

import org.jspecify.annotations.NullMarked;
