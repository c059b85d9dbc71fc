package person_test

import "encoding/binary"

// words is a message written by hand: its words, framing first. A framing of
// n<<32 says one segment of n words.
func words(values ...uint64) []byte {
	var payload []byte
	for _, value := range values {
		payload = binary.LittleEndian.AppendUint64(payload, value)
	}
	return payload
}

// personOf is a framed message: a Person of four pointers, then other words.
func personOf(name, email, birthdate, phones uint64, rest ...uint64) []byte {
	segment := append([]uint64{4 << 48, name, email, birthdate, phones}, rest...)
	return words(append([]uint64{uint64(len(segment)) << 32}, segment...)...)
}

// listPointer points so many words past its own end, at so many elements of the
// size that the encoding's code names: 0 none, 1 bit, 2 byte, 3 two bytes, 6
// pointer, 7 structs (then elements counts words).
func listPointer(offset, sizeCode, elements uint64) uint64 {
	return elements<<35 | sizeCode<<32 | offset<<2 | 1
}

// structPointer points at a struct without fields; |1<<32 gives it a data word.
func structPointer(offset uint64) uint64 {
	if offset == 0 {
		return 0x00000000_fffffffc
	}
	return offset << 2
}

// manySmallPhones has so many phones, each in a single byte. A message of ours can
// hold 4096.
func manySmallPhones(phones uint64) []byte {
	return personOf(0, 0, 0, listPointer(0, 2, phones), make([]uint64, (phones+7)/8)...)
}

// inSegments is an empty person in so many segments, all but the first empty, too.
func inSegments(segments uint32) []byte {
	payload := binary.LittleEndian.AppendUint32(nil, segments-1)
	payload = binary.LittleEndian.AppendUint32(payload, 1)
	payload = append(payload, make([]byte, 4*(segments-1))...)
	payload = append(payload, make([]byte, (8-len(payload)%8)%8)...)
	return binary.LittleEndian.AppendUint64(payload, 0x00000000_fffffffc)
}
