package detect

import "github.com/otelaudit/otelaudit/internal/pseudonym"

// Class is the kind of a value that was found.
type Class uint8

// Classes. From [JWT] on they are secrets.
const (
	Email      Class = iota // user@host.tld, also with %40
	IP                      // IPv4 or IPv6 address
	Card                    // payment card number with a known prefix and a right check digit (Luhn)
	IBAN                    // bank account number with the length of its country and a right checksum (ISO 7064)
	Phone                   // international, North American or spaced national phone number
	NationalID              // US social security number
	JWT                     // JSON web token, or another base64 text of a JSON object
	Token                   // key or token in the format of a known provider
	Bearer                  // credentials after "Bearer" or "Basic"
	PrivateKey              // PEM block of a private key
	Password                // password in a URL, or after a name such as password= or api_key:
	classes
)

// NumClasses is how many classes there are.
const NumClasses = int(classes)

// Secret reports whether a value of the class is a secret rather than a personal value.
func (c Class) Secret() bool { return c >= JWT }

// String is the class's name in markers and reports.
func (c Class) String() string {
	return [...]string{
		"email", "ip", "card", "iban", "phone", "national_id", "jwt", "token", "bearer", "private_key", "password",
	}[c]
}

// kind gives the normal form in which a value of the class is hashed.
func (c Class) kind() pseudonym.Kind {
	switch c {
	case Email:
		return pseudonym.Email
	case IP:
		return pseudonym.Address
	case Card, IBAN, NationalID:
		return pseudonym.Number
	case Phone:
		return pseudonym.Phone
	default:
		return pseudonym.Text
	}
}

// Span is a value that was found: text[Start:End].
type Span struct {
	Start, End int
	Class      Class
}
