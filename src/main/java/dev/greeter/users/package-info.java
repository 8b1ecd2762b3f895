/** The User service: its calls, the stored users and its failures. */
@NullMarked
package dev.greeter.users;

import org.jspecify.annotations.NullMarked;
