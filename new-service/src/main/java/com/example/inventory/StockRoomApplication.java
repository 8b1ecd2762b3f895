package com.example.inventory;

#if database
import com.example.inventory.v1.StockRoomGrpc;
import dev.greeter.database.DatabaseTask;
import dev.greeter.database.NeedsDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
#end
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
#if database
import org.springframework.context.annotation.Bean;
#end

@SpringBootApplication
public class StockRoomApplication {

    public static void main(String[] args) {
        SpringApplication.run(StockRoomApplication.class, args);
    }
#if database

    @Bean
    NeedsDatabase stockRoomNeedsDatabase() {
        return new NeedsDatabase(
                StockRoomGrpc.SERVICE_NAME,
                List.of("items"),
                Map.of(),
                List.of(
                        "insert into items select * from items where false",
                        "update items set name = name where false"));
    }

    /** Notices the changes of other replicas. */
    @Bean
    DatabaseTask countOfItems(StockRoomService service) {
        return new DatabaseTask("item-count", Duration.ofSeconds(1), Duration.ofSeconds(5), service::tellWatchers);
    }
#end
}
