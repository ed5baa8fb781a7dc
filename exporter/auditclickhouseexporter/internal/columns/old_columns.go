package columns

// EventColumns lists the columns that the exporter writes to `events`, in order.
func EventColumns() []Column { return list(definitions) }

// QuarantineColumns lists the columns that the exporter writes to `quarantine`, in order.
func QuarantineColumns() []Column { return list(quarantineDefinitions) }

func list(defs []definition) []Column {
	out := make([]Column, len(defs))
	for i, d := range defs {
		out[i] = Column{Name: d.name, Type: string(d.kind.column().Type())}
	}
	return out
}
