// Reads and writes Cap'n Proto messages of persons with capnp-es:
//
//   node capnp.mjs PATH-OF-THE-COMPILED-SCHEMA
import { Message } from "capnp-es";
import { answerLines } from "./lines.mjs";

const { Person } = await import(process.argv[2]);
const types = ["PHONE_TYPE_MOBILE", "PHONE_TYPE_HOME", "PHONE_TYPE_WORK", "PHONE_TYPE_UNSPECIFIED"];

// read returns the person of a message, in the API's JSON.
function read(base64) {
  const person = new Message(Buffer.from(base64, "base64"), false, false).getRoot(Person);
  const result = { name: person.name, email: person.email };
  if (person._hasPhones()) {
    result.phones = Array.from(person.phones, ({ number, type }) => ({ number, type: types[type] }));
  }
  if (person._hasBirthdate()) {
    const { year, month, day } = person.birthdate;
    result.birthdate = { year, month, day };
  }
  return result;
}

// write returns the message of a person.
function write({ name, email, phones, birthdate }) {
  const message = new Message();
  const person = message.initRoot(Person);
  person.name = name;
  person.email = email;
  if (phones) {
    const list = person._initPhones(phones.length);
    phones.forEach(({ number, type = "PHONE_TYPE_UNSPECIFIED" }, i) => {
      list.get(i).number = number;
      list.get(i).type = types.indexOf(type);
    });
  }
  if (birthdate) Object.assign(person._initBirthdate(), birthdate);
  return Buffer.from(message.toArrayBuffer()).toString("base64");
}

await answerLines((job) => (job.read ? read(job.read) : write(job.write)));
