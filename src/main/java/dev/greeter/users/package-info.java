/** The User service: its calls, the users it stores and how it fails. */
@NullMarked
package dev.greeter.users;

import org.jspecify.annotations.NullMarked;
