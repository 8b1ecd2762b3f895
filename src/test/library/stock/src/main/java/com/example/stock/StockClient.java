package com.example.stock;

import com.example.stock.proto.Item;
import com.example.stock.proto.Query;
import com.example.stock.proto.StockGrpc;
import com.example.stock.proto.StockGrpc.StockBlockingStub;
import com.example.stock.proto.StockGrpc.StockStub;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls every method, and prints what it notices. */
public class StockClient {

    private static final Item APPLE =
            Item.newBuilder().setName("apple").setCount(1).build();

    public static void main(String[] args) {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(args[0]).usePlaintext().build();
        StockBlockingStub stock = StockGrpc.newBlockingStub(channel);
        StockStub streams = StockGrpc.newStub(channel);

        print("GetItem", () -> stock.getItem(APPLE).getCount());
        print("GetItem with gzip", () -> stock.withCompression("gzip").getItem(APPLE).getCount());
        print("GetItem of 2 MB", () -> stock.getItem(
                        APPLE.toBuilder().setPicture(ByteString.copyFrom(new byte[2_000_000])).build())
                .getPicture()
                .size());
        print("GetItem of an unknown item", () -> stock.getItem(Item.newBuilder().setName("pear").build()));
        print("GetItem without a name", () -> stock.getItem(Item.getDefaultInstance()));
        print("ListItems", () -> {
            List<Integer> counts = new ArrayList<>();
            stock.listItems(Query.getDefaultInstance()).forEachRemaining(item -> counts.add(item.getCount()));
            return counts;
        });
        print("CountItems", () -> send(streams::countItems));
        print("DoubleItems", () -> send(streams::doubleItems));
        print("Health", () -> HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus());
        print("Break", () -> stock.break_(Query.getDefaultInstance()));
        channel.shutdownNow();
    }

    private static void print(String call, Supplier<Object> result) {
        try {
            System.out.println(call + ": " + result.get());
        } catch (StatusRuntimeException failure) {
            System.out.println(call + ": " + failure.getStatus().getCode() + " " + failure.getStatus().getDescription());
        }
    }

    private static List<Integer> send(Function<StreamObserver<Item>, StreamObserver<Item>> call) {
        CompletableFuture<List<Integer>> counts = new CompletableFuture<>();
        StreamObserver<Item> requests = call.apply(new StreamObserver<>() {
            private final List<Integer> replies = new ArrayList<>();

            @Override
            public void onNext(Item item) {
                replies.add(item.getCount());
            }

            @Override
            public void onError(Throwable failure) {
                counts.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                counts.complete(replies);
            }
        });
        requests.onNext(APPLE);
        requests.onNext(APPLE);
        requests.onCompleted();
        return counts.join();
    }
}
