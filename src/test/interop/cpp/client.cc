// The tutorial's client in C++, then what else a Greeter promises its callers.

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "health/v1/health.grpc.pb.h"
#include "helloworld.grpc.pb.h"
#include "reflection/v1/reflection.grpc.pb.h"
#include "reflection/v1alpha/reflection.grpc.pb.h"
#include "rpc/error_details.pb.h"
#include "rpc/status.pb.h"

using helloworld::Greeter;
using helloworld::HelloReply;
using helloworld::HelloRequest;

namespace {

using Channel = std::shared_ptr<grpc::Channel>;

template <typename Expected, typename Actual>
void Equal(const Expected& expected, const Actual& actual) {
  if (!(expected == actual)) {
    std::ostringstream text;
    text << "expected " << expected << ", not " << actual;
    throw std::runtime_error(text.str());
  }
}

void Ok(const grpc::Status& status) {
  if (!status.ok()) {
    throw std::runtime_error("status " + std::to_string(status.error_code()) + ": " + status.error_message());
  }
}

HelloRequest Hello(const std::string& name) {
  HelloRequest request;
  request.set_name(name);
  return request;
}

void Within(grpc::ClientContext& context, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
  context.set_deadline(std::chrono::system_clock::now() + timeout);
}

void InGerman(grpc::ClientContext& context) {
  context.AddMetadata("accept-language", "de-AT, de;q=0.9, en;q=0.5");
}

void SayHello(const Channel& channel) {
  std::unique_ptr<Greeter::Stub> stub = Greeter::NewStub(channel);
  HelloRequest request;
  request.set_name("you");
  HelloReply reply;
  grpc::ClientContext context;
  grpc::Status status = stub->SayHello(&context, request, &reply);
  Ok(status);
  std::cout << "Greeter client received: " << reply.message() << std::endl;
  Equal("Hello, you!", reply.message());
}

void ServerStreaming(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  auto reader = Greeter::NewStub(channel)->SayHelloStreamReply(&context, Hello("you"));
  std::vector<std::string> replies;
  for (HelloReply reply; reader->Read(&reply);) {
    replies.push_back(reply.message());
  }
  Ok(reader->Finish());
  Equal("Hello, you!", replies.at(0));
  std::set<std::string> distinct(replies.begin(), replies.end());
  Equal(true, distinct.count("Hallo, you!") == 1 && distinct.size() >= 12);
}

void ClientStreaming(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  HelloReply reply;
  auto writer = Greeter::NewStub(channel)->SayHelloStreamRequest(&context, &reply);
  writer->Write(Hello("Ada"));
  writer->Write(Hello("Zoë 李"));
  writer->WritesDone();
  Ok(writer->Finish());
  Equal("Hello, Ada, Zoë 李!", reply.message());
}

void BidirectionalStreaming(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  auto stream = Greeter::NewStub(channel)->SayHelloBidiStream(&context);
  HelloReply reply;
  for (const std::string name : {"Ada", "Zoë 李"}) {
    stream->Write(Hello(name));
    Equal(true, stream->Read(&reply));
    Equal("Hello, " + name + "!", reply.message());
  }
  stream->WritesDone();
  Equal(false, stream->Read(&reply));
  Ok(stream->Finish());
}

// Sends the names without closing the stream: the first is greeted, then the call ends with the code.
void SecondReplyIs(
    grpc::StatusCode code, const Channel& channel, grpc::ClientContext& context, std::vector<std::string> names) {
  auto stream = Greeter::NewStub(channel)->SayHelloBidiStream(&context);
  for (const std::string& name : names) {
    stream->Write(Hello(name));
  }
  HelloReply reply;
  Equal(true, stream->Read(&reply));
  Equal("Hello, " + names.front() + "!", reply.message());
  Equal(false, stream->Read(&reply));
  Equal(code, stream->Finish().error_code());
}

void Deadline(const Channel& channel) {
  grpc::ClientContext context;
  Within(context, std::chrono::milliseconds(500));
  SecondReplyIs(grpc::StatusCode::DEADLINE_EXCEEDED, channel, context, {"you"});
}

void Language(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  InGerman(context);
  HelloReply reply;
  Ok(Greeter::NewStub(channel)->SayHello(&context, Hello("you"), &reply));
  Equal("Hallo, you!", reply.message());
  const auto& headers = context.GetServerInitialMetadata();
  Equal(1u, headers.count("content-language"));
  Equal("de", headers.find("content-language")->second);
}

void ErrorDetails(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  InGerman(context);
  HelloReply reply;
  grpc::Status error = Greeter::NewStub(channel)->SayHello(&context, Hello(" "), &reply);
  Equal(grpc::StatusCode::INVALID_ARGUMENT, error.error_code());
  google::rpc::Status status;
  Equal(true, status.ParseFromString(error.error_details()));
  Equal(static_cast<int>(error.error_code()), status.code());
  Equal(error.error_message(), status.message());
  Equal(3, status.details_size());
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest request;
  google::rpc::LocalizedMessage localized;
  Equal(true, status.details(0).UnpackTo(&info));
  Equal(true, status.details(1).UnpackTo(&request));
  Equal(true, status.details(2).UnpackTo(&localized));
  Equal("NAME_BLANK", info.reason());
  Equal("greeter.dev", info.domain());
  Equal(1, request.field_violations_size());
  Equal("name", request.field_violations(0).field());
  Equal("de", localized.locale());
}

void ErrorWithinAStream(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  SecondReplyIs(grpc::StatusCode::INVALID_ARGUMENT, channel, context, {"Ada", ""});
}

void Health(const Channel& channel) {
  auto stub = grpc::health::v1::Health::NewStub(channel);
  grpc::health::v1::HealthCheckResponse reply;
  const auto check = [&](const std::string& service) {
    grpc::ClientContext context;
    Within(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    return stub->Check(&context, request, &reply);
  };
  for (const std::string service : {"", "helloworld.Greeter"}) {
    Ok(check(service));
    Equal(grpc::health::v1::HealthCheckResponse::SERVING, reply.status());
  }
  Equal(grpc::StatusCode::NOT_FOUND, check("unknown").error_code());
}

template <typename Reflection, typename Request, typename Response>
void Listed(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  auto stream = Reflection::NewStub(channel)->ServerReflectionInfo(&context);
  Request request;
  request.set_list_services("*");
  stream->Write(request);
  stream->WritesDone();
  Response response;
  Equal(true, stream->Read(&response));
  std::set<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.insert(service.name());
  }
  Equal(2u, names.count("helloworld.Greeter") + names.count("grpc.health.v1.Health"));
  Ok(stream->Finish());
}

void ReflectionV1(const Channel& channel) {
  using namespace grpc::reflection::v1;
  Listed<ServerReflection, ServerReflectionRequest, ServerReflectionResponse>(channel);
}

void ReflectionV1Alpha(const Channel& channel) {
  using namespace grpc::reflection::v1alpha;
  Listed<ServerReflection, ServerReflectionRequest, ServerReflectionResponse>(channel);
}

void Gzip(const Channel& channel) {
  grpc::ClientContext context;
  Within(context);
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const std::string name(250, 'a');
  HelloReply reply;
  Ok(Greeter::NewStub(channel)->SayHello(&context, Hello(name), &reply));
  Equal("Hello, " + name + "!", reply.message());
}

}  // namespace

int main(int argc, char** argv) {
  const Channel channel =
      grpc::CreateChannel(argc > 1 ? argv[1] : "localhost:50051", grpc::InsecureChannelCredentials());
  const std::vector<std::pair<std::string, std::function<void(const Channel&)>>> checks = {
      {"say hello", SayHello},
      {"server streaming", ServerStreaming},
      {"client streaming", ClientStreaming},
      {"bidirectional streaming", BidirectionalStreaming},
      {"deadline", Deadline},
      {"language", Language},
      {"error details", ErrorDetails},
      {"error within a stream", ErrorWithinAStream},
      {"health", Health},
      {"reflection v1", ReflectionV1},
      {"reflection v1alpha", ReflectionV1Alpha},
      {"gzip", Gzip},
  };
  int exit = 0;
  for (const auto& [name, check] : checks) {
    try {
      check(channel);
      std::cout << "ok   " << name << std::endl;
    } catch (const std::exception& error) {
      exit = 1;
      std::cout << "FAIL " << name << ": " << error.what() << std::endl;
    }
  }
  return exit;
}
