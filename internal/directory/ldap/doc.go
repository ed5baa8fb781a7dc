// Package ldap reads users and groups from an LDAP server, such as OpenLDAP or Active Directory.
//
//	source.go  all users, one user, their groups     conn.go  connections, pages, errors
package ldap
