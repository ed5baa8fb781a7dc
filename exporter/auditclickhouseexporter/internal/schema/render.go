package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// Layout says what the schema is rendered for. The zero value but for Database is a single server.
//
// The files of sql/ run on a single server as they are; what a cluster needs beside that stands in them as comments:
//
//	events/*{local}*/             the table on each shard: events_local
//	/*{local and distributed}*/   the same, for a statement that the Distributed table needs too, such as ADD COLUMN
//	/*{on cluster}*/              ON CLUSTER 'name', with OnCluster
//	/*{replicated}*/MergeTree     ReplicatedMergeTree, with Replicated
//	/*{by every server}*/         a table that every server of the cluster has all of, with Replicated
//	/*{sharded by key}*/          a Distributed table of the name without _local follows this one
type Layout struct {
	Database string
	// Cluster is the name of the cluster in the servers' remote_servers; '{cluster}' is their macro of that name. Empty for
	// a single server.
	Cluster string
	// Replicated makes replicated tables, at the servers' default_replica_path and default_replica_name. It needs Keeper and
	// the macros {shard} and {replica}.
	Replicated bool
	// OnCluster has every statement run by all servers of the cluster. It needs Keeper. Without it the schema is applied to
	// each server.
	OnCluster bool
}

// NewLayout is the layout that the exporter uses: everything a cluster has to offer, where there is one.
func NewLayout(database, cluster string) Layout {
	return Layout{Database: database, Cluster: cluster, Replicated: cluster != "", OnCluster: cluster != ""}
}

// Migrations gives the migrations with statements that need no parameters. The checksums are those of the files.
func (l Layout) Migrations() []Migration {
	migrations := Migrations()
	for i, m := range migrations {
		migrations[i].Statements = l.render(m.Statements)
	}
	return migrations
}

// SQL is the whole schema as plain text for a database administrator, with the statements that record each migration.
func (l Layout) SQL() string {
	var b strings.Builder
	for i, m := range l.Migrations() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "-- %s\n\n", m.File())
		for _, statement := range append(m.Statements, l.render([]string{m.record() + ";"})...) {
			b.WriteString(statement + "\n\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// Local is the name of the table on each shard that holds what a table of this name shows.
func (l Layout) Local(table string) string {
	if l.Cluster == "" {
		return table
	}
	return table + "_local"
}

// Servers is the query for the servers of the cluster, as its servers know each other: number of the shard, host, port of the
// native protocol.
func (l Layout) Servers() string {
	return "SELECT toString(shard_num), host_name, toString(port) FROM system.clusters WHERE cluster = " + literal(l.Cluster) +
		" ORDER BY shard_num, replica_num"
}

// Qualified is the quoted name of a table or view with its database, for statements with parameters of other kinds.
func (l Layout) Qualified(name string) string { return identifier(l.Database) + "." + identifier(name) }

var (
	placeholder = regexp.MustCompile(`[ \n]?/\*\{([^}]*)\}\*/`)
	tableName   = regexp.MustCompile(`CREATE TABLE IF NOT EXISTS \{database:Identifier\}\.(\w+)`)
	shardingKey = regexp.MustCompile(`/\*\{sharded by (.*)\}\*/`)
)

const localAndDistributed = "/*{local and distributed}*/"

func (l Layout) render(statements []string) []string {
	var out []string
	for _, statement := range statements {
		if l.Cluster != "" && strings.Contains(statement, localAndDistributed) {
			out = append(out, l.fill(strings.ReplaceAll(statement, localAndDistributed, "_local")))
		}
		out = append(out, l.fill(statement))
		if key := shardingKey.FindStringSubmatch(statement); l.Cluster != "" && key != nil {
			out = append(out, l.fill(distributed(tableName.FindStringSubmatch(statement)[1], l.Cluster, key[1])))
		}
	}
	return out
}

// distributed makes the table over the local ones. The columns are those of the local table.
func distributed(table, cluster, key string) string {
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS {database:Identifier}.%[1]s /*{on cluster}*/\n"+
		"AS {database:Identifier}.%[1]s/*{local}*/\n"+
		"ENGINE = Distributed(%[2]s, currentDatabase(), '%[1]s_local', %[3]s);", table, literal(cluster), key)
}

// fill replaces what stands for something else. It panics where a file has a placeholder that nobody knows: a test
// renders them all.
func (l Layout) fill(statement string) string {
	statement = placeholder.ReplaceAllStringFunc(statement, func(match string) string {
		space, name, _ := strings.Cut(match, "/*{")
		name = strings.TrimSuffix(name, "}*/")
		keep := func(condition bool, text string) string {
			if l.Cluster == "" || !condition {
				return ""
			}
			return text
		}
		switch {
		case name == "local":
			return space + keep(true, "_local")
		case name == "local and distributed":
			return space
		case name == "on cluster":
			return keep(l.OnCluster, " ON CLUSTER "+literal(l.Cluster))
		case name == "replicated":
			return space + keep(l.Replicated, "Replicated")
		case name == "by every server":
			return keep(l.Replicated, "('/clickhouse/tables/{uuid}/all', '{shard}-{replica}')")
		case strings.HasPrefix(name, "sharded by "):
			return ""
		default:
			panic("a migration has the unknown placeholder " + name)
		}
	})
	statement = strings.ReplaceAll(statement, "currentDatabase()", literal(l.Database))
	return strings.ReplaceAll(statement, "{database:Identifier}", identifier(l.Database))
}

func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

var plainIdentifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func identifier(name string) string {
	if plainIdentifier.MatchString(name) {
		return name
	}
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
