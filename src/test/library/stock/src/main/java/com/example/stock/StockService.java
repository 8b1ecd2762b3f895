package com.example.stock;

import com.example.stock.proto.Item;
import com.example.stock.proto.Query;
import com.example.stock.proto.StockGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.server.service.GrpcService;

@GrpcService
public class StockService extends StockGrpc.StockImplBase {

    @Override
    public void getItem(Item request, StreamObserver<Item> replies) {
        if (request.getName().isEmpty()) {
            replies.onError(Status.INVALID_ARGUMENT.withDescription("no name").asRuntimeException());
            return;
        }
        if (request.getName().equals("pear")) {
            throw new UnknownItemException(request.getName());
        }
        replies.onNext(request.toBuilder().setCount(3).build());
        replies.onCompleted();
    }

    @Override
    public void listItems(Query request, StreamObserver<Item> replies) {
        for (int i = 0; i < 3; i++) {
            replies.onNext(Item.newBuilder().setName("item " + i).setCount(i).build());
        }
        replies.onCompleted();
    }

    @Override
    public StreamObserver<Item> countItems(StreamObserver<Item> replies) {
        return new StreamObserver<>() {
            private int count;

            @Override
            public void onNext(Item item) {
                count += item.getCount();
            }

            @Override
            public void onError(Throwable failure) {
                // the client is gone
            }

            @Override
            public void onCompleted() {
                replies.onNext(Item.newBuilder().setCount(count).build());
                replies.onCompleted();
            }
        };
    }

    @Override
    public StreamObserver<Item> doubleItems(StreamObserver<Item> replies) {
        return new StreamObserver<>() {

            @Override
            public void onNext(Item item) {
                replies.onNext(item.toBuilder().setCount(2 * item.getCount()).build());
            }

            @Override
            public void onError(Throwable failure) {
                // the client is gone
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    @Override
    public void break_(Query request, StreamObserver<Item> replies) {
        throw new IllegalStateException("the password is secret");
    }
}
