# The bytes of a contact person on the stream: one unpacked, segment-framed
# message a person. Only ever add: ordinals and types are what older publishers
# and readers hold us to.
@0xb5c1f3a4d2e69708;

# The Go compiler plugin finds its two annotations by their ids. Declared here,
# under go.capnp's ids, they leave this file without an import, so that every
# compiler and `capnp decode` read it as it is.
annotation package @0xbea97f1023792be0 (file) :Text;
annotation import @0xe130b601260e44b5 (file) :Text;
$package("schema");
$import("rollcall/gen/schema");

struct Person {
  name @0 :Text;
  email @1 :Text;
  birthdate @2 :Date;
  # A null pointer when it was not said.
  phones @3 :List(PhoneNumber);

  struct PhoneNumber {
    number @0 :Text;
    type @1 :Type;

    enum Type {
      mobile @0;
      home @1;
      work @2;
      unspecified @3;
    }
  }
}

struct Date {
  year @0 :Int16;
  month @1 :UInt8;
  day @2 :UInt8;
}
