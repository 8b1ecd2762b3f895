/** The contract between features and the server. */
@NullMarked
package dev.greeter.service;

import org.jspecify.annotations.NullMarked;
