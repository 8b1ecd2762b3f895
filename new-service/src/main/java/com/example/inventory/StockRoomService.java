package com.example.inventory;

import com.example.inventory.v1.GetItemRequest;
import com.example.inventory.v1.Item;
#if database
import com.example.inventory.v1.ListItemsRequest;
import com.example.inventory.v1.ListItemsResponse;
#end
import com.example.inventory.v1.LookUpItemsRequest;
import com.example.inventory.v1.PutItemsRequest;
import com.example.inventory.v1.PutItemsResponse;
import com.example.inventory.v1.StockRoomGrpc;
import com.example.inventory.v1.WatchCountRequest;
import com.example.inventory.v1.WatchCountResponse;
import com.google.rpc.Code;
import dev.greeter.service.EndlessStream;
import dev.greeter.service.ErrorStatus;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
#if database
import java.util.List;
#end
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.devh.boot.grpc.server.service.GrpcService;

/** Serves the items. */
@GrpcService
final class StockRoomService extends StockRoomGrpc.StockRoomImplBase {

#if database
    private static final int MAX_PAGE = 100;

#end
    private final Items items;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

    StockRoomService(Items items) {
        this.items = items;
    }

    @Override
    public void getItem(GetItemRequest request, StreamObserver<Item> replies) {
        replies.onNext(items.find(request.getName()));
        replies.onCompleted();
    }

#if database
    @Override
    public void listItems(ListItemsRequest request, StreamObserver<ListItemsResponse> replies) {
        int size = request.getPageSize();
        if (size < 0) {
            throw ErrorStatus.of(Code.INVALID_ARGUMENT, "PAGE_SIZE_INVALID", "page_size must not be negative.");
        }
        size = size == 0 ? MAX_PAGE : Math.min(size, MAX_PAGE);
        // One more shows whether there is a next page.
        List<Item> found = items.after(request.getPageToken(), size + 1);
        ListItemsResponse.Builder page = ListItemsResponse.newBuilder();
        if (found.size() > size) {
            found = found.subList(0, size);
            page.setNextPageToken(found.get(size - 1).getName());
        }
        replies.onNext(page.addAllItems(found).build());
        replies.onCompleted();
    }

#end
    @Override
    public StreamObserver<PutItemsRequest> putItems(StreamObserver<PutItemsResponse> replies) {
        return new StreamObserver<>() {
            private int stored;

            @Override
            public void onNext(PutItemsRequest request) {
                String name = request.getItem().getName();
                if (name.isBlank() || name.length() > 64) {
                    throw ErrorStatus.of(
                            Code.INVALID_ARGUMENT, "NAME_INVALID", "item.name must have 1 to 64 characters.");
                }
                items.put(request.getItem());
                stored++;
                tellWatchers();
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                replies.onNext(PutItemsResponse.newBuilder().setStored(stored).build());
                replies.onCompleted();
            }
        };
    }

    @Override
    public StreamObserver<LookUpItemsRequest> lookUpItems(StreamObserver<Item> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(LookUpItemsRequest request) {
                replies.onNext(items.find(request.getName()));
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    @Override
    @EndlessStream
    public void watchCount(WatchCountRequest request, StreamObserver<WatchCountResponse> replies) {
        watchers.add(new Watcher((ServerCallStreamObserver<WatchCountResponse>) replies));
        tellWatchers();
    }

    /** One count at a time, so that the last one told is the newest. */
    synchronized void tellWatchers() {
        if (!watchers.isEmpty()) {
            long count = items.count();
            watchers.forEach(watcher -> watcher.tell(count));
        }
    }

    /** A caller of WatchCount. One that reads slowly misses numbers in between, but not the last. */
    private final class Watcher {

        private final ServerCallStreamObserver<WatchCountResponse> replies;
        private long count;
        private long told = -1;

        Watcher(ServerCallStreamObserver<WatchCountResponse> replies) {
            this.replies = replies;
            replies.setOnCancelHandler(() -> watchers.remove(this));
            replies.setOnReadyHandler(this::send);
        }

        synchronized void tell(long count) {
            this.count = count;
            send();
        }

        private synchronized void send() {
            if (count != told && replies.isReady()) {
                told = count;
                replies.onNext(WatchCountResponse.newBuilder().setCount(count).build());
            }
        }
    }
}
