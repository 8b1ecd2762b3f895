package dev.greeter.service;

/**
 * Event by which a feature reports whether one of its gRPC services can serve: after each change and once before the
 * server starts. A service without an event counts as available.
 *
 * @param service full name of the service
 */
public record ServiceAvailability(String service, boolean available) {}
