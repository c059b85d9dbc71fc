package gateway_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
)

const capnpType = "application/x-capnp"

func TestPostPersonsStoresTheMessageAsItCame(t *testing.T) {
	f := newFixture(t)
	payload := encoded(t, ada())
	status, _, answer := f.post("/persons", capnpType, payload, map[string]string{"Idempotency-Key": "key"})
	if status != http.StatusCreated || answer["sequence"] != "1" || answer["epoch"] == "" {
		t.Fatalf("got %d %v", status, answer)
	}
	if !bytes.Equal(f.stored(1), payload) {
		t.Error("other bytes are stored")
	}
	if status, _, answer = f.post("/persons", capnpType, payload, map[string]string{"Idempotency-Key": "key"}); status != http.StatusCreated || answer["duplicate"] != true {
		t.Errorf("again got %d %v, want a duplicate", status, answer)
	}
	if again := f.mustSubmit(ada(), "key"); !again.GetDuplicate() {
		t.Errorf("the same key by RPC got %v, want a duplicate", again)
	}
	f.expectStored(1)
}

func TestPostDatasNumberStoresTheMessageNotTheArray(t *testing.T) {
	f := newFixture(t)
	payload := encoded(t, ada())
	status, _, answer := f.post("/datas/number", "application/json", dude(t, payload), nil)
	if status != http.StatusCreated || answer["sequence"] != "1" {
		t.Fatalf("got %d %v", status, answer)
	}
	if !bytes.Equal(f.stored(1), payload) {
		t.Error("other bytes are stored")
	}
}

// dude is the older frontend's body.
func dude(t *testing.T, payload []byte) []byte {
	t.Helper()
	numbers := make([]int, len(payload))
	for i, b := range payload {
		numbers[i] = int(b)
	}
	body, err := json.Marshal(map[string][]int{"dude": numbers})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestPlainRoutesRefuse(t *testing.T) {
	invalid := encoded(t, &contactv1.Person{Name: "Ada", Email: "ada"})
	tests := []struct {
		name, path, contentType string
		body                    []byte
		header                  map[string]string
		status                  int
		says                    string
	}{
		{"another content type", "/persons", "application/json", []byte("{}"), nil, http.StatusUnsupportedMediaType, capnpType},
		{"no body", "/persons", capnpType, nil, nil, http.StatusBadRequest, "person:"},
		{"no Cap'n Proto", "/persons", capnpType, []byte("hello, world"), nil, http.StatusBadRequest, "person:"},
		{"the array on the wrong route", "/persons", capnpType, []byte("[0,0,0,0]"), nil, http.StatusBadRequest, "not an array"},
		{"an invalid person", "/persons", capnpType, invalid, nil, http.StatusBadRequest, "person.email"},
		{"an invalid key", "/persons", capnpType, encoded(t, ada()), map[string]string{"Idempotency-Key": strings.Repeat("k", 129)}, http.StatusBadRequest, "idempotency_key"},
		{"too large", "/persons", capnpType, make([]byte, person.MaxPayload+1), nil, http.StatusRequestEntityTooLarge, "65537 bytes, more than the 65536"},
		{"too many numbers", "/datas/number", "application/json", []byte(`{"dude":[` + strings.Repeat("0,", person.MaxPayload) + `0]}`), nil, http.StatusRequestEntityTooLarge, "dude: is larger than the 65536 bytes"},
		{"no JSON", "/datas/number", "application/json", []byte("dude"), nil, http.StatusBadRequest, "body:"},
		{"another field", "/datas/number", "application/json", []byte(`{"dud":[0]}`), nil, http.StatusBadRequest, `"dud"`},
		{"a field beside", "/datas/number", "application/json", []byte(`{"dude":[0],"idempotencyKey":"k"}`), nil, http.StatusBadRequest, `"idempotencyKey"`},
		{"a field twice", "/datas/number", "application/json", []byte(`{"dude":[0],"dude":[1]}`), nil, http.StatusBadRequest, "dude: is given twice"},
		{"more behind it", "/datas/number", "application/json", []byte(`{"dude":[0]} x`), nil, http.StatusBadRequest, "after the end"},
		{"no field", "/datas/number", "application/json", []byte(`{}`), nil, http.StatusBadRequest, "dude:"},
		{"an array in the numbers", "/datas/number", "application/json", dude(t, []byte("[0,0,0,0]")), nil, http.StatusBadRequest, "not an array"},
		{"not numbers", "/datas/number", "application/json", []byte(`{"dude":["0"]}`), nil, http.StatusBadRequest, "dude:"},
		{"not bytes", "/datas/number", "application/json", []byte(`{"dude":[256]}`), nil, http.StatusBadRequest, "dude:"},
		{"an invalid person in numbers", "/datas/number", "application/json", dude(t, invalid), nil, http.StatusBadRequest, "person.email"},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, _, answer := f.post(test.path, test.contentType, test.body, test.header)
			if message, _ := answer["message"].(string); status != test.status || !strings.Contains(message, test.says) {
				t.Errorf("got %d %v, want %d that says %q", status, answer, test.status, test.says)
			}
		})
	}
	t.Run("another method", func(t *testing.T) {
		response, err := f.http.Get(f.url + "/persons")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("got %d", response.StatusCode)
		}
	})
	f.expectStored(0)
}

func TestPlainRoutesSayWhatTheyTakeAndGive(t *testing.T) {
	f := newFixture(t)
	if _, header, _ := f.post("/persons", capnpType, encoded(t, ada()), nil); header.Get("Content-Type") != "application/json" {
		t.Errorf("stored: got %v", header)
	}
	if _, header, _ := f.post("/persons", "text/plain", nil, nil); header.Get("Accept-Post") != capnpType {
		t.Errorf("of another type: got %v", header)
	}
}

func TestViolationsAreDetailsOnPlainRoutesToo(t *testing.T) {
	f := newFixture(t)
	_, _, answer := f.post("/persons", capnpType, encoded(t, &contactv1.Person{Name: "Ada", Email: "ada"}), nil)
	text, err := json.Marshal(answer["details"])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"buf.validate.Violations", `"fieldName":"email"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("details %s lack %s", text, part)
		}
	}
}

func TestUnknownJSONFieldIsNamed(t *testing.T) {
	f := newFixture(t)
	status, _, answer := f.post("/contact.v1.SubmitService/SubmitPerson", "application/json",
		[]byte(`{"person":{"nmae":"Ada","email":"ada@example.org"}}`), nil)
	if message, _ := answer["message"].(string); status != http.StatusBadRequest || !strings.Contains(message, `"nmae"`) {
		t.Errorf("got %d %v", status, answer)
	}
	f.expectStored(0)
}
