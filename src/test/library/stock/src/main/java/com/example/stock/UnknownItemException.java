package com.example.stock;

class UnknownItemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownItemException(String item) {
        super("no item " + item);
    }
}
