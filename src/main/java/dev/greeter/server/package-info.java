/** What every call passes: interceptors and their order, errors, health, reflection. */
@NullMarked
package dev.greeter.server;

import org.jspecify.annotations.NullMarked;
