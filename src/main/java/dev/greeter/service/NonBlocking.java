package dev.greeter.service;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Promises that no call of this gRPC service ever waits, whether for a long-held lock, a database, a file or another
 * server. Its calls then run on the event loop; without the promise they run on workers.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface NonBlocking {}
