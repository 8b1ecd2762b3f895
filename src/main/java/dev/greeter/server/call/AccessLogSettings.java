package dev.greeter.server.call;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the access log.
 *
 * @param enabled whether each call writes a line to the log "access"
 */
@ConfigurationProperties("service.access-log")
record AccessLogSettings(@DefaultValue("false") boolean enabled) {}
