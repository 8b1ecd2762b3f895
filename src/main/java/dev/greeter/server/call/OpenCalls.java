package dev.greeter.server.call;

import io.grpc.netty.shaded.io.netty.util.Timer;
import java.util.ArrayList;
import java.util.List;

/** The calls that have begun since the last look of the {@link DeadlineTimer} and have not ended. */
final class OpenCalls {

    private final List<CallDeadline> calls = new ArrayList<>();

    synchronized void add(CallDeadline call) {
        if (!call.ended) {
            call.index = calls.size();
            calls.add(call);
        }
    }

    synchronized void end(CallDeadline call) {
        call.ended = true;
        if (call.index >= 0) {
            CallDeadline last = calls.remove(calls.size() - 1);
            if (last != call) {
                last.index = call.index;
                calls.set(call.index, last);
            }
        }
    }

    synchronized void startTimers(Timer timer) {
        for (CallDeadline call : calls) {
            call.index = -1;
            call.startTimer(timer);
        }
        calls.clear();
    }
}
