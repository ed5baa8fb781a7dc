package profile

import "strings"

// maxGenericName is how long a name may be, in bytes, for a verb and a target type to be taken from its words.
const maxGenericName = 64

// snake writes a name in lower case with an underscore between its words: "RBAC statement", "RbacStatement" and
// "rbac-statement" become rbac_statement, "createAPIToken" create_api_token. Names that are so already cost nothing.
func snake(name string) string {
	if isSnake(name) {
		return name
	}
	b := make([]byte, 0, len(name)+4)
	for i := range len(name) {
		c := name[i]
		switch {
		case c == ' ' || c == '-' || c == '_' || c == '.' || c == '/':
			if len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, '_')
			}
			continue
		case isUpper(c):
			if startsWord(name, i) && len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, '_')
			}
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return strings.TrimSuffix(string(b), "_")
}

// startsWord reports whether the capital at i begins a word: it follows no capital, or is the last of several and belongs
// to what follows (the T of APIToken).
func startsWord(name string, i int) bool {
	if i == 0 || !isUpper(name[i-1]) {
		return true
	}
	return i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isSnake(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '_' || i == 0 || i == len(s)-1 || s[i-1] == '_') {
			return false
		}
	}
	return true
}

// verbs are the words that say what an action does, in the forms in which products write them. A profile can add to them.
var verbs = map[string]string{
	"create": "CREATE", "created": "CREATE", "add": "CREATE", "added": "CREATE", "new": "CREATE", "insert": "CREATE",
	"post": "CREATE", "posted": "CREATE", "invite": "CREATE", "invited": "CREATE", "register": "CREATE", "produced": "CREATE",
	"clone": "CREATE", "copy": "CREATE", "duplicate": "CREATE",
	"get": "READ", "read": "READ", "view": "READ", "viewed": "READ", "list": "READ", "open": "READ", "opened": "READ",
	"search": "READ", "show": "READ", "rendered": "READ",
	"update": "UPDATE", "updated": "UPDATE", "edit": "UPDATE", "edited": "UPDATE", "set": "UPDATE", "change": "UPDATE",
	"changed": "UPDATE", "modify": "UPDATE", "modified": "UPDATE", "rename": "UPDATE", "renamed": "UPDATE", "patch": "UPDATE",
	"put": "UPDATE", "merge": "UPDATE", "merged": "UPDATE", "rotate": "UPDATE", "regenerate": "UPDATE", "resolve": "UPDATE",
	"upgrade": "UPDATE", "downgrade": "UPDATE", "move": "UPDATE", "moved": "UPDATE", "save": "UPDATE", "saved": "UPDATE",
	"delete": "DELETE", "deleted": "DELETE", "remove": "DELETE", "removed": "DELETE", "drop": "DELETE", "trim": "DELETE",
	"truncate": "DELETE", "purge": "DELETE", "reset": "DELETE", "revoke": "DELETE", "revoked": "DELETE",
	"enable": "ENABLE", "enabled": "ENABLE", "activate": "ENABLE", "resume": "ENABLE", "unlock": "ENABLE",
	"disable": "DISABLE", "disabled": "DISABLE", "deactivate": "DISABLE", "stop": "DISABLE", "pause": "DISABLE",
	"suspend": "DISABLE", "lock": "DISABLE",
	"restore": "RESTORE", "restored": "RESTORE",
	"login": "LOGIN", "logout": "LOGOUT", "impersonate": "LOGIN",
	"run": "EXECUTE", "ran": "EXECUTE", "execute": "EXECUTE", "executed": "EXECUTE", "start": "EXECUTE", "started": "EXECUTE",
	"trigger": "EXECUTE", "triggered": "EXECUTE", "completed": "EXECUTE", "tested": "EXECUTE",
	"export": "EXPORT", "exported": "EXPORT", "download": "EXPORT", "downloaded": "EXPORT",
	"import": "IMPORT", "imported": "IMPORT", "upload": "IMPORT", "uploaded": "IMPORT",
	"share": "SHARE", "shared": "SHARE", "publish": "SHARE", "published": "SHARE", "unshare": "UNSHARE", "unshared": "UNSHARE",
	"send": "NOTIFY", "notify": "NOTIFY", "invoke": "INVOKE", "calculated": "REPORT", "report": "REPORT", "reported": "REPORT",
}

// isPlain reports whether a name consists of nothing but words, so that its words may stand as verb and target type. Names
// with anything else in them are content.
func isPlain(name string) bool {
	if name == "" || len(name) > maxGenericName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != ' ' && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
