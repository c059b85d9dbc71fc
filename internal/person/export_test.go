package person

import contactv1 "rollcall/gen/contact/v1"

// Size is how many bytes Encode counts for a person before it writes it.
func Size(p *contactv1.Person) int { return shapeOf(p).size() }
