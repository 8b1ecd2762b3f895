package dev.greeter.service;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a streaming method of a gRPC service that does not end by itself, such as a watch. When the server stops, its
 * calls end with UNAVAILABLE after health is NOT_SERVING, and the service sees each as cancelled; calls of other
 * methods may finish within the grace period. Deadlines apply to it as to every other stream.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface EndlessStream {}
