/** The application as it starts fastest: laid out for an image, with an AOT cache of a training run. */
@NullMarked
package dev.greeter.server.image;

import org.jspecify.annotations.NullMarked;
