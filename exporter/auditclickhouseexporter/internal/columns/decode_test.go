package columns

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// native gives a sealed block's bytes before compression, by ch-go's own reader.
func native(t *testing.T, sealed Sealed) []byte {
	t.Helper()
	raw, err := io.ReadAll(compress.NewReader(bytes.NewReader(sealed.Data)))
	require.ErrorIs(t, err, io.EOF)
	require.Len(t, raw, sealed.RawBytes)
	return raw
}

// decode reads a sealed and numbered block back with ch-go's own decoder: a row is a map of its values by column.
func decode(t *testing.T, sealed Sealed) []map[string]any {
	t.Helper()
	var results proto.Results
	var decoded proto.Block
	require.NoError(t, decoded.DecodeRawBlock(proto.NewReader(bytes.NewReader(native(t, sealed))), 0, results.Auto()))
	require.Equal(t, sealed.Rows, decoded.Rows)
	require.Equal(t, sealed.Table.Columns(), columnsOf(results))
	rows := make([]map[string]any, decoded.Rows)
	for i := range rows {
		rows[i] = map[string]any{}
		for _, column := range results {
			rows[i][column.Name] = valueAt(t, column.Data, i)
		}
	}
	return rows
}

func columnsOf(results proto.Results) (list []Column) {
	for _, c := range results {
		list = append(list, Column{Name: c.Name, Type: string(c.Data.Type())})
	}
	return list
}

func valueAt(t *testing.T, column proto.ColResult, i int) any {
	t.Helper()
	switch c := column.(type) {
	case *proto.ColStr:
		return c.Row(i)
	case *proto.ColArr[string]:
		return c.Row(i)
	case *proto.ColMap[string, string]:
		return c.Row(i)
	case *proto.ColNullable[int64]:
		return orNil(c.Row(i))
	case *proto.ColNullable[float64]:
		return orNil(c.Row(i))
	case *proto.ColNullable[bool]:
		return orNil(c.Row(i))
	case *proto.ColDateTime64:
		return time.Unix(0, int64(c.Data[i])).UTC()
	case *proto.ColUInt16:
		return c.Row(i)
	case *proto.ColUInt64:
		return c.Row(i)
	case *proto.ColDateTime:
		return c.Row(i).UTC()
	case *proto.ColFloat64:
		return c.Row(i)
	default:
		t.Fatalf("no decoder for %T", column)
		return nil
	}
}

func orNil[T any](v proto.Nullable[T]) any {
	if v.Set {
		return v.Value
	}
	return nil
}
