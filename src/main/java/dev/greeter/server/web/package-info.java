/** Serves the methods of gRPC to the web: by Connect, gRPC-Web and JSON, over HTTP/1.1 and HTTP/2. */
@NullMarked
package dev.greeter.server.web;

import org.jspecify.annotations.NullMarked;
