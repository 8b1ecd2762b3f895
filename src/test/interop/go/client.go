// The tutorial's client in Go, then what else a Greeter promises its callers.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/golang/protobuf/ptypes"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"

	pb "greeter.dev/helloworld"
)

var checks = []struct {
	name string
	run  func(context.Context, *grpc.ClientConn) error
}{
	{"say hello", sayHello},
	{"server streaming", serverStreaming},
	{"client streaming", clientStreaming},
	{"bidirectional streaming", bidirectionalStreaming},
	{"deadline", deadline},
	{"language", language},
	{"error details", errorDetails},
	{"error within a stream", errorWithinAStream},
	{"health", checkHealth},
	{"reflection v1", reflectionV1},
	{"reflection v1alpha", reflectionV1Alpha},
	{"gzip", compressed},
}

func main() {
	address := "localhost:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	conn, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		fmt.Println("FAIL connect:", err)
		os.Exit(1)
	}
	defer conn.Close()

	exit := 0
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := check.run(ctx, conn); err != nil {
			exit = 1
			fmt.Printf("FAIL %s: %s\n", check.name, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok  ", check.name)
		}
		cancel()
	}
	os.Exit(exit)
}

func sayHello(ctx context.Context, conn *grpc.ClientConn) error {
	c := pb.NewGreeterClient(conn)
	r, err := c.SayHello(ctx, &pb.HelloRequest{Name: "you"})
	if err != nil {
		return err
	}
	fmt.Println("Greeter client received:", r.GetMessage())
	return equal("Hello, you!", r.GetMessage())
}

func serverStreaming(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := pb.NewGreeterClient(conn).SayHelloStreamReply(ctx, &pb.HelloRequest{Name: "you"})
	if err != nil {
		return err
	}
	var first string
	replies := map[string]bool{}
	for {
		reply, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if first == "" {
			first = reply.Message
		}
		replies[reply.Message] = true
	}
	return firstOf(
		equal("Hello, you!", first),
		equal(true, replies["Hallo, you!"] && len(replies) >= 12))
}

func clientStreaming(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := pb.NewGreeterClient(conn).SayHelloStreamRequest(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"Ada", "Zoë 李"} {
		if err := stream.Send(&pb.HelloRequest{Name: name}); err != nil {
			return err
		}
	}
	reply, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	return equal("Hello, Ada, Zoë 李!", reply.Message)
}

func bidirectionalStreaming(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := pb.NewGreeterClient(conn).SayHelloBidiStream(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"Ada", "Zoë 李"} {
		if err := stream.Send(&pb.HelloRequest{Name: name}); err != nil {
			return err
		}
		reply, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := equal("Hello, "+name+"!", reply.Message); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	_, err = stream.Recv()
	return equal(io.EOF, err)
}

func deadline(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	return secondReplyIs(ctx, conn, codes.DeadlineExceeded, "you")
}

func language(ctx context.Context, conn *grpc.ClientConn) error {
	var headers metadata.MD
	reply, err := pb.NewGreeterClient(conn).SayHello(german(ctx), &pb.HelloRequest{Name: "you"}, grpc.Header(&headers))
	if err != nil {
		return err
	}
	return firstOf(
		equal("Hallo, you!", reply.Message),
		equal([]string{"de"}, headers.Get("content-language")))
}

func errorDetails(ctx context.Context, conn *grpc.ClientConn) error {
	_, err := pb.NewGreeterClient(conn).SayHello(german(ctx), &pb.HelloRequest{Name: " "})
	failure := status.Convert(err)
	if err := equal(codes.InvalidArgument, failure.Code()); err != nil {
		return err
	}
	// ptypes, as genproto and grpc 1.33 stand on the first Go API.
	var info errdetails.ErrorInfo
	var request errdetails.BadRequest
	var localized errdetails.LocalizedMessage
	details := failure.Proto().Details
	if err := equal(3, len(details)); err != nil {
		return err
	}
	return firstOf(
		ptypes.UnmarshalAny(details[0], &info),
		ptypes.UnmarshalAny(details[1], &request),
		ptypes.UnmarshalAny(details[2], &localized),
		equal("NAME_BLANK greeter.dev", info.GetReason()+" "+info.GetDomain()),
		equal(1, len(request.GetFieldViolations())),
		equal("name", request.GetFieldViolations()[0].GetField()),
		equal("de", localized.GetLocale()))
}

func errorWithinAStream(ctx context.Context, conn *grpc.ClientConn) error {
	return secondReplyIs(ctx, conn, codes.InvalidArgument, "Ada", "")
}

func checkHealth(ctx context.Context, conn *grpc.ClientConn) error {
	client := health.NewHealthClient(conn)
	for _, service := range []string{"", "helloworld.Greeter"} {
		reply, err := client.Check(ctx, &health.HealthCheckRequest{Service: service})
		if err != nil {
			return err
		}
		if err := equal(health.HealthCheckResponse_SERVING, reply.Status); err != nil {
			return err
		}
	}
	_, err := client.Check(ctx, &health.HealthCheckRequest{Service: "unknown"})
	return equal(codes.NotFound, status.Code(err))
}

func reflectionV1(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := reflection.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	list := &reflection.ServerReflectionRequest_ListServices{ListServices: "*"}
	if err := stream.Send(&reflection.ServerReflectionRequest{MessageRequest: list}); err != nil {
		return err
	}
	reply, err := stream.Recv()
	if err != nil {
		return err
	}
	return listsGreeterAndHealth(reply.GetListServicesResponse().GetService())
}

func reflectionV1Alpha(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := alpha.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	list := &alpha.ServerReflectionRequest_ListServices{ListServices: "*"}
	if err := stream.Send(&alpha.ServerReflectionRequest{MessageRequest: list}); err != nil {
		return err
	}
	reply, err := stream.Recv()
	if err != nil {
		return err
	}
	return listsGreeterAndHealth(reply.GetListServicesResponse().GetService())
}

func listsGreeterAndHealth[Service interface{ GetName() string }](services []Service) error {
	names := map[string]bool{}
	for _, service := range services {
		names[service.GetName()] = true
	}
	return equal(true, names["helloworld.Greeter"] && names["grpc.health.v1.Health"])
}

func compressed(ctx context.Context, conn *grpc.ClientConn) error {
	name := strings.Repeat("a", 250)
	reply, err := pb.NewGreeterClient(conn).SayHello(ctx, &pb.HelloRequest{Name: name}, grpc.UseCompressor(gzip.Name))
	if err != nil {
		return err
	}
	return equal("Hello, "+name+"!", reply.Message)
}

// secondReplyIs sends the names without closing the stream: the first is greeted, then the call ends with the code.
func secondReplyIs(ctx context.Context, conn *grpc.ClientConn, code codes.Code, names ...string) error {
	stream, err := pb.NewGreeterClient(conn).SayHelloBidiStream(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := stream.Send(&pb.HelloRequest{Name: name}); err != nil {
			return err
		}
	}
	reply, err := stream.Recv()
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return firstOf(
		equal("Hello, "+names[0]+"!", reply.Message),
		equal(code, status.Code(err)))
}

func german(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "accept-language", "de-AT, de;q=0.9, en;q=0.5")
}

func equal(expected, actual interface{}) error {
	if !reflect.DeepEqual(expected, actual) {
		return fmt.Errorf("expected %v, not %v", expected, actual)
	}
	return nil
}

func firstOf(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}
