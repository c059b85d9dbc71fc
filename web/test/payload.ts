// What other publishers put on the stream: Cap'n Proto by hand, with values that the
// gateway would refuse, as the array of bytes in JSON that is text.

const word = 8;

/** A person of schema/person.capnp with a name, an e-mail address and a phone number. */
export function personPayload(name: string, email: string, number: string): string {
  const pointers = 4; // name, email, birthdate, phones
  const texts = [name, email, number].map((text) => Buffer.from(`${text}\0`));
  const words = texts.map(({ length }) => Math.ceil(length / word));
  const phone = 1 + pointers; // the tag of the list, then its one struct: a word of data, a pointer
  const firstText = phone + 1 + 2;
  const places = words.map((_, i) => firstText + words.slice(0, i).reduce((sum, size) => sum + size, 0));
  const total = firstText + words.reduce((sum, size) => sum + size, 0);
  const message = Buffer.alloc((1 + total) * word);
  const put = (place: number, low: number, high: number) => {
    message.writeUInt32LE(low >>> 0, (1 + place) * word);
    message.writeUInt32LE(high >>> 0, (1 + place) * word + 4);
  };
  const pointTo = (from: number, to: number, size: number, count: number) => put(from, (((to - from - 1) << 2) | 1) >>> 0, ((count << 3) | size) >>> 0);
  message.writeUInt32LE(total, 4);
  put(0, 0, pointers << 16);
  pointTo(1, places[0] ?? 0, 2, texts[0]?.length ?? 0);
  pointTo(2, places[1] ?? 0, 2, texts[1]?.length ?? 0);
  pointTo(4, phone, 7, 2); // composite: so many words follow the tag
  put(phone, 1 << 2, (1 << 16) | 1);
  pointTo(phone + 2, places[2] ?? 0, 2, texts[2]?.length ?? 0);
  texts.forEach((text, i) => text.copy(message, (1 + (places[i] ?? 0)) * word));
  return JSON.stringify([...message]);
}
