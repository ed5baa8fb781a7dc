package clickhouselocal

// User is a ClickHouse user of the server's configuration.
type User struct {
	Name, Password string

	// Grants are GRANT statements without the grantee, such as "GRANT SELECT ON audit.events".
	Grants []string

	// Settings are the settings of the user's profile, such as readonly=1.
	Settings map[string]string

	// RowFilters restrict the rows that the user sees.
	RowFilters []RowFilter
}

// RowFilter is a condition in SQL that every row of a table must fulfil to be seen by a user.
type RowFilter struct {
	Database, Table, Condition string
}

// FiltersByDatabase groups the row filters as the configuration nests them: an element that is there twice is read once.
func (u User) FiltersByDatabase() map[string][]RowFilter {
	filters := make(map[string][]RowFilter)
	for _, filter := range u.RowFilters {
		filters[filter.Database] = append(filters[filter.Database], filter)
	}
	return filters
}

// names are what becomes an element name in the configuration.
func (u User) names() []string {
	names := []string{u.Name}
	for setting := range u.Settings {
		names = append(names, setting)
	}
	for _, filter := range u.RowFilters {
		names = append(names, filter.Database, filter.Table)
	}
	return names
}
