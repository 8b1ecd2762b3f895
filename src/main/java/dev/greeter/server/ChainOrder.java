package dev.greeter.server;

/** The positions of everything that a call passes on the way to its service, outermost first. */
public final class ChainOrder {

    /** Deadlines and metrics, then the access log: stream tracers, which also see unknown methods. */
    public static final int CALL_TRACER = -400;

    public static final int ACCESS_LOG_TRACER = -390;
    /** Recognizes callers whose credentials need no verification. */
    public static final int KNOWN_CALLER = -300;
    /** Event loop or worker. */
    public static final int THREADS = -200;

    public static final int TRACING = -99;
    public static final int ACCESS_LOG_TRACE = -90;
    public static final int CALL_END = -50;
    /** The starter's interceptor: {@code @GrpcAdvice} maps exceptions to statuses. */
    public static final int ERRORS = 0;

    public static final int ENDLESS_CALLS = 50;
    public static final int AUTHENTICATION = 5100;
    public static final int AUTHORIZATION = 5200;
    public static final int ACCESS_LOG_CALLER = 5300;
    /** The interceptors of a single service, {@code @GrpcService(interceptors)}: the starter puts them last. */
    public static final int SERVICE = Integer.MAX_VALUE;

    private ChainOrder() {}
}
