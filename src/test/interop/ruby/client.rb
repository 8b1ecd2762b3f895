# frozen_string_literal: true

# The tutorial's client in Ruby, then what else a Greeter promises its callers.

require 'set'
require 'grpc'
require 'google/protobuf/well_known_types'
require 'google/rpc/error_details_pb'
require 'google/rpc/status_pb'
require 'helloworld_services_pb'
require 'health/v1/health_services_pb'
require 'reflection/v1/reflection_services_pb'
require 'reflection/v1alpha/reflection_services_pb'

ADDRESS = ARGV.fetch(0, 'localhost:50051')
GERMAN = { 'accept-language' => 'de-AT, de;q=0.9, en;q=0.5' }.freeze

def stub(service = Helloworld::Greeter, **options)
  service::Stub.new(ADDRESS, :this_channel_is_insecure, **{ timeout: 10 }.merge(options))
end

def hello(name)
  Helloworld::HelloRequest.new(name: name)
end

def equal(expected, actual)
  raise "expected #{expected.inspect}, not #{actual.inspect}" unless expected == actual
end

def error_of
  reply = yield
rescue GRPC::BadStatus => e
  e
else
  raise "expected an error, not #{reply.inspect}"
end

# Sends the names without closing the stream: the first is greeted, then the call ends with the error returned.
def second_reply(stub, *names)
  requests = Queue.new
  names.each { |name| requests << hello(name) }
  replies = stub.say_hello_bidi_stream(Enumerator.new { |out| while (name = requests.pop) do out << name end })
  equal("Hello, #{names.first}!", replies.next.message)
  error_of { replies.next }
ensure
  requests << nil
end

def listed(service, request)
  reply = stub(service).server_reflection_info([request.new(list_services: '*')]).first
  names = reply.list_services_response.service.map(&:name)
  equal(true, (%w[helloworld.Greeter grpc.health.v1.Health] - names).empty?)
end

CHECKS = {
  'say hello' => lambda do
    stub = Helloworld::Greeter::Stub.new(ADDRESS, :this_channel_is_insecure)
    message = stub.say_hello(Helloworld::HelloRequest.new(name: 'you')).message
    puts "Greeter client received: #{message}"
    equal('Hello, you!', message)
  end,

  'server streaming' => lambda do
    replies = stub.say_hello_stream_reply(hello('you')).map(&:message)
    equal('Hello, you!', replies.first)
    equal(true, replies.include?('Hallo, you!') && replies.uniq.size >= 12)
  end,

  'client streaming' => lambda do
    equal('Hello, Ada, Zoë 李!', stub.say_hello_stream_request([hello('Ada'), hello('Zoë 李')]).message)
  end,

  'bidirectional streaming' => lambda do
    replies = stub.say_hello_bidi_stream([hello('Ada'), hello('Zoë 李')]).map(&:message)
    equal(['Hello, Ada!', 'Hello, Zoë 李!'], replies)
  end,

  'deadline' => -> { equal(GRPC::DeadlineExceeded, second_reply(stub(timeout: 0.5), 'you').class) },

  'language' => lambda do
    operation = stub.say_hello(hello('you'), metadata: GERMAN, return_op: true)
    equal('Hallo, you!', operation.execute.message)
    equal('de', operation.metadata['content-language'])
  end,

  'error details' => lambda do
    error = error_of { stub.say_hello(hello(' '), metadata: GERMAN) }
    equal(GRPC::InvalidArgument, error.class)
    status = Google::Rpc::Status.decode(error.metadata['grpc-status-details-bin'])
    equal([error.code, error.details], [status.code, status.message])
    info, request, localized =
      status.details.zip([Google::Rpc::ErrorInfo, Google::Rpc::BadRequest, Google::Rpc::LocalizedMessage])
            .map { |detail, type| detail.unpack(type) }
    equal(%w[NAME_BLANK greeter.dev], [info.reason, info.domain])
    equal(['name'], request.field_violations.map(&:field))
    equal('de', localized.locale)
  end,

  'error within a stream' => -> { equal(GRPC::InvalidArgument, second_reply(stub, 'Ada', '').class) },

  'health' => lambda do
    check = lambda do |service|
      stub(Grpc::Health::V1::Health).check(Grpc::Health::V1::HealthCheckRequest.new(service: service))
    end
    ['', 'helloworld.Greeter'].each { |service| equal(:SERVING, check.call(service).status) }
    equal(GRPC::NotFound, error_of { check.call('unknown') }.class)
  end,

  'reflection v1' => lambda do
    listed(Grpc::Reflection::V1::ServerReflection, Grpc::Reflection::V1::ServerReflectionRequest)
  end,

  'reflection v1alpha' => lambda do
    listed(Grpc::Reflection::V1alpha::ServerReflection, Grpc::Reflection::V1alpha::ServerReflectionRequest)
  end,

  'gzip' => lambda do
    gzip = GRPC::Core::CompressionOptions.new(default_algorithm: :gzip)
    reply = stub(channel_args: gzip.to_channel_arg_hash).say_hello(hello('a' * 250))
    equal("Hello, #{'a' * 250}!", reply.message)
  end
}.freeze

failed = false
CHECKS.each do |name, check|
  check.call
  puts "ok   #{name}"
rescue StandardError => e
  failed = true
  puts "FAIL #{name}: #{e.message.tr("\n", ' ')}"
end
exit !failed
