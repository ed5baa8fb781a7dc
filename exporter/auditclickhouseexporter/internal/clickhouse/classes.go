package clickhouse

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// Class says what to do about an error.
type Class uint8

// Classes of errors.
const (
	// Retryable: try again. Every error that is not known to be of another class.
	Retryable Class = iota
	// Throttled: the server has too much to do, or too little memory or disk. Try again later, with less.
	Throttled
	// Misconfigured: somebody has to change something at the server or in the configuration. Try again, and say so.
	Misconfigured
	// Rejected: the server does not take one of the rows for what is in it, and wrote none of them. The same rows will
	// never be taken.
	Rejected
	// TooLarge: the insert as a whole goes beyond a limit of the server, which wrote none of it. Parts of it will be taken.
	TooLarge
)

func (c Class) String() string {
	return [...]string{"retryable", "throttled", "misconfigured", "rejected", "too_large"}[c]
}

// sorted is what is known of a code.
type sorted struct {
	class Class
	// before: the server finds it before it writes anything, so nothing of the insert is there.
	before bool
}

// codes holds every code about which more is known than that it is worth another try. What it leaves out are mostly the
// network, Keeper and merges; and errors of our own making, such as of syntax, which show for as long as they last.
var codes = map[proto.Error]sorted{
	proto.ErrTooManyParts:                     {Throttled, true}, // or TooLarge: see classOf
	proto.ErrTooManySimultaneousQueries:       {Throttled, true},
	proto.ErrUserSessionLimitExceeded:         {Throttled, true},
	proto.ErrQuotaExpired:                     {Throttled, false},
	proto.ErrNoFreeConnection:                 {Throttled, true},
	proto.ErrReceivedErrorTooManyRequests:     {Throttled, false},
	proto.ErrMemoryLimitExceeded:              {Throttled, false},
	proto.ErrCannotAllocateMemory:             {Throttled, false},
	proto.ErrCannotScheduleTask:               {Throttled, false},
	proto.ErrNotEnoughSpace:                   {Throttled, false},
	proto.ErrDistributedTooManyPendingBytes:   {Throttled, true},
	proto.ErrServerOverloaded:                 {Throttled, true},
	proto.ErrTooSlow:                          {Throttled, false},
	proto.ErrTimeoutExceeded:                  {Throttled, false}, // max_execution_time of the user's profile
	proto.ErrCannotWriteToFileDescriptor:      {Throttled, false}, // a disk that is full, mostly
	proto.ErrTooManyRowsOrBytes:               {TooLarge, true},
	proto.ErrTooManyRows:                      {TooLarge, true},
	proto.ErrTooManyBytes:                     {TooLarge, true},
	proto.ErrTooManyPartitions:                {TooLarge, true},
	proto.ErrNoSuchColumnInTable:              {Misconfigured, true},
	proto.ErrThereIsNoColumn:                  {Misconfigured, true},
	proto.ErrNotFoundColumnInBlock:            {Misconfigured, true},
	proto.ErrUnknownIdentifier:                {Misconfigured, false}, // a view that asks for a column that is gone
	proto.ErrTypeMismatch:                     {Misconfigured, true},
	proto.ErrCannotReadArrayFromText:          {Misconfigured, true}, // and so on: a text into a column of another type
	proto.ErrCannotReadMapFromText:            {Misconfigured, true},
	proto.ErrCannotParseText:                  {Misconfigured, true},
	proto.ErrCannotParseNumber:                {Misconfigured, true},
	proto.ErrCannotParseDate:                  {Misconfigured, true},
	proto.ErrCannotParseDatetime:              {Misconfigured, true},
	proto.ErrCannotParseUUID:                  {Misconfigured, true},
	proto.ErrCannotConvertType:                {Misconfigured, true},
	proto.ErrUnknownTable:                     {Misconfigured, false}, // the table itself, or the target of a view
	proto.ErrUnknownDatabase:                  {Misconfigured, false},
	proto.ErrTableIsDropped:                   {Misconfigured, true},
	proto.ErrUnknownSetting:                   {Misconfigured, true},
	proto.ErrSettingConstraintViolation:       {Misconfigured, true},
	proto.ErrReadonly:                         {Misconfigured, true},
	proto.ErrTableIsReadOnly:                  {Retryable, true}, // a replica that has lost its Keeper
	proto.ErrUnknownUser:                      {Misconfigured, true},
	proto.ErrWrongPassword:                    {Misconfigured, true},
	proto.ErrRequiredPassword:                 {Misconfigured, true},
	proto.ErrIPAddressNotAllowed:              {Misconfigured, true},
	proto.ErrAccessDenied:                     {Misconfigured, false}, // of the table, or of a view's definer
	proto.ErrDatabaseAccessDenied:             {Misconfigured, true},
	proto.ErrAuthenticationFailed:             {Misconfigured, true},
	proto.ErrUserExpired:                      {Misconfigured, true},
	proto.ErrClusterDoesntExist:               {Misconfigured, true},
	proto.ErrNoRemoteShardFound:               {Misconfigured, true},
	proto.ErrFunctionThrowIfValueIsNonZero:    {Misconfigured, false}, // somebody's view has a throwIf
	proto.ErrStorageRequiresParameter:         {Misconfigured, true},  // a Distributed table without a sharding key
	proto.ErrClientHasConnectedToWrongPort:    {Misconfigured, true},
	proto.ErrInvalidShardID:                   {Misconfigured, true},
	proto.ErrQueryIsProhibited:                {Misconfigured, true},
	proto.ErrTableSizeExceedsMaxDropSizeLimit: {Misconfigured, true},
	proto.ErrViolatedConstraint:               {Rejected, true},
	proto.ErrTooLargeStringSize:               {Rejected, true},
	proto.ErrTooLargeArraySize:                {Rejected, true},
	proto.ErrValueIsOutOfRangeOfDataType:      {Rejected, true},
	proto.ErrCannotInsertNullInOrdinaryColumn: {Rejected, true},
	proto.ErrUnknownElementOfEnum:             {Rejected, true},
}

// sort gives the class of a server's error, and whether nothing of an insert that met it is there. The message is
// looked at only for what the code does not tell.
func sort(code proto.Error, message string) (Class, bool) {
	s := codes[code]
	switch {
	case pushing(message):
		// The rows may be in the table already; what fails is a view on it. Where nothing else is to be done, whoever made
		// the view mends it, and the retry completes it.
		if s.class != Throttled {
			s.class = Misconfigured
		}
		s.before = false
	case code == proto.ErrTooManyParts && strings.Contains(message, "partitions for single INSERT block"):
		s.class = TooLarge
	}
	return s.class, s.before
}

// pushing reports whether an error is one of a materialized view.
func pushing(message string) bool { return strings.Contains(message, "while pushing to view") }

// advice is what to do about an error, as the end of a sentence.
func (e *Error) advice() string {
	if e.View {
		return ": a materialized view on the table fails: mend or drop it; until then the rows wait"
	}
	switch proto.Error(e.Code) {
	case proto.ErrNoSuchColumnInTable, proto.ErrUnknownTable, proto.ErrUnknownDatabase, proto.ErrTableIsDropped:
		return ": the schema is not the one this exporter writes: set create_schema: true or apply its migrations"
	case proto.ErrAccessDenied, proto.ErrReadonly, proto.ErrDatabaseAccessDenied:
		return ": the user may not do this: grant INSERT on the tables and, with create_schema: true, the right to create them"
	case proto.ErrUnknownUser, proto.ErrWrongPassword, proto.ErrRequiredPassword, proto.ErrAuthenticationFailed:
		return ": check username and password"
	case proto.ErrSettingConstraintViolation, proto.ErrUnknownSetting:
		return ": the user's profile, or the server's age, forbids a setting that inserts need: see \"Guarantees\" in the README"
	case proto.ErrTooManyParts:
		if e.Class == TooLarge {
			return ": an insert over more partitions than the server allows: max_partitions_per_insert_block is lower than " +
				"max_partitions_per_insert"
		}
		return ": the server merges too slowly"
	case proto.ErrQuotaExpired:
		return ": the user's quota is used up"
	case proto.ErrNotEnoughSpace, proto.ErrCannotWriteToFileDescriptor:
		return ": the server's disk may be full"
	default:
		return ""
	}
}
