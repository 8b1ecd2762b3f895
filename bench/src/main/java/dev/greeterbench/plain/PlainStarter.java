package dev.greeterbench.plain;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The starter with one service and its defaults. */
@SpringBootApplication
public class PlainStarter {

    public static void main(String[] args) {
        SpringApplication.run(PlainStarter.class, args);
    }
}
