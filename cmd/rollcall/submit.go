package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"rollcall/cmd/rollcall/terminal"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/client"
	"rollcall/internal/format"
	"rollcall/internal/position"
)

// submitCmd submits one person from flags, or many from a file.
type submitCmd struct {
	File string `arg:"" optional:"" placeholder:"FILE" help:"Persons as NDJSON (one Person in the API's JSON a line, such as {\"name\":\"Ada\",\"email\":\"ada@example.org\"}), CSV with a header, or vCards 3.0 or 4.0. - is standard input."`

	Name      string   `group:"person" placeholder:"NAME" help:"Full name, 1 to 200 characters."`
	Email     string   `group:"person" placeholder:"ADDRESS" help:"E-mail address, at most 254 characters."`
	Phone     []string `group:"person" sep:"none" placeholder:"[KIND:]NUMBER" help:"Phone number, after its kind if that is to be said: mobile, home or work. May be given up to 20 times."`
	Birthdate string   `group:"person" placeholder:"YYYY-MM-DD" help:"Date of birth."`
	Key       string   `group:"person" placeholder:"TEXT" help:"Idempotency key, 1 to 128 printable ASCII characters: within the stream's duplicate window it stores one person at most, however often it is submitted. Default: a new random one."`

	importFlags
	connectionFlags

	RetryFor time.Duration `default:"30s" group:"connection" placeholder:"TIME" help:"Keep trying for so long, with the same key, while the server is away or overloaded; such as 500ms, 30s, 5m; 0s tries once. Default: ${default}."`

	Output string `default:"text" enum:"text,json" env:"ROLLCALL_SUBMIT_OUTPUT" group:"output" placeholder:"FORMAT" help:"For one person: text prints EPOCH:SEQUENCE and, if it was stored before, (duplicate); json prints the API's answer. Default: ${default}."`
}

// Help is the longer part of --help.
func (*submitCmd) Help() string {
	return `One person is given by flags, many by a file. The answer comes after the person is stored, on every replica the stream has. A file's rows are stored in their order; refused ones are named with the reason, and the rest goes on.

The same file can be imported again: each row's key is made of the file's hash and the row's line, and within the stream's duplicate window each is stored once. With --state that holds for longer, and a run that was stopped or killed goes on where it was.

` + examples(
		`rollcall submit --name "Ada Lovelace" --email ada@example.org --phone mobile:+4915112345678`,
		`rollcall submit --state import.json --rejects refused.csv --map 'Contact=email' --map '*=-' persons.csv`,
		`rollcall submit contacts.vcf`,
		`jq -c '.people[]' export.json | rollcall submit --import-id export-2026-05 -`,
	)
}

// Run submits one or many, as the arguments say.
func (c *submitCmd) Run(ctx context.Context) error {
	if err := c.check(); err != nil {
		return usageError{err}
	}

	if c.File != "" {
		return c.importFile(ctx)
	}

	return c.submitOne(ctx)
}

func (c *submitCmd) check() error {
	one := c.Name != "" || c.Email != "" || len(c.Phone) > 0 || c.Birthdate != "" || c.Key != ""

	switch {
	case one && c.File != "":
		return errors.New("give either one person by flags or a FILE of many")
	case !one && c.File == "":
		return errors.New("nothing to submit: give a person by --name and --email, or a FILE (see rollcall submit --help)")
	case c.RetryFor < 0:
		return fmt.Errorf("--retry-for %v is below 0", c.RetryFor)
	default:
		return c.importFlags.check(c.File)
	}
}

func (c *submitCmd) submitOne(ctx context.Context) error {
	person, err := c.person()
	if err != nil {
		return usageError{err}
	}

	connection, err := c.connect(client.Options{})
	if err != nil {
		return err
	}
	defer connection.Close()

	submitter := &client.Submitter{
		Client:   contactv1connect.NewSubmitServiceClient(connection.RPC),
		RetryFor: c.RetryFor,
		Notice:   func(line string) { complain(os.Stderr, line) },
	}

	key := c.Key
	if key == "" {
		key = client.NewKey()
	}

	response, err := submitter.Submit(ctx, person, key)
	if err != nil {
		return failedSubmission(err, key)
	}

	return c.printResponse(response)
}

// failedSubmission tells how to find out what became of a person.
func failedSubmission(err error, key string) error {
	if client.OutcomeUnknown(err) {
		return fmt.Errorf("%s; whether it was stored is unknown: to be sure, run the same again with --key %s", client.Explain(err), key)
	}

	return err
}

func (c *submitCmd) person() (*contactv1.Person, error) {
	person := &contactv1.Person{Name: c.Name, Email: c.Email}

	for _, text := range c.Phone {
		phone, err := format.ParsePhone(text)
		if err != nil {
			return nil, fmt.Errorf("--phone: %w", err)
		}

		person.Phones = append(person.Phones, phone)
	}

	if c.Birthdate != "" {
		date, err := format.ParseDate(c.Birthdate)
		if err != nil {
			return nil, fmt.Errorf("--birthdate: %w", err)
		}

		person.Birthdate = date
	}

	return person, nil
}

func (c *submitCmd) printResponse(response *contactv1.SubmitPersonResponse) error {
	line := terminal.Harmless(position.Format(response.GetEpoch(), response.GetSequence()))
	if response.GetDuplicate() {
		line += " (duplicate)"
	}

	if c.Output == "json" {
		encoded, err := terminal.MarshalJSON(response)
		if err != nil {
			return err
		}

		line = string(encoded)
	}

	if _, err := fmt.Fprintln(os.Stdout, line); err != nil {
		return fmt.Errorf("printing: %w", err)
	}

	return nil
}
