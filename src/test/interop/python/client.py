"""The tutorial's client in Python, then what else a Greeter promises its callers."""

import queue
import sys

import grpc
import helloworld_pb2
import helloworld_pb2_grpc
from health.v1 import health_pb2, health_pb2_grpc
from reflection.v1 import reflection_pb2, reflection_pb2_grpc
from reflection.v1alpha import reflection_pb2 as alpha_pb2
from reflection.v1alpha import reflection_pb2_grpc as alpha_pb2_grpc
from rpc import error_details_pb2, status_pb2

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "localhost:50051"
GERMAN = (("accept-language", "de-AT, de;q=0.9, en;q=0.5"),)


def say_hello(_):
    with grpc.insecure_channel(ADDRESS) as channel:
        stub = helloworld_pb2_grpc.GreeterStub(channel)
        response = stub.SayHello(helloworld_pb2.HelloRequest(name="you"))
    print("Greeter client received: " + response.message)
    equal("Hello, you!", response.message)


def server_streaming(channel):
    replies = [reply.message for reply in greeter(channel).SayHelloStreamReply(hello("you"), timeout=10)]
    equal("Hello, you!", replies[0])
    equal(True, "Hallo, you!" in replies and len(set(replies)) >= 12)


def client_streaming(channel):
    reply = greeter(channel).SayHelloStreamRequest(iter([hello("Ada"), hello("Zoë 李")]), timeout=10)
    equal("Hello, Ada, Zoë 李!", reply.message)


def bidirectional_streaming(channel):
    replies = greeter(channel).SayHelloBidiStream(iter([hello("Ada"), hello("Zoë 李")]), timeout=10)
    equal(["Hello, Ada!", "Hello, Zoë 李!"], [reply.message for reply in replies])


def deadline(channel):
    names = queue.SimpleQueue()
    names.put(hello("you"))
    call = greeter(channel).SayHelloBidiStream(iter(names.get, None), timeout=0.5)
    equal("Hello, you!", next(call).message)
    equal(grpc.StatusCode.DEADLINE_EXCEEDED, error_of(lambda: next(call)).code())
    names.put(None)


def language(channel):
    reply, call = greeter(channel).SayHello.with_call(hello("you"), metadata=GERMAN, timeout=10)
    equal("Hallo, you!", reply.message)
    equal("de", dict(call.initial_metadata()).get("content-language"))


def error_details(channel):
    error = error_of(lambda: greeter(channel).SayHello(hello(" "), metadata=GERMAN, timeout=10))
    equal(grpc.StatusCode.INVALID_ARGUMENT, error.code())
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    equal((error.code().value[0], error.details()), (status.code, status.message))
    info, request, localized = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.LocalizedMessage(),
    )
    equal([True] * 3, [detail.Unpack(into) for detail, into in zip(status.details, (info, request, localized))])
    equal(("NAME_BLANK", "greeter.dev"), (info.reason, info.domain))
    equal(["name"], [violation.field for violation in request.field_violations])
    equal("de", localized.locale)


def error_within_a_stream(channel):
    call = greeter(channel).SayHelloBidiStream(iter([hello("Ada"), hello("")]), timeout=10)
    equal("Hello, Ada!", next(call).message)
    equal(grpc.StatusCode.INVALID_ARGUMENT, error_of(lambda: next(call)).code())


def health(channel):
    check = health_pb2_grpc.HealthStub(channel).Check
    for service in "", "helloworld.Greeter":
        reply = check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        equal(health_pb2.HealthCheckResponse.SERVING, reply.status)
    error = error_of(lambda: check(health_pb2.HealthCheckRequest(service="unknown"), timeout=10))
    equal(grpc.StatusCode.NOT_FOUND, error.code())


def reflection_v1(channel):
    listed(reflection_pb2_grpc.ServerReflectionStub(channel), reflection_pb2)


def reflection_v1alpha(channel):
    listed(alpha_pb2_grpc.ServerReflectionStub(channel), alpha_pb2)


def listed(stub, messages):
    request = messages.ServerReflectionRequest(list_services="*")
    reply = next(stub.ServerReflectionInfo(iter([request]), timeout=10))
    names = {service.name for service in reply.list_services_response.service}
    equal(True, names >= {"helloworld.Greeter", "grpc.health.v1.Health"})


def gzip(channel):
    reply = greeter(channel).SayHello(hello("a" * 250), compression=grpc.Compression.Gzip, timeout=10)
    equal("Hello, " + "a" * 250 + "!", reply.message)


def greeter(channel):
    return helloworld_pb2_grpc.GreeterStub(channel)


def hello(name):
    return helloworld_pb2.HelloRequest(name=name)


def error_of(call):
    try:
        reply = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"expected an error, not {reply}")


def equal(expected, actual):
    if expected != actual:
        raise AssertionError(f"expected {expected!r}, not {actual!r}")


def main():
    failed = False
    with grpc.insecure_channel(ADDRESS) as channel:
        for check in (
            say_hello,
            server_streaming,
            client_streaming,
            bidirectional_streaming,
            deadline,
            language,
            error_details,
            error_within_a_stream,
            health,
            reflection_v1,
            reflection_v1alpha,
            gzip,
        ):
            name = check.__name__.replace("_", " ")
            try:
                check(channel)
                print("ok   " + name)
            except Exception as error:
                failed = True
                print(f"FAIL {name}: {error}".replace("\n", " "))
    sys.exit(failed)


if __name__ == "__main__":
    main()
