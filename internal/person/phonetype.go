package person

import (
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/schema"
)

// schemaType is the phone type as it is stored; false for one that the schema
// does not have, which must be refused rather than stored as another.
func schemaType(t contactv1.PhoneType) (schema.Person_PhoneNumber_Type, bool) {
	switch t {
	case contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED:
		return schema.Person_PhoneNumber_Type_unspecified, true
	case contactv1.PhoneType_PHONE_TYPE_MOBILE:
		return schema.Person_PhoneNumber_Type_mobile, true
	case contactv1.PhoneType_PHONE_TYPE_HOME:
		return schema.Person_PhoneNumber_Type_home, true
	case contactv1.PhoneType_PHONE_TYPE_WORK:
		return schema.Person_PhoneNumber_Type_work, true
	default:
		return schema.Person_PhoneNumber_Type_unspecified, false
	}
}

// apiType is the phone type as clients see it. One that only a newer schema
// knows is unspecified: the number itself is still worth showing.
func apiType(t schema.Person_PhoneNumber_Type) contactv1.PhoneType {
	switch t {
	case schema.Person_PhoneNumber_Type_mobile:
		return contactv1.PhoneType_PHONE_TYPE_MOBILE
	case schema.Person_PhoneNumber_Type_home:
		return contactv1.PhoneType_PHONE_TYPE_HOME
	case schema.Person_PhoneNumber_Type_work:
		return contactv1.PhoneType_PHONE_TYPE_WORK
	case schema.Person_PhoneNumber_Type_unspecified:
		return contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED
	default:
		return contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED
	}
}
