/** What a feature and the server agree on. */
@NullMarked
package dev.greeter.service;

import org.jspecify.annotations.NullMarked;
