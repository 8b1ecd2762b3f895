/** Greeter: {@code helloworld.Greeter} as a Spring Boot gRPC service. */
@NullMarked
package dev.greeter;

import org.jspecify.annotations.NullMarked;
