package query

// sqlDialect is what the label of a text is believed about. Where a literal ends is not part of it: that must be the same
// in all dialects, or the text is not represented (sql_literal.go).
type sqlDialect struct {
	doubleNames bool // "x" delimits a name; else a string
	looseDouble bool // and a string where no such name exists (SQLite)
	bracketed   bool // [x] delimits a name
	hash        sqlHashUse
	dashSpace   bool // "--" starts a comment only before white space
	slashes     bool // "//" starts a comment
	dollars     bool // $tag$ … $tag$ delimits a string
}

// sqlHashUse is what '#' starts.
type sqlHashUse uint8

const (
	hashComment   sqlHashUse = iota // a comment; also what is assumed where the dialect is unknown
	hashOperator                    // an operator, or a part of a name
	hashTemporary                   // the name of a temporary table
)

var (
	dialectPostgres  = sqlDialect{doubleNames: true, hash: hashOperator, dollars: true}
	dialectMySQL     = sqlDialect{dashSpace: true}
	dialectClick     = sqlDialect{doubleNames: true, dollars: true}
	dialectSnowflake = sqlDialect{doubleNames: true, hash: hashOperator, slashes: true, dollars: true}
	dialectSQLServer = sqlDialect{doubleNames: true, bracketed: true, hash: hashTemporary}
	dialectSQLite    = sqlDialect{doubleNames: true, looseDouble: true, bracketed: true, hash: hashOperator}
	dialectStandard  = sqlDialect{doubleNames: true, hash: hashOperator}
	dialectBackslash = sqlDialect{} // BigQuery, Hive, Spark: "x" is a string
)

// dialectOf maps db.system.name, in its current and its older values, to a dialect. Any other value, and none, is the
// dialect that assumes the least: nothing in double quotes is a name.
func dialectOf(system string) sqlDialect {
	switch system {
	case "postgresql", "aws.redshift", "redshift", "cockroachdb", "greenplum", "edb", "duckdb":
		return dialectPostgres
	case "mysql", "mariadb", "tidb":
		return dialectMySQL
	case "clickhouse":
		return dialectClick
	case "snowflake":
		return dialectSnowflake
	case "microsoft.sql_server", "mssql", "mssqlcompact", "sybase":
		return dialectSQLServer
	case "sqlite":
		return dialectSQLite
	case "oracle.db", "oracle", "ibm.db2", "db2", "trino", "presto", "athena", "teradata", "h2database", "h2", "hsqldb", "derby",
		"firebirdsql", "firebird", "sap.hana", "hanadb", "sap.maxdb", "maxdb", "ibm.netezza", "netezza", "vertica", "actian.ingres", "ingres":
		return dialectStandard
	case "gcp.bigquery", "bigquery", "gcp.spanner", "spanner", "hive", "spark", "databricks", "impala":
		return dialectBackslash
	default:
		return sqlDialect{}
	}
}
