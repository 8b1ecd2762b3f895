package dev.greeter.service;

/**
 * Event with which a feature says that one of its gRPC services can or cannot serve, each time that changes and once
 * before the server starts; a service of which none was published counts as available.
 *
 * @param service full name of the service
 */
public record ServiceAvailability(String service, boolean available) {}
