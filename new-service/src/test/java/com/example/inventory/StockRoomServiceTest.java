package com.example.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.inventory.v1.GetItemRequest;
import com.example.inventory.v1.Item;
#if database
import com.example.inventory.v1.ListItemsRequest;
import com.example.inventory.v1.ListItemsResponse;
#end
import com.example.inventory.v1.LookUpItemsRequest;
import com.example.inventory.v1.PutItemsRequest;
import com.example.inventory.v1.PutItemsResponse;
import com.example.inventory.v1.StockRoomGrpc.StockRoomBlockingStub;
import com.example.inventory.v1.StockRoomGrpc.StockRoomStub;
import com.example.inventory.v1.WatchCountRequest;
import com.example.inventory.v1.WatchCountResponse;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.server.security.TestCallers;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
#if database
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
#end
import org.springframework.context.annotation.Import;
#if database
import org.springframework.test.context.TestPropertySource;
#end

/** The contract, as callers see it. */
@GrpcTest(StockRoomService.class)
@Import(Items.class)
#if database
@ImportAutoConfiguration({DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:test;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE")
#end
class StockRoomServiceTest {

    @GrpcClient("stock-room")
    private StockRoomBlockingStub stockRoom;

    @GrpcClient("stock-room")
    private StockRoomStub streams;

    @Autowired
    private TestCallers callers;

    @Test
    void anItemIsAsItWasPutLast() {
        assertThat(put(item("apple", "green"), item("apple", "red")).all())
                .extracting(PutItemsResponse::getStored)
                .containsExactly(2);

        assertThat(get("apple")).isEqualTo(item("apple", "red"));
    }

    @Test
    void anUnknownItemIsNotFound() {
        assertThatThrownBy(() -> get("pear")).hasMessage("NOT_FOUND: There is no item \"pear\".");
    }

    @Test
    void anItemWithoutANameIsInvalid() {
        assertThat(put(item(" ", "")).failure()).hasMessageStartingWith("INVALID_ARGUMENT: item.name must have 1");
    }

    @Test
    void onlyCallersWithTheScopePutItems() {
        StockRoomStub stranger = streams.withCallCredentials(callers.withScopes("other"));

        assertThat(put(stranger, item("fig", "")).failure()).hasMessageStartingWith("PERMISSION_DENIED");
    }

    @Test
    void itemsAreLookedUpInOrder() {
        put(item("one", "1"), item("two", "2")).all();
        ReplyRecorder<Item> found = new ReplyRecorder<>();

        StreamObserver<LookUpItemsRequest> requests = streams.lookUpItems(found);
        requests.onNext(LookUpItemsRequest.newBuilder().setName("two").build());
        requests.onNext(LookUpItemsRequest.newBuilder().setName("one").build());
        requests.onCompleted();

        assertThat(found.all()).containsExactly(item("two", "2"), item("one", "1"));
    }

    @Test
    void aWatchSeesTheCountChange() {
        ReplyRecorder<WatchCountResponse> watch = new ReplyRecorder<>();
        streams.watchCount(WatchCountRequest.getDefaultInstance(), watch);
        Awaitility.await().until(() -> watch.soFar().size() == 1);

        put(item("new", "")).all();

        Awaitility.await().until(() -> watch.soFar().size() == 2);
        assertThat(watch.soFar().get(1).getCount()).isEqualTo(watch.soFar().get(0).getCount() + 1);
    }
#if database

    @Test
    void pagesHaveAllItemsInOrder() {
        put(item("list-c", ""), item("list-a", ""), item("list-b", "")).all();

        ListItemsResponse first = list(2, "list-");
        ListItemsResponse second = list(2, first.getNextPageToken());

        assertThat(first.getItemsList()).extracting(Item::getName).containsExactly("list-a", "list-b");
        assertThat(second.getItemsList()).extracting(Item::getName).startsWith("list-c");
    }

    private ListItemsResponse list(int size, String token) {
        return stockRoom.listItems(ListItemsRequest.newBuilder()
                .setPageSize(size)
                .setPageToken(token)
                .build());
    }
#end

    private Item get(String name) {
        return stockRoom.getItem(GetItemRequest.newBuilder().setName(name).build());
    }

    private ReplyRecorder<PutItemsResponse> put(Item... items) {
        return put(streams, items);
    }

    private static ReplyRecorder<PutItemsResponse> put(StockRoomStub caller, Item... items) {
        ReplyRecorder<PutItemsResponse> reply = new ReplyRecorder<>();
        StreamObserver<PutItemsRequest> requests = caller.putItems(reply);
        for (Item item : items) {
            requests.onNext(PutItemsRequest.newBuilder().setItem(item).build());
        }
        requests.onCompleted();
        return reply;
    }

    private static Item item(String name, String description) {
        return Item.newBuilder().setName(name).setDescription(description).build();
    }
}
