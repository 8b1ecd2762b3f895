package com.example.inventory;

import com.example.inventory.v1.Item;
#if database
import dev.greeter.database.Database;
import java.util.List;
#else
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
#end
#if database
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
#end
import org.springframework.stereotype.Component;

#if database
/** Stores the items. A change is durable when its method returns. */
@Component
final class Items {

    private static final RowMapper<Item> ITEM = (row, number) -> Item.newBuilder()
            .setName(row.getString("name"))
            .setDescription(row.getString("description"))
            .build();

    private final Database database;
    private final JdbcClient jdbc;

    Items(Database database) {
        this.database = database;
        this.jdbc = JdbcClient.create(database.template());
    }

    Item find(String name) {
        return database.read(() -> jdbc.sql("select name, description from items where name = ?")
                        .param(name)
                        .query(ITEM)
                        .optional())
                .orElseThrow(() -> new NotFoundException("ITEM_UNKNOWN", "There is no item \"" + name + "\"."));
    }

    /** Returns up to {@code limit} items in the order of their names, those after this one. */
    List<Item> after(String name, int limit) {
        return database.read(
                () -> jdbc.sql("select name, description from items where name > ? order by name limit ?")
                        .params(name, limit)
                        .query(ITEM)
                        .list());
    }

    void put(Item item) {
        int inserted = put(
                "insert into items (name, description) values (:name, :description) on conflict do nothing", item);
        if (inserted == 0) {
            put("update items set description = :description where name = :name", item);
        }
    }

    private int put(String statement, Item item) {
        return database.write(() -> jdbc.sql(statement)
                .param("name", item.getName())
                .param("description", item.getDescription())
                .update());
    }

    long count() {
        return database.read(
                () -> jdbc.sql("select count(*) from items").query(Long.class).single());
    }
}
#else
/** Keeps the items in memory, until the process ends. */
@Component
final class Items {

    private final Map<String, Item> items = new ConcurrentHashMap<>();

    Item find(String name) {
        Item item = items.get(name);
        if (item == null) {
            throw new NotFoundException("ITEM_UNKNOWN", "There is no item \"" + name + "\".");
        }
        return item;
    }

    void put(Item item) {
        items.put(item.getName(), item);
    }

    long count() {
        return items.size();
    }
}
#end
