// Package person turns a contact person into the bytes of the stream and back:
// contact.v1.Person on our side, one Cap'n Proto message (schema/person.capnp) on
// the stream's.
//
// It is the only place that knows the stream's format. What it reads may come
// from anyone who can publish, so Decode trusts nothing; what it writes, every
// Cap'n Proto reader of the schema can read.
package person
